/*
 * Listings: read, ask, name, sort.
 *
 *   readdir -> items -> (facts of the doubtful ones) -> names -> sorted
 *
 * What a file becomes is in listing_kinds.c, what tracks are called in
 * listing_names.c.
 */
#include "fs/listing.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "fs/library.h"
#include "fs/listing_kinds.h"
#include "fs/listing_names.h"
#include "fs/listing_sidecars.h"
#include "fs/names.h"
#include "fs/sidecar.h"
#include "fs/view.h"
#include "transcode/transcode.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Two changes of a folder within this time may carry the same time stamp. */
#define CLOCK_TICK_NS 20000000

struct listing_making {
	struct listing *listing;
	const struct view *view;
	listing_fn *fn;
	void *arg;
	atomic_size_t pending; /* questions, and one for the asking itself */
};

struct doubt {
	struct listing_making *making;
	struct item *item;
	uint64_t size; /* bytes of the file */
};

char *path_join(const char *folder, const char *name)
{
	char *path = NULL;

	if (*folder == '\0' || *name == '\0')
		return strdup(*folder ? folder : name);
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return NULL;
	return path;
}

struct listing *listing_ref(struct listing *listing)
{
	atomic_fetch_add(&listing->refs, 1);
	return listing;
}

void listing_release_item(struct item *item)
{
	if (item->name != item->source)
		free(item->name);
	free(item->source);
}

void listing_unref(struct listing *listing)
{
	if (!listing || atomic_fetch_sub(&listing->refs, 1) > 1)
		return;
	for (size_t i = 0; i < listing->count; i++)
		listing_release_item(&listing->items[i]);
	free(listing->items);
	free(listing->path);
	free(listing);
}

bool listing_current(const struct listing *listing,
		     const struct library *library)
{
	struct file_id id;
	struct stat st;

	if (!listing->settled || library_stat(library, listing->path, &st) != 0)
		return false;
	id = file_id_of(&st);
	return file_id_equal(&id, &listing->id);
}

static int compare_items(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->name,
		      ((const struct item *)b)->name);
}

const struct item *listing_find(const struct listing *listing, const char *name)
{
	struct item key = {.name = (char *)name};

	if (listing->count == 0)
		return NULL;
	return bsearch(&key, listing->items, listing->count,
		       sizeof(*listing->items), compare_items);
}

bool item_stands_for_track(const struct item *item)
{
	return item->kind == ITEM_TRACK ||
	       (item->kind == ITEM_SIDECAR && item->sidecar == SIDECAR_JSON);
}

/* From `item` on, another one than that of `source`. */
static const struct item *find_track(const struct listing *listing,
				     const struct item *item,
				     const char *source)
{
	const struct item *end = listing->items + listing->count;

	for (; item < end; item++) {
		if (item_stands_for_track(item) &&
		    strcmp(item->source, source) != 0)
			return item;
	}
	return NULL;
}

const struct item *listing_first_track(const struct listing *listing)
{
	return find_track(listing, listing->items, "");
}

const struct item *listing_next_track(const struct listing *listing,
				      const struct item *item)
{
	return find_track(listing, item + 1, item->source);
}

/* What it is, links followed; DT_UNKNOWN for what is not shown at all. */
static unsigned char type_of(struct library *library,
			     const struct listing *listing,
			     const struct dirent *entry)
{
	auto_free char *path = NULL;
	struct stat st;
	int err;

	if (entry->d_type == DT_REG || entry->d_type == DT_DIR)
		return entry->d_type;
	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return DT_UNKNOWN;
	path = path_join(listing->path, entry->d_name);
	err = path ? library_stat(library, path, &st) : -ENOMEM;
	if (err) {
		log_info("'%s' is not shown: %s", path ? path : entry->d_name,
			 strerror(-err));
		return DT_UNKNOWN;
	}
	return S_ISDIR(st.st_mode)   ? DT_DIR
	       : S_ISREG(st.st_mode) ? DT_REG
				     : DT_UNKNOWN;
}

static bool grow(struct listing *listing, size_t *room)
{
	size_t more = *room ? 2 * *room : 16;
	struct item *items;

	if (listing->count < *room)
		return true;
	items = reallocarray(listing->items, more, sizeof(*items));
	if (!items)
		return false;
	listing->items = items;
	*room = more;
	return true;
}

static void classify(struct item *item, unsigned char type,
		     const struct view *view)
{
	if (type == DT_DIR) {
		item->kind = ITEM_FOLDER;
	} else if (view->kind == VIEW_ORIGINAL) {
		item->kind = ITEM_FILE;
	} else {
		item->kind = kind_by_name(view, item->source);
		item->ask = needs_facts(view, item->source);
	}
}

