/*
 * Going into the background once all went well: the command that a person or
 * mount(8) runs ends when the mount answers, or with the failure's status.
 */
#ifndef CLI_DAEMONIZE_H
#define CLI_DAEMONIZE_H

#include <stdbool.h>

/*
 * Forks. In the parent it returns only on failure (-errno); otherwise the
 * parent exits with what the child reports. In the child it returns 0.
 * Call it before any thread is started.
 */
int daemonize_begin(void);

/*
 * Opens a folder as somebody outside our process group, which makes autofs
 * mount what belongs there: from inside the group that it starts mount helpers
 * in, its other mounts are never triggered. Whether there is such a folder
 * comes out later. 0, or -errno: the group is lost.
 */
int daemonize_visit(const char *folder);

/*
 * The child is ready: the parent exits with 0. stderr is given up unless it is
 * still wanted. Without daemonize_begin() it does nothing.
 */
void daemonize_ready(bool keep_stderr);

#endif
