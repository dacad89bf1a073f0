/*
 * Folders. An open folder holds one listing, so what is read from it in many
 * steps is consistent. Opening it asks for the facts of its tracks in the
 * background; reading it gives the attributes of all tracks that are known
 * (readdirplus), so that a library that was listed once is listed again without
 * a lookup for each file.
 */
#include "fs/ops.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/errors.h"
#include "base/path.h"
#include "fs/control.h"
#include "fs/told.h"

#include <errno.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>

struct opening {
	fuse_req_t req;
	struct fs *fs;
	struct node *folder;
	struct fuse_file_info fi;
};

/*
 * The names of a listing are trusted for twenty times as long as it took to
 * read, which is some seconds for a folder of 50,000. Otherwise, while files
 * arrive in such a folder, each lookup would read it again. The kernel trusts
 * names for as long as BELIEVED_MAX.
 */
enum { BELIEVED_TIMES = 20 };
#define BELIEVED_MAX 10000000000 /* ns */

/*
 * The kernel may keep as many names as one getdents(2) reads. With more, it
 * would continue in a listing that somebody else has read since, where offsets
 * differ, and names would come twice or not at all.
 */
enum { CACHED_MAX = 100 };

struct keeping {
	int64_t begun; /* ns */
	struct fs *fs;
	struct node *folder;
	listing_fn *fn;
	void *arg;
};

static struct listing *last_listing(struct node *folder)
{
	struct listing *listing = NULL;

	nodes_lock_open();
	if (folder->listing)
		listing = listing_ref(folder->listing);
	nodes_unlock_open();
	return listing;
}

struct listing *ops_recent(struct node *folder)
{
	int64_t now = clock_ns();
	struct listing *listing = NULL;

	nodes_lock_open();
	if (folder->listing && now < folder->believed_until)
		listing = listing_ref(folder->listing);
	nodes_unlock_open();
	return listing;
}

static void keep(void *arg, int err, struct listing *listing)
{
	struct keeping *keeping = arg;
	struct node *folder = keeping->folder;
	struct listing *old = NULL;
	int64_t now = clock_ns();
	int64_t believed = (now - keeping->begun) * BELIEVED_TIMES;

	if (!err) {
		nodes_lock_open();
		old = folder->listing;
		folder->listing = listing_ref(listing);
		folder->believed_until =
			now +
			(believed < BELIEVED_MAX ? believed : BELIEVED_MAX);
		nodes_unlock_open();
	}
	listing_unref(old);
	keeping->fn(keeping->arg, err, listing);
	nodes_unref(keeping->fs->nodes, folder);
	free(keeping);
}

void ops_listing(struct fs *fs, struct node *folder, const struct asker *asker,
		 listing_fn *fn, void *arg)
{
	struct listing *last = last_listing(folder);
	struct keeping *keeping;

	if (last && listing_current(last, fs->core.catalog.library)) {
		fn(arg, 0, last);
		return;
	}
	listing_unref(last);
	keeping = malloc(sizeof(*keeping));
	if (!keeping) {
		fn(arg, -ENOMEM, NULL);
		return;
	}
	*keeping = (struct keeping){clock_ns(), fs, folder, fn, arg};
	nodes_ref(fs->nodes, folder);
	count(listings);
	listing_ask(fs->core.catalog.library, fs->core.backend.engine,
		    folder->path, folder->view, asker, keep, keeping);
}

/* An open folder's handle is its listing; the root has none. */
static struct listing *listing_of(const struct fuse_file_info *fi)
{
	return (struct listing *)(uintptr_t)fi->fh;
}

static void reply_open(fuse_req_t req, struct listing *listing,
		       struct fuse_file_info *fi)
{
	fi->fh = (uint64_t)(uintptr_t)listing;
	if (fuse_reply_open(req, fi) == -ENOENT)
		listing_unref(listing);
}

static void opened(void *arg, int err, struct listing *listing)
{
	struct opening *opening = arg;
	struct fs *fs = opening->fs;
	struct node *folder = opening->folder;

	if (err) {
		ops_reply_error(opening->req, stale_if_gone(err));
	} else {
		/* the kernel drops its copy when the folder's time of change
		   has moved */
		opening->fi.cache_readdir = listing->count <= CACHED_MAX;
		opening->fi.keep_cache =
			atomic_exchange(&listing->opened, true);
		listing_ref(listing);
		reply_open(opening->req, listing, &opening->fi);
		/* looks at each file, and any of them may hang */
		if (folder->view->kind != VIEW_ORIGINAL)
			resolve_ahead(&fs->core.catalog, listing);
		listing_unref(listing);
	}
	nodes_unref(fs->nodes, folder);
	free(opening);
}

void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node *folder = ops_node(req, ino);
	struct fs *fs = ops_fs(req);
	struct opening *opening;
	struct asker asker;
	int err;

	if (folder->kind != NODE_FOLDER) {
		reply_open(req, NULL, fi);
		return;
	}
	err = told_check(fs, folder);
	if (err) {
		ops_reply_error(req, err);
		return;
	}
	opening = malloc(sizeof(*opening));
	if (!opening) {
		ops_reply_error(req, -ENOMEM);
		return;
	}
	*opening = (struct opening){req, fs, folder, *fi};
	nodes_ref(fs->nodes, folder);
	asker = ops_asker(req);
	ops_listing(fs, folder, &asker, opened, opening);
}

