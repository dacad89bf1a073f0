/*
 *   +------------------------------+
 *   | 20k-+------------------+ +-+ |
 *   |  .. |                  | | | |  the bar tells the colors' decibels
 *   |  50-+------------------+ +-+ |
 *   |  Hz 0:00   1:00             |
 *   +------------------------------+
 *
 * The picture is drawn once with many shades. Should the file not fit into its
 * size, it is drawn again with fewer.
 */
#include "analysis/pictures/spectrogram_private.h"

#include "analysis/pictures/pictures.h"
#include "analysis/pictures/png.h"
#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	WIDTH = SPECTROGRAM_WIDTH,
	HEIGHT = SPECTROGRAM_HEIGHT,
	COLUMNS = SPECTROGRAM_COLUMNS,
	ROWS = SPECTROGRAM_ROWS,
	LEFT = 50,
	TOP = 14,
	RIGHT = LEFT + COLUMNS,
	BOTTOM = TOP + ROWS,
	BAR = RIGHT + 14,
	BAR_WIDTH = 14,
	TICK = 4,
	SMALL_TICK = 2,
	MARGIN = 10,
	GAP = 4,    /* from a tick to its label */
	APART = 80, /* labels of time, at least */
};

enum { BACKGROUND, LINE, TEXT, FIRST_SHADE };

/* The least number of shades makes 16 colors. */
static const unsigned ladder[] = {64, 32, 16 - FIRST_SHADE};

_Static_assert(PNG_STORED_SIZE(WIDTH, HEIGHT, 16) <= SPECTROGRAM_PNG_SIZE,
	       "sixteen colors always fit");
_Static_assert(BAR + BAR_WIDTH + TICK + GAP + 4 * GLYPH_PITCH <= WIDTH,
	       "labels of the bar have room");

/* Decibels shown: what is softer is black, what is louder is the brightest. */
#define LOUDEST (-10)
#define SOFTEST (-110)

struct canvas {
	const struct spectrogram_view *view;
	unsigned shades;
	uint8_t *pixels;
};

static void fill(struct canvas *canvas, int x, int y, int width, int height,
		 uint8_t color)
{
	for (int row = y; row < y + height; row++)
		memset(canvas->pixels + row * WIDTH + x, color, (size_t)width);
}

static void write_text(struct canvas *canvas, int x, int y, const char *text)
{
	glyphs_draw(canvas->pixels + y * WIDTH + x, WIDTH, text, TEXT);
}

/* `part` of the way from the softest to the loudest, as a color's number. */
static uint8_t shade_of(const struct canvas *canvas, float part)
{
	float shade = fminf(fmaxf(part, 0), 1) * (float)(canvas->shades - 1);

	return (uint8_t)(FIRST_SHADE + (unsigned)lrintf(shade));
}

static void draw_levels(struct canvas *canvas)
{
	const uint8_t *level = canvas->view->levels;
	uint8_t shades[256];

	for (unsigned i = 0; i < 256; i++) {
		float decibels = SPECTROGRAM_FLOOR + (float)i / 2;

		shades[i] = shade_of(canvas, (decibels - SOFTEST) /
						     (LOUDEST - SOFTEST));
	}
	for (int y = 0; y < ROWS; y++) {
		uint8_t *to = canvas->pixels + (TOP + y) * WIDTH + LEFT;

		for (int x = 0; x < COLUMNS; x++)
			*to++ = shades[*level++];
	}
}

static void draw_frame(struct canvas *canvas)
{
	fill(canvas, LEFT - 1, TOP - 1, COLUMNS + 2, 1, LINE);
	fill(canvas, LEFT - 1, BOTTOM, COLUMNS + 2, 1, LINE);
	fill(canvas, LEFT - 1, TOP - 1, 1, ROWS + 2, LINE);
	fill(canvas, RIGHT, TOP - 1, 1, ROWS + 2, LINE);
}

/* Every digit has a small tick; 1, 2 and 5 a label. */
static void draw_frequency(struct canvas *canvas, double frequency, int digit)
{
	const struct spectrogram_view *view = canvas->view;
	bool labeled = digit == 1 || digit == 2 || digit == 5;
	int tick = labeled ? TICK : SMALL_TICK;
	double height = log(frequency / view->lowest) /
			log(view->highest / view->lowest);
	int y = BOTTOM - (int)lrint(height * ROWS);
	char text[16];

	fill(canvas, LEFT - 1 - tick, y, tick, 1, labeled ? TEXT : LINE);
	if (!labeled)
		return;
	if (frequency < 1000)
		snprintf(text, sizeof(text), "%d", (int)frequency);
	else
		snprintf(text, sizeof(text), "%dk", (int)frequency / 1000);
	write_text(canvas, LEFT - 1 - TICK - GAP - (int)glyphs_width(text),
		   y - GLYPH_HEIGHT / 2, text);
}

