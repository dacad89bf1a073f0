/*
 * measure-music FILE.f32...: tempo and key of raw floats (22.05 kHz, mono), one
 * line a file: bpm, its confidence, tonic (0: C), 1 for minor, confidence of
 * the key, beats, seconds of the first.
 */
#include "analysis/measure.h"
#include "base/cleanup.h"

#include <stdio.h>

enum { CHUNK = 22050 };

static int run(const struct measure *measure, FILE *file, struct measures *m)
{
	const struct pass_config config = {.rate = CHUNK, .channels = 1};
	const struct findings findings = {.measures = m};
	static float samples[CHUNK];
	void *state = NULL;
	size_t count;
	int error = measure->create(&config, &state);

	rewind(file);
	while (!error &&
	       (count = fread(samples, sizeof(*samples), CHUNK, file)))
		error = measure->feed(state, samples, count);
	if (!error)
		error = measure->finish(state, &findings);
	measure->free(state);
	return error;
}

static int measure_file(const char *path)
{
	auto_file FILE *file = fopen(path, "rb");
	struct measures m = {0};
	int error;

	if (!file) {
		perror(path);
		return 1;
	}
	error = run(&measure_onsets, file, &m) ||
		run(&measure_chroma, file, &m);
	printf("%.3f %.3f %u %u %.3f %u %.3f\n", (double)m.bpm,
	       (double)m.bpm_confidence, m.tonic, m.minor,
	       (double)m.key_confidence, m.beats, (double)m.first_beat);
	return error;
}

int main(int argc, char **argv)
{
	int error = 0;

	for (int i = 1; i < argc; i++)
		error |= measure_file(argv[i]);
	return error;
}
