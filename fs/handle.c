/*
 * Open files. All handles of a track's node share one rendition, which stays
 * open as long as one of them does.
 */
#include "fs/handle.h"

#include "base/cleanup.h"
#include "base/errors.h"
#include "base/log.h"
#include "fs/album_text.h"
#include "fs/control.h"
#include "fs/fs_private.h"
#include "fs/prefetch.h"

#include <errno.h>
#include <string.h>

enum { PLAYING_SECONDS = 5 };

struct handles {
	pthread_mutex_t lock;
	LIST_HEAD(, handle) list;
};

struct handles *handles_create(void)
{
	struct handles *handles = calloc(1, sizeof(*handles));

	if (!handles)
		return NULL;
	pthread_mutex_init(&handles->lock, NULL);
	LIST_INIT(&handles->list);
	return handles;
}

void handles_destroy(struct fs *fs, struct handles *handles)
{
	struct handle *handle;

	if (!handles)
		return;
	while ((handle = LIST_FIRST(&handles->list)))
		handle_close(fs, handle);
	pthread_mutex_destroy(&handles->lock);
	free(handles);
}

static void list_handle(struct handles *handles, struct handle *handle)
{
	auto_lock(&handles->lock);

	LIST_INSERT_HEAD(&handles->list, handle, link);
}

static void unlist_handle(struct handles *handles, struct handle *handle)
{
	auto_lock(&handles->lock);

	LIST_REMOVE(handle, link);
}

static int check_version(struct fs *fs, const char *path,
			 const struct file_id *id)
{
	struct file_id now;
	struct stat st;
	int err = library_stat(fs->core.catalog.library, path, &st);

	if (err)
		return stale_if_gone(err);
	now = file_id_of(&st);
	return file_id_equal(&now, id) ? 0 : -ESTALE;
}

/*
 * Opening one reads the disk, so no lock is held: two threads may do it at
 * once.
 */
static int acquire_rendition(struct fs *fs, struct node *node,
			     struct rendition **rendition)
{
	const struct plan plan = node_plan(node);
	struct rendition *made = NULL;
	int err;

	nodes_lock_open();
	if (!node->rendition) {
		nodes_unlock_open();
		err = rendition_open(fs->core.backend.engine, node->track,
				     &plan, &made);
		if (err)
			return err;
		rendition_hold_source(made);
		nodes_lock_open();
		if (!node->rendition)
			node->rendition = steal_ptr(made);
	}
	node->opens++;
	*rendition = rendition_ref(node->rendition);
	nodes_unlock_open();
	rendition_unref(made); /* another thread was first */
	return 0;
}

static void give_back_rendition(struct node *node, struct rendition *rendition)
{
	struct rendition *last = NULL;

	nodes_lock_open();
	if (--node->opens == 0)
		last = steal_ptr(node->rendition);
	nodes_unlock_open();
	if (last)
		rendition_idle(last);
	rendition_unref(last);
	rendition_unref(rendition);
}

/*
 * It could not be read when it was looked up; look again, as it may be readable
 * now.
 */
static int refuse_unknown(struct fs *fs, const struct node *node)
{
	int fd = library_open_file(fs->core.catalog.library, node->path);

	if (fd < 0)
		return fd;
	close(fd);
	return -ESTALE;
}

/* Whoever opens it wants to know the reason, even if it was found long ago. */
static int refuse_broken(struct fs *fs, const struct node *node)
{
	struct facts facts;

	if (engine_facts_known(fs->core.backend.engine, &node->id, &facts) != 0)
		return refuse_unknown(fs, node);
	if (facts.kind == FACTS_BROKEN)
		log_warn("cannot open '%s': %s", node->path, facts.reason);
	return -EIO;
}

static int open_track(struct fs *fs, struct handle *handle)
{
	struct node *node = handle->node;
	struct track *track = node->track;
	int err = check_version(fs, node->path, &node->id);

	if (!err && track && track->cover_path)
		err = check_version(fs, track->cover_path, &track->cover_id);
	if (err)
		return err;
	if (!track)
		return refuse_broken(fs, node);
	return acquire_rendition(fs, node, &handle->rendition);
}

