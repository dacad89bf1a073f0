/* Home folders of users. */
#ifndef BASE_HOME_H
#define BASE_HOME_H

/*
 * $HOME, unless it belongs to another user: mount(8), on behalf of a user,
 * leaves root's there, and sudo the user's. Otherwise what the table of users
 * says. On the heap; NULL: none is known.
 */
char *home_folder(void);

/*
 * Expands a path as a shell would: "~" and "~/x" begin with the user's home,
 * "~name" with that of another. Gives a copy of any other path, or if there is
 * no such home. On the heap; NULL: no memory.
 */
char *home_expand(const char *path);

#endif
