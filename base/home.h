/* The user's home. */
#ifndef BASE_HOME_H
#define BASE_HOME_H

/*
 * $HOME, unless it is another user's: mount(8), on behalf of a user, leaves
 * root's there, and sudo the user's. Then what the table of users says. On the
 * heap; NULL: none is known.
 */
char *home_folder(void);

#endif
