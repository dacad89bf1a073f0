/* A folder that is, or will be, a mountpoint. */
#ifndef CLI_MOUNTPOINT_H
#define CLI_MOUNTPOINT_H

#include <stdbool.h>

/*
 * Its absolute path without links, "." and trailing slashes, as in the table of
 * mounts; also if the daemon has died and nothing can be accessed. On the heap;
 * NULL: no memory. Parts that do not exist stay as they are written.
 */
char *mountpoint_path(const char *path);

/* groovefs is mounted there, alive or dead, and nothing is mounted over it. */
bool mountpoint_is_ours(const char *path);

/*
 * Unmounts it with this user's rights: 0, or -errno after a message. `lazy`:
 * even if it is in use.
 */
int mountpoint_unmount(const char *path, bool lazy);

/* Unmounts groovefs mounts whose daemon has died. -errno as above. */
int mountpoint_free(const char *path);

#endif
