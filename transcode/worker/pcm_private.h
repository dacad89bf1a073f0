/*
 * Inside decoded audio: shared by pcm.c, which finds and borrows blocks, and
 * pcm_make.c, which makes them.
 */
#ifndef WORKER_PCM_PRIVATE_H
#define WORKER_PCM_PRIVATE_H

#include "transcode/worker/pcm.h"

/* More than the longest chain needs at once: 1 + 1 + 3 + 1. */
enum { PLACES = 10 };

struct pcm_place {
	struct pcm_layout layout;
	uint64_t second;
	uint64_t used; /* the clock of the last use; 0: empty */
	bool busy;     /* being made, or being made from */
	bool damaged;
	uint64_t offset; /* of a loan, else NO_OFFSET */
	uint8_t *bytes;	 /* in the shared memory, else `own` */
	uint8_t *own;
	size_t own_size;
};

struct pcm {
	struct file_id id;
	struct shape shape;
	int fd; /* owned */
	struct source *source;
	const struct lender *lender; /* NULL: none */
	uint64_t clock;
	uint64_t silent;
	const struct pcm_place *last;
	struct pcm_place places[PLACES];
};

/* A block, made if necessary; it stays until others have taken its place. */
int pcm_get(struct pcm *pcm, const struct pcm_layout *layout, uint64_t second,
	    struct pcm_place **place);

/* Makes the content of a place; *decoded: by a decoder. */
int pcm_make(struct pcm *pcm, struct pcm_place *place, bool *decoded);

#endif
