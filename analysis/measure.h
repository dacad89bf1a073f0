/*
 * A measure is fed a track and gives its results at the end; pass.c lists them.
 * Each file that makes a result says what it is, and by which formula.
 */
#ifndef ANALYSIS_MEASURE_H
#define ANALYSIS_MEASURE_H

#include "analysis/measures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes the bytes of peaks.dat in order, some KiB at a time. 0 or -errno. */
typedef int peaks_write(void *context, const uint8_t *bytes, size_t size);

/* What they know about the track. */
struct pass_config {
	uint32_t rate; /* Hz, of the source */
	uint32_t channels;
	uint32_t bits;	  /* of whole samples; 0: floats, or lossy */
	uint64_t samples; /* per channel */

	/* Receives the bytes of the peaks (peaks.h). */
	peaks_write *write_peaks;
	void *context;

	/* Called now and then during long work. May be NULL. */
	void (*alive)(void *context);
	void *alive_context;
};

/* Filled by all of them, each its part. */
struct findings {
	struct measures *measures;
	uint8_t *waveform;    /* WAVEFORM_PNG_SIZE bytes */
	uint8_t *spectrogram; /* SPECTROGRAM_PNG_SIZE bytes */
};

struct measure {
	bool mono;  /* is fed one channel at MEASURES_MONO_RATE */
	bool draws; /* for people to look at */

	/* `config` stays as long as the state. 0 or -errno. */
	int (*create)(const struct pass_config *config, void **state);

	/* Interleaved, full scale 1, any number of frames. 0 or -errno. */
	int (*feed)(void *state, const float *frames, size_t count);

	/* Once, after all was fed. 0 or -errno. */
	int (*finish)(void *state, const struct findings *findings);
	void (*free)(void *state); /* NULL is allowed */
};

extern const struct measure measure_acoustid;
extern const struct measure measure_chroma;
extern const struct measure measure_dynamics;
extern const struct measure measure_harmonic;
extern const struct measure measure_loudness;
extern const struct measure measure_onsets;
extern const struct measure measure_peaks;
extern const struct measure measure_pitch;
extern const struct measure measure_spectrogram;
extern const struct measure measure_spectrum;
extern const struct measure measure_stereo;
extern const struct measure measure_timbre;
extern const struct measure measure_waveform;

/* For long work: to be called now and then. */
static inline void measure_alive(const struct pass_config *config)
{
	if (config->alive)
		config->alive(config->alive_context);
}

#endif
