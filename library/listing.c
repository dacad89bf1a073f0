/*
 * Listings: read, ask, name, sort.
 *
 *   readdir -> items -> (facts of the doubtful ones) -> names -> sorted
 *
 * The first step is in listing_read.c, what a file becomes in listing_kinds.c,
 * the names of tracks in listing_names.c.
 */
#include "library/listing.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "library/files.h"
#include "library/listing_private.h"
#include "library/names.h"
#include "library/sidecar_kind.h"
#include "library/view.h"
#include "transcode/transcode.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

struct listing_making {
	struct listing *listing;
	const struct view *view;
	struct asker asker;
	listing_fn *fn;
	void *arg;
	atomic_bool left;      /* the asker did not wait for it */
	atomic_size_t pending; /* open questions, and the asking */
};

struct doubt {
	struct listing_making *making;
	struct item *item;
	const char *name; /* of the file; the item's */
	uint64_t size;	  /* bytes of it */
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
	free(item->target);
}

void listing_unref(struct listing *listing)
{
	if (!listing || atomic_fetch_sub(&listing->refs, 1) > 1)
		return;
	for (size_t i = 0; i < listing->count; i++)
		listing_release_item(&listing->items[i]);
	pthread_mutex_destroy(&listing->cover_lock);
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

const struct item *listing_find_source(const struct listing *listing,
				       const char *source)
{
	for (size_t i = 0; i < listing->count; i++) {
		const struct item *item = &listing->items[i];

		if (strcmp(item->source, source) == 0 &&
		    (item->kind != ITEM_SIDECAR || item_stands_for_track(item)))
			return item;
	}
	return NULL;
}

bool item_stands_for_track(const struct item *item)
{
	return !item->link &&
	       (item->kind == ITEM_TRACK ||
		(item->kind == ITEM_SIDECAR && item->sidecar == SIDECAR_JSON));
}

/* The next item after `item` that has another source than `source`. */
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

static void find_cover(struct listing *listing)
{
	unsigned best = 0;

	for (size_t i = 0; i < listing->count; i++) {
		const struct item *item = &listing->items[i];
		unsigned rank = name_cover_rank(item->source);

		if (item->kind != ITEM_FILE || item->link || rank == 0 ||
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

/* A question is answered; the last answer finishes the listing. */
static void settle(struct listing_making *making)
{
	struct listing *listing = making->listing;
	int err = 0;

	if (atomic_fetch_sub(&making->pending, 1) > 1)
		return;
	if (atomic_load(&making->left))
		err = -ECANCELED;
	else if (making->view->kind == VIEW_ANALYSIS)
		err = listing_add_sidecars(listing);
	else if (making->view->extension)
		err = listing_name_items(listing, making->view->extension);
	if (err)
		listing_unref(listing);
	else
		sort(listing);
	making->fn(making->arg, err, err ? NULL : listing);
	free(making);
}

static void on_listing_facts(void *arg, int err, const struct facts *facts)
{
	struct doubt *doubt = arg;
	const struct view *view = doubt->making->view;

	doubt->item->kind =
		err ? kind_of_unknown(view)
		    : kind_by_facts(view, doubt->name, doubt->size, facts);
	/* perhaps it is still being copied, or a worker was lost */
	if (err || facts->kind == FACTS_BROKEN)
		atomic_store(&doubt->making->listing->settled, false);
	if (err == -ECANCELED)
		atomic_store(&doubt->making->left, true);
	settle(doubt->making);
	free(doubt);
}

static void ask(struct library *library, struct engine *engine,
		struct listing_making *making, struct item *item)
{
	auto_free char *path =
		item->link ? strdup(item->target)
			   : path_join(making->listing->path, item->source);
	struct doubt *doubt = malloc(sizeof(*doubt));
	struct file_id id;
	struct stat st;

	if (!path || !doubt || library_stat(library, path, &st) != 0) {
		atomic_store(&making->listing->settled, false);
		free(doubt);
		return; /* without facts it stays what it is */
	}
	*doubt = (struct doubt){making, item,
				item->link ? path_name(item->target)
					   : item->source,
				(uint64_t)st.st_size};
	id = file_id_of(&st);
	atomic_fetch_add(&making->pending, 1);
	engine_facts_ask(engine, path, &id, &making->asker, on_listing_facts,
			 doubt);
}

static struct listing_making *begin_listing(const char *path,
					    const struct view *view,
					    const struct asker *asker,
					    listing_fn *fn, void *arg)
{
	struct listing_making *making = calloc(1, sizeof(*making));
	struct listing *listing = calloc(1, sizeof(*listing));

	if (making && listing) {
		listing->path = strdup(path);
		pthread_mutex_init(&listing->cover_lock, NULL);
		atomic_init(&listing->refs, 1);
		atomic_init(&making->pending, 1);
		making->listing = listing;
		making->view = view;
		making->asker = asker_of(asker);
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
		 const char *path, const struct view *view,
		 const struct asker *asker, listing_fn *fn, void *arg)
{
	struct listing_making *making =
		begin_listing(path, view, asker, fn, arg);
	int err =
		making ? listing_read(library, making->listing, view) : -ENOMEM;

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
