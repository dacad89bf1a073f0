/*
 * MP3 at a constant bit rate, without a bit reservoir: every frame stands
 * alone, so the size of a file and the position of each frame are arithmetic.
 *
 *    frame k is floor(144 * bit rate / rate) bytes, plus one where the
 *    remainders add up to a whole byte (ISO 11172-3, 2.4.3.1). LAME begins that
 *    sum so that frame 0 is never padded: the first n frames hold
 *    n * base + ceil((n - 1) * remainder / rate) bytes.
 *
 * At 44.1 kHz that pattern has a period of 49 frames. An encoder restarted at a
 * multiple of it is in phase, and after MP3_WARM_UP frames it gives what one
 * sequential encode gives (LAME smooths the perceptual entropy over 19 frames,
 * and its pre-echo control remembers a few more). So segments begin MP3_WARM_UP
 * frames after a multiple of MP3_PERIOD. The first ones are short, so that the
 * first byte comes sooner.
 *
 *    frame   0        73          171                 416
 *            | 73     | 98        | 245               | 245 ...
 *
 * Before them is the Info frame, after them one silent frame. The silent one
 * belongs to the padding that the Info frame announces, so nobody hears it. It
 * is there for scanners that look for a trailing tag in every file's last
 * bytes, which then need no encoding.
 *
 * Info frame: "Mp3 Info Tag rev 1" (Bouvigne, gabriel.mp3-tech.org).
 */
#include "transcode/plan/mp3.h"
#include "transcode/plan/codec.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum {
	ENCODER_DELAY = 576, /* samples that LAME inserts before the first */
	FIRST_END = MP3_PERIOD + MP3_WARM_UP,
	SECOND_END = 3 * MP3_PERIOD + MP3_WARM_UP,
	SEGMENT_FRAMES = 5 * MP3_PERIOD, /* 6.4 s at 44.1 kHz */
	XING_SIZE = 120,
	LAME_SIZE = 36,
	HEADER_SIZE = 4,
};

/* 20 days at 44.1 kHz, longer than FLAC's maximum; bounds the segment table */
#define FRAMES_MAX (1u << 26)

/* kbit/s of MPEG-1 layer III by index - 1. */
static const uint16_t bit_rates[] = {32,  40,  48,  56,	 64,  80,  96,
				     112, 128, 160, 192, 224, 256, 320};

static const uint32_t rates[] = {44100, 48000, 32000}; /* by index */

static unsigned bit_rate_index(uint32_t kbps)
{
	for (unsigned i = 0; i < sizeof(bit_rates) / sizeof(*bit_rates); i++) {
		if (bit_rates[i] == kbps)
			return i + 1;
	}
	return 0;
}

static bool is_rate(uint32_t rate)
{
	return rate == rates[0] || rate == rates[1] || rate == rates[2];
}

static unsigned rate_index(uint32_t rate)
{
	unsigned i = 0;

	while (i < 2 && rates[i] != rate)
		i++;
	return i;
}

/*
 * 44.1, 48 and 32 kHz stay, multiples of them are divided, others are raised.
 */
static uint32_t output_rate(uint32_t rate)
{
	static const uint32_t ascending[] = {32000, 44100, 48000};

	for (unsigned i = 0; i < 3; i++) {
		if (rate % rates[i] == 0)
			return rates[i];
	}
	for (unsigned i = 0; i < 3; i++) {
		if (rate < ascending[i])
			return ascending[i];
	}
	return 48000;
}

/* The highest bit rate of MPEG-1 at or below this one. */
static uint32_t bit_rate_at_most(uint32_t kbps)
{
	uint32_t found = bit_rates[0];

	for (unsigned i = 0; i < sizeof(bit_rates) / sizeof(*bit_rates); i++) {
		if (bit_rates[i] <= kbps)
			found = bit_rates[i];
	}
	return found;
}

static uint32_t frame_base(uint32_t kbps, uint32_t rate)
{
	return 144000 * kbps / rate;
}

/* The size of the first n frames in bytes. */
static uint64_t frames_size(const struct plan *plan, uint64_t n)
{
	uint64_t rate = plan->output.rate;
	uint64_t rest = 144000 * plan->bit_rate % rate;

	if (n == 0)
		return 0;
	return n * frame_base(plan->bit_rate, plan->output.rate) +
	       ((n - 1) * rest + rate - 1) / rate;
}

/* How many frames LAME makes from `samples`, including its look-ahead. */
static uint64_t frames_of(uint64_t samples)
{
	uint64_t pad = MP3_FRAME_SAMPLES -
		       (samples + ENCODER_DELAY) % MP3_FRAME_SAMPLES;

	if (pad < ENCODER_DELAY)
		pad += MP3_FRAME_SAMPLES;
	return (ENCODER_DELAY + samples + pad) / MP3_FRAME_SAMPLES;
}

static uint32_t side_info_size(const struct plan *plan)
{
	return plan->output.channels == 1 ? 17 : 32;
}

/* The Info frame must hold its fields, whatever the other frames' bit rate. */
static uint32_t info_bit_rate(const struct plan *plan)
{
	uint32_t needed =
		HEADER_SIZE + side_info_size(plan) + XING_SIZE + LAME_SIZE;
	unsigned i = bit_rate_index(plan->bit_rate) - 1;

	while (frame_base(bit_rates[i], plan->output.rate) < needed)
		i++;
	return bit_rates[i];
}

static uint32_t segment_count(uint64_t frames)
{
	if (frames <= FIRST_END)
		return 1;
	if (frames <= SECOND_END)
		return 2;
	return 2 + (uint32_t)((frames - SECOND_END + SEGMENT_FRAMES - 1) /
			      SEGMENT_FRAMES);
}