static int add_entry(struct library *library, struct listing_making *making,
		     const struct dirent *entry, size_t *room)
{
	struct listing *listing = making->listing;
	unsigned char type;
	struct item *item;

	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
	type = type_of(library, listing, entry);
	if (type == DT_UNKNOWN)
		return 0;
	if (!grow(listing, room))
		return -ENOMEM;
	item = &listing->items[listing->count];
	memset(item, 0, sizeof(*item));
	item->source = strdup(entry->d_name);
	if (!item->source)
		return -ENOMEM;
	item->name = item->source;
	classify(item, type, making->view);
	listing->count++;
	return 0;
}

static int read_folder(struct library *library, struct listing_making *making)
{
	struct listing *listing = making->listing;
	auto_dir DIR *dir = NULL;
	struct dirent *entry;
	struct stat st;
	size_t room = 0;
	int err = library_open_dir(library, listing->path, &dir);

	if (err)
		return err;
	if (fstat(dirfd(dir), &st) != 0)
		return -errno;
	listing->id = file_id_of(&st);
	listing->settled =
		clock_wall_ns() - listing->id.mtime_ns > CLOCK_TICK_NS;
	while (!err && (errno = 0, entry = readdir(dir)))
		err = add_entry(library, making, entry, &room);
	return err ? err : -errno;
}

static void find_cover(struct listing *listing)
{
	unsigned best = 0;

	for (size_t i = 0; i < listing->count; i++) {
		const struct item *item = &listing->items[i];
		unsigned rank = name_cover_rank(item->source);

		if (item->kind != ITEM_FILE || rank == 0 ||
		    (best && rank >= best))
			continue;
		best = rank;
		listing->cover = item->source;
	}
}

static void sort(struct listing *listing)
{
	if (listing->count > 0)
		qsort(listing->items, listing->count, sizeof(*listing->items),
		      compare_items);
}

/* One question answered; the last one finishes the listing. */
static void settle(struct listing_making *making)
{
	struct listing *listing = making->listing;
	int err = 0;

	if (atomic_fetch_sub(&making->pending, 1) > 1)
		return;
	if (making->view->kind == VIEW_ANALYSIS)
		err = listing_add_sidecars(listing);
	else if (making->view->extension)
		listing_name_items(listing, making->view->extension);
	sort(listing);
	if (err)
		listing_unref(listing);
	making->fn(making->arg, err, err ? NULL : listing);
	free(making);
}

static void hear_facts(void *arg, int err, const struct facts *facts)
{
	struct doubt *doubt = arg;
	const struct view *view = doubt->making->view;

	doubt->item->kind = err ? kind_of_unknown(view)
				: kind_by_facts(view, doubt->item->source,
						doubt->size, facts);
	/* perhaps it is still being copied, or a worker was lost */
	if (err || facts->kind == FACTS_BROKEN)
		atomic_store(&doubt->making->listing->settled, false);
	settle(doubt->making);
	free(doubt);
}

static void ask(struct library *library, struct engine *engine,
		struct listing_making *making, struct item *item)
{
	auto_free char *path = path_join(making->listing->path, item->source);
	struct doubt *doubt = malloc(sizeof(*doubt));
	struct file_id id;
	struct stat st;

	if (!path || !doubt || library_stat(library, path, &st) != 0) {
		atomic_store(&making->listing->settled, false);
		free(doubt);
		return; /* it stays what it is without facts */
	}
	*doubt = (struct doubt){making, item, (uint64_t)st.st_size};
	id = file_id_of(&st);
	atomic_fetch_add(&making->pending, 1);
	engine_facts_ask(engine, path, &id, hear_facts, doubt);
}

static struct listing_making *begin(const char *path, const struct view *view,
				    listing_fn *fn, void *arg)
{
	struct listing_making *making = calloc(1, sizeof(*making));
	struct listing *listing = calloc(1, sizeof(*listing));

	if (making && listing) {
		listing->path = strdup(path);
		atomic_init(&listing->refs, 1);
		atomic_init(&making->pending, 1);
		making->listing = listing;
		making->view = view;
		making->fn = fn;
		making->arg = arg;
		if (listing->path)
			return making;
	}
	free(listing);
	free(making);
	return NULL;
}

void listing_ask(struct library *library, struct engine *engine,
		 const char *path, const struct view *view, listing_fn *fn,
		 void *arg)
{
	struct listing_making *making = begin(path, view, fn, arg);
	int err = making ? read_folder(library, making) : -ENOMEM;

	if (err) {
		if (making)
			listing_unref(making->listing);
		free(making);
		fn(arg, err, NULL);
		return;
	}
	sort(making->listing);
	find_cover(making->listing);
	for (size_t i = 0; i < making->listing->count; i++) {
		if (making->listing->items[i].ask)
			ask(library, engine, making,
			    &making->listing->items[i]);
	}
	settle(making);
}
