/* Finds what keeps a mount from being unmounted. */
#ifndef CLI_HOLDERS_H
#define CLI_HOLDERS_H

/*
 * Logs a line for each process that uses something in it, as far as this user
 * may see them, and for each mount inside it. Does not access the mount itself.
 */
void holders_tell(const char *mountpoint);

#endif
