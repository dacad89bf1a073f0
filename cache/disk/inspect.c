/*
 * Inspection: walks the directory (scan.h), and reads each entry's map (map.h).
 * A payload that is not a regular file is as foreign as any other file that
 * groovefs has not made.
 */
#include "cache/disk/inspect.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "cache/disk/disk.h"
#include "cache/disk/map.h"
#include "cache/disk/scan.h"

#include <fcntl.h>
#include <string.h>

struct strays {
	struct inspection *inspection;
	int err;
};

static const enum inspect_stray_kind kinds[] = {
	[SCAN_TEMPORARY] = INSPECT_TEMPORARY,
	[SCAN_LONE_MAP] = INSPECT_LONE_MAP,
	[SCAN_FOREIGN] = INSPECT_FOREIGN,
	[SCAN_UNREADABLE] = INSPECT_UNREADABLE,
};

static void add_stray(void *context, enum scan_stray kind, const char *name)
{
	struct strays *strays = context;
	struct inspection *in = strays->inspection;
	char *copy = strdup(name);

	if (!copy || !grow(in->strays, in->stray_count)) {
		free(copy);
		strays->err = -ENOMEM;
		return;
	}
	in->strays[in->stray_count++] = (struct inspect_stray){
		.kind = kinds[kind],
		.name = copy,
	};
}

struct tally {
	const struct map_contents *map;
	struct inspect_entry *entry;
};

static void tally_segment(void *context, uint32_t i, uint64_t checksum)
{
	struct tally *tally = context;
	const uint64_t *starts = tally->map->starts;

	(void)checksum;
	if (starts[i] == starts[i + 1])
		return; /* it is there in any case */
	tally->entry->present++;
	tally->entry->there += starts[i + 1] - starts[i];
}

static void tally_segments(struct inspect_entry *entry, int map,
			   const struct map_contents *contents)
{
	struct tally tally = {contents, entry};

	entry->count = contents->count;
	entry->size = contents->starts[contents->count];
	for (uint32_t i = 0; i < contents->count; i++)
		entry->present +=
			contents->starts[i] == contents->starts[i + 1];
	/* what cannot be read counts as missing */
	(void)map_each(map, contents->count, tally_segment, &tally);
}

/* 0, even if the map is useless; -ENOMEM. */
static int read_map(const struct inspection *in, struct inspect_entry *entry)
{
	struct map_contents contents;
	char name[DISK_NAME_SIZE];
	auto_fd int map = -1;
	struct stat st;
	int r;

	disk_map_name(&entry->key, name);
	map = openat(in->entries, name,
		     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (map < 0)
		return 0;
	if (fstat(map, &st) == 0)
		entry->bytes += (uint64_t)st.st_blocks * 512;
	r = map_read(map, &contents);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	entry->mapped = true;
	tally_segments(entry, map, &contents);
	memcpy(entry->quality, contents.label.quality, LABEL_QUALITY);
	entry->cut = contents.label.cut;
	free(entry->path);
	entry->path = strdup(contents.label.path);
	map_contents_release(&contents);
	return entry->path ? 0 : -ENOMEM;
}

static int add_entry(struct inspection *in, struct strays *strays,
		     const struct scan_item *item)
{
	struct inspect_entry *entry = &in->items[in->count];
	char name[DISK_NAME_SIZE];
	struct stat st;

	disk_payload_name(&item->key, name);
	if (fstatat(in->entries, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* it is gone by now */
	if (!S_ISREG(st.st_mode)) {
		add_stray(strays, SCAN_FOREIGN, name);
		return strays->err;
	}
	*entry = (struct inspect_entry){
		.key = item->key,
		.path = strdup(""),
		.bytes = (uint64_t)st.st_blocks * 512,
		.size = (uint64_t)st.st_size,
		.used_ns = item->used_ns,
	};
	in->count++;
	return entry->path ? read_map(in, entry) : -ENOMEM;
}

static int by_label(const void *a, const void *b)
{
	const struct inspect_entry *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	if (order == 0)
		order = strcmp(x->quality, y->quality);
	return order ? order : memcmp(&x->key, &y->key, sizeof(x->key));
}

static int entry_by_name(const void *a, const void *b)
{
	const struct inspect_stray *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int look_into_entries(struct inspection *in)
{
	struct strays strays = {.inspection = in};
	struct scan scan;
	int r = scan_walk(&scan, in->entries, add_stray, &strays);

	if (r < 0)
		return r;
	in->items = calloc(scan.count + 1, sizeof(*in->items));
	r = in->items ? strays.err : -ENOMEM;
	for (size_t i = 0; r == 0 && i < scan.count; i++)
		r = add_entry(in, &strays, &scan.items[i]);
	scan_release(&scan);
	if (r < 0)
		return r;
	qsort(in->items, in->count, sizeof(*in->items), by_label);
	if (in->stray_count > 0)
		qsort(in->strays, in->stray_count, sizeof(*in->strays),
		      entry_by_name);
	return 0;
}

int inspect_open(struct inspection *in, const char *directory)
{
	auto_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*in = (struct inspection){.entries = -1};
	if (fd < 0)
		return -errno;
	in->entries = openat(fd, "entries", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return in->entries < 0 ? -errno : look_into_entries(in);
}

void inspect_release(struct inspection *in)
{
	for (size_t i = 0; i < in->count; i++)
		free(in->items[i].path);
	for (size_t i = 0; i < in->stray_count; i++)
		free(in->strays[i].name);
	free(in->items);
	free(in->strays);
	if (in->entries >= 0)
		close(in->entries);
	*in = (struct inspection){.entries = -1};
}

int inspect_path_init(struct inspect_path *wanted, const char *path,
		      const struct inspection *in)
{
	*wanted = (struct inspect_path){.path = strdup(path)};
	if (!wanted->path)
		return -ENOMEM;
	label_clean_path(wanted->path);
	for (size_t i = 0; i < in->count; i++) {
		const struct inspect_entry *entry = &in->items[i];
		size_t reach =
			label_reach(entry->path, entry->cut, wanted->path);

		if (reach != LABEL_ALL && reach > wanted->reach)
			wanted->reach = reach;
	}
	return 0;
}

void inspect_path_release(struct inspect_path *wanted)
{
	free(wanted->path);
	wanted->path = NULL;
}

bool inspect_path_means(const struct inspect_path *wanted,
			const struct inspect_entry *entry)
{
	size_t reach = label_reach(entry->path, entry->cut, wanted->path);

	return reach == LABEL_ALL || (reach > 0 && reach == wanted->reach);
}
