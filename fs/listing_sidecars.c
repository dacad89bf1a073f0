/* See listing_sidecars.h. A folder that has a sidecar's name keeps it. */
#include "fs/listing_sidecars.h"

#include "base/log.h"
#include "fs/album.h"
#include "fs/listing_names.h"
#include "fs/sidecar.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static size_t count_tracks(const struct listing *listing)
{
	size_t tracks = 0;

	for (size_t i = 0; i < listing->count; i++)
		tracks += listing->items[i].kind == ITEM_TRACK;
	return tracks;
}

/* Adds an item; one whose name is taken or too long is left out. */
static int add(struct listing *listing, const struct listing *old,
	       enum item_kind kind, const char *source, const char *suffix,
	       enum sidecar sidecar)
{
	struct item item = {.kind = kind, .sidecar = (uint8_t)sidecar};

	if (asprintf(&item.name, "%s%s", source, suffix) < 0)
		return -ENOMEM;
	if (strlen(item.name) > NAME_MAX || listing_find(old, item.name)) {
		log_warn("'%s/%s' is not shown: %s", listing->path, item.name,
			 strlen(item.name) > NAME_MAX ? "its name is too long"
						      : "its name is taken");
		free(item.name);
		return 0;
	}
	item.source = strdup(kind == ITEM_ALBUM ? "" : source);
	if (!item.source) {
		free(item.name);
		return -ENOMEM;
	}
	listing->items[listing->count++] = item;
	return 0;
}

static int add_all(struct listing *listing, const struct listing *old,
		   const char *source)
{
	int err = 0;

	for (unsigned s = 0; !err && s < SIDECARS; s++)
		err = add(listing, old, ITEM_SIDECAR, source, sidecar_suffix(s),
			  s);
	return err;
}

/* Every item of the old listing is taken over or released. */
static int fill(struct listing *listing, struct listing *old, size_t tracks)
{
	int err = 0;

	if (tracks > 0)
		err = add(listing, old, ITEM_ALBUM, ALBUM_NAME, "", 0);
	for (size_t i = 0; !err && i < old->count; i++) {
		if (old->items[i].kind == ITEM_TRACK)
			err = add_all(listing, old, old->items[i].source);
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
	size_t tracks = count_tracks(listing);
	size_t room = listing->count + tracks * SIDECARS + 1;
	struct item *items = reallocarray(NULL, room, sizeof(*items));
	int err;

	if (!items)
		return -ENOMEM;
	listing->items = items;
	listing->count = 0;
	err = fill(listing, &old, tracks);
	free(old.items);
	listing->cover = NULL; /* it was the name of an item that is gone */
	return err;
}
