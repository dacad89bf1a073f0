/*
 * The loop that serves a mount: threads that take requests off the device, do
 * them, and do not keep each other from it: see loop.c.
 */
#ifndef FS_LOOP_H
#define FS_LOOP_H

#include <signal.h>
#include <stdbool.h>

struct fs;
struct fuse_session;

/*
 * Serves until the session is over. While this waits the calling thread, and no
 * other, has the mask `signals`. False in `ended`: some threads hang with a
 * source, and may use anything yet; only the process's end will end them.
 * -errno when the mount broke.
 */
int loop_run(struct fs *fs, struct fuse_session *session,
	     const sigset_t *signals, bool *ended);

#endif
