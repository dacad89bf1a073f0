/* A folder that something is, or is to be, mounted on. */
#ifndef CLI_MOUNTPOINT_H
#define CLI_MOUNTPOINT_H

#include <stdbool.h>

/*
 * Its absolute path without links, "." and slashes at its end, as the table of
 * mounts has it; also where the daemon has died, and nothing can be looked at.
 * On the heap; NULL: no memory. What is not there stays as it is written.
 */
char *mountpoint_path(const char *path);

/* groovefs is mounted there, dead or alive; nothing else lies over it. */
bool mountpoint_is_ours(const char *path);

/*
 * Unmounts it as this user may: 0, or -errno after somebody's message. `lazy`:
 * also when it is in use.
 */
int mountpoint_unmount(const char *path, bool lazy);

/* Takes away mounts of groovefs whose daemon has died. -errno as above. */
int mountpoint_free(const char *path);

#endif
