/* EBML (RFC 8794): elements within elements, as Matroska has them. */
#ifndef WORKER_EBML_H
#define WORKER_EBML_H

#include "transcode/worker/input.h"

#include <stdbool.h>

struct ebml {
	uint32_t id;	     /* with its marker, as specifications write it */
	uint64_t at;	     /* bytes */
	uint64_t start, end; /* of its content */
};

/*
 * The element at *at, which is then moved behind it. One without a size extends
 * to `end`. False: no whole element lies before `end`.
 */
bool ebml_next(struct input *input, uint64_t *at, uint64_t end,
	       struct ebml *element);

/* The first element with this ID in another one. */
bool ebml_find(struct input *input, const struct ebml *in, uint32_t id,
	       struct ebml *element);

/* An unsigned number. 0 also if it is too long or cannot be read. */
uint64_t ebml_number(struct input *input, const struct ebml *element);

/*
 * Its content, with a NUL behind it; the caller frees it. NULL: it is longer
 * than `size_max`, cannot be read (input->error), or there is no memory (errno
 * is ENOMEM).
 */
char *ebml_bytes(struct input *input, const struct ebml *element,
		 size_t size_max);

#define EBML_HIDDEN_MIN 8

/*
 * Makes it read as Void, which readers skip. It must have at least that many
 * bytes.
 */
struct input_patch ebml_hide(const struct ebml *element);

#endif
