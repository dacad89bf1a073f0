/* The table of nodes: a search tree by path, counts, and the end of a node. */
#include "fs/node.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

TAILQ_HEAD(node_list, node);

struct nodes {
	pthread_mutex_t lock;
	void *tree;	      /* the current version of each key */
	struct node_list all; /* older versions, too */
	uint64_t count;
};

struct nodes *nodes_create(void)
{
	struct nodes *nodes = calloc(1, sizeof(*nodes));

	if (!nodes)
		return NULL;
	pthread_mutex_init(&nodes->lock, NULL);
	TAILQ_INIT(&nodes->all);
	return nodes;
}

static void keep_node(void *node)
{
	(void)node; /* the list owns it */
}

void nodes_destroy(struct nodes *nodes)
{
	struct node *node;

	if (!nodes)
		return;
	tdestroy(nodes->tree, keep_node);
	while ((node = TAILQ_FIRST(&nodes->all))) {
		TAILQ_REMOVE(&nodes->all, node, link);
		node_destroy(node);
	}
	pthread_mutex_destroy(&nodes->lock);
	free(nodes);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct node *)a)->key,
		      ((const struct node *)b)->key);
}

static bool same_cover(const struct node *a, const struct node *b)
{
	if (!a->track || !b->track)
		return !a->track == !b->track;
	return file_id_equal(&a->track->cover_id, &b->track->cover_id);
}

static bool same_version(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind < NODE_FILE)
		return true;
	return file_id_equal(&a->id, &b->id) &&
	       a->attributes.st_mode == b->attributes.st_mode &&
	       a->attributes.st_uid == b->attributes.st_uid &&
	       a->attributes.st_gid == b->attributes.st_gid &&
	       same_cover(a, b) && strcmp(a->path, b->path) == 0;
}

static struct node *enter_locked(struct nodes *nodes, struct node *made)
{
	struct node **place = tsearch(made, &nodes->tree, compare);

	if (!place)
		return NULL;
	if (*place != made && same_version(*place, made)) {
		(*place)->lookups++;
		return *place;
	}
	(*place)->listed = false;
	*place = made;
	made->listed = true;
	made->lookups++;
	TAILQ_INSERT_TAIL(&nodes->all, made, link);
	nodes->count++;
	return made;
}

struct node *nodes_enter(struct nodes *nodes, struct node *made)
{
	struct node *node;

	pthread_mutex_lock(&nodes->lock);
	node = enter_locked(nodes, made);
	pthread_mutex_unlock(&nodes->lock);
	if (node != made)
		node_destroy(made);
	return node;
}

/* Out of the table when nobody counts it; true when it is to be destroyed. */
static bool drop_locked(struct nodes *nodes, struct node *node)
{
	if (node->lookups > 0 || node->refs > 0)
		return false;
	if (node->listed)
		tdelete(node, &nodes->tree, compare);
	TAILQ_REMOVE(&nodes->all, node, link);
	nodes->count--;
	return true;
}

void nodes_forget(struct nodes *nodes, struct node *node, uint64_t lookups)
{
	bool dropped;

	pthread_mutex_lock(&nodes->lock);
	assert(node->lookups >= lookups);
	node->lookups -= lookups;
	dropped = drop_locked(nodes, node);
	pthread_mutex_unlock(&nodes->lock);
	if (dropped)
		node_destroy(node);
}

void nodes_ref(struct nodes *nodes, struct node *node)
{
	pthread_mutex_lock(&nodes->lock);
	node->refs++;
	pthread_mutex_unlock(&nodes->lock);
}

void nodes_unref(struct nodes *nodes, struct node *node)
{
	bool dropped;

	pthread_mutex_lock(&nodes->lock);
	assert(node->refs > 0);
	node->refs--;
	dropped = drop_locked(nodes, node);
	pthread_mutex_unlock(&nodes->lock);
	if (dropped)
		node_destroy(node);
}

uint64_t nodes_count(struct nodes *nodes)
{
	uint64_t count;

	pthread_mutex_lock(&nodes->lock);
	count = nodes->count;
	pthread_mutex_unlock(&nodes->lock);
	return count;
}

/* Nobody may write; what the source's owner keeps from others stays kept. */
mode_t node_mode(mode_t mode)
{
	return mode & ~(mode_t)(S_IWUSR | S_IWGRP | S_IWOTH | S_ISUID |
				S_ISGID | S_ISVTX);
}

static void set_attributes(struct node *node, const struct stat *st)
{
	node->attributes = *st;
	node->attributes.st_mode = node_mode(st->st_mode);
	node->attributes.st_nlink = 1;
	node->attributes.st_ino = XXH3_64bits(node->key, strlen(node->key));
}

struct node *node_create(enum node_kind kind, const struct view *view,
			 const char *key, const char *path,
			 const struct stat *st)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	pthread_mutex_init(&node->lock, NULL);
	node->kind = kind;
	node->view = view;
	node->key = strdup(key);
	node->path = path ? strdup(path) : NULL;
	if (!node->key || (path && !node->path)) {
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
	track_unref(node->track);
	pthread_mutex_destroy(&node->lock);
	free(node->key);
	free(node->path);
	free(node);
}
