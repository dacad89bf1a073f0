/*
 * An entry's files. The payload's lock decides for the pair: whoever evicts
 * takes it exclusively, removes the map, then the payload. So a payload that is
 * locked and still linked is not being evicted, and the map is opened only
 * after that is certain; a payload that was unlinked before the lock was won is
 * opened anew. If that never succeeds (somebody holds the lock and does not
 * continue), the file is used as it is: bytes in an unlinked file are right,
 * too, and merely forgotten at the end.
 */
#include "cache/disk/disk.h"

#include "base/cleanup.h"
#include "cache/disk/map.h"
#include "cache/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <xxhash.h>

#define TRIES 20
#define CHUNK 65536

static void name_of(const struct key *key, const char *suffix,
		    char name[static DISK_NAME_SIZE])
{
	char text[KEY_TEXT_SIZE];

	key_text(key, text);
	snprintf(name, DISK_NAME_SIZE, "%.2s/%s%s", text, text, suffix);
}

void disk_payload_name(const struct key *key, char name[static DISK_NAME_SIZE])
{
	name_of(key, ".data", name);
}

void disk_map_name(const struct key *key, char name[static DISK_NAME_SIZE])
{
	name_of(key, ".map", name);
}

static int make_parent(int entries, const char *name)
{
	const char parent[3] = {name[0], name[1], '\0'};

	if (mkdirat(entries, parent, 0700) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

/* A descriptor, or -errno; `*sure` says that nobody is evicting it. */
static int open_payload_once(int entries, const char *name, bool create,
			     bool *sure)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(entries, name, create ? flags | O_CREAT : flags, 0600);
	struct stat st;

	if (fd < 0)
		return -errno;
	*sure = (flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
		fstat(fd, &st) == 0 && st.st_nlink > 0;
	return fd;
}

static int open_payload(int entries, const char *name, bool create)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	bool sure = false;
	int fd;

	for (int i = 0; i < TRIES; i++) {
		fd = open_payload_once(entries, name, create, &sure);
		if (fd < 0 || sure)
			return fd;
		close(fd);
		nanosleep(&pause, NULL);
	}
	return open_payload_once(entries, name, create, &sure);
}

static int set_size(int payload, uint64_t size)
{
	struct stat st;

	if (fstat(payload, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((uint64_t)st.st_size != size && ftruncate(payload, (off_t)size) < 0)
		return -errno;
	return 0;
}

int disk_open(int entries, const struct key *key,
	      const struct entry_layout *layout, bool create, struct disk **out)
{
	char name[DISK_NAME_SIZE];
	auto_free struct disk *disk = malloc(sizeof(*disk));
	auto_fd int payload = -1;
	int r;

	if (!disk)
		return -ENOMEM;
	disk_payload_name(key, name);
	if (create && (r = make_parent(entries, name)) < 0)
		return r;
	payload = open_payload(entries, name, create);
	if (payload < 0)
		return payload;
	r = set_size(payload, layout->starts[layout->count]);
	if (r < 0)
		return r;
	disk->payload = steal_fd(&payload);
	atomic_init(&disk->map, -1);
	(void)disk_map(disk, entries, key, layout); /* tried again later */
	*out = steal_ptr(disk);
	return 0;
}

int disk_map(struct disk *disk, int entries, const struct key *key,
	     const struct entry_layout *layout)
{
	char name[DISK_NAME_SIZE];
	int map = atomic_load(&disk->map);
	int none = -1;

	if (map >= 0)
		return map;
	disk_map_name(key, name);
	map = map_open(entries, name, layout);
	if (map < 0 || atomic_compare_exchange_strong(&disk->map, &none, map))
		return map;
	close(map); /* another thread was first */
	return none;
}

void disk_close(struct disk *disk)
{
	if (!disk)
		return;
	close(disk->payload);
	if (disk->map >= 0)
		close(disk->map);
	free(disk);
}

void disk_touch(const struct disk *disk)
{
	/* An entry whose time cannot be set just looks older than it is. */
	(void)futimens(disk->payload, NULL);
}

bool disk_is_cut(const struct disk *disk, uint64_t size)
{
	struct stat st;

	return fstat(disk->payload, &st) < 0 || (uint64_t)st.st_size < size;
}

int disk_claim(int entries, const struct key *key, struct stat *st)
{
	char name[DISK_NAME_SIZE];
	auto_fd int fd = -1;

	disk_payload_name(key, name);
	fd = openat(entries, name,
		    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -EBUSY;
	if (fstat(fd, st) < 0)
		return -errno;
	return st->st_nlink > 0 ? steal_fd(&fd) : -ENOENT;
}

/* The map goes first: if the payload exists, so does the pair. */
int disk_remove(int entries, const struct key *key, const struct stat *payload,
		uint64_t *bytes)
{
	uint64_t freed = (uint64_t)payload->st_blocks * 512;
	char name[DISK_NAME_SIZE];
	struct stat map;

	disk_map_name(key, name);
	if (fstatat(entries, name, &map, AT_SYMLINK_NOFOLLOW) == 0 &&
	    unlinkat(entries, name, 0) == 0)
		freed += (uint64_t)map.st_blocks * 512;
	disk_payload_name(key, name);
	if (unlinkat(entries, name, 0) < 0)
		return -errno;
	*bytes = freed;
	return 0;
}

static int hash_bytes(int payload, uint64_t start, uint64_t end, uint8_t *chunk,
		      XXH3_state_t *hash)
{
	for (uint64_t at = start; at < end;) {
		size_t size = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		ssize_t n = io_read(payload, chunk, size, at);

		if (n < 0)
			return -EIO;
		if ((size_t)n != size)
			return 0;
		XXH3_64bits_update(hash, chunk, size);
		at += size;
	}
	return 1;
}

int disk_check(int payload, uint64_t start, uint64_t end, uint64_t checksum)
{
	auto_free uint8_t *chunk = malloc(CHUNK);
	XXH3_state_t *hash = XXH3_createState();
	int r = -ENOMEM;

	if (chunk && hash) {
		XXH3_64bits_reset(hash);
		r = hash_bytes(payload, start, end, chunk, hash);
		if (r == 1)
			r = XXH3_64bits_digest(hash) == checksum;
	}
	XXH3_freeState(hash);
	return r;
}
