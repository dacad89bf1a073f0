/* What more than one sidecar has. Internal to the writers. */
#ifndef ANALYSIS_SIDECAR_PRIVATE_H
#define ANALYSIS_SIDECAR_PRIVATE_H

#include "analysis/measures.h"
#include "analysis/sidecars/sidecar.h"
#include "base/json.h"

#include <math.h>

/*
 * What a mastering chain could aim at for a track: fixed for the whole track,
 * so that its pieces are treated alike. The formulas are groovefs's own rules
 * of thumb:
 *
 *   loudness   0.4 lufs - 8.4       -14 stays, what is far off comes nearer
 *   crest      0.85 crest_db, at least 10 dB
 *   bands      half of the way, in dB, to the usual share of power (7, 53,
 *              16.5, 17.5, 4, 1.5, 0.5 %), within +-6 dB
 *   compression 2.5 : 1, 60 % of it mixed in
 *
 * The usual shares are the medians over 111 tracks of several kinds, scaled to
 * 100 %. Music's power falls by some 5 dB an octave above 100 Hz, and faster
 * above 4 kHz (P. D. Pestana et al., "Spectral characteristics of popular
 * commercial recordings 1950-2010", AES 135, 2013), so ideals that are spread
 * evenly over the bands would turn every track into hiss.
 */

enum { TARGETS_BANDS = 7 };

/* In the order of the first seven dimensions. */
extern const char *const targets_band_names[TARGETS_BANDS];

struct targets {
	double lufs;
	double crest_db;
	double eq_db[TARGETS_BANDS]; /* 0 where a band has no power at all */
	double ratio;
	double amount; /* 0 to 1 */
};

void targets_of(const float dimensions[DIMENSIONS], struct targets *targets);

/* What more than one sidecar has. */

/* A number of the measures, null when there are none. */
#define MEASURED(measures, field)                                              \
	((measures) ? (double)(measures)->field : (double)NAN)

/* NULL for a failed analysis, whatever else there is. */
const struct measures *sidecar_valid(const struct measures *measures,
				     const struct sidecar_source *source);

void sidecar_put_status(struct json *json, const struct measures *measures,
			const struct sidecar_source *source);
void sidecar_put_fingerprint(struct json *json,
			     const struct measures *measures);
void sidecar_put_targets(struct json *json, const struct measures *measures);

#endif
