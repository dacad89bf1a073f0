/*
 * Going into the background: the command that a person or mount(8) runs ends
 * when the mount is ready, or with the status of the failure.
 */
#ifndef CLI_DAEMONIZE_H
#define CLI_DAEMONIZE_H

#include <stdbool.h>

/*
 * Forks. In the parent it returns only on failure (-errno); otherwise the
 * parent exits with what the child reports. In the child it returns 0. Call it
 * before any thread is started.
 */
int daemonize_begin(void);

/*
 * Opens a folder as somebody outside our process group, which makes autofs
 * mount what belongs there: from inside the group that it starts mount helpers
 * in, its other mounts are never triggered. Whether the folder exists shows
 * later. 0, or -errno: the group is lost.
 */
int daemonize_visit(const char *folder);

/*
 * The child is ready: the parent exits with 0. stderr is given up unless it is
 * still wanted. Does nothing without daemonize_begin().
 */
void daemonize_ready(bool keep_stderr);

#endif
