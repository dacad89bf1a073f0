/*
 * Makes blocks. Each kind is made from the source or from the kinds before it,
 * so processes that wait for each other's blocks never form a circle:
 *
 *   source -> native -> mixed to other channels -> at another rate -> 16 bits
 */
#include "transcode/worker/fail.h"
#include "transcode/worker/pcm_private.h"
#include "transcode/worker/quantize.h"
#include "transcode/worker/resample.h"
#include "transcode/worker/source/mix.h"

#include <string.h>

/* How many frames of a second are promised, at the source's rate. */
static size_t promised(const struct pcm *pcm, uint64_t second)
{
	uint64_t start = second * pcm->shape.rate;

	if (start >= pcm->shape.samples)
		return 0;
	if (pcm->shape.samples - start < pcm->shape.rate)
		return (size_t)(pcm->shape.samples - start);
	return pcm->shape.rate;
}

static int decode(struct pcm *pcm, struct pcm_place *place)
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

static int mix(struct pcm *pcm, struct pcm_place *place)
{
	const struct source_info *info = &pcm->source->info;
	struct pcm_layout native = {pcm->shape.rate, pcm->shape.channels,
				    PCM_FLOAT};
	struct pcm_place *from;
	struct mix matrix;
	int error = pcm_get(pcm, &native, place->second, &from);

	if (error)
		return error;
	mix_init(&matrix, info->speakers, info->channels,
		 place->layout.channels);
	mix_run(&matrix, (float *)from->bytes, (float *)place->bytes,
		native.rate);
	place->damaged = from->damaged;
	return 0;
}

static bool is_behind_end(const struct pcm *pcm, uint64_t second)
{
	return second * pcm->shape.rate >= pcm->shape.samples;
}

/* The seconds around this one, as far as they exist. */
static int resample(struct pcm *pcm, struct pcm_place *place)
{
	struct pcm_layout layout = {pcm->shape.rate, place->layout.channels,
				    PCM_FLOAT};
	struct pcm_place *around[3] = {NULL, NULL, NULL};
	const float *frames[3] = {NULL, NULL, NULL};
	uint64_t skip = place->second == 0 ? 1 : 0;
	int error = 0;

	for (uint64_t i = skip; !error && i < 3; i++) {
		if (i == 2 && is_behind_end(pcm, place->second + 1))
			break;
		error = pcm_get(pcm, &layout, place->second + i - 1,
				&around[i]);
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

/*
 * Samples that have 16 bits already stay unchanged: dither would only add
 * noise. DSD's single bit becomes many in its filter.
 */
static bool has_16_bits(const struct pcm *pcm, const struct pcm_layout *layout)
{
	const struct source_info *info = &pcm->source->info;

	return info->kind == FACTS_LOSSLESS && info->bits > 1 &&
	       info->bits <= 16 && layout->rate == pcm->shape.rate &&
	       layout->channels == pcm->shape.channels;
}

static int quantize(struct pcm *pcm, struct pcm_place *place)
{
	struct pcm_layout layout = place->layout;
	size_t samples = (size_t)layout.rate * layout.channels;
	struct pcm_place *from;
	int error;

	layout.format = PCM_FLOAT;
	error = pcm_get(pcm, &layout, place->second, &from);
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

int pcm_make(struct pcm *pcm, struct pcm_place *place, bool *decoded)
{
	const struct pcm_layout *layout = &place->layout;

	*decoded = false;
	if (layout->format == PCM_S16)
		return quantize(pcm, place);
	if (layout->rate != pcm->shape.rate)
		return resample(pcm, place);
	if (layout->channels != pcm->shape.channels)
		return mix(pcm, place);
	*decoded = !is_behind_end(pcm, place->second);
	return decode(pcm, place);
}
