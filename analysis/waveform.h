/*
 * waveform.png: a track's amplitude from left to right. Light: the RMS around
 * zero; darker: from the least to the greatest sample, of all channels.
 *
 * The file's size is fixed. It compresses to 10 to 30 KiB; 64 KiB hold any
 * picture by construction, because the same silhouette in two colours fits
 * into them without compression.
 */
#ifndef ANALYSIS_WAVEFORM_H
#define ANALYSIS_WAVEFORM_H

#include <stddef.h>
#include <stdint.h>

#define WAVEFORM_WIDTH 1800
#define WAVEFORM_HEIGHT 280
#define WAVEFORM_PNG_SIZE 65536

struct waveform;

/* `samples` per channel, as many as will be fed. 0 or -ENOMEM. */
int waveform_create(unsigned channels, uint64_t samples,
		    struct waveform **waveform);
void waveform_free(struct waveform *waveform);

/* Interleaved, full scale 1. What is fed beyond `samples` is left out. */
void waveform_feed(struct waveform *waveform, const float *frames,
		   size_t count);

/* Writes WAVEFORM_PNG_SIZE bytes. 0 or -ENOMEM. */
int waveform_finish(struct waveform *waveform, uint8_t *png);

#endif
