/* The names of tracks in a listing: see listing_private.h. */
#include "library/listing_private.h"

#include "base/log.h"
#include "library/names.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_words(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void keep_word(void *word)
{
	(void)word; /* the items own the words */
}

/* Gives a track the first of its possible names that is free. */
static int name_track(struct item *item, const char *extension, void **taken)
{
	char name[256];
	int whole = 0;
	int err;

	do {
		err = name_virtual(item->source, extension, whole, name,
				   sizeof(name));
		if (err)
			return err;
	} while (tfind(name, taken, compare_words) && !whole++);
	if (tfind(name, taken, compare_words))
		return -EEXIST;
	item->name = strdup(name);
	if (!item->name || !tsearch(item->name, taken, compare_words))
		return -ENOMEM;
	return 0;
}

/* A source that already has the track's name: a WAV in pcm/. */
static bool keeps_its_name(const struct item *item, const char *extension)
{
	char name[256];

	return name_virtual(item->source, extension, 0, name, sizeof(name)) ==
		       0 &&
	       strcmp(name, item->source) == 0;
}

static int name_some(struct listing *listing, const char *extension,
		     bool keepers, void **taken)
{
	for (size_t i = 0; i < listing->count; i++) {
		struct item *item = &listing->items[i];
		int err;

		if (item->kind != ITEM_TRACK ||
		    keeps_its_name(item, extension) != keepers)
			continue;
		err = name_track(item, extension, taken);
		if (err == -ENOMEM)
			return err;
		if (!err)
			continue;
		log_warn("'%s/%s' is not shown: all names for it are taken",
			 listing->path, item->source);
		item->kind = ITEM_HIDDEN;
	}
	return 0;
}

static void drop_hidden(struct listing *listing)
{
	size_t kept = 0;

	for (size_t i = 0; i < listing->count; i++) {
		struct item item = listing->items[i];

		if (item.kind == ITEM_HIDDEN)
			listing_release_item(&item);
		else
			listing->items[kept++] = item;
	}
	listing->count = kept;
}

int listing_name_items(struct listing *listing, const char *extension)
{
	void *taken = NULL;
	int err = 0;

	for (size_t i = 0; !err && i < listing->count; i++) {
		if (listing->items[i].kind < ITEM_TRACK &&
		    !tsearch(listing->items[i].name, &taken, compare_words))
			err = -ENOMEM;
	}
	if (!err)
		err = name_some(listing, extension, true, &taken);
	if (!err)
		err = name_some(listing, extension, false, &taken);
	drop_hidden(listing);
	tdestroy(taken, keep_word);
	return err;
}
