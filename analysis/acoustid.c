/*
 * Chromaprint of a track's first 120 seconds, as text: what `fpcalc -plain`
 * prints of the same file (chromaprint 1.5, src/cmd/fpcalc.cpp).
 *
 * fpcalc has libswresample make one channel of 11,025 Hz before Chromaprint
 * sees it, with the filter that Chromaprint itself would use. Other filters,
 * and even other roundings on the way, give other prints, so the same is done
 * here.
 */
#include "analysis/measure.h"

#include <chromaprint.h>
#include <errno.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECONDS = 120,
	LOWEST_RATE = 1000,
	PART = 1024, /* frames converted at a time */
	/* output of one part at LOWEST_RATE, and of what had to wait */
	ROOM = PART * 12 + 4096,
	MOST_CHANNELS = 32,
};

struct acoustid {
	unsigned channels;
	bool narrow;	 /* 16 bits in, which libswresample then uses inside */
	bool deaf;	 /* cannot take this kind of audio */
	uint32_t wanted; /* samples that Chromaprint still needs */
	ChromaprintContext *print;
	SwrContext *converter;
	int16_t in[PART * MOST_CHANNELS];
	int16_t out[ROOM];
};

/* The options are those of fpcalc's "compatible mode". */
static int set_up_converter(struct acoustid *acoustid, uint32_t rate)
{
	AVChannelLayout from = {0}, to = AV_CHANNEL_LAYOUT_MONO;
	int print_rate = chromaprint_get_sample_rate(acoustid->print);
	SwrContext *converter;

	av_channel_layout_default(&from, (int)acoustid->channels);
	acoustid->deaf = from.order != AV_CHANNEL_ORDER_NATIVE;
	if (swr_alloc_set_opts2(&acoustid->converter, &to, AV_SAMPLE_FMT_S16,
				print_rate, &from,
				acoustid->narrow ? AV_SAMPLE_FMT_S16
						 : AV_SAMPLE_FMT_FLT,
				(int)rate, 0, NULL) < 0)
		return -ENOMEM;
	converter = acoustid->converter;
	av_opt_set_int(converter, "resampler", SWR_ENGINE_SWR, 0);
	av_opt_set_int(converter, "filter_size", 16, 0);
	av_opt_set_int(converter, "phase_shift", 8, 0);
	av_opt_set_int(converter, "linear_interp", 1, 0);
	av_opt_set_double(converter, "cutoff", 0.8, 0);
	if (!acoustid->deaf && swr_init(converter) < 0)
		acoustid->deaf = true;
	return 0;
}

static int set_up_print(struct acoustid *acoustid, uint32_t rate)
{
	int print_rate;

	acoustid->print = chromaprint_new(CHROMAPRINT_ALGORITHM_DEFAULT);
	if (!acoustid->print)
		return -ENOMEM;
	print_rate = chromaprint_get_sample_rate(acoustid->print);
	if (!chromaprint_start(acoustid->print, print_rate, 1))
		return -ENOMEM;
	acoustid->wanted = SECONDS * (uint32_t)print_rate;
	if (rate >= LOWEST_RATE && acoustid->channels <= MOST_CHANNELS)
		return set_up_converter(acoustid, rate);
	acoustid->deaf = true;
	return 0;
}

static void acoustid_free(void *state)
{
	struct acoustid *acoustid = state;

	if (!acoustid)
		return;
	if (acoustid->print)
		chromaprint_free(acoustid->print);
	swr_free(&acoustid->converter);
	free(acoustid);
}

/*
 * `bits`: of the source's whole samples, as FLAC has; 0: they are floats, as
 * those of MP3. Up to 16 bits, fpcalc converts in 16 bits, else in floats. What
 * Chromaprint cannot take (a rate below 1 kHz, a number of channels that no
 * layout is known for) gives an empty text, not an error.
 */
static int acoustid_create(const struct pass_config *config, void **created)
{
	struct acoustid *acoustid = calloc(1, sizeof(*acoustid));
	int error;

	if (!acoustid)
		return -ENOMEM;
	acoustid->channels = config->channels;
	acoustid->narrow = config->bits >= 1 && config->bits <= 16;
	error = set_up_print(acoustid, config->rate);
	if (error) {
		acoustid_free(acoustid);
		return error;
	}
	*created = acoustid;
	return 0;
}

/* Whether it has enough audio; more may be fed. */
static bool is_done(const struct acoustid *acoustid)
{
	return acoustid->deaf || acoustid->wanted == 0;
}

static void to_16_bits(const float *from, int16_t *to, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		float scaled = from[i] * 32768;

		to[i] = (int16_t)lrintf(
			fminf(fmaxf(scaled, INT16_MIN), INT16_MAX));
	}
}

/*
 * What is still in the filter when the track ends, some milliseconds, is never
 * asked for: fpcalc does not either.
 */
static int convert_to_print(struct acoustid *acoustid, const void *frames,
			    size_t count)
{
	const uint8_t *in[] = {frames};
	uint8_t *out[] = {(uint8_t *)acoustid->out};
	int got = swr_convert(acoustid->converter, out, ROOM, in, (int)count);

	if (got < 0)
		return -ENOMEM;
	if ((uint32_t)got > acoustid->wanted)
		got = (int)acoustid->wanted;
	acoustid->wanted -= (uint32_t)got;
	if (!chromaprint_feed(acoustid->print, acoustid->out, got))
		return -ENOMEM;
	return 0;
}

static int acoustid_feed(void *state, const float *frames, size_t count)
{
	struct acoustid *acoustid = state;
	int error = 0;

	while (count > 0 && !is_done(acoustid) && !error) {
		size_t part = count < PART ? count : PART;
		const void *from = frames;

		if (acoustid->narrow) {
			to_16_bits(frames, acoustid->in,
				   part * acoustid->channels);
			from = acoustid->in;
		}
		error = convert_to_print(acoustid, from, part);
		frames += part * acoustid->channels;
		count -= part;
	}
	return error;
}

/*
 * A text that does not fit (it has some 2,600 bytes) is left empty, as for a
 * track that is too short.
 */
static int acoustid_finish(void *state, const struct findings *findings)
{
	struct acoustid *acoustid = state;
	char *text = findings->measures->acoustid;
	char *print = NULL;
	size_t size;
	int items;

	text[0] = '\0';
	if (acoustid->deaf || !chromaprint_finish(acoustid->print))
		return 0;
	if (!chromaprint_get_raw_fingerprint_size(acoustid->print, &items))
		return -ENOMEM;
	if (items == 0)
		return 0;
	if (!chromaprint_get_fingerprint(acoustid->print, &print))
		return -ENOMEM;
	size = strlen(print) + 1;
	if (size <= ACOUSTID_MAX)
		memcpy(text, print, size);
	chromaprint_dealloc(print);
	return 0;
}

const struct measure measure_acoustid = {
	.create = acoustid_create,
	.feed = acoustid_feed,
	.finish = acoustid_finish,
	.free = acoustid_free,
};
