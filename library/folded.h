/*
 * Names of the library's folders by which somebody may mean them who writes
 * them a little differently: in other case, or with letters composed otherwise
 * (Unicode's NFC and case folding). Not for several threads.
 */
#ifndef LIBRARY_FOLDED_H
#define LIBRARY_FOLDED_H

#include <stdbool.h>

struct library;

struct folded {
	void *folders; /* those that were read, in a tree; NULL to begin with */
};

/*
 * What `name` means in a folder, which must not end with a link; good until
 * the release. `encoded`: else a lossless file that differs in its extension.
 * -ENOENT: nothing, also when the folder cannot be read; -ENOMEM.
 */
int folded_find(struct folded *folded, const struct library *library,
		const char *folder, const char *name, bool encoded,
		const char **found);

void folded_release(struct folded *folded);

#endif
