/* See node.h. */
#include "library/node.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void nodes_lock_open(void)
{
	pthread_mutex_lock(&lock);
}

void nodes_unlock_open(void)
{
	pthread_mutex_unlock(&lock);
}

char *node_mount_path(const struct view *view, const struct listing *listing,
		      const struct item *item)
{
	const char *folder = listing->path;
	char *mount_path;

	if (asprintf(&mount_path, "%s/%s%s%s", view->name, folder,
		     *folder ? "/" : "", item->name) < 0)
		return NULL;
	return mount_path;
}

/* From the path alone: the same after a restart, and cheap for listings. */
ino_t node_inode(const char *mount_path)
{
	return XXH3_64bits(mount_path, strlen(mount_path));
}

mode_t node_mode(mode_t mode)
{
	return S_ISDIR(mode) ? mode
			     : mode & ~(mode_t)(S_ISUID | S_ISGID | S_ISVTX);
}

static void set_attributes(struct node *node, const struct stat *st)
{
	node->attributes = *st;
	node->attributes.st_mode = node_mode(st->st_mode);
	if (!S_ISDIR(st->st_mode))
		node->attributes.st_nlink = 1; /* each name is a file of its
						  own */
	node->attributes.st_ino = node_inode(node->mount_path);
}

struct node *node_create(enum node_kind kind, const struct view *view,
			 const char *mount_path, const char *path,
			 const struct stat *st)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->view = view ? view_ref(view) : NULL;
	node->mount_path = strdup(mount_path);
	node->path = path ? strdup(path) : NULL;
	if (!node->mount_path || (path && !node->path)) {
		node_destroy(node);
		return NULL;
	}
	node->id = file_id_of(st);
	set_attributes(node, st);
	return node;
}

/* Its paths are the track's. */
static void take_track(struct node *node, struct track *track)
{
	free(node->mount_path);
	free(node->path);
	node->track = track_ref(track);
	node->mount_path = track->shown;
	node->path = track->path;
}

void node_set_track(struct node *node, struct track *track,
		    struct listing *siblings)
{
	struct plan plan;
	uint64_t size = 0;

	if (track) {
		take_track(node, track);
		plan = node_plan(node);
		size = rendition_size_of(track, &plan);
	}
	node->siblings = listing_ref(siblings);
	node_set_size(node, size);
}

struct plan node_plan(const struct node *node)
{
	struct plan plan;
	int err = track_plan(node->track, &node->view->profile, &plan);

	assert(err == 0); /* else there would be no track */
	return plan;
}

void node_set_size(struct node *node, uint64_t size)
{
	node->attributes.st_size = (off_t)size;
	node->attributes.st_blocks = (blkcnt_t)((size + 511) / 512);
}

void node_destroy(struct node *node)
{
	if (!node)
		return;
	rendition_unref(node->rendition);
	listing_unref(node->listing);
	listing_unref(node->siblings);
	view_unref(node->view);
	if (!node->track) {
		free(node->mount_path);
		free(node->path);
	}
	track_unref(node->track);
	free(node->text);
	free(node);
}
