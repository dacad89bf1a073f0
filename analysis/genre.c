/*
 * A genre's fit is exp(-d^2 / 2), d^2 the mean square over its features of
 *
 *   (value - typical) / stray
 *
 * which is 1 for the prototype itself and 0.6 where all features are one stray
 * away. The values come from what is generally known of these kinds of music
 * (masters of rock and dance music are loud and hardly dynamic, orchestras are
 * neither; machines keep time, people do less), not from training.
 */
#include "analysis/genre.h"

#include <math.h>
#include <stddef.h>

enum { FEATURES = 6, GENRES = 8 };

#define SILENT (-60.0f) /* LUFS: there is nothing to tell a genre by */
#define LEAST 0.25	/* confidence for a name */

struct feature {
	enum dimension dimension;
	float typical;
	float stray;
};

struct prototype {
	const char *name;
	struct feature features[FEATURES];
};

static const struct prototype prototypes[GENRES] = {
	{"classical",
	 {{DIM_LUFS, -22, 5},
	  {DIM_CREST_DB, 19, 4},
	  {DIM_TRANSIENT_DENSITY, 0.2f, 0.12f},
	  {DIM_RHYTHM_STABILITY, 0.75f, 0.15f},
	  {DIM_HARMONIC_RATIO, 0.75f, 0.12f},
	  {DIM_LOUDNESS_VARIATION_STD, 7, 2.5f}}},
	{"ambient",
	 {{DIM_LUFS, -20, 5},
	  {DIM_CREST_DB, 14, 3},
	  {DIM_TRANSIENT_DENSITY, 0.06f, 0.06f},
	  {DIM_SPECTRAL_CENTROID, 0.12f, 0.08f},
	  {DIM_HARMONIC_RATIO, 0.85f, 0.1f},
	  {DIM_LOUDNESS_VARIATION_STD, 4, 2}}},
	{"jazz",
	 {{DIM_LUFS, -17, 4},
	  {DIM_CREST_DB, 17, 3},
	  {DIM_TRANSIENT_DENSITY, 0.4f, 0.15f},
	  {DIM_RHYTHM_STABILITY, 0.85f, 0.08f},
	  {DIM_HARMONIC_RATIO, 0.65f, 0.12f},
	  {DIM_LOUDNESS_VARIATION_STD, 4, 1.5f}}},
	{"rock",
	 {{DIM_LUFS, -10, 3},
	  {DIM_CREST_DB, 12, 2.5f},
	  {DIM_TRANSIENT_DENSITY, 0.45f, 0.15f},
	  {DIM_RHYTHM_STABILITY, 0.93f, 0.04f},
	  {DIM_SPECTRAL_CENTROID, 0.35f, 0.1f},
	  {DIM_SUB_BASS_PCT, 0.08f, 0.08f}}},
	{"electronic",
	 {{DIM_LUFS, -9, 3},
	  {DIM_CREST_DB, 11, 2.5f},
	  {DIM_TRANSIENT_DENSITY, 0.4f, 0.15f},
	  {DIM_RHYTHM_STABILITY, 0.985f, 0.015f},
	  {DIM_SUB_BASS_PCT, 0.3f, 0.15f},
	  {DIM_TEMPO_BPM, 128, 12}}},
	{"hip hop",
	 {{DIM_LUFS, -10, 3},
	  {DIM_CREST_DB, 12, 2.5f},
	  {DIM_TRANSIENT_DENSITY, 0.4f, 0.15f},
	  {DIM_RHYTHM_STABILITY, 0.97f, 0.03f},
	  {DIM_SUB_BASS_PCT, 0.4f, 0.15f},
	  {DIM_TEMPO_BPM, 90, 10}}},
	{"folk",
	 {{DIM_LUFS, -16, 4},
	  {DIM_CREST_DB, 16, 3},
	  {DIM_SUB_BASS_PCT, 0.03f, 0.05f},
	  {DIM_RHYTHM_STABILITY, 0.88f, 0.07f},
	  {DIM_HARMONIC_RATIO, 0.75f, 0.1f},
	  {DIM_LOUDNESS_VARIATION_STD, 3, 1.5f}}},
	{"speech",
	 {{DIM_SILENCE_RATIO, 0.25f, 0.12f},
	  {DIM_STEREO_WIDTH, 0, 0.03f},
	  {DIM_CREST_DB, 17, 3},
	  {DIM_RHYTHM_STABILITY, 0.65f, 0.12f},
	  {DIM_LOUDNESS_VARIATION_STD, 9, 2},
	  {DIM_CHROMA_ENERGY, 0.2f, 0.2f}}},
};

static double fit(const struct prototype *prototype, const float *dimensions)
{
	double sum = 0;

	for (int i = 0; i < FEATURES; i++) {
		const struct feature *feature = &prototype->features[i];
		double away =
			(dimensions[feature->dimension] - feature->typical) /
			feature->stray;

		sum += away * away;
	}
	return exp(-sum / FEATURES / 2);
}

struct genre genre_of(const float dimensions[DIMENSIONS])
{
	struct genre genre = {"unknown", 0};
	double best = 0, second = 0;
	size_t found = 0;

	if (!(dimensions[DIM_LUFS] > SILENT))
		return genre;
	for (size_t i = 0; i < GENRES; i++) {
		double here = fit(&prototypes[i], dimensions);

		if (here > best) {
			second = best;
			best = here;
			found = i;
		} else if (here > second) {
			second = here;
		}
	}
	genre.confidence = best - second;
	if (genre.confidence >= LEAST)
		genre.name = prototypes[found].name;
	return genre;
}
