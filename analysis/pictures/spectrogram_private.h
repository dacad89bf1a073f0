/* What draws a spectrogram. Internal to analysis/. */
#ifndef ANALYSIS_SPECTROGRAM_PRIVATE_H
#define ANALYSIS_SPECTROGRAM_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

/* What a spectrogram looks like: colors, axes, labels. */

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

/*
 * A perceptual color map: equal steps look equally large, brightness rises all
 * the way, so that it reads in gray and to the color-blind. It is "inferno" of
 * Nathaniel Smith and Stefan van der Walt, made for matplotlib and given to the
 * public domain (CC0; github.com/BIDS/colormap), by 17 of its 256 colors and
 * straight lines between them.
 */

/* sRGB; part is 0 to 1. */
void colors_inferno(float part, uint8_t color[3]);

/*
 * A small font for the labels of pictures: digits, and the letters that units
 * need. Drawn for groovefs.
 */

enum {
	GLYPH_HEIGHT = 9,
	GLYPH_PITCH = 7, /* from one letter to the next */
};

/* In pixels, without the gap after the last letter. */
unsigned glyphs_width(const char *text);

/*
 * Writes in `color`, the upper left corner at `pixels`, whose rows are
 * `width` bytes apart. Characters that the font lacks are gaps.
 */
void glyphs_draw(uint8_t *pixels, size_t width, const char *text,
		 uint8_t color);

#endif
