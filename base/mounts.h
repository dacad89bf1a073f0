/* What the kernel's table says of mounts. */
#ifndef BASE_MOUNTS_H
#define BASE_MOUNTS_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * The folder, which a walk comes to from one on the device `above`, belongs to
 * a mount of groovefs that begins in between: what that shows is made of files
 * that are elsewhere, several times over.
 */
bool mounts_enters_groovefs(const struct stat *folder, dev_t above);

#endif
