/* What more than one sidecar has. Internal to the writers. */
#ifndef ANALYSIS_SIDECAR_PARTS_H
#define ANALYSIS_SIDECAR_PARTS_H

#include "analysis/sidecar.h"
#include "base/json.h"

#include <math.h>

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
