/*
 * What a worker has borrowed: blocks of decoded audio, held for it by its slot.
 * A worker that dies leaves nothing behind, since its slot returns everything.
 */
#ifndef TRANSCODE_ENGINE_LOANS_H
#define TRANSCODE_ENGINE_LOANS_H

#include "cache/cache.h"
#include "transcode/engine/track.h"
#include "transcode/plan/plan.h"
#include "transcode/protocol.h"

/* More than a worker has room for (worker/pcm.c). */
#define LOANS_MAX 16

struct loans {
	struct block_filler filler; /* first: its address is the address of
				       all this */
	struct blocks *blocks;
	unsigned count;
	struct held {
		struct block *block;
		bool filled; /* by this worker, in this task */
	} held[LOANS_MAX];
};

/* `promote` as in struct block_filler. */
void loans_init(struct loans *loans, struct blocks *blocks, bool urgent,
		void (*promote)(struct block_filler *filler));

/*
 * A worker's reports on blocks that `plan` of `track` is made from. Each gives
 * 0, or -EPROTO: the report makes no sense. loans_want() fills in the answer,
 * and waits while somebody else makes that block.
 */
int loans_want(struct loans *loans, const struct track *track,
	       const struct plan *plan, struct loan *loan);
int loans_filled(struct loans *loans, const struct plan *plan,
		 const struct loan *loan);
int loans_returned(struct loans *loans, const struct loan *loan);

/*
 * Bytes of a block that did not fit into the pool: held like the others. Takes
 * `bytes`. -ENOMEM.
 */
int loans_add_loose(struct loans *loans, const struct block_id *id,
		    struct buffer *bytes);

/* Whether this block is held and made. */
bool loans_have(const struct loans *loans, const struct block_id *id);

/* The worker was lost: nobody else gets what it filled and still holds. */
void loans_distrust(struct loans *loans);

/* Returns everything. The worker no longer touches it. */
void loans_end(struct loans *loans);

#endif
