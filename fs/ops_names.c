/*
 * Names and attributes. A lookup below a view goes
 *
 *   listing of the folder -> item -> resolve -> node -> reply
 *
 * and waits where that waits: for the facts of a track that is not known yet.
 */
#include "fs/ops.h"

#include "base/counters.h"
#include "fs/control.h"
#include "fs/library.h"
#include "fs/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LOOKUP_TRIES = 3 };

struct lookup {
	fuse_req_t req;
	struct fs *fs;
	struct node *folder;
	char *name;
	unsigned tries;
};

/* A folder keeps its node when it changes: its attributes are those of now. */
struct node *ops_enter(struct fs *fs, struct node *made,
		       struct fuse_entry_param *entry)
{
	struct stat now = made->attributes;
	struct node *node = nodes_enter(fs->nodes, made);

	if (!node)
		return NULL;
	*entry = (struct fuse_entry_param){
		.ino = (fuse_ino_t)(uintptr_t)node,
		.attr = now,
		.attr_timeout = fs->timeout,
		.entry_timeout = fs->timeout,
	};
	return node;
}

static void reply_node(fuse_req_t req, struct fs *fs, struct node *made)
{
	struct fuse_entry_param entry;
	struct node *node = made ? ops_enter(fs, made, &entry) : NULL;

	if (!node) {
		ops_reply_error(req, -ENOMEM);
		return;
	}
	if (fuse_reply_entry(req, &entry) == -ENOENT)
		nodes_forget(fs->nodes, node, 1); /* the asker is gone */
}

static void finish(struct lookup *lookup, int err, struct node *made)
{
	if (err)
		ops_reply_error(lookup->req, err);
	else
		reply_node(lookup->req, lookup->fs, made);
	nodes_unref(lookup->fs->nodes, lookup->folder);
	free(lookup->name);
	free(lookup);
}

static void with_listing(void *arg, int err, struct listing *listing);

/* The file changed between the look at it and its probe: look again. */
static void with_node(void *arg, int err, struct node *node)
{
	struct lookup *lookup = arg;

	if (err == -ESTALE && ++lookup->tries < LOOKUP_TRIES)
		ops_listing(lookup->fs, lookup->folder, with_listing, lookup);
	else
		finish(lookup, err, node);
}

static void with_listing(void *arg, int err, struct listing *listing)
{
	struct lookup *lookup = arg;
	const struct item *item;

	if (err) {
		finish(lookup, err, NULL);
		return;
	}
	item = listing_find(listing, lookup->name);
	if (item)
		resolve(lookup->fs, lookup->folder->view, listing, item,
			with_node, lookup);
	else
		finish(lookup, -ENOENT, NULL);
	listing_unref(listing);
}

static void look_in_folder(fuse_req_t req, struct fs *fs, struct node *folder,
			   const char *name)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (lookup)
		lookup->name = strdup(name);
	if (!lookup || !lookup->name) {
		free(lookup);
		ops_reply_error(req, -ENOMEM);
		return;
	}
	lookup->req = req;
	lookup->fs = fs;
	lookup->folder = folder;
	nodes_ref(fs->nodes, folder);
	ops_listing(fs, folder, with_listing, lookup);
}

/* Views, and the folder of some of them, look like the library's root. */
static void reply_like_root(fuse_req_t req, struct fs *fs, enum node_kind kind,
			    const struct view *view, const char *key)
{
	struct stat st;
	int err = library_stat(fs->library, "", &st);

	if (err)
		ops_reply_error(req, err);
	else
		reply_node(req, fs,
			   node_create(kind, view, key, view ? "" : NULL, &st));
}

static void look_in_root(fuse_req_t req, struct fs *fs, const char *name)
{
	const struct view *view = views_find(&fs->views, name);

	if (view)
		reply_like_root(req, fs, NODE_FOLDER, view, name);
	else if (strcmp(name, VIEW_DECODED_FOLDER) == 0)
		reply_like_root(req, fs, NODE_DECODED, NULL, name);
	else if (strcmp(name, CONTROL_FOLDER) == 0)
		reply_node(req, fs, control_folder(fs));
	else
		ops_reply_error(req, -ENOENT);
}

static void look_in_decoded(fuse_req_t req, struct fs *fs, const char *name)
{
	const struct view *view;
	int err = views_find_decoded(&fs->views, name, &view);

	if (err)
		ops_reply_error(req, err);
	else
		reply_like_root(req, fs, NODE_FOLDER, view, view->name);
}

static void look_in_control(fuse_req_t req, struct fs *fs, const char *name)
{
	struct node *node = control_find(fs, name);

	if (node)
		reply_node(req, fs, node);
	else
		ops_reply_error(req, -ENOENT);
}

void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct node *folder = ops_node(req, parent);
	struct fs *fs = ops_fs(req);

	count(lookups);
	switch (folder->kind) {
	case NODE_ROOT:
		look_in_root(req, fs, name);
		break;
	case NODE_DECODED:
		look_in_decoded(req, fs, name);
		break;
	case NODE_CONTROL_FOLDER:
		look_in_control(req, fs, name);
		break;
	case NODE_FOLDER:
		look_in_folder(req, fs, folder, name);
		break;
	default:
		ops_reply_error(req, -ENOTDIR);
	}
}

static void forget(struct fs *fs, struct node *node, uint64_t lookups)
{
	if (node != fs->root)
		nodes_forget(fs->nodes, node, lookups);
}

void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t lookups)
{
	forget(ops_fs(req), ops_node(req, ino), lookups);
	fuse_reply_none(req);
}

void op_forget_multi(fuse_req_t req, size_t count,
		     struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		forget(ops_fs(req), ops_node(req, forgets[i].ino),
		       forgets[i].nlookup);
	fuse_reply_none(req);
}

/*
 * A file's node is one version: its attributes never change. A folder's do, so
 * it is looked at again; the kernel sees by the time of change whether what it
 * keeps of the listing still holds.
 */
void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node *node = ops_node(req, ino);
	struct fs *fs = ops_fs(req);
	struct stat attributes = node->attributes;
	struct stat now;
	int err;

	(void)fi;
	if (node->kind == NODE_FOLDER) {
		err = library_stat(fs->library, node->path, &now);
		if (err) {
			ops_reply_error(req, err == -ENOENT ? -ESTALE : err);
			return;
		}
		attributes.st_mode = node_mode(now.st_mode);
		attributes.st_uid = now.st_uid;
		attributes.st_gid = now.st_gid;
		attributes.st_mtim = now.st_mtim;
		attributes.st_ctim = now.st_ctim;
		attributes.st_size = now.st_size;
	}
	fuse_reply_attr(req, &attributes, fs->timeout);
}

void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct statvfs st;
	int err = library_statvfs(ops_fs(req)->library, &st);

	(void)ino;
	if (err) {
		ops_reply_error(req, err);
		return;
	}
	st.f_bfree = 0;
	st.f_bavail = 0;
	st.f_ffree = 0;
	st.f_favail = 0;
	fuse_reply_statfs(req, &st);
}
