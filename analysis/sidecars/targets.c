#include "analysis/sidecars/sidecar_private.h"

#include <math.h>

const char *const targets_band_names[TARGETS_BANDS] = {
	"sub_bass", "bass", "low_mid", "mid", "upper_mid", "presence", "air",
};

/* Percent of the power; see sidecar_private.h. */
static const double usual[TARGETS_BANDS] = {7, 53, 16.5, 17.5, 4, 1.5, 0.5};

_Static_assert(DIM_SUB_BASS_PCT == 0 && DIM_AIR_PCT == TARGETS_BANDS - 1,
	       "the bands are the first dimensions");

/* Half of what leads to the usual share: a track keeps its character. */
static double gain_to_usual(int band, double share)
{
	if (!(share > 0))
		return 0;
	return fmin(fmax(5 * log10(usual[band] / 100 / share), -6), 6);
}

void targets_of(const float dimensions[DIMENSIONS], struct targets *targets)
{
	for (int band = 0; band < TARGETS_BANDS; band++)
		targets->eq_db[band] =
			gain_to_usual(band, (double)dimensions[band]);
	targets->lufs = 0.4 * dimensions[DIM_LUFS] - 8.4;
	targets->crest_db = fmax(10, 0.85 * dimensions[DIM_CREST_DB]);
	targets->ratio = 2.5;
	targets->amount = 0.6;
}
