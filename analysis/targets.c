#include "analysis/targets.h"

#include <math.h>

const char *const targets_band_names[TARGETS_BANDS] = {
	"sub_bass", "bass", "low_mid", "mid", "upper_mid", "presence", "air",
};

static const double ideals[TARGETS_BANDS] = {5, 15, 18, 22, 20, 13, 7};

_Static_assert(DIM_SUB_BASS_PCT == 0 && DIM_AIR_PCT == TARGETS_BANDS - 1,
	       "the bands are the first dimensions");

void targets_of(const float dimensions[DIMENSIONS], struct targets *targets)
{
	double power = 0;

	for (int band = 0; band < TARGETS_BANDS; band++)
		power += dimensions[band];
	for (int band = 0; band < TARGETS_BANDS; band++) {
		double gain = 0.5 * (ideals[band] - 100.0 * dimensions[band]);

		targets->eq_db[band] = power > 0 ? fmin(fmax(gain, -6), 6) : 0;
	}
	targets->lufs = 0.4 * dimensions[DIM_LUFS] - 8.4;
	targets->crest_db = fmax(10, 0.85 * dimensions[DIM_CREST_DB]);
	targets->ratio = 2.5;
	targets->amount = 0.6;
}
