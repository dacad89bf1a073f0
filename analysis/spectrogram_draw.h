/* What a spectrogram looks like: colours, axes, labels. */
#ifndef ANALYSIS_SPECTROGRAM_DRAW_H
#define ANALYSIS_SPECTROGRAM_DRAW_H

#include <stdint.h>

/* The picture without its margins, in pixels. */
#define SPECTROGRAM_COLUMNS 1082
#define SPECTROGRAM_ROWS 466

/* A level is in half decibels above this, 0 to 255. */
#define SPECTROGRAM_FLOOR (-120)

struct spectrogram_view {
	double seconds; /* of all columns */
	double lowest;	/* Hz, at the bottom edge and at the top */
	double highest;
	const uint8_t *levels; /* of rows, the top one first */
};

/* Writes SPECTROGRAM_PNG_SIZE bytes. 0 or -ENOMEM. */
int spectrogram_draw(const struct spectrogram_view *view, uint8_t *png);

#endif
