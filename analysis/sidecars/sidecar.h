/*
 * The text files that lie beside a track under analysis/, and album.json. Pure:
 * the same bytes for the same arguments, no clock, no locale, no memory taken.
 *
 * A text from outside has a limit, as it is written with its escapes; of a path
 * that is longer the end is kept, of all else the begin, and an ellipsis
 * (U+2026) marks the place. So any source fits into the sizes below. What is
 * no UTF-8 is shown as U+FFFD.
 */
#ifndef ANALYSIS_SIDECAR_H
#define ANALYSIS_SIDECAR_H

#include "analysis/measures.h"

#include <stddef.h>
#include <stdint.h>

#define SIDECAR_JSON_SIZE 16384
#define SIDECAR_25D_SIZE 8192
#define SIDECAR_ALBUM_SIZE 8192

/* Bytes between the quotes. */
enum {
	SIDECAR_PATH_MAX = 4096,
	SIDECAR_REASON_MAX = 512,
	SIDECAR_GENRE_MAX = 256,
	SIDECAR_IDENTITY_MAX = 128,
	SIDECAR_CODEC_MAX = 64,
	SIDECAR_FOLDER_MAX = 1024, /* in album.json */
	SIDECAR_NAME_MAX = 128,	   /* in album.json */
};

/* ReplayGain 2.0 (hydrogenaud.io) aims at -18 LUFS. */
#define SIDECAR_REFERENCE (-18.0)

/* What the numbers were measured of. Texts are borrowed for the call. */
struct sidecar_source {
	const char *path;  /* within the library */
	const char *genre; /* of the file's tag; NULL: none */
	const char *codec;
	const char *identity; /* of the audio, in hex */
	uint32_t rate;
	uint32_t channels;
	uint32_t bits;	     /* of whole samples; 0: floats, or lossy */
	uint64_t samples;    /* per channel */
	uint64_t size_bytes; /* of the file */
	int64_t mtime;	     /* seconds since 1970 */
	const char *failure; /* why there are no measures; NULL: there are */
};

/*
 * SIDECAR_JSON_SIZE bytes. `measures` NULL or source->failure: the same layout
 * with null for numbers, "status": "failed", "reason": the failure. 0, or
 * -ENOSPC, which does not happen.
 */
int sidecar_json(const struct measures *measures,
		 const struct sidecar_source *source, char *to);

/*
 * SIDECAR_25D_SIZE bytes, likewise. Its generated_at is the source's time of
 * modification, because a file that is made again has to be the same.
 */
int sidecar_25d(const struct measures *measures,
		const struct sidecar_source *source, char *to);

/* "C", "C#", ... "B", and "major" or "minor"; NULL: no key was found. */
const char *sidecar_tonic(const struct measures *measures);
const char *sidecar_mode(const struct measures *measures);

/* "ok", "damaged" (some of it is silence for that), "failed" (NULL). */
const char *sidecar_status(const struct measures *measures);

/* In dB, and 0 for silence, which has no loudness to correct. */
double sidecar_replaygain(double integrated_lufs);

struct sidecar_track {
	const char *name;
	const struct measures *measures; /* NULL: could not be analyzed */
};

/*
 * album.json, SIDECAR_ALBUM_SIZE bytes. Loudness is of all tracks' blocks
 * together, as if they were one. Of an album with very many tracks the last
 * ones count but are not listed; "tracks_listed" says how many are.
 */
int sidecar_album(const char *folder, const struct sidecar_track *tracks,
		  size_t count, char *to);

/*
 * .peaks.json: the numbers of .peaks.dat, each at a fixed width, so that any
 * range of bytes comes from a range of that file. Its exact size:
 */
uint64_t sidecar_peaks_json_size(uint64_t samples);

/*
 * Which bytes of .peaks.dat are needed for `size` bytes at `offset`: from
 * *begin up to *end, none if they are equal; at most size / 5 + 2.
 */
void sidecar_peaks_json_needs(uint64_t samples, uint64_t offset, size_t size,
			      uint64_t *begin, uint64_t *end);

/*
 * Writes these bytes, fewer at the end of the file, and gives their number.
 * `dat` has the bytes that are needed.
 */
size_t sidecar_peaks_json(uint32_t rate, uint64_t samples, uint64_t offset,
			  size_t size, const uint8_t *dat, char *to);

#endif
