/*
 * The .json of a track. Texts have at most 4,096 (path) + 4,096 (acoustid) +
 * 960 bytes, the rest is less than 5 KiB: it always fits.
 */
#include "analysis/sidecars/sidecar_private.h"

#include <string.h>

#define FORMAT "1.0"

static void put_source(struct json *json, const struct sidecar_source *source)
{
	json_open(json, "source", '{');
	json_text(json, "path", source->path, SIDECAR_PATH_MAX, JSON_KEEP_END);
	json_text(json, "codec", source->codec, SIDECAR_CODEC_MAX,
		  JSON_KEEP_BEGIN);
	json_whole(json, "sample_rate", source->rate);
	json_whole(json, "channels", source->channels);
	json_whole(json, "bits", source->bits);
	json_whole(json, "samples", source->samples);
	json_number(json, "duration_s",
		    source->rate > 0 ? (double)source->samples / source->rate
				     : 0,
		    3);
	json_whole(json, "size_bytes", source->size_bytes);
	json_time(json, "modified_at", source->mtime);
	json_text(json, "audio_identity", source->identity,
		  SIDECAR_IDENTITY_MAX, JSON_KEEP_BEGIN);
	json_close(json, '{');
}

static void put_algorithms(struct json *json)
{
	json_open(json, "algorithms", '{');
	json_whole(json, "version", MEASURES_VERSION);
	json_word(json, "loudness", "ITU-R BS.1770, EBU Tech 3341 and 3342");
	json_word(json, "replaygain", "ReplayGain 2.0, -18 LUFS");
	json_word(json, "tempo", "Percival and Tzanetakis 2014; Ellis 2007");
	json_word(json, "key", "chroma: Gomez 2006; profiles: Temperley 2004");
	json_word(json, "fingerprint", "25 dimensions");
	json_word(json, "acoustid", "Chromaprint 2, first 120 s");
	json_close(json, '{');
}

static void put_loudness(struct json *json, const struct measures *m)
{
	json_open(json, "loudness", '{');
	json_number(json, "integrated_lufs", MEASURED(m, integrated), 2);
	json_number(json, "range_lu", MEASURED(m, range), 2);
	json_number(json, "true_peak_dbtp", MEASURED(m, true_peak), 2);
	json_number(json, "sample_peak_dbfs", MEASURED(m, sample_peak), 2);
	json_number(json, "short_term_max", MEASURED(m, short_term_max), 2);
	json_number(json, "momentary_max", MEASURED(m, momentary_max), 2);
	json_close(json, '{');
	json_open(json, "replaygain", '{');
	json_number(json, "reference_lufs", SIDECAR_REFERENCE, 2);
	json_number(json, "gain_db",
		    sidecar_replaygain(MEASURED(m, integrated)), 2);
	json_number(json, "peak", MEASURED(m, peak), 6);
	json_close(json, '{');
}

/* No tempo, no key: null, with confidence 0. */
static void put_music(struct json *json, const struct measures *m)
{
	bool beats = m && m->bpm > 0;

	json_open(json, "tempo", '{');
	json_number(json, "bpm", beats ? m->bpm : (double)NAN, 2);
	json_number(json, "confidence", MEASURED(m, bpm_confidence), 3);
	json_number(json, "beat_count", MEASURED(m, beats), 0);
	json_number(json, "first_beat_s", beats ? m->first_beat : (double)NAN,
		    3);
	json_close(json, '{');
	json_open(json, "key", '{');
	json_word(json, "tonic", sidecar_tonic(m));
	json_word(json, "mode", sidecar_mode(m));
	json_number(json, "confidence", MEASURED(m, key_confidence), 3);
	json_close(json, '{');
}

/* What the file's tag says: an estimate that was worth its name would need more
   music whose genre is known than there is to learn from. */
static void put_genre(struct json *json, const struct sidecar_source *source)
{
	json_open(json, "genre", '{');
	json_text(json, "tag", source->genre, SIDECAR_GENRE_MAX,
		  JSON_KEEP_BEGIN);
	json_close(json, '{');
}

static void put_profile(struct json *json, const struct measures *m,
			const struct sidecar_source *source)
{
	json_open(json, "content_profile", '{');
	json_number(json, "rms", MEASURED(m, rms), 6);
	json_number(json, "peak", MEASURED(m, peak), 6);
	json_number(json, "crest_factor_db",
		    MEASURED(m, dimensions[DIM_CREST_DB]), 2);
	json_number(json, "spectral_centroid_hz",
		    MEASURED(m, spectral_centroid_hz), 1);
	json_number(json, "spectral_rolloff_hz",
		    MEASURED(m, spectral_rolloff_hz), 1);
	json_number(json, "zero_crossing_rate", MEASURED(m, zero_crossing_rate),
		    6);
	json_number(json, "energy_level", MEASURED(m, energy_level), 4);
	json_number(json, "dynamic_range_db", MEASURED(m, dynamic_range_db), 2);
	json_number(json, "stereo_width",
		    MEASURED(m, dimensions[DIM_STEREO_WIDTH]), 4);
	put_genre(json, source);
	json_close(json, '{');
}

/* Copied, because it comes from a worker and may lack its end. */
static void put_acoustid(struct json *json, const struct measures *m)
{
	char text[ACOUSTID_MAX] = "";

	if (m)
		memcpy(text, m->acoustid, sizeof(text) - 1);
	json_text(json, "acoustid", text[0] ? text : NULL, ACOUSTID_MAX,
		  JSON_KEEP_BEGIN);
}

double sidecar_replaygain(double integrated_lufs)
{
	return integrated_lufs <= -70 ? 0 : SIDECAR_REFERENCE - integrated_lufs;
}

int sidecar_json(const struct measures *measures,
		 const struct sidecar_source *source, char *to)
{
	const struct measures *m = sidecar_valid(measures, source);
	struct json json;

	json_begin(&json, to, SIDECAR_JSON_SIZE);
	json_word(&json, "format_version", FORMAT);
	sidecar_put_status(&json, m, source);
	put_source(&json, source);
	put_algorithms(&json);
	put_loudness(&json, m);
	put_music(&json, m);
	sidecar_put_fingerprint(&json, m);
	put_profile(&json, m, source);
	sidecar_put_targets(&json, m);
	put_acoustid(&json, m);
	return json_end(&json);
}
