/*
 * libswresample with the soxr engine. A filter needs the samples around the
 * ones it makes: each second is converted with a margin before and after,
 * whose own output is dropped.
 *
 *   before        here                     after
 *   ...|margin|---------------------------|margin|...
 *       drop   exactly to_rate frames      never asked for
 *
 * The margin is a whole number of output frames too (a multiple of
 * from_rate / gcd), so the kept frames begin exactly on the second. Its length
 * follows from soxr's filter: see MARGIN.
 */
#include "transcode/worker/resample.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"

#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <string.h>

/*
 * Frames at the lower of the two rates. The filter's impulse response is below
 * -120 dB beyond it (test-resample measures the result). SPARE: larger than any
 * output.
 */
enum { MARGIN = 1024, SPARE = 4096 };

static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b > 0) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* In source frames; at most a second. */
static uint32_t margin_of(uint32_t from_rate, uint32_t to_rate)
{
	uint32_t unit = from_rate / gcd(from_rate, to_rate);
	uint64_t wanted = MARGIN;

	if (from_rate > to_rate)
		wanted = (uint64_t)MARGIN * from_rate / to_rate;
	wanted = (wanted + unit - 1) / unit * unit;
	return wanted < from_rate ? (uint32_t)wanted : from_rate;
}

static int start_converter(unsigned channels, uint32_t from_rate,
			   uint32_t to_rate, SwrContext **converter)
{
	AVChannelLayout layout = {0};
	int error;

	av_channel_layout_default(&layout, (int)channels);
	error = swr_alloc_set_opts2(converter, &layout, AV_SAMPLE_FMT_FLT,
				    (int)to_rate, &layout, AV_SAMPLE_FMT_FLT,
				    (int)from_rate, 0, NULL);
	if (error < 0)
		return fail(-ENOMEM, "out of memory");
	av_opt_set_int(*converter, "resampler", SWR_ENGINE_SOXR, 0);
	av_opt_set_double(*converter, "precision", 28, 0);
	if (swr_init(*converter) < 0)
		return fail(-EINVAL, "cannot convert %u Hz to %u Hz", from_rate,
			    to_rate);
	return 0;
}

/* One second and its margins, contiguous. */
static float *join(const float *before, const float *here, const float *after,
		   size_t second, size_t margin)
{
	float *joined = calloc(second + 2 * margin, sizeof(*joined));

	if (!joined)
		return NULL;
	if (before)
		memcpy(joined, before + second - margin,
		       margin * sizeof(*joined));
	memcpy(joined + margin, here, second * sizeof(*joined));
	if (after)
		memcpy(joined + margin + second, after,
		       margin * sizeof(*joined));
	return joined;
}

/*
 * All of the input goes in at once, with room for all of the output; only then
 * is the filter flushed: flushing with pending input crashes libswresample 4.7
 * inside soxr. Gives the number of frames.
 */
static int convert_all(SwrContext *converter, const float *in, size_t in_count,
		       float *out, size_t room, unsigned channels)
{
	const uint8_t *from[] = {(const uint8_t *)in};
	uint8_t *to[] = {(uint8_t *)out};
	int done = swr_convert(converter, to, (int)room, from, (int)in_count);
	int rest;

	if (done < 0)
		return done;
	to[0] = (uint8_t *)(out + (size_t)done * channels);
	rest = swr_convert(converter, to, (int)room - done, NULL, 0);
	return rest < 0 ? rest : done + rest;
}

static void cleanup_swr(SwrContext **converter)
{
	swr_free(converter);
}

int resample_second(const float *before, const float *here, const float *after,
		    unsigned channels, uint32_t from_rate, uint32_t to_rate,
		    float *to)
{
	cleanup(cleanup_swr) SwrContext *converter = NULL;
	size_t margin = margin_of(from_rate, to_rate);
	/* soxr begins a track in a special way: the first second has no
	   margin before it, so that it begins like the whole track */
	size_t lead = before ? margin : 0;
	size_t dropped = (uint64_t)lead * to_rate / from_rate;
	size_t room =
		2 * (uint64_t)margin * to_rate / from_rate + to_rate + SPARE;
	auto_free float *in = join(before, here, after, from_rate * channels,
				   margin * channels);
	auto_free float *out = calloc(room * channels, sizeof(*out));
	int n;

	if (!in || !out)
		return fail(-ENOMEM, "out of memory");
	n = start_converter(channels, from_rate, to_rate, &converter);
	if (n < 0)
		return n;
	n = convert_all(converter, in + (margin - lead) * channels,
			from_rate + lead + margin, out, room, channels);
	if (n < 0 || (size_t)n < dropped + to_rate)
		return fail(-EINVAL, "the resampler failed");
	memcpy(to, out + dropped * channels, to_rate * channels * sizeof(*to));
	return 0;
}
