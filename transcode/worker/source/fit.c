/*
 * One or two channels are a mix-down. More are filled by the names of their
 * speakers; a single channel comes from the front, and speakers that the audio
 * does not have are silent.
 */
#include "transcode/worker/source/fit.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>

static int find_speaker(const struct source_info *info, uint8_t speaker)
{
	for (unsigned i = 0; i < info->channels; i++) {
		if (info->speakers[i] == speaker)
			return (int)i;
	}
	return -1;
}

/* Which channel of `from` a speaker plays; -1: none. */
static int choose(const struct source_info *from, uint8_t speaker)
{
	bool in_front =
		speaker == SPEAKER_FRONT_LEFT || speaker == SPEAKER_FRONT_RIGHT;

	if (from->channels == 1)
		return in_front ? 0 : -1;
	return find_speaker(from, speaker);
}

static void fit_speakers(const struct source_info *from, const float *frames,
			 const struct source_info *to, float *fitted,
			 size_t count)
{
	int chosen[SOURCE_MAX_CHANNELS];

	for (unsigned c = 0; c < to->channels; c++)
		chosen[c] = choose(from, to->speakers[c]);
	for (size_t i = 0; i < count; i++) {
		for (unsigned c = 0; c < to->channels; c++)
			*fitted++ = chosen[c] < 0 ? 0 : frames[chosen[c]];
		frames += from->channels;
	}
}

void fit_channels(const struct source_info *from, const float *frames,
		  const struct source_info *to, float *fitted, size_t count)
{
	struct mix mix;

	if (from->channels == to->channels) {
		memcpy(fitted, frames, count * to->channels * sizeof(*fitted));
	} else if (to->channels <= 2) {
		mix_init(&mix, from->speakers, from->channels, to->channels);
		mix_run(&mix, frames, fitted, count);
	} else {
		fit_speakers(from, frames, to, fitted, count);
	}
}

/* Catmull and Rom's cubic through four samples, between the inner two. */
static float between(const float *x, size_t step, float t)
{
	float a = x[0], b = x[step], c = x[2 * step], d = x[3 * step];

	return b + 0.5f * t *
			   (c - a +
			    t * (2 * a - 5 * b + 4 * c - d +
				 t * (3 * (b - c) + d - a)));
}

enum { HISTORY = 3 };

/* `x` has HISTORY frames before those that are to be converted. */
static void interpolate(const float *x, size_t n, unsigned channels,
			float *fitted, size_t m)
{
	for (size_t i = 0; i < m; i++) {
		size_t whole = i * n / m;
		float part = (float)(i * n % m) / (float)m;

		for (unsigned c = 0; c < channels; c++)
			*fitted++ = between(x + whole * channels + c, channels,
					    part);
	}
}

static void remember(struct fit *fit, const float *x, size_t n,
		     const struct source_info *from, unsigned channels)
{
	for (size_t i = 0; i < HISTORY; i++)
		memcpy(fit->last[i], x + (n + i) * channels,
		       channels * sizeof(*x));
	fit->rate = from->rate;
}

bool fit_frames(struct fit *fit, const struct source_info *from,
		const float *frames, size_t n, const struct source_info *to,
		float *fitted, size_t m)
{
	unsigned channels = to->channels;
	auto_free float *x = NULL;

	if (from->rate == to->rate) {
		fit_channels(from, frames, to, fitted, n);
		return true;
	}
	x = calloc(n + HISTORY, channels * sizeof(*x));
	if (!x)
		return false;
	for (size_t i = 0; i < HISTORY && fit->rate == from->rate; i++)
		memcpy(x + i * channels, fit->last[i], channels * sizeof(*x));
	fit_channels(from, frames, to, x + HISTORY * channels, n);
	interpolate(x, n, channels, fitted, m);
	remember(fit, x, n, from, channels);
	return true;
}
