/*
 * A pixel's color is found by how much of it the column's two bars cover, in
 * sixteenths: that is what makes the edges smooth. With so few colors a column
 * differs from row to row only where a bar ends, so PNG's "above" filter
 * leaves zeros nearly everywhere.
 */
#include "analysis/measure.h"
#include "analysis/pictures/pictures.h"

#include "analysis/pictures/png.h"
#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
	WIDTH = WAVEFORM_WIDTH,
	HEIGHT = WAVEFORM_HEIGHT,
	SHADES = 16,
	/* palette: background to peak, then peak to RMS, then the zero line */
	PEAK = SHADES - 1,
	RMS = 2 * SHADES - 2,
	ZERO,
	COLORS,
};

_Static_assert(PNG_STORED_SIZE(WIDTH, HEIGHT, 2) <= WAVEFORM_PNG_SIZE,
	       "a silhouette always fits");

#define MIDDLE (HEIGHT / 2.0f)
#define FULL_SCALE (MIDDLE - 6) /* pixels */

static const uint8_t background[3] = {0x0e, 0x13, 0x1b};
static const uint8_t peak_color[3] = {0x1f, 0x7a, 0xa8};
static const uint8_t rms_color[3] = {0x8a, 0xd8, 0xf0};
static const uint8_t zero_color[3] = {0x2a, 0x35, 0x42};

struct column {
	float least;
	float greatest;
	double squares;
	uint64_t count; /* of samples, all channels */
};

struct waveform {
	unsigned channels;
	uint64_t samples;
	uint64_t fed;
	unsigned current;
	struct column columns[WIDTH];
};

static void waveform_free(void *state)
{
	free(state);
}

static int waveform_create(const struct pass_config *config, void **created)
{
	struct waveform *waveform = calloc(1, sizeof(*waveform));

	if (!waveform)
		return -ENOMEM;
	waveform->channels = config->channels;
	waveform->samples = config->samples;
	*created = waveform;
	return 0;
}

/* The first sample of a column; of fewer samples than columns some have none.
 */
static uint64_t start_of(const struct waveform *waveform, unsigned column)
{
	uint64_t each = waveform->samples / WIDTH;
	uint64_t rest = waveform->samples % WIDTH;

	return each * column + rest * column / WIDTH;
}

static void take_column(struct column *column, const float *samples,
			size_t count)
{
	bool first = column->count == 0;
	float least = first ? INFINITY : column->least;
	float greatest = first ? -INFINITY : column->greatest;
	double squares = column->squares;

	for (size_t i = 0; i < count; i++) {
		float sample = samples[i];

		/* not a number is 0, what is far too loud is far too loud */
		sample = sample == sample ? sample : 0;
		sample = sample < 4 ? sample : 4;
		sample = sample > -4 ? sample : -4;
		least = sample < least ? sample : least;
		greatest = sample > greatest ? sample : greatest;
		squares += (double)sample * sample;
	}
	column->least = least;
	column->greatest = greatest;
	column->squares = squares;
	column->count += count;
}

static int waveform_feed(void *state, const float *frames, size_t count)
{
	struct waveform *waveform = state;

	while (count > 0 && waveform->fed < waveform->samples) {
		uint64_t end = start_of(waveform, waveform->current + 1);
		uint64_t room = end - waveform->fed;
		size_t part = count < room ? count : (size_t)room;

		take_column(&waveform->columns[waveform->current], frames,
			    part * waveform->channels);
		frames += part * waveform->channels;
		count -= part;
		waveform->fed += part;
		if (part == room)
			waveform->current++;
	}
	return 0;
}

/* A column without samples lies within the sample that ends further right. */
static void fill_gaps(struct waveform *waveform)
{
	for (unsigned i = WIDTH - 1; i-- > 0;) {
		struct column *column = &waveform->columns[i];

		if (start_of(waveform, i) == start_of(waveform, i + 1))
			*column = column[1];
	}
}

