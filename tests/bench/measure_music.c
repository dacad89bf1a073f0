/*
 * measure-music FILE.f32...: tempo and key of raw floats (22.05 kHz, mono), one
 * line a file: bpm, its confidence, tonic (0: C), 1 for minor, confidence of
 * the key, beats, seconds of the first.
 */
#include "analysis/beats.h"
#include "analysis/chroma.h"
#include "analysis/key.h"
#include "analysis/onsets.h"
#include "analysis/tempo.h"
#include "base/cleanup.h"

#include <stdio.h>

enum { CHUNK = 22050 };

static int feed(FILE *file, struct onsets *onsets, struct chroma *chroma)
{
	static float samples[CHUNK];
	size_t count;
	int error = 0;

	while (!error &&
	       (count = fread(samples, sizeof(*samples), CHUNK, file)))
		error = onsets_feed(onsets, samples, count) ||
			chroma_feed(chroma, samples, count);
	return error;
}

static int finish(struct onsets *onsets, struct chroma *chroma,
		  struct measures *measures)
{
	float mean[12];
	size_t count;
	const float *strength;

	onsets_finish(onsets, measures);
	chroma_finish(chroma, measures);
	chroma_mean(chroma, mean);
	key_find(mean, measures);
	strength = onsets_strength(onsets, &count);
	return tempo_find(strength, count, measures) ||
	       beats_find(strength, count, measures);
}

static int measure(const char *path)
{
	auto_file FILE *file = fopen(path, "rb");
	struct measures m = {0};
	struct onsets *onsets = NULL;
	struct chroma *chroma = NULL;
	int error;

	if (!file) {
		perror(path);
		return 1;
	}
	error = onsets_create(&onsets) || chroma_create(&chroma) ||
		feed(file, onsets, chroma) || finish(onsets, chroma, &m);
	onsets_free(onsets);
	chroma_free(chroma);
	printf("%.3f %.3f %u %u %.3f %u %.3f\n", (double)m.bpm,
	       (double)m.bpm_confidence, m.tonic, m.minor,
	       (double)m.key_confidence, m.beats, (double)m.first_beat);
	return error;
}

int main(int argc, char **argv)
{
	int error = 0;

	for (int i = 1; i < argc; i++)
		error |= measure(argv[i]);
	return error;
}
