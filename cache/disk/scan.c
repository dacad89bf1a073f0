/*
 * The walk: 256 directories of two hexadecimal digits, in each the payloads
 * and maps whose names begin with them.
 */
#include "cache/disk/scan.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "cache/disk/disk.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

struct scan_walk {
	struct scan *scan;
	int entries;
	scan_stray_fn *stray;
	void *context;
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads the key in front of `suffix`; false for any other name. */
static bool parse_entry_name(const char *name, const char *suffix,
			     struct key *key)
{
	if (strlen(name) < KEY_TEXT_SIZE - 1 ||
	    strcmp(name + KEY_TEXT_SIZE - 1, suffix) != 0)
		return false;
	for (size_t i = 0; i < sizeof(key->bytes); i++) {
		int high = digit(name[2 * i]);
		int low = digit(name[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		key->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t length = strlen(name);

	return length >= strlen(suffix) &&
	       strcmp(name + length - strlen(suffix), suffix) == 0;
}

static int add_scanned(struct scan *scan, const struct scan_item *item)
{
	if (!grow(scan->items, scan->count))
		return -ENOMEM;
	scan->items[scan->count++] = *item;
	return 0;
}

static int see_payload(struct scan *scan, int entries, const struct key *key)
{
	char name[DISK_NAME_SIZE];
	struct scan_item item = {.key = *key};
	struct stat st;

	disk_payload_name(key, name);
	if (fstatat(entries, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	item.used_ns =
		(int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	scan->bytes += (uint64_t)st.st_blocks * 512;
	disk_map_name(key, name);
	if (fstatat(entries, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		scan->bytes += (uint64_t)st.st_blocks * 512;
	return add_scanned(scan, &item);
}

static bool is_there(int entries, const char *name)
{
	struct stat st;

	return fstatat(entries, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       errno != ENOENT;
}

static int see_map(struct scan_walk *walk, const struct key *key,
		   const char *name)
{
	char payload[DISK_NAME_SIZE];

	disk_payload_name(key, payload);
	/* both may have been evicted by now, the payload last */
	if (!is_there(walk->entries, payload) && is_there(walk->entries, name))
		walk->stray(walk->context, SCAN_LONE_MAP, name);
	return 0;
}

/* `name` is in `parent`; in the wrong one nobody would open it. */
static int see(struct scan_walk *walk, const char *parent, const char *name)
{
	bool here = memcmp(name, parent, 2) == 0;
	char path[3 + NAME_MAX + 1];
	struct key key;

	snprintf(path, sizeof(path), "%s/%s", parent, name);
	if (ends_with(name, ".tmp"))
		walk->stray(walk->context, SCAN_TEMPORARY, path);
	else if (here && parse_entry_name(name, ".data", &key))
		return see_payload(walk->scan, walk->entries, &key);
	else if (here && parse_entry_name(name, ".map", &key))
		return see_map(walk, &key, path);
	else
		walk->stray(walk->context, SCAN_FOREIGN, path);
	return 0;
}

static DIR *open_below(int directory, const char *name)
{
	int fd = openat(directory, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int scan_directory(struct scan_walk *walk, const char *parent)
{
	auto_dir DIR *dir = open_below(walk->entries, parent);
	struct dirent *d;
	int r = 0;

	if (!dir) {
		bool foreign = errno == ENOTDIR || errno == ELOOP;

		walk->stray(walk->context,
			    foreign ? SCAN_FOREIGN : SCAN_UNREADABLE, parent);
	}
	while (dir && r == 0 && (d = readdir(dir))) {
		if (!is_dots(d->d_name))
			r = see(walk, parent, d->d_name);
	}
	return r;
}

static int scan_top(struct scan_walk *walk)
{
	auto_dir DIR *dir = open_below(walk->entries, ".");
	struct dirent *d;
	int r = 0;

	if (!dir)
		walk->stray(walk->context, SCAN_UNREADABLE, ".");
	while (dir && r == 0 && (d = readdir(dir))) {
		const char *name = d->d_name;

		if (is_dots(name))
			continue;
		if (ends_with(name, ".tmp"))
			walk->stray(walk->context, SCAN_TEMPORARY, name);
		else if (strlen(name) == 2 && digit(name[0]) >= 0 &&
			 digit(name[1]) >= 0)
			r = scan_directory(walk, name);
		else
			walk->stray(walk->context, SCAN_FOREIGN, name);
	}
	return r;
}

static int older_first(const void *a, const void *b)
{
	const struct scan_item *x = a, *y = b;

	return (x->used_ns > y->used_ns) - (x->used_ns < y->used_ns);
}

int scan_walk(struct scan *scan, int entries, scan_stray_fn *stray,
	      void *context)
{
	struct scan_walk walk = {scan, entries, stray, context};
	int r;

	*scan = (struct scan){0};
	r = scan_top(&walk);
	if (r < 0)
		scan_release(scan);
	else if (scan->count > 0)
		qsort(scan->items, scan->count, sizeof(*scan->items),
		      older_first);
	return r;
}

/*
 * A payload is made before its map, so a lone map never belongs to a new entry.
 * If one is made just now and takes this map for its own, what goes into it is
 * forgotten when the entry is closed, and rendered again.
 */
int scan_remove(int entries, enum scan_stray kind, const char *name)
{
	char payload[DISK_NAME_SIZE];
	struct key key;

	if (kind == SCAN_LONE_MAP) {
		if (strlen(name) < 3 ||
		    !parse_entry_name(name + 3, ".map", &key))
			return -EINVAL;
		disk_payload_name(&key, payload);
		if (is_there(entries, payload))
			return -EBUSY;
	} else if (kind != SCAN_TEMPORARY) {
		return -EINVAL;
	}
	return unlinkat(entries, name, 0) < 0 ? -errno : 0;
}

static void remove_stray(void *context, enum scan_stray kind, const char *name)
{
	const int *entries = context;

	if (kind == SCAN_TEMPORARY || kind == SCAN_LONE_MAP)
		(void)scan_remove(*entries, kind, name);
}

int scan_run(struct scan *scan, int entries)
{
	return scan_walk(scan, entries, remove_stray, &entries);
}

void scan_release(struct scan *scan)
{
	free(scan->items);
	*scan = (struct scan){0};
}