struct bar {
	float top;
	float bottom; /* below top: greater */
};

/* At least a pixel high, so that silence is a line. */
static struct bar bar_of(float greatest, float least)
{
	struct bar bar = {
		MIDDLE - fminf(greatest, 1) * FULL_SCALE,
		MIDDLE - fmaxf(least, -1) * FULL_SCALE,
	};
	float missing = 1 - (bar.bottom - bar.top);

	if (missing > 0) {
		bar.top -= missing / 2;
		bar.bottom += missing / 2;
	}
	return bar;
}

/* How much of the pixel row is covered, in steps. */
static int covered(const struct bar *bar, int y)
{
	float part =
		fminf(bar->bottom, (float)y + 1) - fmaxf(bar->top, (float)y);

	return part > 0 ? (int)lrintf(part * (SHADES - 1)) : 0;
}

static void draw_column(const struct waveform *waveform, unsigned x,
			uint8_t *pixels)
{
	const struct column *column = &waveform->columns[x];
	const struct column *left = x > 0 ? column - 1 : column;
	double squares =
		column->count > 0 ? column->squares / (double)column->count : 0;
	float rms = (float)sqrt(squares);
	/* joined with its neighbor: a line when there are few samples */
	float greatest = fmaxf(column->greatest, left->least);
	float least = fminf(column->least, left->greatest);
	struct bar peak = bar_of(greatest, least);
	struct bar core = bar_of(fminf(rms, greatest), fmaxf(-rms, least));

	for (int y = 0; y < HEIGHT; y++) {
		int light = rms > 0 ? covered(&core, y) : 0;
		int dark = covered(&peak, y);
		bool zero = y == HEIGHT / 2 && dark == 0;

		pixels[y * WIDTH + (int)x] = (uint8_t)(light > 0 ? PEAK + light
						       : zero	 ? ZERO
								 : dark);
	}
}

static void blend(const uint8_t *from, const uint8_t *to, int part,
		  uint8_t *color)
{
	for (unsigned i = 0; i < 3; i++)
		color[i] = (uint8_t)(from[i] +
				     (to[i] - from[i]) * part / (SHADES - 1));
}

static int write_shaded(const uint8_t *pixels, uint8_t *png)
{
	uint8_t palette[COLORS][3];
	const struct png_image image = {WIDTH, HEIGHT, COLORS, palette, pixels};

	for (int i = 0; i < SHADES; i++) {
		blend(background, peak_color, i, palette[i]);
		blend(peak_color, rms_color, i, palette[PEAK + i]);
	}
	memcpy(palette[ZERO], zero_color, sizeof(zero_color));
	return png_write(&image, PNG_ABOVE, WAVEFORM_PNG_SIZE, png);
}

static int write_silhouette(uint8_t *pixels, uint8_t *png)
{
	uint8_t palette[2][3];
	const struct png_image image = {WIDTH, HEIGHT, 2, palette, pixels};

	memcpy(palette[0], background, sizeof(background));
	memcpy(palette[1], peak_color, sizeof(peak_color));
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		pixels[i] = pixels[i] > SHADES / 2 && pixels[i] != ZERO;
	return png_write(&image, PNG_ABOVE, WAVEFORM_PNG_SIZE, png);
}

static int waveform_finish(void *state, const struct findings *findings)
{
	struct waveform *waveform = state;
	auto_free uint8_t *pixels = malloc(WIDTH * HEIGHT);
	int error;

	if (!pixels)
		return -ENOMEM;
	fill_gaps(waveform);
	for (unsigned x = 0; x < WIDTH; x++)
		draw_column(waveform, x, pixels);
	error = write_shaded(pixels, findings->waveform);
	return error == -ENOSPC ? write_silhouette(pixels, findings->waveform)
				: error;
}

const struct measure measure_waveform = {
	.draws = true,
	.create = waveform_create,
	.feed = waveform_feed,
	.finish = waveform_finish,
	.free = waveform_free,
};
