/*
 * The library: the folder of source files. Everything is opened below its root
 * and nowhere else (openat2 with RESOLVE_BENEATH): a symbolic link that leads
 * out is -EXDEV. Paths are relative, "" is the root. Any thread.
 */
#ifndef FS_LIBRARY_H
#define FS_LIBRARY_H

#include <dirent.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

struct library;

/* -errno: the folder cannot be read, or -ENOSYS: the kernel has no openat2. */
int library_open(const char *root, struct library **library);
void library_close(struct library *library); /* NULL is allowed */

/* Follows symbolic links. */
int library_stat(const struct library *library, const char *path,
		 struct stat *st);

/*
 * A descriptor for reading, or -errno. Only regular files: anything else is
 * -EINVAL, and opening a fifo does not block.
 */
int library_open_file(const struct library *library, const char *path);

int library_open_dir(const struct library *library, const char *path,
		     DIR **dir);
int library_statvfs(const struct library *library, struct statvfs *st);

#endif
