/*
 * Names and attributes. A lookup below a view goes
 *
 *   listing of the folder -> item -> resolve -> node -> reply
 *
 * and waits where one of these waits: for the facts of a track that is not
 * known yet.
 */
#include "fs/ops.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "fs/control.h"
#include "fs/told.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LOOKUP_TRIES = 3 };

struct lookup {
	fuse_req_t req;
	struct fs *fs;
	struct node *folder;
	char *name;
	struct asker asker;
	uint64_t wanted; /* a number, 0: any */
	bool recent;	 /* found in a listing that may be outdated */
	unsigned tries;
};

static struct fuse_entry_param
entry_of(const struct fs *fs, const struct node *node, const struct stat *now)
{
	struct fuse_entry_param entry = {
		.ino = node->number,
		.generation = node->generation,
		.attr = *now,
		.attr_timeout = fs->timeout,
		.entry_timeout = fs->timeout,
	};

	ops_show(fs, &entry.attr);
	return entry;
}

/*
 * A folder keeps its node when it changes: its attributes are the current ones.
 */
struct node *ops_enter(struct fs *fs, struct node *made,
		       struct fuse_entry_param *entry)
{
	struct stat now = made->attributes;
	struct node *node = nodes_enter(fs->nodes, made);

	if (!node)
		return NULL;
	told_note(node, &now);
	*entry = entry_of(fs, node, &now);
	return node;
}

static void forget(struct fs *fs, struct node *node, uint64_t lookups)
{
	if (node != fs->root)
		nodes_forget(fs->nodes, node, lookups);
}

/* Takes back the lookup if the asker is gone. */
static void reply_entry(fuse_req_t req, struct fs *fs, struct node *node,
			const struct fuse_entry_param *entry)
{
	if (fuse_reply_entry(req, entry) == -ENOENT)
		forget(fs, node, 1);
}

void ops_reply_node(fuse_req_t req, struct node *node)
{
	struct fs *fs = ops_fs(req);
	struct fuse_entry_param entry;
	struct stat now;
	int err = ops_attributes(fs, node, &now);

	if (err) {
		forget(fs, node, 1);
		ops_reply_error(req, err);
		return;
	}
	entry = entry_of(fs, node, &now);
	reply_entry(req, fs, node, &entry);
}

/* If the file of a handle has another version by now, the old one is gone. */
static void reply_made(fuse_req_t req, struct fs *fs, struct node *made,
		       uint64_t wanted)
{
	struct fuse_entry_param entry;
	struct node *node = made ? ops_enter(fs, made, &entry) : NULL;

	if (!node) {
		ops_reply_error(req, -ENOMEM);
	} else if (wanted && node->number != wanted) {
		nodes_forget(fs->nodes, node, 1);
		ops_reply_error(req, -ESTALE);
	} else {
		reply_entry(req, fs, node, &entry);
	}
}

static void finish_lookup(struct lookup *lookup, int err, struct node *made)
{
	if (err)
		ops_reply_error(lookup->req, err);
	else
		reply_made(lookup->req, lookup->fs, made, lookup->wanted);
	nodes_unref(lookup->fs->nodes, lookup->folder);
	free(lookup->name);
	free(lookup);
}

static void with_listing(void *arg, int err, struct listing *listing);

/* The file changed between stat and its probe: look again. */
static void with_node(void *arg, int err, struct node *node)
{
	struct lookup *lookup = arg;

	bool again = err == -ESTALE || (err == -ENOENT && lookup->recent);

	lookup->recent = false;
	if (again && ++lookup->tries < LOOKUP_TRIES)
		ops_listing(lookup->fs, lookup->folder, &lookup->asker,
			    with_listing, lookup);
	else
		finish_lookup(lookup, err, node);
}

static void with_listing(void *arg, int err, struct listing *listing)
{
	struct lookup *lookup = arg;
	const struct item *item;

	if (err) {
		finish_lookup(lookup, err, NULL);
		return;
	}
	item = listing_find(listing, lookup->name);
	if (item)
		resolve(&lookup->fs->core.catalog, lookup->folder->view,
			listing, item, &lookup->asker, with_node, lookup);
	else
		finish_lookup(lookup, -ENOENT, NULL);
	listing_unref(listing);
}

/* The file behind a name is always looked at. */
static bool look_at_recent(struct lookup *lookup)
{
	struct listing *listing = ops_recent(lookup->folder);
	const struct item *item =
		listing ? listing_find(listing, lookup->name) : NULL;

	lookup->recent = item;
	if (item)
		resolve(&lookup->fs->core.catalog, lookup->folder->view,
			listing, item, &lookup->asker, with_node, lookup);
	listing_unref(listing);
	return item;
}

/* Names that only a source of the same name can have. */
static bool is_absent(const struct fs *fs, const struct node *folder,
		      const char *name)
{
	const struct view *view = folder->view;
	const char *dot = strrchr(name, '.');
	auto_free char *path = NULL;
	struct stat st;

	if (view->kind != VIEW_ORIGINAL &&
	    (view->kind != VIEW_QUALITY ||
	     (dot && strcmp(dot + 1, view->extension) == 0)))
		return false;
	path = path_join(folder->path, name);
	return path &&
	       library_stat(fs->core.catalog.library, path, &st) == -ENOENT;
}

