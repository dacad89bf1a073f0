/*
 * See listing_private.h. A folder whose name equals that of a sidecar keeps it.
 */
#include "library/listing_private.h"

#include "base/log.h"
#include "library/album.h"
#include "library/sidecar_kind.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Links do not count in `own`. */
static size_t count_tracks(const struct listing *listing, size_t *own)
{
	size_t tracks = 0;

	*own = 0;
	for (size_t i = 0; i < listing->count; i++) {
		tracks += listing->items[i].kind == ITEM_TRACK;
		*own += item_stands_for_track(&listing->items[i]);
	}
	return tracks;
}

/*
 * Adds a copy of `item` for a source; leaves it out if its name is taken or too
 * long.
 */
static int add_sidecar(struct listing *listing, const struct listing *old,
		       struct item item, const char *source, const char *suffix)
{
	if (asprintf(&item.name, "%s%s", source, suffix) < 0)
		return -ENOMEM;
	if (strlen(item.name) > NAME_MAX || listing_find(old, item.name)) {
		log_warn("'%s/%s' is not shown: %s", listing->path, item.name,
			 strlen(item.name) > NAME_MAX ? "its name is too long"
						      : "its name is taken");
		free(item.name);
		return 0;
	}
	item.source = strdup(item.kind == ITEM_ALBUM ? "" : source);
	if (!item.source) {
		free(item.name);
		return -ENOMEM;
	}
	listing->items[listing->count++] = item;
	return 0;
}

static int add_all(struct listing *listing, const struct listing *old,
		   const struct item *track)
{
	struct item item = {.kind = ITEM_SIDECAR, .link = track->link};
	int err = 0;

	for (; !err && item.sidecar < SIDECARS; item.sidecar++)
		err = add_sidecar(listing, old, item, track->source,
				  sidecar_suffix(item.sidecar));
	return err;
}

/* Every item of the old listing is moved or released. */
static int fill(struct listing *listing, struct listing *old, size_t tracks)
{
	int err = 0;

	if (tracks > 0)
		err = add_sidecar(listing, old,
				  (struct item){.kind = ITEM_ALBUM}, ALBUM_NAME,
				  "");
	for (size_t i = 0; !err && i < old->count; i++) {
		if (old->items[i].kind == ITEM_TRACK)
			err = add_all(listing, old, &old->items[i]);
	}
	for (size_t i = 0; i < old->count; i++) {
		if (old->items[i].kind == ITEM_FOLDER)
			listing->items[listing->count++] = old->items[i];
		else
			listing_release_item(&old->items[i]);
	}
	return err;
}

int listing_add_sidecars(struct listing *listing)
{
	struct listing old = {.items = listing->items, .count = listing->count};
	size_t own;
	size_t tracks = count_tracks(listing, &own);
	size_t room = listing->count + tracks * SIDECARS + 1;
	struct item *items = reallocarray(NULL, room, sizeof(*items));
	int err;

	if (!items)
		return -ENOMEM;
	listing->items = items;
	listing->count = 0;
	err = fill(listing, &old, own);
	free(old.items);
	listing->cover = NULL; /* it was the name of an item that is gone */
	return err;
}
