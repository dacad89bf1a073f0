/*
 * A small font for the labels of pictures: digits, and the letters that units
 * need. Drawn for groovefs.
 */
#ifndef ANALYSIS_GLYPHS_H
#define ANALYSIS_GLYPHS_H

#include <stddef.h>
#include <stdint.h>

enum {
	GLYPH_HEIGHT = 9,
	GLYPH_PITCH = 7, /* from one letter to the next */
};

/* In pixels, without the gap after the last letter. */
unsigned glyphs_width(const char *text);

/*
 * Writes in `colour`, the upper left corner at `pixels`, whose rows are
 * `width` bytes apart. Characters that the font lacks are gaps.
 */
void glyphs_draw(uint8_t *pixels, size_t width, const char *text,
		 uint8_t colour);

#endif
