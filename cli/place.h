/*
 * Finds where a path belongs: which mount and library, which folder of the
 * mount, and its path in the library.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include <stdbool.h>

struct place {
	char *mountpoint; /* NULL: nothing is mounted */
	char *library;
	char *view;    /* the mount's folder that it was given in; NULL: none */
	char *path;    /* in the library; "": the library itself */
	bool in_mount; /* as it was given */
};

/*
 * Finds the mount that a path is in, or else one that shows the library it is
 * in: only root's and the caller's mounts count, the caller's first. 0; -ENXIO:
 * there is none; -EPERM: it belongs to another user; -ENODATA: it is made from
 * a whole folder; -EOPNOTSUPP: it is a control file; -errno: the file, or the
 * mount, cannot be reached. place_release() is safe in any case.
 */
int place_find(const char *path, struct place *place);

/* The same in the mount at `mountpoint`, whoever owns it. */
int place_find_in(const char *path, const char *mountpoint,
		  struct place *place);

/*
 * The mount at `mountpoint`, with no path. NULL: the only mount; -ENOTUNIQ:
 * there are several.
 */
int place_of_mount(const char *mountpoint, struct place *place);

/*
 * The absolute path, in the library, of the source of a path in a mount; other
 * paths are copied. On the heap. 0, -ENOMEM, or -ENODATA and -EOPNOTSUPP as
 * above.
 */
int place_source(const char *path, char **source);

/* Why no place was found. */
const char *place_reason(int err);

void place_release(struct place *place);

#endif
