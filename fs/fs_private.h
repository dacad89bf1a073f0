/* Inside fs/: what every operation of the mount works on. */
#ifndef FS_FS_PRIVATE_H
#define FS_FS_PRIVATE_H

#include "fs/fs.h"
#include "fs/nodes.h"
#include "transcode/transcode.h"

#include <time.h>

/*
 * About as many folders may have their sidecars read in order at the same time.
 */
enum { EXPECTED = 64 };

struct fuse_session;
struct signals;

struct fs {
	struct core core;
	atomic_bool analyze_on_play;
	struct nodes *nodes;
	struct node *root;
	struct handles *handles; /* files that are open (handle.h) */
	struct fs_rights rights; /* owners and modes that are shown */
	struct events *events;	 /* what .groovefs/events streams */
	struct tasks *tasks;	 /* long work on somebody's behalf */
	struct signals *signals; /* SIGUSR1 and SIGHUP */
	unsigned workers;
	unsigned max_read;	 /* maximum bytes of a request, 0: any */
	const char *config_text; /* NULL: none */
	struct fuse_session *session;
	bool stuck; /* some threads of the loop hang: free nothing */
	atomic_uint_fast64_t expected[EXPECTED]; /* tracks: prefetch.c */
	atomic_uint letting_go; /* number of threads in let_go_of_views() */
	atomic_flag keeping;	/* a thread is in page_cache_keep() */
	time_t started;
	double timeout; /* seconds for which the kernel may trust names */
};

#endif
