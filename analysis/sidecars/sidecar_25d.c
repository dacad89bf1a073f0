/*
 * The .25d of a track. Its path has at most 4,096 bytes, other texts 640, the
 * rest less than 3 KiB: it always fits.
 */
#include "analysis/sidecars/sidecar_private.h"

#define FORMAT "2.0"

static void put_file(struct json *json, const struct sidecar_source *source)
{
	json_open(json, "audio_file", '{');
	json_text(json, "path", source->path, SIDECAR_PATH_MAX, JSON_KEEP_END);
	json_whole(json, "size_bytes", source->size_bytes);
	json_time(json, "modified_at", source->mtime);
	json_close(json, '{');
}

/* What a processor would else have to find out again before it can begin. */
static void put_cache(struct json *json, const struct measures *m,
		      const struct sidecar_source *source)
{
	json_open(json, "processing_cache", '{');
	json_text(json, "audio_identity", source->identity,
		  SIDECAR_IDENTITY_MAX, JSON_KEEP_BEGIN);
	json_whole(json, "sample_rate", source->rate);
	json_whole(json, "channels", source->channels);
	json_whole(json, "samples", source->samples);
	json_number(json, "sample_peak_dbfs", MEASURED(m, sample_peak), 2);
	json_number(json, "true_peak_dbtp", MEASURED(m, true_peak), 2);
	json_number(json, "replaygain_db",
		    sidecar_replaygain(MEASURED(m, integrated)), 2);
	json_close(json, '{');
}

static void put_metadata(struct json *json, const struct measures *m,
			 const struct sidecar_source *source)
{
	json_open(json, "metadata", '{');
	json_word(json, "generator", "groovefs");
	sidecar_put_status(json, m, source);
	json_word(json, "generated_at",
		  "the time of modification of the audio file, not of the "
		  "analysis, so that the same file gives the same bytes");
	json_close(json, '{');
}

int sidecar_25d(const struct measures *measures,
		const struct sidecar_source *source, char *to)
{
	const struct measures *m = sidecar_valid(measures, source);
	struct json json;

	json_begin(&json, to, SIDECAR_25D_SIZE);
	json_word(&json, "format_version", FORMAT);
	json_whole(&json, "fingerprint_algorithm_version", MEASURES_VERSION);
	json_time(&json, "generated_at", source->mtime);
	put_file(&json, source);
	sidecar_put_fingerprint(&json, m);
	sidecar_put_targets(&json, m);
	put_cache(&json, m, source);
	put_metadata(&json, m, source);
	return json_end(&json);
}
