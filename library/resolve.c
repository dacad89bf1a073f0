/*
 * Resolving an item. Folders and files that pass through need one stat; a
 * track needs its facts too, known or asked for:
 *
 *   stat source -> facts -> (cover's facts) -> plan -> node
 */
#include "library/resolve.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "library/access.h"
#include "library/album.h"
#include "library/catalog.h"
#include "library/cover.h"
#include "library/files.h"
#include "library/resolve_link.h"
#include "library/resolve_playlist.h"
#include "library/sidecar_kind.h"

#include <errno.h>
#include <string.h>

struct resolving {
	struct catalog *catalog;
	const struct view *view;
	struct listing *listing;
	const struct item *item;
	struct asker asker;
	char *path; /* of the source */
	struct stat st;
	struct facts facts; /* of a track */
	struct cover cover; /* the same; its path is NULL without one */
	node_fn *fn;
	void *arg;
};

static int start_resolving(struct resolving *r)
{
	int err;

	r->path = path_join(r->listing->path, r->item->source);
	if (!r->path)
		return -ENOMEM;
	err = library_stat(r->catalog->library, r->path, &r->st);
	return err == -EXDEV || err == -ELOOP ? -ENOENT : err;
}

static int make_node(const struct resolving *r, enum node_kind kind,
		     struct node **node)
{
	auto_free char *mount_path =
		node_mount_path(r->view, r->listing, r->item);
	struct node *made;

	if (!mount_path)
		return -ENOMEM;
	made = node_create(kind, r->view, mount_path, r->path, &r->st);
	if (!made)
		return -ENOMEM;
	*node = made;
	return 0;
}

static int make_plain(const struct resolving *r, struct node **node)
{
	enum node_kind kind;

	if (S_ISDIR(r->st.st_mode))
		kind = NODE_FOLDER;
	else if (S_ISREG(r->st.st_mode))
		kind = NODE_FILE;
	else
		return -ENOENT;
	return make_node(r, kind, node);
}

/*
 * Tracks without a picture get the folder's cover. Everybody who may read the
 * track gets it, so they must be allowed to read the cover.
 */
static int find_cover(struct resolving *r)
{
	if (r->facts.picture_side > 0 || r->item->kind != ITEM_TRACK ||
	    r->view->kind != VIEW_QUALITY)
		return 0;
	if (r->catalog->shared &&
	    !cover_is_for(r->catalog, r->listing, r->path, &r->st))
		return 0;
	return cover_find(r->catalog, r->listing, &r->cover);
}

/* Whether everybody may search the folder. Finding out costs some calls. */
static bool is_folder_open(const struct resolving *r)
{
	struct listing *listing = r->listing;
	int64_t now = clock_seconds();

	if (atomic_exchange(&listing->looked_at, now) != now)
		atomic_store(&listing->open,
			     access_folder(r->catalog->library, listing->path));
	return atomic_load(&listing->open);
}

/* Whether its events may be public. */
static bool is_open(const struct resolving *r)
{
	return !r->catalog->shared ||
	       (is_folder_open(r) &&
		access_everybody(r->catalog->library, r->path, &r->st));
}

static struct track *make_track(const struct resolving *r)
{
	struct file_id id = file_id_of(&r->st);
	struct track_cover cover = {r->cover.path, file_id_of(&r->cover.st),
				    r->cover.size};
	struct track *track = track_create(r->path, &id, &r->facts,
					   r->cover.path ? &cover : NULL);

	if (!track)
		return NULL;
	track->shown = node_mount_path(r->view, r->listing, r->item);
	if (!track->shown) {
		track_unref(track);
		return NULL;
	}
	atomic_store(&track->open, is_open(r));
	return track;
}

/*
 * What cannot be decoded or planned is shown as an empty file; opening it
 * fails, and the log has said why.
 */
static int set_track(struct node *node, const struct resolving *r)
{
	const struct facts *facts = &r->facts;
	struct shape shape = {facts->samples, facts->rate, facts->channels};
	struct track *track = NULL;
	struct plan plan;
	int err = -EINVAL;

	if (facts->kind == FACTS_LOSSLESS || facts->kind == FACTS_LOSSY) {
		err = plan_make(&r->view->profile, &shape, &plan);
		if (err)
			log_warn("cannot plan '%s': %s", r->path,
				 strerror(-err));
	}
	if (!err) {
		track = make_track(r);
		if (!track)
			return -ENOMEM;
	}
	node_set_track(node, track, r->listing);
	track_unref(track);
	return 0;
}

/*
 * rsync and ETags only compare time and size. So settings that change the bytes
 * move the time: back, as a time in the future would worry programs, and by
 * multiples of what FAT can tell apart.
 */
static void move_time_for_settings(const struct resolving *r, struct node *made)
{
	enum { STEP = 4, STEPS = 16384 };
	uint32_t settings = 0;
	struct plan plan;
	time_t back;

	if (made->kind == NODE_TRACK && made->track) {
		plan = node_plan(made);
		settings = rendition_settings(r->catalog->engine, made->track,
					      &plan);
	}
	back = settings ? STEP * (1 + settings / 2 % STEPS) : 0;
	made->attributes.st_mtim.tv_sec -= back;
}