void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	listing_unref(listing_of(fi));
	fuse_reply_err(req, 0);
}

/* A directory buffer is filled from names, by their index. */
struct reading {
	fuse_req_t req;
	struct fs *fs;
	const struct node *folder;
	const struct listing *listing;
	bool plus;
	char *bytes;
	size_t size;
	size_t used;
};

static const char *name_in_root(const struct views *views, size_t i)
{
	if (i < views->rooted_count)
		return views->rooted[i].name;
	return i == views->rooted_count ? VIEW_DECODED_FOLDER : NULL;
}

static const char *name_at(const struct reading *r, size_t i, mode_t *type)
{
	const struct item *item;

	*type = S_IFDIR;
	if (i < 2)
		return i == 0 ? "." : "..";
	i -= 2;
	if (r->folder->kind == NODE_ROOT)
		return name_in_root(&r->fs->core.catalog.views, i);
	if (r->folder->kind == NODE_DECODED)
		return i < r->fs->core.catalog.views.listed_count
			       ? view_short_name(
					 r->fs->core.catalog.views.listed[i])
			       : NULL;
	if (r->folder->kind == NODE_CONTROL_FOLDER) {
		*type = S_IFREG;
		return control_name(i);
	}
	if (!r->listing || i >= r->listing->count)
		return NULL;
	item = &r->listing->items[i];
	if (item->link)
		*type = S_IFLNK;
	else if (item->kind != ITEM_FOLDER)
		*type = S_IFREG;
	return item->name;
}

/* 0: no memory. */
static ino_t inode_at(const struct reading *r, size_t i, const char *name)
{
	const char *folder = r->folder->mount_path;
	auto_free char *path =
		i == 0	 ? strdup(folder)
		: i == 1 ? strndup(folder, path_folder_size(folder))
			 : path_join(folder, name);

	return path ? node_inode(path) : 0;
}

/*
 * The kernel looks up later what is not known yet, and what another machine,
 * which may hang, would have to be asked for.
 */
static void fill_known(const struct reading *r, size_t i,
		       struct fuse_entry_param *entry)
{
	struct node *made;

	if (!r->listing || r->listing->remote || i < 2)
		return;
	if (resolve_known(&r->fs->core.catalog, r->folder->view,
			  (struct listing *)r->listing,
			  &r->listing->items[i - 2], &made) != 0)
		return;
	ops_enter(r->fs, made, entry);
}

static size_t add_plus(struct reading *r, size_t i, const char *name,
		       mode_t type)
{
	size_t room = r->size - r->used;
	struct fuse_entry_param entry = {.attr.st_mode = type,
					 .attr.st_ino = inode_at(r, i, name)};
	size_t needed = fuse_add_direntry_plus(r->req, NULL, 0, name, NULL, 0);

	if (needed > room)
		return needed;
	fill_known(r, i, &entry);
	return fuse_add_direntry_plus(r->req, r->bytes + r->used, room, name,
				      &entry, (off_t)i + 1);
}

static size_t add_name(struct reading *r, size_t i, const char *name,
		       mode_t type)
{
	struct stat st = {.st_mode = type};

	if (r->plus)
		return add_plus(r, i, name, type);
	st.st_ino = inode_at(r, i, name);
	return fuse_add_direntry(r->req, r->bytes + r->used, r->size - r->used,
				 name, &st, (off_t)i + 1);
}

/* The asker was interrupted, and the kernel counts none of these lookups. */
static void take_back(const struct reading *r)
{
	size_t at = 0;

	while (r->plus && at < r->used) {
		const struct fuse_direntplus *entry =
			(const void *)(r->bytes + at);

		if (entry->entry_out.nodeid)
			nodes_forget(r->fs->nodes,
				     nodes_find(r->fs->nodes,
						entry->entry_out.nodeid),
				     1);
		at += FUSE_DIRENTPLUS_SIZE(entry);
	}
}

static void read_folder(fuse_req_t req, fuse_ino_t ino, size_t size,
			off_t offset, struct fuse_file_info *fi, bool plus)
{
	auto_free char *bytes = malloc(size);
	struct reading r = {
		.req = req,
		.fs = ops_fs(req),
		.folder = ops_node(req, ino),
		.listing = listing_of(fi),
		.plus = plus,
		.bytes = bytes,
		.size = size,
	};
	const char *name;
	mode_t type;

	if (!bytes) {
		ops_reply_error(req, -ENOMEM);
		return;
	}
	for (size_t i = (size_t)offset; (name = name_at(&r, i, &type)); i++) {
		size_t needed = add_name(&r, i, name, type);

		if (needed > size - r.used)
			break;
		r.used += needed;
	}
	if (fuse_reply_buf(req, bytes, r.used) == -ENOENT)
		take_back(&r);
}

void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		struct fuse_file_info *fi)
{
	read_folder(req, ino, size, offset, fi, false);
}

void op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		    struct fuse_file_info *fi)
{
	read_folder(req, ino, size, offset, fi, true);
}
