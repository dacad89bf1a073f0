/*
 * Checking and removing.
 *
 * An entry is removed as eviction does it (evict.c): under the exclusive lock
 * of its payload, which nobody who has it open will give up.
 *
 * While an entry is checked, its payload is held under a shared lock, as by any
 * reader, so it stays; others may read and write it meanwhile. A bad record is
 * cleared even so. That is safe: a process keeps in memory what it knows of
 * segments, and gives out none that it has neither written itself nor compared
 * to its checksum; a record only tells later processes what they need not
 * render. At worst a segment that somebody has just rendered is forgotten, and
 * rendered once more after he has gone. To avoid that, a segment is bad only if
 * it is bad twice under the same record: if a writer's bytes were there before
 * his record, or were read half, the second look finds it right.
 */
#include "cache/disk/inspect.h"

#include "base/cleanup.h"
#include "cache/disk/disk.h"
#include "cache/disk/map.h"
#include "cache/disk/scan.h"

#include <fcntl.h>
#include <sys/file.h>

struct checking {
	int payload;
	int map;
	const struct map_contents *contents;
	bool repair;
	void (*bad)(void *context, uint32_t segment, bool cleared);
	void *context;
	struct inspect_check *check;
	int err;
};

/* Whether the segment is wrong; -ENOMEM. */
static int is_wrong(const struct checking *c, uint32_t i, uint64_t checksum)
{
	const uint64_t *starts = c->contents->starts;
	int r = disk_check(c->payload, starts[i], starts[i + 1], checksum);

	return r == -ENOMEM ? r : r != 1;
}

static int is_wrong_twice(const struct checking *c, uint32_t i,
			  uint64_t checksum)
{
	uint64_t now;
	int r = is_wrong(c, i, checksum);

	if (r != 1)
		return r;
	if (map_get(c->map, i, &now) == -ENOENT)
		return 0; /* a reader has found it, too */
	return now != checksum ? 0 : is_wrong(c, i, checksum);
}

static void check_segment(void *context, uint32_t i, uint64_t checksum)
{
	struct checking *c = context;
	const uint64_t *starts = c->contents->starts;
	bool cleared;
	int wrong;

	if (c->err || starts[i] == starts[i + 1])
		return;
	wrong = is_wrong_twice(c, i, checksum);
	if (wrong < 0) {
		c->err = wrong;
		return;
	}
	c->check->checked++;
	c->check->bytes += starts[i + 1] - starts[i];
	if (!wrong)
		return;
	cleared = c->repair && map_clear(c->map, i) == 0;
	c->check->bad++;
	c->check->cleared += cleared;
	c->bad(c->context, i, cleared);
}

/* A payload under a shared lock; -ENOENT: it is being removed; -errno. */
static int hold_payload(int entries, const struct key *key)
{
	char name[DISK_NAME_SIZE];
	auto_fd int fd = -1;
	struct stat st;

	disk_payload_name(key, name);
	fd = openat(entries, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -ENOENT;
	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_nlink > 0 ? steal_fd(&fd) : -ENOENT;
}

/* A map that was read; -EBADMSG: there is none, or a useless one; -errno. */
static int open_map(int entries, const struct key *key, bool write,
		    struct map_contents *contents)
{
	char name[DISK_NAME_SIZE];
	auto_fd int fd = -1;
	int r;

	disk_map_name(key, name);
	fd = openat(entries, name,
		    (write ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK |
			    O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? -EBADMSG : -errno;
	r = map_read(fd, contents);
	return r < 0 ? r : steal_fd(&fd);
}

/* 0: the map is good after all, or somebody may be making one; -EBADMSG. */
static int check_unmapped(int entries, const struct key *key, bool repair,
			  bool *removed)
{
	struct map_contents contents;
	struct stat st;
	uint64_t bytes;
	auto_fd int payload = disk_claim(entries, key, &st);
	auto_fd int map = -1;

	if (payload < 0)
		return payload == -EBUSY ? 0 : payload;
	map = open_map(entries, key, false, &contents);
	if (map >= 0) {
		map_contents_release(&contents);
		return 0;
	}
	if (map != -EBADMSG)
		return map;
	*removed = repair && disk_remove(entries, key, &st, &bytes) == 0;
	return -EBADMSG;
}

static int check_mapped(int entries, const struct key *key,
			struct checking *checking)
{
	struct map_contents contents;
	auto_fd int payload = hold_payload(entries, key);
	auto_fd int map = -1;
	int r;

	if (payload < 0)
		return payload;
	map = open_map(entries, key, checking->repair, &contents);
	if (map < 0)
		return map;
	checking->payload = payload;
	checking->map = map;
	checking->contents = &contents;
	r = map_each(map, contents.count, check_segment, checking);
	map_contents_release(&contents);
	return r < 0 ? r : checking->err;
}

int inspect_check(const struct inspection *in,
		  const struct inspect_entry *entry, bool repair,
		  void (*bad)(void *context, uint32_t segment, bool cleared),
		  void *context, struct inspect_check *check, bool *removed)
{
	struct checking checking = {
		.repair = repair,
		.bad = bad,
		.context = context,
		.check = check,
	};
	int r = check_mapped(in->entries, &entry->key, &checking);

	*removed = false;
	if (r == -EBADMSG)
		r = check_unmapped(in->entries, &entry->key, repair, removed);
	return r;
}

int inspect_is_idle(const struct inspection *in,
		    const struct inspect_entry *entry)
{
	struct stat st;
	auto_fd int fd = disk_claim(in->entries, &entry->key, &st);

	return fd < 0 ? fd : 0;
}

int inspect_remove(const struct inspection *in,
		   const struct inspect_entry *entry, int64_t used_ns,
		   uint64_t *bytes)
{
	struct stat st;
	auto_fd int fd = disk_claim(in->entries, &entry->key, &st);

	if (fd < 0)
		return fd;
	if ((int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec >
	    used_ns)
		return -EBUSY;
	return disk_remove(in->entries, &entry->key, &st, bytes);
}

int inspect_remove_stray(const struct inspection *in,
			 const struct inspect_stray *stray)
{
	switch (stray->kind) {
	case INSPECT_TEMPORARY:
		return scan_remove(in->entries, SCAN_TEMPORARY, stray->name);
	case INSPECT_LONE_MAP:
		return scan_remove(in->entries, SCAN_LONE_MAP, stray->name);
	default:
		return -EINVAL;
	}
}
