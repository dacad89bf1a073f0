/* What keeps a mount from being unmounted. */
#ifndef CLI_HOLDERS_H
#define CLI_HOLDERS_H

/*
 * Logs a line for each process that uses something in it, as far as this user
 * may see them, and for each other mount in it. The mount itself is not asked.
 */
void holders_tell(const char *mountpoint);

#endif
