/*
 * What a file system has been told and did not yet have to keep: the contents
 * and names that were there at the last fsync(2). One thread.
 */
#ifndef TESTS_MOUNT_UNSYNCED_H
#define TESTS_MOUNT_UNSYNCED_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * `removed`: a folder on the same disk for what no longer has a name.
 * `names_too`: to sync a file keeps all names, as on ext4; else only syncing a
 * folder does, as POSIX has it.
 */
void unsynced_init(const char *removed, unsigned seed, bool names_too);

/* Before bytes of a file, open for reading and writing, are changed, or its
 * size. */
void unsynced_change(int fd, off_t offset, off_t size);

/* After it. */
void unsynced_created(const char *path, bool folder);

/* Removes, or renames, and remembers it: 0 or -errno. */
int unsynced_remove(const char *path);
int unsynced_rename(const char *from, const char *to);

void unsynced_sync(int fd);
void unsynced_sync_names(void);

/*
 * The power goes. Each page is what it was, what it is, or torn between
 * sectors; each file has its old size or its new one; names are as they were
 * at some moment since they were synced.
 */
void unsynced_lose(void);

#endif
