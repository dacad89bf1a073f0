/* See album.h. */
#include "library/album.h"

#include "base/cleanup.h"
#include "base/errors.h"
#include "library/access.h"
#include "library/files.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>

/*
 * The album is for those who may read most of its tracks: for everybody, if one
 * track is. It says nothing about the tracks that they may not read.
 */
struct widest {
	char *path; /* NULL: nobody else has access */
	struct stat st;
};

static void find_widest(struct catalog *catalog, const struct listing *listing,
			struct widest *widest)
{
	bool found = !catalog->shared;

	for (size_t i = 0; !found && i < listing->count; i++) {
		const struct item *item = &listing->items[i];
		auto_free char *path = path_join(listing->path, item->source);
		struct stat st;

		if (!path || !item_stands_for_track(item) ||
		    library_stat(catalog->library, path, &st) != 0)
			continue;
		found = access_everybody(catalog->library, path, &st);
		if (widest->path && !found)
			continue;
		free(widest->path);
		*widest = (struct widest){steal_ptr(path), st};
	}
}

static void protect(struct catalog *catalog, const struct widest *widest,
		    struct stat *st)
{
	if (!widest->path)
		return;
	st->st_uid = widest->st.st_uid;
	st->st_gid = widest->st.st_gid;
	st->st_mode = S_IFREG |
		      access_mode(catalog->library, widest->path, &widest->st);
}

int album_look(struct catalog *catalog, const struct listing *listing,
	       struct stat *st, struct file_id *id)
{
	struct widest widest = {0};
	XXH64_hash_t hash = 0;
	int err = library_stat(catalog->library, listing->path, st);

	for (size_t i = 0; !err && i < listing->count; i++) {
		const struct item *item = &listing->items[i];
		auto_free char *path = NULL;
		struct file_id track;
		struct stat of;
		int missing;

		if (!item_stands_for_track(item))
			continue;
		path = path_join(listing->path, item->source);
		if (!path)
			return -ENOMEM;
		missing = library_stat(catalog->library, path, &of);
		if (is_shortage(missing))
			return missing;
		if (missing) /* the listing is about to change */
			continue;
		track = file_id_of(&of);
		hash = XXH3_64bits_withSeed(&track, sizeof(track), hash);
		if (of.st_mtim.tv_sec > st->st_mtim.tv_sec)
			st->st_mtim = of.st_mtim;
	}
	if (err)
		return err;
	st->st_mode = S_IFREG | (st->st_mode & 0666);
	find_widest(catalog, listing, &widest);
	protect(catalog, &widest, st);
	free(widest.path);
	st->st_size = SIDECAR_ALBUM_SIZE;
	st->st_blocks = SIDECAR_ALBUM_SIZE / 512;
	*id = file_id_of(st);
	id->size = hash;
	return 0;
}

static bool is_told_of(const struct catalog *catalog,
		       const struct listing *listing,
		       const struct widest *widest, const struct item *item)
{
	auto_free char *path = NULL;
	struct stat st;

	if (!item_stands_for_track(item))
		return false;
	if (!catalog->shared)
		return true;
	path = path_join(listing->path, item->source);
	return path && widest->path &&
	       library_stat(catalog->library, path, &st) == 0 &&
	       access_no_less(catalog->library, path, &st, widest->path,
			      &widest->st);
}

int album_items(struct catalog *catalog, const struct listing *listing,
		const struct item ***items, size_t *count)
{
	const struct item **found = calloc(listing->count + 1, sizeof(*found));
	struct widest widest = {0};
	size_t n = 0;

	if (!found)
		return -ENOMEM;
	find_widest(catalog, listing, &widest);
	for (size_t i = 0; i < listing->count; i++) {
		if (is_told_of(catalog, listing, &widest, &listing->items[i]))
			found[n++] = &listing->items[i];
	}
	free(widest.path);
	*items = found;
	*count = n;
	return 0;
}
