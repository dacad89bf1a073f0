/* Inside fs/: what every operation of the mount works on. */
#ifndef FS_FS_PRIVATE_H
#define FS_FS_PRIVATE_H

#include "fs/fs.h"
#include "fs/nodes.h"
#include "transcode/transcode.h"

#include <time.h>

/* Folders whose sidecars are read in order at a time, more or less. */
enum { EXPECTED = 64 };

struct fuse_session;
struct signals;

struct fs {
	struct core core;
	atomic_bool analyze_on_play;
	struct nodes *nodes;
	struct node *root;
	struct handles *handles; /* files that are open (handle.h) */
	struct fs_rights rights; /* what is shown of files' owners and modes */
	struct events *events;	 /* what .groovefs/events tells */
	struct tasks *tasks;	 /* long work for somebody */
	struct signals *signals; /* SIGUSR1 and SIGHUP */
	unsigned workers;
	unsigned max_read;	 /* bytes of a request at most, 0: any */
	const char *config_text; /* NULL: none */
	struct fuse_session *session;
	bool stuck; /* some threads of the loop hang: free nothing */
	atomic_uint_fast64_t expected[EXPECTED]; /* tracks: prefetch.c */
	atomic_uint letting_go; /* who came to let_go_of_views() */
	atomic_flag keeping;	/* somebody is in page_cache_keep() */
	time_t started;
	double timeout; /* seconds that the kernel may trust names for */
};

#endif
