/*
 * tempo-features FILE.f32: what the octave of the tempo is chosen by, of raw
 * floats (22.05 kHz, mono). One line a candidate: bpm; share, clarity and
 * change of struct tempo_evidence; its terms. No line: nothing periodic.
 *
 * The linker's --wrap=tempo_octave brings the question that the tempo asks
 * here, so that what is printed is of what tempo.c has summed.
 */
#include "analysis/measure.h"
#include "analysis/tempo_octave.h"
#include "base/cleanup.h"

#include <stdio.h>

enum { CHUNK = 22050 };

double __wrap_tempo_octave(const struct tempo_segments *of, double lag,
			   struct tempo_evidence *evidence);

double __wrap_tempo_octave(const struct tempo_segments *of, double lag,
			   struct tempo_evidence *evidence)
{
	struct tempo_candidate found[TEMPO_CANDIDATES];
	size_t count = tempo_candidates(of, lag, found);

	for (size_t i = 0; i < count; i++) {
		tempo_weigh(of, lag, &found[i], evidence);
		printf("%.6f %.6g %.6g %.6g", tempo_bpm_of(found[i].lag),
		       evidence->share, evidence->clarity, evidence->change);
		for (int t = 0; t < TEMPO_TERMS; t++)
			printf(" %.6g", found[i].terms[t]);
		putchar('\n');
	}
	evidence->octave = 0;
	return lag;
}

static int ask(FILE *file)
{
	const struct pass_config config = {.rate = CHUNK, .channels = 1};
	static float samples[CHUNK];
	struct measures m = {0};
	const struct findings findings = {.measures = &m};
	void *onsets = NULL;
	size_t count;
	int error = measure_onsets.create(&config, &onsets);

	while (!error &&
	       (count = fread(samples, sizeof(*samples), CHUNK, file)))
		error = measure_onsets.feed(onsets, samples, count);
	if (!error)
		error = measure_onsets.finish(onsets, &findings);
	measure_onsets.free(onsets);
	return error;
}

int main(int argc, char **argv)
{
	auto_file FILE *file = fopen(argc > 1 ? argv[1] : "", "rb");

	if (!file) {
		perror("tempo-features");
		return 1;
	}
	return ask(file);
}