static int make_with_facts(struct resolving *r, struct node **node)
{
	bool sidecar = r->item->kind == ITEM_SIDECAR;
	struct node *made;
	int err = make_node(r, sidecar ? NODE_SIDECAR : NODE_TRACK, &made);

	if (err)
		return err;
	err = set_track(made, r);
	if (err) {
		node_destroy(made);
		return err;
	}
	cover_move_times(&r->cover, &made->attributes);
	move_time_for_settings(r, made);
	if (sidecar) {
		made->sidecar = r->item->sidecar;
		node_set_size(made,
			      sidecar_size(made->sidecar,
					   made->track ? r->facts.samples : 0));
	}
	*node = made;
	return 0;
}

static int make_album(struct resolving *r, struct node **node)
{
	struct file_id id;
	int err = album_look(r->catalog, r->listing, &r->st, &id);

	if (!err)
		err = make_node(r, NODE_ALBUM, node);
	if (err)
		return err;
	(*node)->id = id;
	(*node)->siblings = listing_ref(r->listing);
	return 0;
}

/* Whether its facts are needed. */
static bool is_track(const struct resolving *r)
{
	return (r->item->kind == ITEM_TRACK || r->item->kind == ITEM_SIDECAR) &&
	       S_ISREG(r->st.st_mode);
}

static int make_without_facts(struct resolving *r, struct node **node)
{
	return r->item->kind == ITEM_ALBUM ? make_album(r, node)
					   : make_plain(r, node);
}

/* Its content depends on what is in other folders. */
static bool needs_other_folders(const struct resolving *r)
{
	return r->item->link || (S_ISREG(r->st.st_mode) &&
				 resolve_is_playlist(r->view, r->item));
}

int resolve_known(struct catalog *catalog, const struct view *view,
		  struct listing *listing, const struct item *item,
		  struct node **node)
{
	struct resolving r = {.catalog = catalog,
			      .view = view,
			      .listing = listing,
			      .item = item};
	struct file_id id;
	int err = start_resolving(&r);

	if (!err && needs_other_folders(&r)) {
		err = -EAGAIN;
	} else if (!err && !is_track(&r)) {
		err = make_without_facts(&r, node);
	} else if (!err) {
		id = file_id_of(&r.st);
		err = engine_facts_known(catalog->engine, &id, &r.facts);
		err = err ? -EAGAIN : find_cover(&r);
		if (!err)
			err = make_with_facts(&r, node);
	}
	cover_release(&r.cover);
	free(r.path);
	return err;
}

static void finish_resolving(struct resolving *r, int err, struct node *node)
{
	r->fn(r->arg, err, node);
	view_unref(r->view);
	listing_unref(r->listing);
	cover_release(&r->cover);
	free(r->path);
	free(r);
}

static void finish_with_facts(struct resolving *r)
{
	struct node *node = NULL;
	int err = make_with_facts(r, &node);

	finish_resolving(r, err, node);
}

/* A cover that cannot be looked at now counts as none. */
static void on_cover(void *arg, int err, const struct facts *facts)
{
	struct resolving *r = arg;

	cover_take_facts(r->listing, &r->cover, err ? NULL : facts);
	finish_with_facts(r);
}

/*
 * -ESTALE from the engine: it changed meanwhile; the caller looks again.
 * -EACCES: nothing is known about it; it is shown as an empty file.
 */
static void on_resolved_facts(void *arg, int err, const struct facts *facts)
{
	struct resolving *r = arg;
	struct file_id id;

	if (err == -EACCES) {
		finish_with_facts(r);
		return;
	}
	if (err) {
		finish_resolving(r, err, NULL);
		return;
	}
	r->facts = *facts;
	if (find_cover(r) != -EAGAIN) {
		finish_with_facts(r);
		return;
	}
	id = file_id_of(&r->cover.st);
	engine_facts_ask(r->catalog->engine, r->cover.path, &id, &r->asker,
			 on_cover, r);
}

static void on_other_folders(void *arg, int err, struct node *node)
{
	finish_resolving(arg, err, node);
}

void resolve(struct catalog *catalog, const struct view *view,
	     struct listing *listing, const struct item *item,
	     const struct asker *asker, node_fn *fn, void *arg)
{
	struct resolving *r = calloc(1, sizeof(*r));
	struct node *node = NULL;
	struct file_id id;
	int err;

	if (!r) {
		fn(arg, -ENOMEM, NULL);
		return;
	}
	*r = (struct resolving){.catalog = catalog,
				.view = view_ref(view),
				.listing = listing_ref(listing),
				.item = item,
				.asker = asker_of(asker),
				.fn = fn,
				.arg = arg};
	err = start_resolving(r);
	if (!err && needs_other_folders(r)) {
		(item->link ? resolve_link : resolve_playlist)(
			catalog, view, listing, item, r->path, &r->st,
			&r->asker, on_other_folders, r);
		return;
	}
	if (err || !is_track(r)) {
		if (!err)
			err = make_without_facts(r, &node);
		finish_resolving(r, err, node);
		return;
	}
	id = file_id_of(&r->st);
	engine_facts_ask(catalog->engine, r->path, &id, &r->asker,
			 on_resolved_facts, r);
}

void resolve_ahead(struct catalog *catalog, struct listing *listing)
{
	struct stat st;

	if (atomic_exchange(&listing->asked, true))
		return;
	cover_ask_ahead(catalog, listing);
	for (size_t i = 0; i < listing->count; i++) {
		auto_free char *path = NULL;
		struct file_id id;

		if (!item_stands_for_track(&listing->items[i]))
			continue;
		path = path_join(listing->path, listing->items[i].source);
		if (!path || library_stat(catalog->library, path, &st) != 0)
			continue;
		id = file_id_of(&st);
		engine_facts_ahead(catalog->engine, path, &id);
	}
}
