/*
 * One pass over a track, from its samples to all that is measured and drawn:
 *
 *   pass_create -> (pass_native, pass_mono) for every second -> pass_finish
 *
 * Memory is bounded by the track's length only for the onset strength (25 MB
 * and a few times that while the tempo is found, for ten hours).
 */
#ifndef ANALYSIS_PASS_H
#define ANALYSIS_PASS_H

#include "analysis/measure.h"

#include <stddef.h>
#include <stdint.h>

struct pass;

/* 0, -ENOMEM, or -EFBIG: longer than peaks can be counted. */
int pass_create(const struct pass_config *config, struct pass **pass);
void pass_free(struct pass *pass); /* NULL is allowed */

/* Interleaved, at the source's rate. What is not finite counts as 0. */
int pass_native(struct pass *pass, const float *frames, size_t count);

/* The same audio at MEASURES_MONO_RATE, mixed to one channel. */
int pass_mono(struct pass *pass, const float *samples, size_t count);

/*
 * Ends it: writes the rest of the peaks, and WAVEFORM_PNG_SIZE and
 * SPECTROGRAM_PNG_SIZE bytes. Fills all of `measures` but `silent`. 0, -ENOMEM,
 * or what write_peaks gave.
 */
int pass_finish(struct pass *pass, struct measures *measures, uint8_t *waveform,
		uint8_t *spectrogram);

/* Nanoseconds spent so far in drawing (pictures and peaks) and in the rest. */
void pass_times(const struct pass *pass, uint64_t *measure_ns,
		uint64_t *draw_ns);

#endif
