/*
 * Where a path belongs: to which mount and library, which folder of the mount,
 * and what it is called in the library.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

struct place {
	char *mountpoint; /* NULL: nothing is mounted */
	char *library;
	char *view; /* folder of the mount that it was given in; NULL: none */
	char *path; /* in the library; "": the library itself */
};

/*
 * Finds the mount that a path lies in, or whose library it lies in. 0; -ENOENT:
 * there is none, or no such file; of `mountpoint` only, if that is not NULL;
 * -ENOMEM. place_release() is right in any case.
 */
int place_find(const char *path, const char *mountpoint, struct place *place);

/* The mount at `mountpoint`: the same with no path. -ENOENT: it is none. */
int place_of_mount(const char *mountpoint, struct place *place);

void place_release(struct place *place);

#endif
