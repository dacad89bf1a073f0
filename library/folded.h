/*
 * Finds files whose names are written a little differently: in another case, or
 * with letters composed differently (Unicode's NFC and case folding). Not
 * thread-safe.
 */
#ifndef LIBRARY_FOLDED_H
#define LIBRARY_FOLDED_H

#include <stdbool.h>

struct library;

struct folded {
	void *folders; /* folders that were read, in a tree; NULL at first */
};

/*
 * What `name` means in a folder, whose path must not end in a link; valid until
 * the release. `encoded`: if nothing else fits, a lossless file with another
 * extension. -ENOENT: nothing, even if the folder cannot be read; -ENOMEM.
 */
int folded_find(struct folded *folded, const struct library *library,
		const char *folder, const char *name, bool encoded,
		const char **found);

void folded_release(struct folded *folded);

#endif
