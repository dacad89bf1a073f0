/*
 * The loop that serves a mount: threads that receive requests, carry them out,
 * and do not hold each other up. See loop.c.
 */
#ifndef FS_LOOP_H
#define FS_LOOP_H

#include <signal.h>
#include <stdbool.h>

struct fs;
struct fuse_session;

/*
 * Serves until the session is over. While it waits, only the calling thread has
 * the mask `signals`. False in `ended`: some threads hang with a source and may
 * still use anything; they end only with the process. -errno when the mount
 * broke.
 */
int loop_run(struct fs *fs, struct fuse_session *session,
	     const sigset_t *signals, bool *ended);

#endif
