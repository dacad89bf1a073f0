/*
 * What a file says about itself, under FFmpeg's generic names ("title",
 * "album_artist", "track", ...) or its own where there is none.
 */
#ifndef WORKER_TAGS_H
#define WORKER_TAGS_H

#include <stddef.h>
#include <stdint.h>

#define TAGS_MAX 256
#define TAGS_VALUE_MAX (64u << 10) /* bytes; longer ones are left out */

struct media;
struct pictures;

struct tag_item {
	const char *key;
	const char *value; /* meant to be UTF-8; may hold anything but NUL */
};

struct tags {
	size_t count;
	struct tag_item items[TAGS_MAX];
	const struct pictures *pictures; /* NULL: none */
};

/*
 * Everything that `tags` points to belongs to `media` and lives as long. Sorted
 * by key, so that equal tags come out equal. Pictures are the caller's.
 */
void tags_read(const struct media *media, struct tags *tags);

#endif
