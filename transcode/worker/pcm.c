/*
 * The last few blocks, borrowed or our own; least recently used goes first. An
 * encoder that starts a segment goes back a third of a second, and a resampler
 * looks at the seconds around the one it makes; both find here what they had
 * just before. Blocks are few, so finding one is a walk over all of them.
 *
 * Each block is made from the source or from other blocks, and these never from
 * it, so that processes which wait for each other's blocks never do so in a
 * circle:
 *
 *   source -> native -> mixed to other channels -> at another rate -> 16 bits
 */
#include "transcode/worker/pcm.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/mix.h"
#include "transcode/worker/quantize.h"
#include "transcode/worker/resample.h"

#include <string.h>

/* More than the longest chain needs at once: 1 + 1 + 3 + 1. */
enum { PLACES = 10 };

struct place {
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
	const struct place *last;
	struct place places[PLACES];
};

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
	for (int i = 0; i < PLACES; i++) {
		struct place *place = &pcm->places[i];

		if (place->bytes != place->own)
			place->used = 0;
		place->busy = false;
	}
}

static struct place *find(struct pcm *pcm, const struct pcm_layout *layout,
			  uint64_t second)
{
	for (int i = 0; i < PLACES; i++) {
		struct place *place = &pcm->places[i];

		if (place->used > 0 && place->second == second &&
		    pcm_layout_equal(&place->layout, layout))
			return place;
	}
	return NULL;
}

static struct loan loan_of(const struct place *place)
{
	return (struct loan){.layout = place->layout,
			     .second = place->second,
			     .offset = place->offset,
			     .damaged = place->damaged};
}

/* The place of the longest unused block, empty. */
static int vacate(struct pcm *pcm, struct place **vacant)
{
	struct place *oldest = NULL;
	struct loan loan;

	for (int i = 0; i < PLACES; i++) {
		struct place *place = &pcm->places[i];

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

static int use_own(struct place *place)
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

/* Finds the place's bytes somewhere; *ready when they are right already. */
static int borrow(struct pcm *pcm, struct place *place, bool *ready)
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

/* How many frames of a second at the source's rate are promised. */
static size_t promised(const struct pcm *pcm, uint64_t second)
{
	uint64_t start = second * pcm->shape.rate;

	if (start >= pcm->shape.samples)
		return 0;
	if (pcm->shape.samples - start < pcm->shape.rate)
		return (size_t)(pcm->shape.samples - start);
	return pcm->shape.rate;
}

static int decode(struct pcm *pcm, struct place *place)
{
	size_t frames = promised(pcm, place->second);
	size_t used = frames * pcm_frame_bytes(&place->layout);
	size_t silent = 0;
	int error = 0;

	if (frames > 0)
		error = source_read(pcm->source,
				    place->second * pcm->shape.rate,
				    (float *)place->bytes, frames, &silent);
	if (error)
		return fail(error, "cannot read the file");
	memset(place->bytes + used, 0, pcm_block_bytes(&place->layout) - used);
	pcm->silent += silent;
	place->damaged = silent > 0;
	return 0;
}

static int get(struct pcm *pcm, const struct pcm_layout *layout,
	       uint64_t second, struct place **place);

static int mix(struct pcm *pcm, struct place *place)
{
	const struct source_info *info = &pcm->source->info;
	struct pcm_layout native = {pcm->shape.rate, pcm->shape.channels,
				    PCM_FLOAT};
	struct place *from;
	struct mix matrix;
	int error = get(pcm, &native, place->second, &from);

	if (error)
		return error;
	mix_init(&matrix, info->speakers, info->channels,
		 place->layout.channels);
	mix_run(&matrix, (float *)from->bytes, (float *)place->bytes,
		native.rate);
	place->damaged = from->damaged;
	return 0;
}

/* The seconds around this one; the first has none before it. */
static int resample(struct pcm *pcm, struct place *place)
{
	struct pcm_layout layout = {pcm->shape.rate, place->layout.channels,
				    PCM_FLOAT};
	struct place *around[3] = {NULL, NULL, NULL};
	const float *frames[3] = {NULL, NULL, NULL};
	uint64_t skip = place->second == 0 ? 1 : 0;
	int error = 0;

	for (uint64_t i = skip; !error && i < 3; i++) {
		error = get(pcm, &layout, place->second + i - 1, &around[i]);
		if (error)
			break;
		around[i]->busy = true;
		frames[i] = (float *)around[i]->bytes;
		place->damaged |= around[i]->damaged;
	}
	if (!error)
		error = resample_second(
			frames[0], frames[1], frames[2], layout.channels,
			layout.rate, place->layout.rate, (float *)place->bytes);
	for (int i = 0; i < 3; i++) {
		if (around[i])
			around[i]->busy = false;
	}
	return error;
}

/* What has 16 bits already stays as it is: dither would only add noise. */
static bool has_16_bits(const struct pcm *pcm, const struct pcm_layout *layout)
{
	const struct source_info *info = &pcm->source->info;

	return info->bits > 0 && info->bits <= 16 &&
	       layout->rate == pcm->shape.rate &&
	       layout->channels == pcm->shape.channels;
}

static int quantize(struct pcm *pcm, struct place *place)
{
	struct pcm_layout layout = place->layout;
	size_t samples = (size_t)layout.rate * layout.channels;
	struct place *from;
	int error;

	layout.format = PCM_FLOAT;
	error = get(pcm, &layout, place->second, &from);
	if (error)
		return error;
	if (has_16_bits(pcm, &layout))
		quantize_plain((float *)from->bytes, (int16_t *)place->bytes,
			       samples);
	else
		quantize_dithered((float *)from->bytes, (int16_t *)place->bytes,
				  samples, place->second * samples);
	place->damaged = from->damaged;
	return 0;
}

static int make(struct pcm *pcm, struct place *place, bool *decoded)
{
	const struct pcm_layout *layout = &place->layout;

	*decoded = false;
	if (layout->format == PCM_S16)
		return quantize(pcm, place);
	if (layout->rate != pcm->shape.rate)
		return resample(pcm, place);
	if (layout->channels != pcm->shape.channels)
		return mix(pcm, place);
	*decoded = place->second * pcm->shape.rate < pcm->shape.samples;
	return decode(pcm, place);
}

static int report_filled(struct pcm *pcm, const struct place *place,
			 bool decoded)
{
	struct loan loan = loan_of(place);

	if (!pcm->lender)
		return 0;
	loan.decoded = decoded;
	return pcm->lender->filled(pcm->lender->context, &loan);
}

static int fill(struct pcm *pcm, struct place *place)
{
	bool ready = false, decoded;
	int error = borrow(pcm, place, &ready);

	if (error || ready)
		return error;
	error = make(pcm, place, &decoded);
	return error ? error : report_filled(pcm, place, decoded);
}

/* A place that could not be filled is busy until the task ends, and fails. */
static int get(struct pcm *pcm, const struct pcm_layout *layout,
	       uint64_t second, struct place **found)
{
	struct place *place = find(pcm, layout, second);
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
	struct place *place;
	int error = get(pcm, layout, second, &place);

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

uint64_t pcm_silent(const struct pcm *pcm)
{
	return pcm->silent;
}

uint32_t pcm_restarts(const struct pcm *pcm)
{
	return pcm->source->restarts;
}
