/*
 * The walk: 256 directories of two hexadecimal digits, in each the payloads
 * and maps whose names begin with them.
 */
#include "cache/scan.h"

#include "base/cleanup.h"
#include "cache/disk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads the key in front of `suffix`; false for any other name. */
static bool parse(const char *name, const char *suffix, struct key *key)
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

static int add(struct scan *scan, const struct scan_item *item)
{
	if (scan->count == scan->room) {
		size_t room = scan->room ? 2 * scan->room : 256;
		struct scan_item *items =
			reallocarray(scan->items, room, sizeof(*items));

		if (!items)
			return -ENOMEM;
		scan->items = items;
		scan->room = room;
	}
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
	return add(scan, &item);
}

static void see_map(int entries, const struct key *key)
{
	char name[DISK_NAME_SIZE];
	struct stat st;

	disk_payload_name(key, name);
	if (fstatat(entries, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	    errno != ENOENT)
		return;
	disk_map_name(key, name);
	unlinkat(entries, name, 0);
}

static int see(struct scan *scan, int entries, int directory, const char *name)
{
	struct key key;

	if (parse(name, ".data", &key))
		return see_payload(scan, entries, &key);
	if (parse(name, ".map", &key))
		see_map(entries, &key);
	else if (ends_with(name, ".tmp"))
		unlinkat(directory, name, 0);
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

/* Names of the wrong directory are not looked at: nobody would open them. */
static int scan_directory(struct scan *scan, int entries, const char *parent)
{
	auto_dir DIR *dir = open_below(entries, parent);
	struct dirent *d;
	int r = 0;

	while (dir && r == 0 && (d = readdir(dir))) {
		if (memcmp(d->d_name, parent, 2) == 0 ||
		    ends_with(d->d_name, ".tmp"))
			r = see(scan, entries, dirfd(dir), d->d_name);
	}
	return r;
}

static int older_first(const void *a, const void *b)
{
	const struct scan_item *x = a, *y = b;

	return (x->used_ns > y->used_ns) - (x->used_ns < y->used_ns);
}

int scan_run(struct scan *scan, int entries)
{
	auto_dir DIR *dir = open_below(entries, ".");
	struct dirent *d;
	int r = 0;

	*scan = (struct scan){0};
	while (dir && r == 0 && (d = readdir(dir))) {
		const char *name = d->d_name;

		if (ends_with(name, ".tmp"))
			unlinkat(entries, name, 0);
		else if (strlen(name) == 2 && digit(name[0]) >= 0 &&
			 digit(name[1]) >= 0)
			r = scan_directory(scan, entries, name);
	}
	if (r < 0)
		scan_release(scan);
	else if (scan->count > 0)
		qsort(scan->items, scan->count, sizeof(*scan->items),
		      older_first);
	return r;
}

void scan_release(struct scan *scan)
{
	free(scan->items);
	*scan = (struct scan){0};
}
