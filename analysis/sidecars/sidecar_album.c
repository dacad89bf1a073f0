/*
 * album.json. What is said of the whole comes first and has at most 2 KiB; a
 * track's line is shorter than TRACK_MAX and is written while there is room.
 */
#include "analysis/sidecars/loudness_bins.h"
#include "analysis/sidecars/sidecar.h"
#include "base/json.h"

#include <math.h>

#define FORMAT "1.0"

/* A line of a track, and all that comes after the last one. */
enum { TRACK_MAX = SIDECAR_NAME_MAX + 160, END_MAX = 64 };

struct album {
	size_t analyzed;
	uint32_t bins[LOUDNESS_BINS];
	double loudness;
	double peak;
	double true_peak;
	double seconds;
};

static void add_up(struct album *album, const struct sidecar_track *tracks,
		   size_t count)
{
	*album = (struct album){.true_peak = -100};
	for (size_t i = 0; i < count; i++) {
		const struct measures *m = tracks[i].measures;

		if (!m)
			continue;
		album->analyzed++;
		loudness_add_bins(album->bins, m->loudness_bins);
		album->peak = fmax(album->peak, m->peak);
		album->true_peak = fmax(album->true_peak, m->true_peak);
		if (m->rate > 0)
			album->seconds += (double)m->samples / m->rate;
	}
	album->loudness = loudness_of_bins(album->bins);
}

static void put_whole(struct json *json, const struct album *album,
		      size_t count)
{
	bool any = album->analyzed > 0;
	double loudness = any ? album->loudness : (double)NAN;

	json_word(json, "status", any ? "ok" : "failed");
	json_whole(json, "tracks_total", count);
	json_whole(json, "tracks_analysed", album->analyzed);
	json_number(json, "duration_s", album->seconds, 3);
	json_open(json, "loudness", '{');
	json_number(json, "integrated_lufs", loudness, 2);
	json_number(json, "true_peak_dbtp",
		    any ? album->true_peak : (double)NAN, 2);
	json_close(json, '{');
	json_open(json, "replaygain", '{');
	json_number(json, "reference_lufs", SIDECAR_REFERENCE, 2);
	json_number(json, "gain_db", sidecar_replaygain(loudness), 2);
	json_number(json, "peak", any ? album->peak : (double)NAN, 6);
	json_close(json, '{');
}

static void put_track(struct json *json, const struct sidecar_track *track)
{
	const struct measures *m = track->measures;
	double loudness = m ? (double)m->integrated : (double)NAN;

	json_open_line(json, NULL, '{');
	json_text(json, "name", track->name, SIDECAR_NAME_MAX, JSON_KEEP_END);
	json_word(json, "status", sidecar_status(m));
	json_number(json, "integrated_lufs", loudness, 2);
	json_number(json, "gain_db", sidecar_replaygain(loudness), 2);
	json_number(json, "peak", m ? (double)m->peak : (double)NAN, 6);
	json_close(json, '{');
}

int sidecar_album(const char *folder, const struct sidecar_track *tracks,
		  size_t count, char *to)
{
	struct album album;
	struct json json;
	size_t listed = 0;

	add_up(&album, tracks, count);
	json_begin(&json, to, SIDECAR_ALBUM_SIZE);
	json_word(&json, "format_version", FORMAT);
	json_text(&json, "folder", folder, SIDECAR_FOLDER_MAX, JSON_KEEP_END);
	put_whole(&json, &album, count);
	json_open(&json, "tracks", '[');
	while (listed < count &&
	       json.size + TRACK_MAX + END_MAX <= SIDECAR_ALBUM_SIZE)
		put_track(&json, &tracks[listed++]);
	json_close(&json, '[');
	json_whole(&json, "tracks_listed", listed);
	return json_end(&json);
}
