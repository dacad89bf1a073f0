/* See prefetch.h. */
#include "fs/prefetch.h"

#include "fs/fs_private.h"

#include <string.h>
#include <xxhash.h>

static void make(struct fs *fs, struct track *track, const struct plan *plan)
{
	struct rendition *rendition;

	if (rendition_open(fs->core.backend.engine, track, plan, &rendition) !=
	    0)
		return; /* its reader will be told the reason */
	rendition_fill_next(rendition);
	rendition_unref(rendition);
}

static void on_next(void *arg, int err, struct node *node)
{
	struct plan plan;

	if (err)
		return; /* nobody has asked for it yet */
	if (node->track) {
		plan = node_plan(node);
		make(arg, node->track, &plan);
	}
	node_destroy(node);
}

static const struct item *item_of(const struct node *node)
{
	return listing_find(node->siblings, strrchr(node->mount_path, '/') + 1);
}

void prefetch_next_track(struct fs *fs, const struct node *node)
{
	const struct item *item = item_of(node);

	if (item)
		item = listing_next_track(node->siblings, item);
	if (item)
		resolve(&fs->core.catalog, node->view, node->siblings, item,
			NULL, on_next, fs);
}

static uint64_t hash_track(const struct item *item, uint64_t folder)
{
	return item ? XXH3_64bits_withSeed(item->source, strlen(item->source),
					   folder)
		    : 0;
}

/*
 * Notes the next track, and tells whether this one was expected. By names, as a
 * folder's listing is read anew whenever it changes. If two folders share a
 * slot, at worst a track is analyzed only when it is asked for.
 */
static bool expect(struct fs *fs, const struct listing *listing,
		   const struct item *item, const struct item *next)
{
	uint64_t folder = XXH3_64bits(listing->path, strlen(listing->path));
	uint64_t expected = atomic_exchange(&fs->expected[folder % EXPECTED],
					    hash_track(next, folder));

	return expected == hash_track(item, folder);
}

static bool is_first(const struct listing *listing, const struct item *item)
{
	const struct item *first = listing_first_track(listing);

	return first && strcmp(first->source, item->source) == 0;
}

void prefetch_in_order(struct fs *fs, struct node *node)
{
	const struct listing *listing = node->siblings;
	const struct item *item = item_of(node);

	if (!item || atomic_exchange(&node->prefetched, true))
		return;
	if (expect(fs, listing, item, listing_next_track(listing, item)) ||
	    is_first(listing, item))
		prefetch_next_track(fs, node);
}

void prefetch_analysis(struct fs *fs, struct node *node)
{
	struct plan plan;

	if (!atomic_exchange(&node->prefetched, true) &&
	    track_plan(node->track, &analysis_profile, &plan) == 0)
		make(fs, node->track, &plan);
}
