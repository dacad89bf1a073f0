/* Inside fs/: what every operation of the mount works on. */
#ifndef FS_FS_PRIVATE_H
#define FS_FS_PRIVATE_H

#include "fs/backend.h"
#include "fs/node.h"
#include "transcode/transcode.h"

#include <time.h>

struct fuse_session;
struct library;

struct fs {
	struct library *library;
	const char *library_path; /* absolute */
	struct backend backend;	  /* the cache and the engine */
	bool analyze_on_play;
	struct nodes *nodes;
	struct node *root;
	struct handles *handles; /* files that are open (handle.h) */
	struct views views;
	struct fuse_session *session;
	atomic_flag keeping; /* somebody is in keep_pages() */
	time_t started;
	double timeout; /* seconds that the kernel may trust names for */
};

#endif
