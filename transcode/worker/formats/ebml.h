/* EBML (RFC 8794): elements within elements, as Matroska has them. */
#ifndef WORKER_EBML_H
#define WORKER_EBML_H

#include "transcode/worker/input.h"

#include <stdbool.h>

struct ebml {
	uint32_t id;	     /* with its marker, as specifications write it */
	uint64_t at;	     /* bytes */
	uint64_t start, end; /* of what is in it */
};

/*
 * The element at *at, which is moved behind it. One without a size goes on to
 * `end`. False: there is none that lies before `end` as a whole.
 */
bool ebml_next(struct input *input, uint64_t *at, uint64_t end,
	       struct ebml *element);

/* The first one with this ID in another one. */
bool ebml_find(struct input *input, const struct ebml *in, uint32_t id,
	       struct ebml *element);

/* An unsigned number. 0, too, where it is too long or cannot be read. */
uint64_t ebml_number(struct input *input, const struct ebml *element);

/*
 * What is in it, with a NUL behind it; the caller frees it. NULL: it is longer
 * than `size_max`, cannot be read whole (input->error), or there is no memory
 * (errno is ENOMEM).
 */
char *ebml_bytes(struct input *input, const struct ebml *element,
		 size_t size_max);

#define EBML_HIDDEN_MIN 8

/* Has it read as Void, which readers skip. It must have that many bytes. */
struct input_patch ebml_hide(const struct ebml *element);

#endif
