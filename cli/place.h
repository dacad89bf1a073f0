/*
 * Where a path belongs: to which mount and library, which folder of the mount,
 * and what it is called in the library.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include <stdbool.h>

struct place {
	char *mountpoint; /* NULL: nothing is mounted */
	char *library;
	char *view; /* folder of the mount that it was given in; NULL: none */
	char *path; /* in the library; "": the library itself */
	bool in_mount; /* it was given so */
};

/*
 * Finds the mount that a path lies in, or else one that shows the library it
 * lies in: root's and one's own count, one's own first. 0; -ENXIO: there is
 * none; -EPERM: it lies in another user's; -ENODATA: it is made of a whole
 * folder; -EOPNOTSUPP: it is a control file; -errno: the file, or the mount,
 * cannot be reached. place_release() is right in any case.
 */
int place_find(const char *path, struct place *place);

/* The same in the mount at `mountpoint`, whoever's it is. */
int place_find_in(const char *path, const char *mountpoint,
		  struct place *place);

/*
 * The mount at `mountpoint`, with no path. NULL: the only one that there is;
 * -ENOTUNIQ: there are several.
 */
int place_of_mount(const char *mountpoint, struct place *place);

/*
 * The absolute path in the library of what lies in a mount; of other paths what
 * they are. On the heap. 0, -ENOMEM, or -ENODATA and -EOPNOTSUPP as above.
 */
int place_source(const char *path, char **source);

/* Why there is no place. */
const char *place_reason(int err);

void place_release(struct place *place);

#endif
