/*
 * What an errno says of a file, and what only of this machine just now.
 */
#ifndef GROOVEFS_BASE_ERRORS_H
#define GROOVEFS_BASE_ERRORS_H

#include <errno.h>
#include <stdbool.h>

/* Nothing was learned of the file: the next one who asks may well get it. */
static inline bool is_shortage(int err)
{
	return err == -ENFILE || err == -EMFILE || err == -ENOMEM;
}

/*
 * A version that could not be looked at is told as gone only if it is: its path
 * leads nowhere, or through a link where none was.
 */
static inline int stale_if_gone(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENOTDIR:
	case -ELOOP:
	case -EXDEV:
		return -ESTALE;
	default:
		return err;
	}
}

#endif
