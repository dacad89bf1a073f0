/* See loans.h. A worker is not trusted: what it asks for is checked. */
#include "transcode/loans.h"

#include "base/counters.h"

#include <errno.h>
#include <string.h>

/* A second of anything that decoders take (worker/source.h) is less. */
#define BLOCK_MAX ((size_t)128 << 20)

/* Decoded audio of a track above this is large: it must not flood the rest. */
#define LARGE_BYTES 100000000u

void loans_init(struct loans *loans, struct blocks *blocks, bool urgent,
		void (*hurry)(struct block_filler *filler))
{
	*loans = (struct loans){.filler = {urgent, hurry}, .blocks = blocks};
}

static bool makes_sense(const struct pcm_layout *layout)
{
	if (layout->format != PCM_FLOAT && layout->format != PCM_S16)
		return false;
	if (layout->rate == 0 || layout->rate > BLOCK_MAX ||
	    layout->channels == 0 || layout->channels > 64)
		return false;
	return pcm_block_bytes(layout) <= BLOCK_MAX;
}

static bool same(const struct block *block, const struct block_id *id)
{
	const struct block_id *held = block_id_of(block);

	return held->index == id->index &&
	       memcmp(&held->stream, &id->stream, sizeof(id->stream)) == 0;
}

/* Waiting for what it should make itself would last for ever. */
static bool has(const struct loans *loans, const struct block_id *id)
{
	for (unsigned i = 0; i < loans->count; i++) {
		if (same(loans->held[i], id))
			return true;
	}
	return false;
}

int loans_want(struct loans *loans, const struct track *track,
	       struct loan *loan)
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

	if (!makes_sense(&loan->layout) || loans->count == LOANS_MAX)
		return -EPROTO;
	id.stream = track_stream(track, &loan->layout);
	id.index = loan->second;
	if (has(loans, &id))
		return -EPROTO;
	large = track_stream_bytes(track, &loan->layout) > LARGE_BYTES;
	answer = blocks_acquire(loans->blocks, &id,
				pcm_block_bytes(&loan->layout), large,
				&loans->filler, &block);
	loan->state = states[answer];
	loan->offset = NO_OFFSET;
	if (answer == BLOCK_NONE)
		return 0;
	loan->offset = block_offset(block);
	loans->held[loans->count++] = block;
	return 0;
}

/* The index of a loan by its place, or LOANS_MAX. */
static unsigned find(const struct loans *loans, uint64_t offset)
{
	for (unsigned i = 0; i < loans->count; i++) {
		if (block_in_pool(loans->held[i]) &&
		    block_offset(loans->held[i]) == offset)
			return i;
	}
	return LOANS_MAX;
}

int loans_filled(struct loans *loans, const struct loan *loan)
{
	unsigned i = find(loans, loan->offset);

	count(blocks_made);
	if (loan->decoded)
		count(seconds_decoded);
	if (loan->offset == NO_OFFSET)
		return 0;
	if (i == LOANS_MAX || !block_is_filling(loans->held[i]))
		return -EPROTO;
	blocks_filled(loans->blocks, loans->held[i], !loan->damaged);
	return 0;
}

int loans_returned(struct loans *loans, const struct loan *loan)
{
	unsigned i = find(loans, loan->offset);

	if (i == LOANS_MAX)
		return -EPROTO;
	blocks_release(loans->blocks, loans->held[i]);
	loans->held[i] = loans->held[--loans->count];
	return 0;
}

void loans_add_loose(struct loans *loans, const struct block_id *id,
		     struct buffer *bytes)
{
	struct block *block;

	if (loans->count == LOANS_MAX ||
	    blocks_add_loose(loans->blocks, id, bytes, &block) != 0) {
		buffer_close(bytes);
		return;
	}
	loans->held[loans->count++] = block;
}

void loans_end(struct loans *loans)
{
	while (loans->count > 0)
		blocks_release(loans->blocks, loans->held[--loans->count]);
}
