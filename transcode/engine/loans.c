/* See loans.h. A worker is not trusted: what it asks for is checked. */
#include "transcode/engine/loans.h"

#include "base/counters.h"

#include <errno.h>

/*
 * Decoded audio of a track above this size is large: it must not evict all
 * others.
 */
#define LARGE_BYTES 100000000u

void loans_init(struct loans *loans, struct blocks *blocks, bool urgent,
		void (*promote)(struct block_filler *filler))
{
	loans->blocks = blocks;
	loans->count = 0;
	atomic_init(&loans->filler.urgent, urgent);
	loans->filler.promote = promote;
}

/* One of the kinds of blocks that lead to the plan's, and within the track. */
static bool makes_sense(const struct plan *plan, const struct loan *loan)
{
	const struct pcm_layout *layout = &loan->layout;
	const struct pcm_layout last = plan_layout(plan);
	uint64_t seconds = plan->source.samples / plan->source.rate;

	if (layout->format != PCM_FLOAT && layout->format != last.format)
		return false;
	if (layout->rate != plan->source.rate && layout->rate != last.rate)
		return false;
	if (layout->channels != plan->source.channels &&
	    layout->channels != last.channels)
		return false;
	return loan->second <= seconds + 1 &&
	       pcm_block_bytes(layout) <= PCM_BLOCK_MAX;
}

/* The index of a loan by its name, or LOANS_MAX. */
static unsigned find_named(const struct loans *loans, const struct block_id *id)
{
	for (unsigned i = 0; i < loans->count; i++) {
		if (block_id_equal(block_id_of(loans->held[i].block), id))
			return i;
	}
	return LOANS_MAX;
}

/* An analysis reads a block once; no other reader follows it. */
static enum block_priority worth_of(const struct plan *plan, bool large)
{
	if (plan_is_slow(plan))
		return BLOCK_PASSING;
	return large ? BLOCK_OF_MANY : BLOCK_OF_FEW;
}

int loans_want(struct loans *loans, const struct track *track,
	       const struct plan *plan, struct loan *loan)
{
	static const uint32_t states[] = {
		[BLOCK_READY] = LOAN_READY,
		[BLOCK_FILL] = LOAN_FILL,
		[BLOCK_NONE] = LOAN_NONE,
	};
	struct block_id id;
	struct block *block;
	enum block_answer answer;
	bool large;

	if (!makes_sense(plan, loan) || loans->count == LOANS_MAX)
		return -EPROTO;
	id.stream = track_stream(track, &loan->layout);
	id.index = loan->second;
	/* waiting for what it should make itself would never end */
	if (find_named(loans, &id) != LOANS_MAX)
		return -EPROTO;
	large = track_stream_bytes(track, &loan->layout) > LARGE_BYTES;
	answer = blocks_acquire(loans->blocks, &id,
				pcm_block_bytes(&loan->layout),
				worth_of(plan, large), &loans->filler, &block);
	loan->state = states[answer];
	loan->offset = NO_OFFSET;
	if (answer == BLOCK_NONE)
		return 0;
	loan->offset = block_offset(block);
	loans->held[loans->count++] = (struct held){.block = block};
	return 0;
}

/* The index of a loan by its offset, or LOANS_MAX. */
static unsigned find_placed(const struct loans *loans, uint64_t offset)
{
	for (unsigned i = 0; i < loans->count; i++) {
		if (block_in_pool(loans->held[i].block) &&
		    block_offset(loans->held[i].block) == offset)
			return i;
	}
	return LOANS_MAX;
}

int loans_filled(struct loans *loans, const struct plan *plan,
		 const struct loan *loan)
{
	unsigned i = find_placed(loans, loan->offset);

	if (!makes_sense(plan, loan))
		return -EPROTO;
	if (loan->offset != NO_OFFSET) {
		if (i == LOANS_MAX || !block_is_filling(loans->held[i].block))
			return -EPROTO;
		blocks_filled(loans->blocks, loans->held[i].block,
			      !loan->damaged);
		loans->held[i].filled = true;
	}
	count(blocks_made);
	if (loan->decoded)
		count(seconds_decoded);
	return 0;
}

int loans_returned(struct loans *loans, const struct loan *loan)
{
	unsigned i = find_placed(loans, loan->offset);

	if (i == LOANS_MAX)
		return -EPROTO;
	blocks_release(loans->blocks, loans->held[i].block);
	loans->held[i] = loans->held[--loans->count];
	return 0;
}

int loans_add_loose(struct loans *loans, const struct block_id *id,
		    struct buffer *bytes)
{
	struct block *block;
	int err = -ENOMEM;

	if (loans->count < LOANS_MAX)
		err = blocks_add_loose(loans->blocks, id, bytes, &block);
	if (err) {
		buffer_destroy(bytes);
		return err == -EEXIST ? 0 : err;
	}
	loans->held[loans->count++] = (struct held){.block = block};
	return 0;
}

bool loans_have(const struct loans *loans, const struct block_id *id)
{
	unsigned i = find_named(loans, id);

	return i != LOANS_MAX && !block_is_filling(loans->held[i].block);
}

void loans_distrust(struct loans *loans)
{
	for (unsigned i = 0; i < loans->count; i++) {
		if (loans->held[i].filled)
			blocks_forget(loans->blocks, loans->held[i].block);
	}
}

void loans_end(struct loans *loans)
{
	while (loans->count > 0)
		blocks_release(loans->blocks,
			       loans->held[--loans->count].block);
}
