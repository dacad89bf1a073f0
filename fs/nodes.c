/*
 * The table of nodes: a search tree by number, counts, and the end of a node.
 *
 * Two nodes with the same number could not be told apart, so a node whose
 * number is taken gets the next one; with 64 bits this practically never
 * happens.
 */
#include "fs/nodes.h"

#include "base/cleanup.h"
#include "fs/forgotten.h"

#include <assert.h>
#include <malloc.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

enum { TRIM_AFTER = 10000 }; /* nodes that were dropped */

struct nodes {
	pthread_mutex_t lock;
	void *tree;
	struct forgotten *forgotten;
	uint64_t count;
	uint64_t seed;	  /* of this mount's numbers */
	unsigned dropped; /* since the heap was trimmed */
};

struct nodes *nodes_create(void)
{
	struct nodes *nodes = calloc(1, sizeof(*nodes));

	if (!nodes)
		return NULL;
	pthread_mutex_init(&nodes->lock, NULL);
	nodes->forgotten = forgotten_create();
	if (!nodes->forgotten || getrandom(&nodes->seed, sizeof(nodes->seed),
					   0) != sizeof(nodes->seed)) {
		nodes_destroy(nodes);
		return NULL;
	}
	return nodes;
}

static void destroy_in_tree(void *node)
{
	node_destroy(node);
}

void nodes_destroy(struct nodes *nodes)
{
	if (!nodes)
		return;
	tdestroy(nodes->tree, destroy_in_tree);
	forgotten_destroy(nodes->forgotten);
	pthread_mutex_destroy(&nodes->lock);
	free(nodes);
}

static int compare_nodes(const void *a, const void *b)
{
	uint64_t x = ((const struct node *)a)->number;
	uint64_t y = ((const struct node *)b)->number;

	return (x > y) - (x < y);
}

static struct node *find_node_locked(struct nodes *nodes, uint64_t number)
{
	struct node wanted = {.number = number};
	struct node **place = tfind(&wanted, &nodes->tree, compare_nodes);

	return place ? *place : NULL;
}

/* What distinguishes versions of a file. */
struct version {
	struct file_id id;
	struct file_id cover;
	uint64_t size; /* as shown */
	uint32_t kind, mode, uid, gid;
};

static struct version version_of(const struct node *node)
{
	struct version version = {.kind = node->kind};

	if (node->kind < NODE_FILE)
		return version;
	version.id = node->id;
	if (node->track && node->track->cover_path)
		version.cover = node->track->cover_id;
	version.size = (uint64_t)node->attributes.st_size;
	version.mode = node->attributes.st_mode;
	version.uid = node->attributes.st_uid;
	version.gid = node->attributes.st_gid;
	return version;
}

static bool same_text(const struct node *a, const struct node *b)
{
	return strcmp(a->text ? a->text : "", b->text ? b->text : "") == 0;
}

static bool same_version(const struct node *a, const struct node *b)
{
	struct version x = version_of(a);
	struct version y = version_of(b);

	return memcmp(&x, &y, sizeof(x)) == 0 &&
	       strcmp(a->mount_path, b->mount_path) == 0 && same_text(a, b) &&
	       (a->kind < NODE_FILE || strcmp(a->path, b->path) == 0);
}

static void number_node(struct node *node, uint64_t seed)
{
	const char *path = node->kind < NODE_FILE ? "" : node->path;
	struct version version = version_of(node);
	XXH128_hash_t hash;

	seed = XXH3_64bits_withSeed(node->mount_path, strlen(node->mount_path),
				    seed);
	seed = XXH3_64bits_withSeed(path, strlen(path), seed);
	if (node->text)
		seed = XXH3_64bits_withSeed(node->text, strlen(node->text),
					    seed);
	hash = XXH3_128bits_withSeed(&version, sizeof(version), seed);
	node->number = hash.low64;
	node->generation = (uint32_t)hash.high64;
}