static void look_in_folder(fuse_req_t req, struct fs *fs, struct node *folder,
			   const char *name, uint64_t wanted)
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
	lookup->asker = ops_asker(req);
	lookup->wanted = wanted;
	nodes_ref(fs->nodes, folder);
	if (look_at_recent(lookup))
		return;
	if (is_absent(fs, folder, name))
		finish_lookup(lookup, -ENOENT, NULL);
	else
		ops_listing(fs, folder, &lookup->asker, with_listing, lookup);
}

/*
 * Views, and the folders of some of them, have the attributes of the library's
 * root.
 */
static int like_root(struct fs *fs, enum node_kind kind,
		     const struct view *view, const char *mount_path,
		     struct node **node)
{
	struct stat st;
	int err = library_stat(fs->core.catalog.library, "", &st);

	if (err)
		return err;
	if (kind == NODE_DECODED)
		st.st_nlink = 1; /* there are more than those that are listed */
	*node = node_create(kind, view, mount_path, view ? "" : NULL, &st);
	return *node ? 0 : -ENOMEM;
}

static int find_in_root(struct fs *fs, const char *name, struct node **node)
{
	const struct view *view = views_find(&fs->core.catalog.views, name);

	if (view)
		return like_root(fs, NODE_FOLDER, view, name, node);
	if (strcmp(name, VIEW_DECODED_FOLDER) == 0)
		return like_root(fs, NODE_DECODED, NULL, name, node);
	if (strcmp(name, CONTROL_FOLDER) != 0)
		return -ENOENT;
	*node = control_folder(fs);
	return *node ? 0 : -ENOMEM;
}

static int find_in_decoded(struct fs *fs, const char *name, struct node **node)
{
	const struct view *view;
	int err = views_find_decoded(&fs->core.catalog.views, name, &view);

	if (err)
		return err;
	err = like_root(fs, NODE_FOLDER, view, view->name, node);
	view_unref(view);
	return err;
}

static int find_in_control(struct fs *fs, const char *name, struct node **node)
{
	*node = control_find(fs, name);
	return *node ? 0 : -ENOENT;
}

/* What is above the library's own folders. */
int ops_find(struct fs *fs, const struct node *folder, const char *name,
	     struct node **node)
{
	switch (folder->kind) {
	case NODE_ROOT:
		return find_in_root(fs, name, node);
	case NODE_DECODED:
		return find_in_decoded(fs, name, node);
	case NODE_CONTROL_FOLDER:
		return find_in_control(fs, name, node);
	default:
		return -ENOTDIR;
	}
}

void ops_look(fuse_req_t req, struct node *folder, const char *name,
	      uint64_t wanted)
{
	struct fs *fs = ops_fs(req);
	struct node *node;
	int err;

	if (folder->kind == NODE_FOLDER) {
		look_in_folder(req, fs, folder, name, wanted);
		return;
	}
	err = ops_find(fs, folder, name, &node);
	if (err)
		ops_reply_error(req, err);
	else
		reply_made(req, fs, node, wanted);
}

/*
 * Any of 700,000 views can be looked up, and the kernel keeps each one. It is
 * asked to let go of old ones, and forgets those that nobody has open. That
 * waits for others that look into the same folder, whom other threads answer,
 * so only one thread at a time does this.
 */
static void tell_of_views(struct fs *fs, fuse_ino_t folder)
{
	struct views *views = &fs->core.catalog.views;
	unsigned count = views_decoded_count(views);
	char name[PROFILE_NAME_MAX + 1];

	while (count-- > 0 && views_find_unused(views, name))
		fuse_lowlevel_notify_inval_entry(fs->session, folder, name,
						 strlen(name));
}

/* A thread that comes while another one is at it has that one begin again. */
static void let_go_of_views(struct fs *fs, fuse_ino_t folder)
{
	unsigned asked = 1;

	if (atomic_fetch_add(&fs->letting_go, 1) > 0)
		return;
	do
		tell_of_views(fs, folder);
	while (!atomic_compare_exchange_strong(&fs->letting_go, &asked, 0));
}

void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs *fs = ops_fs(req);
	struct node *folder;
	bool decoded;

	count(lookups);
	if (ops_is_handle_name(name)) {
		ops_look_by_number(req, parent, name);
		return;
	}
	folder = ops_node(req, parent);
	decoded = folder->kind == NODE_DECODED;
	ops_look(req, folder, name, 0);
	/* the request is gone from here on */
	if (decoded)
		let_go_of_views(fs, parent);
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

void op_readlink(fuse_req_t req, fuse_ino_t ino)
{
	const struct node *node = ops_node(req, ino);

	if (node->kind == NODE_LINK)
		fuse_reply_readlink(req, node->text);
	else
		ops_reply_error(req, -EINVAL);
}
