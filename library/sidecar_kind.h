/*
 * Sidecars: the files of analysis/. Each track has one of every kind, named
 * after the track with a suffix; each folder of tracks has an album.json
 * (album.h).
 */
#ifndef LIBRARY_SIDECAR_KIND_H
#define LIBRARY_SIDECAR_KIND_H

#include <stdint.h>

enum sidecar {
	SIDECAR_JSON, /* the first one represents the track where one must */
	SIDECAR_25D,
	SIDECAR_PEAKS,
	SIDECAR_PEAKS_JSON,
	SIDECAR_WAVEFORM,
	SIDECAR_SPECTROGRAM,
	SIDECARS
};

/* The suffix behind the track's name, with its dot. */
const char *sidecar_suffix(enum sidecar sidecar);

/* Its exact size, before anything is computed. */
uint64_t sidecar_size(enum sidecar sidecar, uint64_t samples);

#endif
