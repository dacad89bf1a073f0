/*
 * A few blocks, least recently used first out. An encoder that starts a segment
 * goes back a third of a second, and a resampler looks at the seconds around
 * the one it makes; both find here what was decoded just before. Blocks are
 * few, so finding one is a walk over all of them.
 *
 *   source -> mix -> block at the source's rate -> resample -> block
 */
#include "transcode/worker/pcm.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/mix.h"
#include "transcode/worker/resample.h"

#include <string.h>

#define BLOCKS 12

struct block {
	uint32_t rate;
	uint32_t channels;
	uint64_t second;
	uint64_t used; /* the clock of the last use; 0: empty */
	float *frames;
};

struct pcm {
	struct file_id id;
	struct shape shape;
	int fd; /* owned */
	struct source *source;
	float *scratch; /* one second as the source has it */
	uint64_t clock;
	uint64_t silent;
	struct block blocks[BLOCKS];
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
	pcm->scratch = calloc((size_t)info->rate * info->channels,
			      sizeof(*pcm->scratch));
	return pcm->scratch ? 0 : fail(-ENOMEM, "out of memory");
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
	for (int i = 0; i < BLOCKS; i++)
		free(pcm->blocks[i].frames);
	free(pcm->scratch);
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

static struct block *find(struct pcm *pcm, uint32_t rate, uint32_t channels,
			  uint64_t second)
{
	for (int i = 0; i < BLOCKS; i++) {
		struct block *block = &pcm->blocks[i];

		if (block->used > 0 && block->rate == rate &&
		    block->channels == channels && block->second == second) {
			block->used = ++pcm->clock;
			return block;
		}
	}
	return NULL;
}

/* The block of the longest unused one, empty and large enough; NULL: memory. */
static struct block *recycle(struct pcm *pcm, uint32_t rate, uint32_t channels)
{
	struct block *oldest = &pcm->blocks[0];

	for (int i = 1; i < BLOCKS; i++) {
		if (pcm->blocks[i].used < oldest->used)
			oldest = &pcm->blocks[i];
	}
	oldest->used = 0;
	if (oldest->frames && oldest->rate == rate &&
	    oldest->channels == channels)
		return oldest;
	free(oldest->frames);
	oldest->frames =
		calloc((size_t)rate * channels, sizeof(*oldest->frames));
	oldest->rate = rate;
	oldest->channels = channels;
	return oldest->frames ? oldest : NULL;
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

static int decode(struct pcm *pcm, struct block *block, uint64_t second)
{
	const struct source_info *info = &pcm->source->info;
	size_t frames = promised(pcm, second);
	size_t samples = frames * block->channels;
	size_t silent = 0;
	struct mix mix;
	int error = 0;

	if (frames > 0)
		error = source_read(pcm->source, second * info->rate,
				    pcm->scratch, frames, &silent);
	if (error)
		return fail(error, "cannot read the file");
	mix_init(&mix, info->speakers, info->channels, block->channels);
	mix_run(&mix, pcm->scratch, block->frames, frames);
	memset(block->frames + samples, 0,
	       ((size_t)block->rate * block->channels - samples) *
		       sizeof(*block->frames));
	pcm->silent += silent;
	return 0;
}

static int convert(struct pcm *pcm, struct block *block, uint64_t second)
{
	const float *around[3] = {NULL, NULL, NULL};
	int error;

	for (uint64_t i = second == 0 ? 1 : 0; i < 3; i++) {
		error = pcm_block(pcm, pcm->shape.rate, block->channels,
				  second + i - 1, &around[i]);
		if (error)
			return error;
	}
	return resample_second(around[0], around[1], around[2], block->channels,
			       pcm->shape.rate, block->rate, block->frames);
}

int pcm_block(struct pcm *pcm, uint32_t rate, uint32_t channels,
	      uint64_t second, const float **frames)
{
	struct block *block = find(pcm, rate, channels, second);
	int error;

	if (!block) {
		block = recycle(pcm, rate, channels);
		if (!block)
			return fail(-ENOMEM, "out of memory");
		block->used = ++pcm->clock; /* not to be taken meanwhile */
		block->second = UINT64_MAX;
		error = rate == pcm->shape.rate ? decode(pcm, block, second)
						: convert(pcm, block, second);
		if (error) {
			block->used = 0;
			return error;
		}
		block->second = second;
		block->used = ++pcm->clock;
	}
	*frames = block->frames;
	return 0;
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
