/* The homes of users. */
#ifndef BASE_HOME_H
#define BASE_HOME_H

/*
 * $HOME, unless it is another user's: mount(8), on behalf of a user, leaves
 * root's there, and sudo the user's. Then what the table of users says. On the
 * heap; NULL: none is known.
 */
char *home_folder(void);

/*
 * A path as a shell would have it: "~" and "~/x" begin with the user's home,
 * "~name" with that of another. Where there is no such home, and of other
 * paths, a copy. On the heap; NULL: no memory.
 */
char *home_expand(const char *path);

#endif