/* The bit rate of a profile that asks for mono is that of mono. */
static uint32_t coded_bit_rate(const struct plan *plan)
{
	const struct profile *profile = &plan->profile;
	bool halved = profile->channels == 0 && plan->output.channels == 1;

	return bit_rate_at_most(halved ? profile->bit_rate / 2
				       : profile->bit_rate);
}

static int mp3_plan(struct plan *plan)
{
	const struct profile *profile = &plan->profile;
	const struct shape *in = &plan->source;
	struct shape *out = &plan->output;

	if (profile->bit_rate == 0 || profile->channels > 2 ||
	    (profile->rate && !is_rate(profile->rate)))
		return -EINVAL;
	if (in->samples / MP3_FRAME_SAMPLES > FRAMES_MAX)
		return -EFBIG;
	out->rate = profile->rate ? profile->rate : output_rate(in->rate);
	out->channels = profile->channels   ? profile->channels
			: in->channels == 1 ? 1
					    : 2;
	out->samples = shape_samples_at(in, out->rate);
	plan->bit_rate = coded_bit_rate(plan);
	plan->units = frames_of(out->samples);
	if (plan->units > FRAMES_MAX)
		return -EFBIG;
	plan->segments = segment_count(plan->units);
	plan->head_size = frame_base(info_bit_rate(plan), out->rate);
	plan->body_size = frames_size(plan, plan->units);
	plan->tail_size = (uint32_t)(frames_size(plan, plan->units + 1) -
				     plan->body_size);
	return 0;
}

/* The first frame of segment `index`, or the end of the last one. */
static uint64_t segment_first(const struct plan *plan, uint32_t index)
{
	uint64_t first = 0;

	if (index == 1)
		first = FIRST_END;
	else if (index > 1)
		first = SECOND_END + (uint64_t)(index - 2) * SEGMENT_FRAMES;
	return first < plan->units ? first : plan->units;
}

static struct segment mp3_segment(const struct plan *plan, uint32_t index)
{
	uint64_t first = segment_first(plan, index);
	uint64_t end = segment_first(plan, index + 1);

	return (struct segment){
		.first_unit = first,
		.end_unit = end,
		.start = frames_size(plan, first),
		.end = frames_size(plan, end),
	};
}

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint64_t value)
{
	uint32_t v = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;

	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

/* MPEG-1, layer III, no CRC; joint stereo or mono; "original". */
static void put_frame_header(const struct plan *plan, uint32_t kbps,
			     bool padded, uint8_t *p)
{
	p[0] = 0xff;
	p[1] = 0xfb;
	p[2] = (uint8_t)(bit_rate_index(kbps) << 4 |
			 rate_index(plan->output.rate) << 2 | padded << 1);
	p[3] = plan->output.channels == 1 ? 0xc4 : 0x44;
}

/* CRC-16/ARC, which the Info tag has over everything before it. */
static uint16_t crc16(const uint8_t *bytes, size_t size)
{
	uint16_t crc = 0;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc >> 1 ^ (crc & 1 ? 0xa001 : 0));
	}
	return crc;
}

/* "Info", with all four fields: frames, bytes, seek table, quality. */
static void put_xing(const struct plan *plan, uint8_t *p)
{
	memcpy(p, "Info", 4);
	put32(p + 4, 0xf);
	put32(p + 8, plan->units + 1);
	put32(p + 12, plan_size(plan));
	for (unsigned i = 0; i < 100; i++)
		p[16 + i] = (uint8_t)(i * 256 / 100);
	put32(p + 116, 100 - 10 * 4 - plan->profile.lame_quality);
}

/* The encoder's delay and padding: what makes playback gapless. */
static void put_lame(const struct plan *plan, uint8_t *p)
{
	uint32_t padding = (uint32_t)((plan->units + 1) * MP3_FRAME_SAMPLES -
				      ENCODER_DELAY - plan->output.samples);

	assert(padding < 4096);
	memcpy(p, "LAME3.100", 9);
	p[9] = 1; /* revision 0, constant bit rate */
	p[20] = plan->bit_rate > 255 ? 255 : (uint8_t)plan->bit_rate;
	p[21] = ENCODER_DELAY >> 4;
	p[22] = (uint8_t)((ENCODER_DELAY & 15) << 4 | padding >> 8);
	p[23] = (uint8_t)padding;
	p[24] = plan->output.channels == 1 ? 0 : 3 << 2; /* joint stereo */
	put32(p + 28, plan_size(plan));
}

static void mp3_head(const struct plan *plan, uint8_t *head)
{
	uint8_t *xing = head + HEADER_SIZE + side_info_size(plan);
	uint8_t *lame = xing + XING_SIZE;
	size_t crc_at = (size_t)(lame - head) + LAME_SIZE - 2;

	memset(head, 0, plan->head_size);
	put_frame_header(plan, info_bit_rate(plan), false, head);
	put_xing(plan, xing);
	put_lame(plan, lame);
	put16(head + crc_at, crc16(head, crc_at));
}

static void mp3_tail(const struct plan *plan, uint8_t *tail)
{
	uint32_t base = frame_base(plan->bit_rate, plan->output.rate);

	memset(tail, 0, plan->tail_size);
	put_frame_header(plan, plan->bit_rate, plan->tail_size > base, tail);
}

const struct codec codec_mp3 = {
	.tagged = true,
	.plan = mp3_plan,
	.segment = mp3_segment,
	.head = mp3_head,
	.tail = mp3_tail,
};
