/*
 * Reads album.json: several chains work through the folder's tracks. Each takes
 * the next track that no chain has taken, and the last one to finish writes the
 * text:
 *
 *   next track -> resolve -> its analysis -> its measures -> next track ...
 */
#include "fs/album_text.h"

#include "base/cleanup.h"
#include "base/errors.h"
#include "fs/fs_private.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>

enum { CHAINS = 8 };

/*
 * Who continues a chain after a step:
 *
 *   BEGUN -> DONE   the answer came first: run_chain(), which began the step
 *   BEGUN -> LEFT   run_chain() returned first: whoever brings the answer
 */
enum turn { BEGUN, DONE, LEFT };

struct chain {
	struct album_text *album;
	size_t index;
	atomic_int turn;
	struct rendition *rendition;
};

struct album_text {
	struct fs *fs;
	struct node *node; /* a reference is held */
	uint64_t offset;
	size_t size;
	struct asker asker;
	rendition_read_fn *fn;
	void *arg;

	const struct item **items; /* one per track */
	struct sidecar_track *tracks;
	size_t count;
	atomic_size_t next;
	atomic_uint running; /* chains */
	atomic_int err;	     /* -ESTALE or -ENOMEM of any */
	struct chain chains[CHAINS];
};

int album_check(struct fs *fs, const struct node *node)
{
	struct file_id id;
	struct stat st;

	int err = album_look(&fs->core.catalog, node->siblings, &st, &id);

	if (err)
		return stale_if_gone(err);
	return file_id_equal(&id, &node->id) ? 0 : -ESTALE;
}

static void free_album(struct album_text *album)
{
	for (size_t i = 0; i < album->count; i++)
		free((struct measures *)album->tracks[i].measures);
	nodes_unref(album->fs->nodes, album->node);
	free(album->items);
	free(album->tracks);
	free(album);
}

static void answer_album(struct album_text *album)
{
	char text[SIDECAR_ALBUM_SIZE];
	int err = atomic_load(&album->err);

	/* after looking at its tracks: never a mixture of versions */
	if (!err)
		err = album_check(album->fs, album->node);
	if (!err)
		err = sidecar_album(album->node->path, album->tracks,
				    album->count, text);
	album->fn(album->arg, err, text + album->offset, err ? 0 : album->size);
	free_album(album);
}

static void run_chain(struct chain *chain);

/* Continues with the next track, unless the thread that began this one does. */
static void end_step(struct chain *chain)
{
	rendition_unref(steal_ptr(chain->rendition));
	if (atomic_exchange(&chain->turn, DONE) == LEFT)
		run_chain(chain);
}

/* A track that cannot be analyzed is listed as failed. */
static void note_error(struct album_text *album,
		       const struct rendition *rendition, int err)
{
	char failure[SIDECAR_REASON_MAX] = "";

	if (err == -EIO && rendition)
		rendition_failure((struct rendition *)rendition, failure,
				  sizeof(failure));
	if (!*failure)
		atomic_store(&album->err, err);
}

static void on_record(void *arg, int err, const void *bytes, size_t size)
{
	struct chain *chain = arg;
	struct album_text *album = chain->album;
	struct measures *measures = err ? NULL : malloc(sizeof(*measures));

	(void)size; /* a record begins with its measures */
	if (measures)
		memcpy(measures, bytes, sizeof(*measures));
	else
		note_error(album, chain->rendition, err ? err : -ENOMEM);
	album->tracks[chain->index].measures = measures;
	end_step(chain);
}

static void with_node(void *arg, int err, struct node *node)
{
	struct chain *chain = arg;
	struct album_text *album = chain->album;
	struct plan plan;

	if (!err && node->track) {
		plan = node_plan(node);
		err = rendition_open(album->fs->core.backend.engine,
				     node->track, &plan, &chain->rendition);
	}
	node_destroy(node);
	if (err)
		note_error(album, NULL, stale_if_gone(err));
	if (chain->rendition)
		analysis_read(chain->rendition, ANALYSIS_RECORD, 0,
			      sizeof(struct analysis_record), &album->asker,
			      on_record, chain);
	else
		end_step(chain);
}

/* Nobody waits for the rest. */
static bool is_given_up(struct album_text *album)
{
	if (asker_waits(&album->asker))
		return false;
	note_error(album, NULL, -EINTR);
	return true;
}

/* A loop, not a recursion: what is known is answered at once. */
static void run_chain(struct chain *chain)
{
	struct album_text *album = chain->album;
	struct listing *listing = album->node->siblings;

	do {
		chain->index = atomic_fetch_add(&album->next, 1);
		if (chain->index >= album->count || is_given_up(album)) {
			if (atomic_fetch_sub(&album->running, 1) == 1)
				answer_album(album);
			return;
		}
		atomic_store(&chain->turn, BEGUN);
		resolve(&album->fs->core.catalog, album->node->view, listing,
			album->items[chain->index], &album->asker, with_node,
			chain);
	} while (atomic_exchange(&chain->turn, LEFT) == DONE);
}

static int collect(struct album_text *album)
{
	int err = album_items(&album->fs->core.catalog, album->node->siblings,
			      &album->items, &album->count);

	if (err)
		return err;
	album->tracks = calloc(album->count + 1, sizeof(*album->tracks));
	if (!album->tracks)
		return -ENOMEM;
	for (size_t i = 0; i < album->count; i++)
		album->tracks[i].name = album->items[i]->source;
	return 0;
}

static void begin_album(struct album_text *album)
{
	atomic_init(&album->running, CHAINS);
	for (unsigned i = 0; i < CHAINS; i++)
		album->chains[i].album = album;
	/* the last chain to finish frees all of this */
	for (unsigned i = 0; i < CHAINS; i++)
		run_chain(&album->chains[i]);
}

void album_read(struct fs *fs, struct node *node, uint64_t offset, size_t size,
		const struct asker *asker, rendition_read_fn *fn, void *arg)
{
	struct album_text *album = calloc(1, sizeof(*album));
	int err = -ENOMEM;

	if (offset > SIDECAR_ALBUM_SIZE)
		offset = SIDECAR_ALBUM_SIZE;
	if (size > SIDECAR_ALBUM_SIZE - offset)
		size = (size_t)(SIDECAR_ALBUM_SIZE - offset);
	if (size == 0) { /* at its end */
		fn(arg, 0, "", 0);
		free(album);
		return;
	}
	if (album) {
		nodes_ref(fs->nodes, node);
		*album = (struct album_text){.fs = fs,
					     .node = node,
					     .offset = offset,
					     .size = size,
					     .asker = *asker,
					     .fn = fn,
					     .arg = arg};
		err = collect(album);
	}
	if (!err) {
		begin_album(album);
		return;
	}
	fn(arg, err, NULL, 0);
	if (album)
		free_album(album);
}
