/*
 * The library: the folder of source files. Everything is opened below its root
 * and nowhere else, and no link is followed on the way (-ELOOP): a link is
 * shown as a link, so the kernel follows it, with the caller's rights. Paths
 * are relative, "" is the root. Any thread.
 *
 * The root is looked up by its path each time, so a disk that is mounted there
 * later is seen, and one that is not in use can be unmounted. As long as the
 * folder is gone, or has been replaced by an empty one, everything is -EIO: a
 * library that seems empty makes media servers forget all of it.
 */
#ifndef LIBRARY_FILES_H
#define LIBRARY_FILES_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

struct library;

/*
 * `root` is absolute and without links. With `follow`, a link that leads out of
 * the library is shown as its target, if it belongs to the mounting user, to
 * root, or to the owner of its target. Links below it are not followed, and
 * neither is one that leads to a folder which contains the library. -errno: the
 * folder cannot be read, or -ENOSYS: the kernel has no openat2.
 */
int library_open(const char *root, bool follow, struct library **library);
void library_close(struct library *library); /* NULL is allowed */

/*
 * The device of our own mount. It is not entered (-ELOOP) wherever in the
 * library it is bind-mounted: whoever walked into it would wait for himself.
 */
void library_refuse_device(struct library *library, dev_t device);
dev_t library_refused_device(const struct library *library);

/* Does not follow a link. */
int library_stat(const struct library *library, const char *path,
		 struct stat *st);

/*
 * A descriptor for reading, or -errno. Only regular files: anything else is
 * -EINVAL or -ELOOP, and opening a fifo does not block.
 */
int library_open_file(const struct library *library, const char *path);

int library_open_dir(const struct library *library, const char *path,
		     DIR **dir);
int library_statvfs(const struct library *library, struct statvfs *st);

/* A descriptor for openat(2) and the like (O_PATH), of any kind of file. */
int library_open_path(const struct library *library, const char *path);

/* The library's folder, absolute. */
const char *library_root(const struct library *library);

#endif
