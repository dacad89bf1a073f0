/* See node.h. */
#include "library/node.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

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

/* By the path alone: the same after a restart, and for listings cheap. */
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
		node->attributes.st_nlink = 1; /* each name is a file */
	node->attributes.st_ino = node_inode(node->mount_path);
}

struct node *node_create(enum node_kind kind, const struct view *view,
			 const char *mount_path, const char *path,
			 const struct stat *st)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	pthread_mutex_init(&node->lock, NULL);
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

void node_set_track(struct node *node, struct track *track,
		    const struct plan *plan, struct listing *siblings)
{
	uint64_t size = 0;

	if (track) {
		node->track = track_ref(track);
		node->plan = *plan;
		size = rendition_size_of(track, plan);
	}
	node->siblings = listing_ref(siblings);
	node_set_size(node, size);
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
	track_unref(node->track);
	pthread_mutex_destroy(&node->lock);
	free(node->mount_path);
	free(node->path);
	free(node->text);
	free(node);
}
