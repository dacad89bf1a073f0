#include "analysis/sidecars/sidecar_private.h"

#include "analysis/sidecars/dimensions.h"

#include <stdio.h>

const struct measures *sidecar_valid(const struct measures *measures,
				     const struct sidecar_source *source)
{
	return source->failure ? NULL : measures;
}

static bool has_key(const struct measures *measures)
{
	return measures && measures->key_confidence > 0 && measures->tonic < 12;
}

const char *sidecar_tonic(const struct measures *measures)
{
	static const char *const tonics[] = {"C",  "C#", "D",  "D#", "E",  "F",
					     "F#", "G",	 "G#", "A",  "A#", "B"};

	return has_key(measures) ? tonics[measures->tonic] : NULL;
}

const char *sidecar_mode(const struct measures *measures)
{
	if (!has_key(measures))
		return NULL;
	return measures->minor ? "minor" : "major";
}

const char *sidecar_status(const struct measures *measures)
{
	if (!measures)
		return "failed";
	return measures->silent > 0 ? "damaged" : "ok";
}

void sidecar_put_status(struct json *json, const struct measures *measures,
			const struct sidecar_source *source)
{
	const char *reason = source->failure;
	char damage[80];

	if (!measures && !reason)
		reason = "not analyzed";
	if (measures && measures->silent > 0) {
		snprintf(damage, sizeof(damage),
			 "%llu samples could not be decoded and are silent",
			 (unsigned long long)measures->silent);
		reason = damage;
	}
	json_word(json, "status", sidecar_status(measures));
	json_text(json, "reason", reason, SIDECAR_REASON_MAX, JSON_KEEP_BEGIN);
}

void sidecar_put_fingerprint(struct json *json, const struct measures *measures)
{
	json_open(json, "fingerprint", '{');
	for (int i = 0; i < DIMENSIONS; i++)
		json_number(json, dimension_names[i],
			    MEASURED(measures, dimensions[i]), 6);
	json_close(json, '{');
}

/* Without measures the formulas give NaN, which is written as null. */
void sidecar_put_targets(struct json *json, const struct measures *measures)
{
	struct targets targets = {.lufs = NAN, .crest_db = NAN};

	for (int i = 0; i < TARGETS_BANDS; i++)
		targets.eq_db[i] = NAN;
	targets.ratio = targets.amount = NAN;
	if (measures)
		targets_of(measures->dimensions, &targets);
	json_open(json, "mastering_targets", '{');
	json_number(json, "target_lufs", targets.lufs, 2);
	json_number(json, "target_crest_db", targets.crest_db, 2);
	json_open(json, "eq_adjustments_db", '{');
	for (int i = 0; i < TARGETS_BANDS; i++)
		json_number(json, targets_band_names[i], targets.eq_db[i], 2);
	json_close(json, '{');
	json_open(json, "compression", '{');
	json_number(json, "ratio", targets.ratio, 2);
	json_number(json, "amount", targets.amount, 2);
	json_close(json, '{');
	json_close(json, '{');
}