static void draw_frequencies(struct canvas *canvas)
{
	const struct spectrogram_view *view = canvas->view;

	for (double decade = 10; decade <= view->highest; decade *= 10) {
		for (int digit = 1; digit < 10; digit++) {
			double frequency = digit * decade;

			if (frequency >= view->lowest &&
			    frequency <= view->highest)
				draw_frequency(canvas, frequency, digit);
		}
	}
	write_text(canvas, MARGIN, BOTTOM + TICK + GAP, "Hz");
}

/* The least step, in seconds, whose labels are far enough apart. */
static double time_step(double seconds)
{
	static const double steps[] = {
		0.001, 0.002, 0.005, 0.01, 0.02, 0.05,	0.1,   0.2,   0.5,
		1,     2,     5,     10,   15,	 30,	60,    120,   300,
		600,   900,   1800,  3600, 7200, 10800, 21600, 43200, 86400,
	};
	const size_t count = sizeof(steps) / sizeof(*steps);
	double least = seconds * APART / COLUMNS;
	double step = 86400;

	for (size_t i = 0; i < count; i++) {
		if (steps[i] >= least)
			return steps[i];
	}
	while (step < least)
		step *= 10;
	return step;
}

static void print_time(char *text, size_t size, double seconds, double step)
{
	unsigned long whole = (unsigned long)(seconds + 0.0005);

	if (step < 1) /* "0.05": in whole thousandths, for any locale */
		snprintf(
			text, size, "%lu.%0*lu", whole,
			step < 0.01  ? 3
			: step < 0.1 ? 2
				     : 1,
			(unsigned long)lrint(fmod(seconds + 0.0005, 1) * 1000) /
				(step < 0.01  ? 1
				 : step < 0.1 ? 10
					      : 100));
	else if (whole < 3600)
		snprintf(text, size, "%lu:%02lu", whole / 60, whole % 60);
	else
		snprintf(text, size, "%lu:%02lu:%02lu", whole / 3600,
			 whole / 60 % 60, whole % 60);
}

static void draw_times(struct canvas *canvas)
{
	double seconds = canvas->view->seconds;
	double step = time_step(seconds);

	for (int i = 0; i * step <= seconds && seconds > 0; i++) {
		int x = LEFT + (int)lrint(i * step / seconds * (COLUMNS - 1));
		char text[32];
		int width;

		print_time(text, sizeof(text), i * step, step);
		width = (int)glyphs_width(text);
		fill(canvas, x, BOTTOM + 1, 1, TICK, TEXT);
		if (x + width / 2 <= BAR + BAR_WIDTH)
			write_text(canvas, x - width / 2, BOTTOM + TICK + GAP,
				   text);
	}
}

static void draw_bar(struct canvas *canvas)
{
	const int x = BAR + BAR_WIDTH;

	for (int y = 0; y < ROWS; y++)
		fill(canvas, BAR, TOP + y, BAR_WIDTH, 1,
		     shade_of(canvas, 1 - (float)y / (ROWS - 1)));
	for (int level = LOUDEST; level >= SOFTEST; level -= 20) {
		int y = TOP +
			(LOUDEST - level) * (ROWS - 1) / (LOUDEST - SOFTEST);
		char text[16];

		snprintf(text, sizeof(text), "%d", level);
		fill(canvas, x, y, TICK, 1, TEXT);
		write_text(canvas, x + TICK + GAP, y - GLYPH_HEIGHT / 2, text);
	}
	write_text(canvas, x + TICK + GAP, BOTTOM + TICK + GAP, "dB");
}

static int draw(struct canvas *canvas, uint8_t *png)
{
	static const uint8_t fixed[FIRST_SHADE][3] = {
		[BACKGROUND] = {0x0e, 0x13, 0x1b},
		[LINE] = {0x48, 0x50, 0x5c},
		[TEXT] = {0xd0, 0xd7, 0xde},
	};
	const unsigned colors = FIRST_SHADE + canvas->shades;
	uint8_t palette[256][3];
	const struct png_image image = {WIDTH, HEIGHT, colors, palette,
					canvas->pixels};

	memcpy(palette, fixed, sizeof(fixed));
	for (unsigned i = 0; i < canvas->shades; i++)
		colors_inferno((float)i / (float)(canvas->shades - 1),
			       palette[FIRST_SHADE + i]);
	fill(canvas, 0, 0, WIDTH, HEIGHT, BACKGROUND);
	draw_levels(canvas);
	draw_frame(canvas);
	draw_frequencies(canvas);
	draw_times(canvas);
	draw_bar(canvas);
	return png_write(&image, PNG_PLAIN, SPECTROGRAM_PNG_SIZE, png);
}

int spectrogram_draw(const struct spectrogram_view *view, uint8_t *png)
{
	auto_free uint8_t *pixels = malloc(WIDTH * HEIGHT);
	struct canvas canvas = {view, 0, pixels};
	int error = -ENOSPC;

	if (!pixels)
		return -ENOMEM;
	for (size_t i = 0; error == -ENOSPC; i++) {
		canvas.shades = ladder[i];
		error = draw(&canvas, png);
	}
	return error;
}
