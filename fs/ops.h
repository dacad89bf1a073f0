/*
 * The mount's operations for libfuse's low-level API. Each one translates,
 * makes one call, and replies once, now or later from another thread.
 */
#ifndef FS_OPS_H
#define FS_OPS_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "fs/fs_private.h"

struct events_reader;

extern const struct fuse_lowlevel_ops fs_operations;

struct fs *ops_fs(fuse_req_t req);
struct node *ops_node(fuse_req_t req, fuse_ino_t ino);

/* The asker of a request that is not answered yet; he may be interrupted. */
struct asker ops_asker(fuse_req_t req);

/* The user who mounts, and root: may request work, and gets all events. */
bool ops_is_owner(fuse_req_t req);

/* An errno as the kernel takes it: positive. */
void ops_reply_error(fuse_req_t req, int err);

/* ops_names.c */
void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t lookups);
void op_forget_multi(fuse_req_t req, size_t count,
		     struct fuse_forget_data *forgets);
void op_readlink(fuse_req_t req, fuse_ino_t ino);

/* nodes_enter(), and the entry to reply with. */
struct node *ops_enter(struct fs *fs, struct node *made,
		       struct fuse_entry_param *entry);

/* Replies with a node of the table that was looked up once more. */
void ops_reply_node(fuse_req_t req, struct node *node);

/* A lookup; what is found must have the number `wanted`, 0: any. */
void ops_look(fuse_req_t req, struct node *folder, const char *name,
	      uint64_t wanted);

/*
 * A name in the root, in pcm/ or in .groovefs/: a node that is in no table yet.
 */
int ops_find(struct fs *fs, const struct node *folder, const char *name,
	     struct node **node);

/* ops_attributes.c */
void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_statfs(fuse_req_t req, fuse_ino_t ino);

/* A source's attributes, as the options have them shown. */
void ops_show(const struct fs *fs, struct stat *attributes);

/* The node's current attributes. -ESTALE: it is gone. */
int ops_attributes(struct fs *fs, struct node *node, struct stat *attributes);

/* ops_handles.c: "." and "..", by which a handle's number is looked up */
bool ops_is_handle_name(const char *name);
void ops_look_by_number(fuse_req_t req, uint64_t number, const char *name);

/* ops_folder.c */
void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		struct fuse_file_info *fi);
void op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		    struct fuse_file_info *fi);
void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

/*
 * The listing of a folder; the node's last one if it is still right. `fn` as
 * for listing_ask().
 */
void ops_listing(struct fs *fs, struct node *folder, const struct asker *asker,
		 listing_fn *fn, void *arg);

/*
 * The folder's last listing, with a reference, if it is recent enough (compared
 * with the time that it took to read) to trust its names. NULL: it is not.
 */
struct listing *ops_recent(struct node *folder);

/* ops_file.c */
void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	     struct fuse_file_info *fi);
void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

/* ops_events.c */
void ops_read_events(fuse_req_t req, struct events_reader *reader, size_t size,
		     const struct fuse_file_info *fi);
void op_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
	     struct fuse_pollhandle *handle);

/* ops_ioctl.c */
void op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int command, void *arg,
	      struct fuse_file_info *fi, unsigned flags, const void *in,
	      size_t in_size, size_t out_size);

/* ops_xattr.c */
void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);

/* ops_write.c: all of them answer EROFS */
void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attributes,
		int which, struct fuse_file_info *fi);
void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	      dev_t device);
void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void op_remove(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent,
		const char *name);
void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
	       fuse_ino_t new_parent, const char *new_name, unsigned int flags);
void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent,
	     const char *name);
void op_write(fuse_req_t req, fuse_ino_t ino, const char *bytes, size_t size,
	      off_t offset, struct fuse_file_info *fi);
void op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	       struct fuse_file_info *fi);
void op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
		 const char *value, size_t size, int flags);
void op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name);
void op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset,
		  off_t length, struct fuse_file_info *fi);

#endif
