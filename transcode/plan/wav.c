/*
 * WAV: decoded audio behind a header of HEAD bytes, whatever its length, so
 * that the samples are aligned when a file is mapped.
 *
 *    "RIFF" size "WAVE"
 *    "JUNK" 28 bytes  room for what a file of 4 GiB and more has here:
 *                     "ds64" with the sizes in 64 bits, and "RF64" in front
 *    "fmt " 16 or 18  PCM, or IEEE float with its (empty) extension
 *    "fact" 4         float: the number of samples
 *    "JUNK" ...       up to
 *    "data" size      whose bytes begin at HEAD
 *
 * Sources: Multimedia Programming Interface and Data Specifications 1.0 (RIFF,
 * WAVE); Microsoft, New Multimedia Data Types and Data Techniques (fact, IEEE
 * float); EBU Tech 3306 (RF64). All numbers are little-endian.
 *
 * A segment is a second: an unchanged block of decoded audio.
 */
#include "transcode/plan/codec.h"

#include <errno.h>
#include <string.h>

enum {
	HEAD = 128,
	CHUNK = 8, /* bytes of a chunk's own header */
	DS64 = 28,
	FORMAT_PCM = 1,
	FORMAT_FLOAT = 3,
};

/* Two years; bounds all products below. */
#define SECONDS_MAX (1u << 26)

static size_t frame_bytes(const struct plan *plan)
{
	const struct pcm_layout layout = plan_layout(plan);

	return pcm_frame_bytes(&layout);
}

static int wav_plan(struct plan *plan)
{
	const struct shape *in = &plan->source;
	const struct profile *profile = &plan->profile;
	struct shape *out = &plan->output;
	uint64_t seconds;

	if (profile->format != PCM_FLOAT && profile->format != PCM_S16)
		return -EINVAL;
	if (in->samples / in->rate >= SECONDS_MAX)
		return -EFBIG;
	out->rate = profile->rate ? profile->rate : in->rate;
	out->channels = profile->channels ? profile->channels : in->channels;
	out->samples = shape_samples_at(in, out->rate);
	seconds = (out->samples + out->rate - 1) / out->rate;
	plan->bit_rate =
		(uint32_t)((uint64_t)out->rate * frame_bytes(plan) * 8 / 1000);
	plan->units = out->samples;
	plan->segments = seconds > 0 ? (uint32_t)seconds : 1;
	plan->head_size = HEAD;
	plan->body_size = out->samples * frame_bytes(plan);
	return 0;
}

static struct segment wav_segment(const struct plan *plan, uint32_t index)
{
	uint64_t first = (uint64_t)index * plan->output.rate;
	uint64_t end = first + plan->output.rate;

	if (end > plan->units)
		end = plan->units;
	return (struct segment){
		.first_unit = first,
		.end_unit = end,
		.start = first * frame_bytes(plan),
		.end = end * frame_bytes(plan),
	};
}

static uint8_t *put_little(uint8_t *to, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*to++ = (uint8_t)(value >> 8 * i);
	return to;
}

static uint8_t *put_chunk(uint8_t *to, const char *name, uint64_t size)
{
	memcpy(to, name, 4);
	return put_little(to + 4, size > UINT32_MAX ? UINT32_MAX : size, 4);
}

static uint64_t riff_size(const struct plan *plan)
{
	return HEAD - CHUNK + plan->body_size;
}

static bool is_large(const struct plan *plan)
{
	return riff_size(plan) > UINT32_MAX;
}

static uint8_t *put_sizes(const struct plan *plan, uint8_t *to)
{
	uint64_t riff = riff_size(plan);
	bool large = is_large(plan);

	to = put_chunk(to, large ? "RF64" : "RIFF", riff);
	memcpy(to, "WAVE", 4);
	to = put_chunk(to + 4, large ? "ds64" : "JUNK", DS64);
	if (!large)
		return to + DS64;
	to = put_little(to, riff, 8);
	to = put_little(to, plan->body_size, 8);
	to = put_little(to, plan->output.samples, 8);
	return put_little(to, 0, 4); /* a table of other long chunks: none */
}

static uint8_t *put_format(const struct plan *plan, uint8_t *to)
{
	const struct shape *shape = &plan->output;
	bool whole = plan->profile.format == PCM_S16;
	size_t frame = frame_bytes(plan);

	to = put_chunk(to, "fmt ", whole ? 16 : 18);
	to = put_little(to, whole ? FORMAT_PCM : FORMAT_FLOAT, 2);
	to = put_little(to, shape->channels, 2);
	to = put_little(to, shape->rate, 4);
	to = put_little(to, (uint64_t)shape->rate * frame, 4);
	to = put_little(to, frame, 2);
	to = put_little(to, frame / shape->channels * 8, 2);
	if (whole)
		return to;
	to = put_little(to, 0, 2);
	to = put_chunk(to, "fact", 4);
	return put_little(
		to, shape->samples > UINT32_MAX ? UINT32_MAX : shape->samples,
		4);
}

static void wav_head(const struct plan *plan, uint8_t *head)
{
	uint8_t *data = head + HEAD - CHUNK;
	uint8_t *to;

	memset(head, 0, HEAD);
	to = put_format(plan, put_sizes(plan, head));
	put_chunk(to, "JUNK", (uint64_t)(data - to) - CHUNK);
	/* in RF64 the 32-bit sizes refer to the 64-bit ones */
	put_chunk(data, "data", is_large(plan) ? UINT32_MAX : plan->body_size);
}

static void wav_tail(const struct plan *plan, uint8_t *tail)
{
	(void)plan, (void)tail; /* there is none */
}

const struct codec codec_wav = {
	.decoded = true,
	.plan = wav_plan,
	.segment = wav_segment,
	.head = wav_head,
	.tail = wav_tail,
};