static bool is_taken_locked(struct nodes *nodes, const struct node *made)
{
	const struct node *node = find_node_locked(nodes, made->number);
	const char *mount_path = forgotten_find(nodes->forgotten, made->number);

	return made->number <= NODE_ROOT_NUMBER ||
	       (node && !same_version(node, made)) ||
	       (mount_path && strcmp(mount_path, made->mount_path) != 0);
}

static struct node *enter_locked(struct nodes *nodes, struct node *made)
{
	struct node **place;

	number_node(made, nodes->seed);
	while (is_taken_locked(nodes, made))
		made->number++;
	place = tsearch(made, &nodes->tree, compare_nodes);
	if (!place)
		return NULL;
	(*place)->lookups++;
	if (*place == made)
		nodes->count++;
	return *place;
}

struct node *nodes_enter(struct nodes *nodes, struct node *made)
{
	struct node *node;

	pthread_mutex_lock(&nodes->lock);
	node = enter_locked(nodes, made);
	if (node && node != made && node->track && made->track)
		atomic_store(&node->track->open,
			     atomic_load(&made->track->open));
	pthread_mutex_unlock(&nodes->lock);
	if (node != made)
		node_destroy(made);
	return node;
}

struct node *nodes_find(struct nodes *nodes, uint64_t number)
{
	struct node *node;

	pthread_mutex_lock(&nodes->lock);
	node = find_node_locked(nodes, number);
	pthread_mutex_unlock(&nodes->lock);
	assert(node);
	return node;
}

struct node *nodes_find_again(struct nodes *nodes, uint64_t number)
{
	auto_lock(&nodes->lock);
	struct node *node = find_node_locked(nodes, number);

	if (node)
		node->lookups++;
	return node;
}

char *nodes_mount_path(struct nodes *nodes, uint64_t number)
{
	auto_lock(&nodes->lock);
	const struct node *node = find_node_locked(nodes, number);
	const char *mount_path =
		node ? node->mount_path
		     : forgotten_find(nodes->forgotten, number);
	char *copy = mount_path ? strdup(mount_path) : NULL;

	return copy;
}

/*
 * Removes it from the table if nobody counts it; true when it is to be
 * destroyed.
 */
static bool drop_locked(struct nodes *nodes, struct node *node)
{
	if (node->lookups > 0 || node->refs > 0)
		return false;
	tdelete(node, &nodes->tree, compare_nodes);
	forgotten_keep(nodes->forgotten, node->number, node->mount_path);
	nodes->count--;
	return true;
}

/*
 * The kernel forgets a library's nodes when it is short of memory. The space
 * that they leave is scattered, and only this returns it.
 */
static void trim_sometimes(struct nodes *nodes)
{
	bool now;

	pthread_mutex_lock(&nodes->lock);
	now = ++nodes->dropped % TRIM_AFTER == 0;
	pthread_mutex_unlock(&nodes->lock);
	if (now)
		malloc_trim(0);
}

void nodes_forget(struct nodes *nodes, struct node *node, uint64_t lookups)
{
	bool dropped;

	pthread_mutex_lock(&nodes->lock);
	assert(node->lookups >= lookups);
	node->lookups -= lookups;
	dropped = drop_locked(nodes, node);
	pthread_mutex_unlock(&nodes->lock);
	if (!dropped)
		return;
	node_destroy(node);
	trim_sometimes(nodes);
}

void nodes_ref(struct nodes *nodes, struct node *node)
{
	auto_lock(&nodes->lock);

	node->refs++;
}

struct node *nodes_hold(struct nodes *nodes, uint64_t number)
{
	auto_lock(&nodes->lock);
	struct node *node = find_node_locked(nodes, number);

	if (node)
		node->refs++;
	return node;
}

struct node *nodes_hold_folder(struct nodes *nodes, const char *mount_path)
{
	struct node wanted = {.kind = NODE_FOLDER,
			      .mount_path = (char *)mount_path};

	number_node(&wanted, nodes->seed);
	return nodes_hold(nodes, wanted.number);
}

void nodes_unref(struct nodes *nodes, struct node *node)
{
	bool dropped;

	if (!node)
		return;
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
	auto_lock(&nodes->lock);

	return nodes->count;
}
