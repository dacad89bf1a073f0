/*
 * A mixdown is a matrix of two rows. The rows come from one table that says
 * what each speaker gives to the left; the right is its mirror image.
 */
#include "transcode/worker/source/mix.h"

#include <string.h>

#define HALF_POWER 0.70710678f

static const float to_left[] = {
	[SPEAKER_FRONT_LEFT] = 1.0f,
	[SPEAKER_FRONT_RIGHT] = 0.0f,
	[SPEAKER_FRONT_CENTER] = HALF_POWER,
	[SPEAKER_LOW_FREQUENCY] = 0.0f,
	[SPEAKER_BACK_LEFT] = HALF_POWER,
	[SPEAKER_BACK_RIGHT] = 0.0f,
	[SPEAKER_FRONT_LEFT_OF_CENTER] = 1.0f,
	[SPEAKER_FRONT_RIGHT_OF_CENTER] = 0.0f,
	[SPEAKER_BACK_CENTER] = 0.5f,
	[SPEAKER_SIDE_LEFT] = HALF_POWER,
	[SPEAKER_SIDE_RIGHT] = 0.0f,
	[SPEAKER_OTHER] = 0.0f,
};

static const uint8_t mirror[] = {
	[SPEAKER_FRONT_LEFT] = SPEAKER_FRONT_RIGHT,
	[SPEAKER_FRONT_RIGHT] = SPEAKER_FRONT_LEFT,
	[SPEAKER_FRONT_CENTER] = SPEAKER_FRONT_CENTER,
	[SPEAKER_LOW_FREQUENCY] = SPEAKER_LOW_FREQUENCY,
	[SPEAKER_BACK_LEFT] = SPEAKER_BACK_RIGHT,
	[SPEAKER_BACK_RIGHT] = SPEAKER_BACK_LEFT,
	[SPEAKER_FRONT_LEFT_OF_CENTER] = SPEAKER_FRONT_RIGHT_OF_CENTER,
	[SPEAKER_FRONT_RIGHT_OF_CENTER] = SPEAKER_FRONT_LEFT_OF_CENTER,
	[SPEAKER_BACK_CENTER] = SPEAKER_BACK_CENTER,
	[SPEAKER_SIDE_LEFT] = SPEAKER_SIDE_RIGHT,
	[SPEAKER_SIDE_RIGHT] = SPEAKER_SIDE_LEFT,
	[SPEAKER_OTHER] = SPEAKER_OTHER,
};

/* Masks by channel count (RFC 9639, 9.1.3; the same order as WAVE's). */
static const uint16_t usual[] = {0,	0x004, 0x003, 0x007, 0x033,
				 0x037, 0x03f, 0x70f, 0x63f};

static unsigned count_bits(uint64_t mask)
{
	return (unsigned)__builtin_popcountll(mask);
}

void mix_speakers(uint64_t mask, unsigned channels, uint8_t *speakers)
{
	unsigned n = 0;

	if (count_bits(mask) != channels)
		mask = channels <= 8 ? usual[channels] : 0;
	for (unsigned bit = 0; bit < 64 && n < channels; bit++) {
		if (mask >> bit & 1)
			speakers[n++] = bit < SPEAKER_OTHER
						? (uint8_t)bit
						: (uint8_t)SPEAKER_OTHER;
	}
	while (n < channels)
		speakers[n++] = SPEAKER_OTHER;
}

static void normalize(float *gains, unsigned inputs)
{
	float sum = 0;

	for (unsigned i = 0; i < inputs; i++)
		sum += gains[i];
	for (unsigned i = 0; i < inputs && sum > 0; i++)
		gains[i] /= sum;
}

/* Speakers that no table knows: mixing all alike is better than silence. */
static void fall_back(float *gains, unsigned inputs)
{
	for (unsigned i = 0; i < inputs; i++) {
		if (gains[i] > 0)
			return;
	}
	for (unsigned i = 0; i < inputs; i++)
		gains[i] = 1;
}

static float gain_of(const struct mix *mix, unsigned row, uint8_t speaker)
{
	float left = to_left[speaker];
	float right = to_left[mirror[speaker]];

	if (mix->outputs == 1)
		return left + right;
	return row == 0 ? left : right;
}

void mix_init(struct mix *mix, const uint8_t *speakers, unsigned inputs,
	      unsigned outputs)
{
	*mix = (struct mix){.inputs = inputs, .outputs = outputs};
	for (unsigned row = 0; row < outputs; row++) {
		for (unsigned i = 0; i < inputs; i++)
			mix->gains[row][i] = gain_of(mix, row, speakers[i]);
		fall_back(mix->gains[row], inputs);
		normalize(mix->gains[row], inputs);
	}
}

static float dot(const float *gains, const float *frame, unsigned inputs)
{
	float sum = 0;

	for (unsigned i = 0; i < inputs; i++)
		sum += gains[i] * frame[i];
	return sum;
}

void mix_run(const struct mix *mix, const float *from, float *to, size_t frames)
{
	if (mix->inputs == mix->outputs) {
		memcpy(to, from, frames * mix->inputs * sizeof(*to));
		return;
	}
	for (size_t i = 0; i < frames; i++) {
		for (unsigned row = 0; row < mix->outputs; row++)
			*to++ = dot(mix->gains[row], from, mix->inputs);
		from += mix->inputs;
	}
}
