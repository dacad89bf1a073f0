/*
 * How many bytes a cover adds to a tag depends on what it is and on what it
 * must be converted to. So a worker looks at it: it is probed like a track,
 * once for all tracks of its folder, and its facts are kept like a track's.
 *
 *   name in the listing -> stat -> (facts) -> bytes in the tag
 *
 * Ten thousand tracks beside one cover ask for it ten thousand times; the
 * listing remembers the answer for the cover's current version.
 */
#include "library/cover.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "library/access.h"
#include "library/catalog.h"
#include "library/files.h"

#include <errno.h>
#include <string.h>

static bool remembered(struct listing *listing, const struct file_id *id,
		       uint32_t *size)
{
	auto_lock(&listing->cover_lock);
	bool known = file_id_equal(&listing->cover_id, id);

	if (known)
		*size = listing->cover_size;
	return known;
}

static void remember(struct listing *listing, const struct file_id *id,
		     uint32_t size)
{
	auto_lock(&listing->cover_lock);

	listing->cover_id = *id;
	listing->cover_size = size;
}

/* -ENOENT: there is none. */
static int look_for_cover(struct catalog *catalog,
			  const struct listing *listing, struct cover *cover)
{
	int err;

	*cover = (struct cover){0};
	if (!listing->cover)
		return -ENOENT;
	cover->path = path_join(listing->path, listing->cover);
	err = cover->path
		      ? library_stat(catalog->library, cover->path, &cover->st)
		      : -ENOMEM;
	if (err || !S_ISREG(cover->st.st_mode) || cover->st.st_size == 0)
		cover_release(cover);
	return cover->path ? 0 : -ENOENT;
}

bool cover_is_for(struct catalog *catalog, struct listing *listing,
		  const char *track, const struct stat *st)
{
	struct cover cover;
	bool right;

	if (look_for_cover(catalog, listing, &cover) != 0)
		return true;
	right = access_no_less(catalog->library, cover.path, &cover.st, track,
			       st);
	if (!right)
		log_line(atomic_exchange(&listing->refused, true)
				 ? LOG_LEVEL_DEBUG
				 : LOG_LEVEL_INFO,
			 "'%s' is not used as a cover: others than who may "
			 "read it may read '%s'",
			 cover.path, track);
	cover_release(&cover);
	return right;
}

int cover_find(struct catalog *catalog, struct listing *listing,
	       struct cover *cover)
{
	struct facts facts;
	struct file_id id;

	if (look_for_cover(catalog, listing, cover) != 0)
		return 0;
	id = file_id_of(&cover->st);
	if (remembered(listing, &id, &cover->size)) {
		if (cover->size == 0)
			cover_release(cover);
		return 0;
	}
	if (engine_facts_known(catalog->engine, &id, &facts) != 0)
		return -EAGAIN;
	cover_take_facts(listing, cover, &facts);
	return 0;
}

void cover_take_facts(struct listing *listing, struct cover *cover,
		      const struct facts *facts)
{
	const struct file_id id = file_id_of(&cover->st);

	cover->size =
		facts && facts->kind == FACTS_PICTURE ? facts->tag_size : 0;
	if (facts)
		remember(listing, &id, cover->size);
	if (cover->size == 0)
		cover_release(cover);
}

void cover_ask_ahead(struct catalog *catalog, struct listing *listing)
{
	struct cover cover;
	struct file_id id;

	if (look_for_cover(catalog, listing, &cover) != 0)
		return;
	id = file_id_of(&cover.st);
	engine_facts_ahead(catalog->engine, cover.path, &id);
	cover_release(&cover);
}

void cover_release(struct cover *cover)
{
	free(cover->path);
	*cover = (struct cover){0};
}

static void move_time(const struct timespec *from, struct timespec *to)
{
	if (from->tv_sec > to->tv_sec ||
	    (from->tv_sec == to->tv_sec && from->tv_nsec > to->tv_nsec))
		*to = *from;
}

void cover_move_times(const struct cover *cover, struct stat *st)
{
	if (!cover->path)
		return;
	move_time(&cover->st.st_mtim, &st->st_mtim);
	move_time(&cover->st.st_ctim, &st->st_ctim);
}