/* A track that cannot be decoded is open without a rendition. */
static int open_sidecar(struct fs *fs, struct handle *handle)
{
	struct node *node = handle->node;
	struct facts facts;
	int err = check_version(fs, node->path, &node->id);

	if (!err && !node->track &&
	    engine_facts_known(fs->core.backend.engine, &node->id, &facts) != 0)
		err = refuse_unknown(fs, node);
	if (err || !node->track)
		return err;
	return acquire_rendition(fs, node, &handle->rendition);
}

static int open_handle_file(struct fs *fs, struct handle *handle)
{
	handle->fd =
		library_open_file(fs->core.catalog.library, handle->node->path);
	if (handle->fd < 0)
		return stale_if_gone(handle->fd);
	return file_id_check(handle->fd, &handle->node->id);
}

static int open_kind(struct fs *fs, struct handle *handle, bool owner)
{
	switch (handle->node->kind) {
	case NODE_TRACK:
		return open_track(fs, handle);
	case NODE_FILE:
		return open_handle_file(fs, handle);
	case NODE_SIDECAR:
		return open_sidecar(fs, handle);
	case NODE_PLAYLIST:
		return check_version(fs, handle->node->path, &handle->node->id);
	case NODE_ALBUM:
		return album_check(fs, handle->node);
	case NODE_CONTROL:
		handle->content = control_content(fs, handle->node);
		return handle->content ? 0 : -ENOMEM;
	case NODE_EVENTS:
		handle->reader = events_open(fs->events, owner);
		return handle->reader ? 0 : -ENOMEM;
	default:
		return -EISDIR;
	}
}

int handle_open(struct fs *fs, struct node *node, bool owner,
		struct handle **handle)
{
	struct handle *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	pthread_mutex_init(&h->lock, NULL);
	list_handle(fs->handles, h);
	nodes_ref(fs->nodes, node);
	h->node = node;
	h->fd = -1;
	err = open_kind(fs, h, owner);
	if (err) {
		handle_close(fs, h);
		return err;
	}
	*handle = h;
	return 0;
}

void handle_close(struct fs *fs, struct handle *handle)
{
	unlist_handle(fs->handles, handle);
	if (handle->rendition)
		give_back_rendition(handle->node, handle->rendition);
	if (handle->fd >= 0)
		close(handle->fd);
	if (handle->reader)
		events_close(handle->reader);
	free(handle->content);
	nodes_unref(fs->nodes, handle->node);
	pthread_mutex_destroy(&handle->lock);
	free(handle);
}

bool handle_current(const struct handle *handle)
{
	return file_id_stays(handle->fd, &handle->node->id);
}

/*
 * Notes where the reader is, whether it is playing, and whether it is past half
 * for the first time.
 */
static bool follow_locked(struct handle *handle, const struct plan *plan,
			  uint64_t offset, uint64_t size, bool *half)
{
	uint64_t playing = PLAYING_SECONDS * 125ull * plan->bit_rate;
	uint64_t file = (uint64_t)handle->node->attributes.st_size;
	uint64_t tag = track_tag_size(handle->node->track);

	if (offset != handle->next)
		handle->streak = 0;
	if (offset + size > tag)
		handle->streak += offset >= tag ? size : offset + size - tag;
	handle->next = offset + size;
	if (handle->streak < playing)
		return false;
	*half = !handle->asked_next && handle->next > file / 2;
	handle->asked_next |= *half;
	return true;
}

uint64_t handle_read_until(struct handle *handle)
{
	uint64_t size = rendition_size(handle->rendition);
	uint64_t tag = track_tag_size(handle->node->track);
	uint64_t next, streak;
	auto_lock(&handle->lock);

	next = handle->next < size ? handle->next : size;
	streak = handle->streak;
	return next >= tag && streak >= next - tag ? next : 0;
}

bool handle_read_through(struct handle *handle)
{
	return handle_read_until(handle) == rendition_size(handle->rendition);
}

void handle_follow(struct fs *fs, struct handle *handle, uint64_t offset,
		   uint64_t size)
{
	const struct plan plan = node_plan(handle->node);
	bool half = false;
	bool playing;

	/* seconds are decoded just as quickly on demand */
	if (plan_is_decoded(&plan))
		return;
	pthread_mutex_lock(&handle->lock);
	playing = follow_locked(handle, &plan, offset, size, &half);
	pthread_mutex_unlock(&handle->lock);
	if (playing)
		rendition_fill(handle->rendition, offset);
	if (playing && fs->analyze_on_play)
		prefetch_analysis(fs, handle->node);
	if (half)
		prefetch_next_track(fs, handle->node);
}
