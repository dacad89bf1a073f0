/*
 * One or two channels are a mix-down. More are filled by the names of their
 * speakers; what has only one channel comes from the front, and speakers that
 * the audio does not have are silent.
 */
#include "transcode/worker/fit.h"

#include <string.h>

static int find(const struct source_info *info, uint8_t speaker)
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
	return find(from, speaker);
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
