/* Inside fs/: what every operation of the mount works on. */
#ifndef FS_FS_PRIVATE_H
#define FS_FS_PRIVATE_H

#include "cache/cache.h"
#include "fs/node.h"
#include "transcode/transcode.h"

#include <time.h>

struct fuse_session;
struct library;

/* original/ and one per profile. */
#define VIEWS_MAX 17

struct fs {
	struct library *library;
	struct store *store;
	struct engine *engine;
	struct nodes *nodes;
	struct node *root;
	struct handles *handles; /* files that are open (handle.h) */
	struct view views[VIEWS_MAX];
	unsigned view_count;
	struct fuse_session *session;
	atomic_flag keeping; /* somebody is in keep_pages() */
	time_t started;
	double timeout; /* seconds that the kernel may trust names for */
};

#endif
