/*
 * The last few blocks, borrowed or our own; the least recently used goes first.
 * An encoder that starts a segment goes back a third of a second, and a
 * resampler needs the seconds around the one it makes; both find here what they
 * have just used. Blocks are few, so finding one is a walk over all of them.
 */
#include "transcode/worker/pcm_private.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"

#include <string.h>

static int open_source(struct pcm *pcm, const struct input *input)
{
	const struct source_info *info;
	int error = source_open(input, &pcm->source);

	if (error)
		return error;
	info = &pcm->source->info;
	if (info->rate != pcm->shape.rate ||
	    info->channels != pcm->shape.channels)
		return fail(-EINVAL,
			    "%u Hz and %u channels are expected, "
			    "the file has %u Hz and %u",
			    pcm->shape.rate, pcm->shape.channels, info->rate,
			    info->channels);
	return 0;
}

int pcm_open(const struct input *input, const struct file_id *id,
	     const struct shape *shape, struct pcm **pcm)
{
	struct pcm *p = calloc(1, sizeof(*p));
	int error;

	if (!p) {
		close(input->fd);
		return fail(-ENOMEM, "out of memory");
	}
	p->id = *id;
	p->shape = *shape;
	p->fd = input->fd;
	error = open_source(p, input);
	if (error) {
		pcm_close(p);
		return error;
	}
	*pcm = p;
	return 0;
}

void pcm_close(struct pcm *pcm)
{
	if (!pcm)
		return;
	source_close(pcm->source);
	close(pcm->fd);
	for (int i = 0; i < PLACES; i++)
		free(pcm->places[i].own);
	free(pcm);
}

bool pcm_is(const struct pcm *pcm, const struct file_id *id,
	    const struct shape *shape)
{
	return pcm && file_id_equal(&pcm->id, id) &&
	       pcm->shape.samples == shape->samples &&
	       pcm->shape.rate == shape->rate &&
	       pcm->shape.channels == shape->channels;
}

void pcm_begin(struct pcm *pcm, const struct lender *lender)
{
	pcm->lender = lender;
	pcm->last = NULL;
	for (int i = 0; i < PLACES; i++) {
		pcm->places[i].used = 0;
		pcm->places[i].busy = false;
	}
}

static struct pcm_place *
find_block(struct pcm *pcm, const struct pcm_layout *layout, uint64_t second)
{
	for (int i = 0; i < PLACES; i++) {
		struct pcm_place *place = &pcm->places[i];

		if (place->used > 0 && place->second == second &&
		    pcm_layout_equal(&place->layout, layout))
			return place;
	}
	return NULL;
}

static struct loan loan_of(const struct pcm_place *place)
{
	return (struct loan){.layout = place->layout,
			     .second = place->second,
			     .offset = place->offset,
			     .damaged = place->damaged};
}

/* The least recently used place, emptied. */
static int vacate(struct pcm *pcm, struct pcm_place **vacant)
{
	struct pcm_place *oldest = NULL;
	struct loan loan;

	for (int i = 0; i < PLACES; i++) {
		struct pcm_place *place = &pcm->places[i];

		if (!place->busy && (!oldest || place->used < oldest->used))
			oldest = place;
	}
	*vacant = oldest;
	if (oldest->used == 0)
		return 0;
	oldest->used = 0;
	if (oldest->offset == NO_OFFSET)
		return 0;
	loan = loan_of(oldest);
	return pcm->lender->give_back(pcm->lender->context, &loan);
}

static int use_own(struct pcm_place *place)
{
	size_t size = pcm_block_bytes(&place->layout);

	if (!place->own || place->own_size != size) {
		free(place->own);
		place->own = malloc(size);
		place->own_size = size;
	}
	place->bytes = place->own;
	place->offset = NO_OFFSET;
	return place->own ? 0 : fail(-ENOMEM, "out of memory");
}

/* Finds bytes for the place; *ready if their content is right already. */
static int borrow(struct pcm *pcm, struct pcm_place *place, bool *ready)
{
	struct loan loan = {.layout = place->layout, .second = place->second};
	uint8_t *bytes = NULL;
	int error = 0;

	*ready = false;
	if (pcm->lender)
		error = pcm->lender->want(pcm->lender->context, &loan, &bytes);
	if (error)
		return fail(error, "the daemon lends no block");
	if (!bytes)
		return use_own(place);
	place->bytes = bytes;
	place->offset = loan.offset;
	*ready = loan.state == LOAN_READY;
	return 0;
}

static int report_filled(struct pcm *pcm, const struct pcm_place *place,
			 bool decoded)
{
	struct loan loan = loan_of(place);

	if (!pcm->lender)
		return 0;
	loan.decoded = decoded;
	return pcm->lender->filled(pcm->lender->context, &loan);
}

static int fill(struct pcm *pcm, struct pcm_place *place)
{
	bool ready = false, decoded;
	int error = borrow(pcm, place, &ready);

	if (error || ready)
		return error;
	error = pcm_make(pcm, place, &decoded);
	return error ? error : report_filled(pcm, place, decoded);
}

/*
 * A place that could not be filled is blocked until the task ends, and fails.
 */
int pcm_get(struct pcm *pcm, const struct pcm_layout *layout, uint64_t second,
	    struct pcm_place **found)
{
	struct pcm_place *place = find_block(pcm, layout, second);
	int error;

	if (!place) {
		error = vacate(pcm, &place);
		if (error)
			return fail(error, "the daemon is gone");
		place->layout = *layout;
		place->second = second;
		place->damaged = false;
		place->busy = true;
		error = fill(pcm, place);
		if (error)
			return error;
		place->busy = false;
	}
	place->used = ++pcm->clock;
	*found = place;
	return 0;
}

int pcm_block(struct pcm *pcm, const struct pcm_layout *layout, uint64_t second,
	      const void **bytes)
{
	struct pcm_place *place;
	int error = pcm_get(pcm, layout, second, &place);

	if (error)
		return error;
	pcm->last = place;
	*bytes = place->bytes;
	return 0;
}

bool pcm_is_lent(const struct pcm *pcm)
{
	return pcm->last && pcm->last->offset != NO_OFFSET;
}

const struct shape *pcm_shape(const struct pcm *pcm)
{
	return &pcm->shape;
}

/* As in libsndfile's and FFmpeg's names. */
static bool is_float(const char *codec)
{
	return strcmp(codec, "pcm-float") == 0 ||
	       strncmp(codec, "pcm_f", 5) == 0;
}

uint32_t pcm_bits(const struct pcm *pcm)
{
	const struct source_info *info = &pcm->source->info;

	return info->kind == FACTS_LOSSLESS && !is_float(info->codec)
		       ? info->bits
		       : 0;
}

uint64_t pcm_silent(const struct pcm *pcm)
{
	return pcm->silent;
}

uint32_t pcm_restarts(const struct pcm *pcm)
{
	return pcm->source->restarts;
}
