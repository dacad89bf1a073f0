/*
 * What a file says about itself. Items are read from one or more places of it
 * ("sources": a tag, a second tag, what FFmpeg finds), under the names that
 * these have, and are then arranged (tag_fields.h) into frames of ID3v2.4.
 */
#ifndef WORKER_TAGS_H
#define WORKER_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAGS_MAX 4096		   /* items */
#define TAGS_BYTES_MAX (16u << 20) /* of all items */

struct input;
struct media;
struct pictures;
struct sniff;

struct tag_item {
	char id[5];	   /* of a frame, or "": a name of another format */
	char language[4];  /* of COMM and USLT; else "" */
	unsigned source;   /* 0: the first, which takes precedence */
	const char *name;  /* the frame's description or owner, or the name */
	const char *value; /* meant to be UTF-8, but for frames of bytes */
	size_t size;	   /* bytes of value, which has a NUL behind it */
};

/* All zero: no tags. */
struct tags {
	size_t count;
	struct tag_item *items;
	size_t bytes;	 /* of all names and values */
	unsigned source; /* of what is added next */
	bool unreadable; /* a value was empty, or none of its encoding */
	int error;	 /* -ENOMEM: something could not be added */
	char lost[100];	 /* what cannot be kept, for the log; or "" */
	struct pictures *pictures; /* NULL: none, and none are wanted */
};

/*
 * Reads all texts, and adds all pictures to `pictures`; it and `media` may be
 * NULL. The items are frames, arranged; the pictures are the caller's, who has
 * them made ready. -ENOMEM, or input->error; then there are no items.
 */
int tags_read(struct input *input, const struct sniff *sniff,
	      const struct media *media, struct pictures *pictures,
	      struct tags *tags);

void tags_release(struct tags *tags);

/* Adds a copy under another format's name. An empty value is none. */
void tags_add(struct tags *tags, const char *name, const char *value);

/* Adds a copy of a frame's value; `language` and `name` may be "". */
void tags_add_frame(struct tags *tags, const char *id, const char *language,
		    const char *name, const char *value, size_t size);

/* Notes the name of something that cannot be kept. */
void tags_lose(struct tags *tags, const char *name);

/* Frames that hold text, in one of several encodings. */
bool tags_is_text(const char *id);

/* The first value of a frame; NULL: there is none. */
const char *tags_value(const struct tags *tags, const char *id);

#endif
