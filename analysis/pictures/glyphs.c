/* Six by nine pixels a letter, a byte a row; the highest of six bits is left.
 */
#include "analysis/pictures/spectrogram_private.h"

#include <string.h>

enum { GLYPH_WIDTH = 6 };

/* clang-format off */
static const uint8_t glyphs[128][GLYPH_HEIGHT] = {
	['0'] = {036, 063, 063, 063, 063, 063, 063, 063, 036},
	['1'] = {014, 034, 074, 014, 014, 014, 014, 014, 077},
	['2'] = {036, 063, 003, 003, 006, 014, 030, 060, 077},
	['3'] = {036, 063, 003, 003, 016, 003, 003, 063, 036},
	['4'] = {006, 016, 016, 026, 026, 046, 077, 006, 006},
	['5'] = {077, 060, 060, 076, 063, 003, 003, 063, 036},
	['6'] = {016, 030, 060, 076, 063, 063, 063, 063, 036},
	['7'] = {077, 003, 003, 006, 006, 014, 014, 030, 030},
	['8'] = {036, 063, 063, 063, 036, 063, 063, 063, 036},
	['9'] = {036, 063, 063, 063, 063, 037, 003, 006, 034},
	[':'] = {000, 000, 014, 014, 000, 000, 014, 014, 000},
	['.'] = {000, 000, 000, 000, 000, 000, 000, 014, 014},
	['-'] = {000, 000, 000, 000, 076, 000, 000, 000, 000},
	['H'] = {063, 063, 063, 063, 077, 063, 063, 063, 063},
	['B'] = {076, 063, 063, 063, 076, 063, 063, 063, 076},
	['F'] = {077, 060, 060, 060, 076, 060, 060, 060, 060},
	['S'] = {036, 063, 060, 060, 036, 003, 003, 063, 036},
	['d'] = {003, 003, 003, 037, 063, 063, 063, 063, 037},
	['k'] = {060, 060, 060, 063, 066, 074, 074, 066, 063},
	['s'] = {000, 000, 000, 037, 060, 074, 017, 003, 076},
	['z'] = {000, 000, 000, 077, 003, 006, 014, 030, 077},
};
/* clang-format on */

unsigned glyphs_width(const char *text)
{
	size_t length = strlen(text);

	return length > 0 ? (unsigned)length * GLYPH_PITCH -
				    (GLYPH_PITCH - GLYPH_WIDTH)
			  : 0;
}

void glyphs_draw(uint8_t *pixels, size_t width, const char *text, uint8_t color)
{
	for (; *text; text++, pixels += GLYPH_PITCH) {
		const uint8_t *rows = glyphs[*text & 0x7f];

		for (size_t y = 0; y < GLYPH_HEIGHT; y++) {
			for (size_t x = 0; x < GLYPH_WIDTH; x++) {
				if (rows[y] >> (GLYPH_WIDTH - 1 - x) & 1)
					pixels[y * width + x] = color;
			}
		}
	}
}
