/*
 * The pictures of a file, ready to go into a tag: found in whatever place its
 * format keeps them, told by their content, made into what players can show.
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
	uint8_t *bytes;
	size_t size;
	const char *mime;
};

struct pictures {
	size_t count;
	struct picture items[PICTURES_MAX];
	size_t size;	   /* bytes of them all */
	uint32_t side;	   /* pixels: the longest side of all before scaling */
	char problem[112]; /* why one of them was left out or as it was, or ""
			    */
};

/* How they are to be. */
struct picture_wish {
	uint32_t side_max; /* pixels, 0: any */
	int quality;	   /* of JPEG, 1 to 100 */
};

#define PICTURE_QUALITY 90

struct media;
struct input;
struct sniff;

/*
 * All pictures of a file, the front cover first, the others in its order.
 * `media` may be NULL. What is no picture is left out. Only -ENOMEM and a read
 * error fail.
 */
int pictures_read(struct input *input, const struct sniff *found,
		  const struct media *media, const struct picture_wish *wish,
		  struct pictures *pictures);

/* Whether the file is a picture itself, by its first bytes. */
bool pictures_is_file(struct input *input);

/* Such a file: a front cover. -EINVAL: it is none. */
int pictures_read_file(struct input *input, const struct picture_wish *wish,
		       struct pictures *pictures);

/* Frees what they hold. */
void pictures_release(struct pictures *pictures);

#endif
