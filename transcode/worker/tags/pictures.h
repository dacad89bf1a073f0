/*
 * The pictures of a file, ready to go into a tag: found wherever its format
 * keeps them, recognized by their content, made into what players can show.
 */
#ifndef WORKER_PICTURES_H
#define WORKER_PICTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PICTURES_MAX 32
#define PICTURE_SIZE_MAX (16u << 20) /* bytes; larger ones are left out */
#define PICTURES_SIZE_MAX (48u << 20)

/* Picture types of ID3v2 (APIC) and of FLAC, which took them from there. */
enum { PICTURE_OTHER = 0, PICTURE_FRONT = 3, PICTURE_TYPES = 21 };

struct picture {
	uint8_t type;
	char *description; /* meant to be UTF-8; never NULL, perhaps "" */
	uint8_t *original; /* as the file has it */
	size_t original_size;

	/* Set by pictures_make_ready(). */
	uint8_t *converted; /* NULL: the original is as wanted */
	const uint8_t *bytes;
	size_t size;
	const char *mime;
};

struct pictures {
	size_t count;
	struct picture items[PICTURES_MAX];
	size_t size;	   /* bytes of all originals */
	uint32_t side;	   /* pixels: the longest side of all before scaling */
	char problem[112]; /* why one of them was left out or as it was, or ""
			    */
};

/* How they should be. */
struct picture_wish {
	uint32_t side_max; /* pixels, 0: any */
	int quality;	   /* of JPEG, 1 to 100 */
};

#define PICTURE_QUALITY 90

struct input;

/*
 * All pictures in what was read (tags.h), the front cover first, the others in
 * the file's order. May be called again with other wishes.
 */
void pictures_make_ready(struct pictures *pictures,
			 const struct picture_wish *wish);

/* Whether the file is a picture itself, according to its first bytes. */
bool pictures_is_file(struct input *input);

/* Such a file: a front cover. -EINVAL: it is too large. */
int pictures_add_file(struct input *input, struct pictures *pictures);

/* Frees what they hold. */
void pictures_release(struct pictures *pictures);

#endif
