/* Pictures: they decode, have a fixed size, and are always the same. */
#include "analysis/pictures/png.h"

#include "analysis/pictures/pictures.h"
#include "scratch.h"
#include "tests/unit/run_measure.h"

#include <math.h>
#include <png.h>

enum { RATE = 44100, SECONDS = 6, COUNT = RATE * SECONDS };

static float frames[COUNT * 2];
static uint8_t made[SPECTROGRAM_PNG_SIZE];
static uint8_t again[SPECTROGRAM_PNG_SIZE];

static uint32_t random_state = 1;

static uint32_t next_random(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

static float next_noise(void)
{
	return (float)next_random() / 8388608 - 1;
}

static void make_silence(void)
{
	memset(frames, 0, sizeof(frames));
}

static void make_noise(void)
{
	for (size_t i = 0; i < COUNT * 2; i++)
		frames[i] = next_noise();
}

/* Each 100 samples as loud or soft as chance has it: no two columns alike. */
static void make_leaping_noise(void)
{
	float loudness = 0;

	for (size_t i = 0; i < COUNT * 2; i++) {
		if (i % 200 == 0)
			loudness = powf(next_noise(), 4);
		frames[i] = next_noise() * loudness;
	}
}

/* Chords with harmonics and a drum. */
static void make_music(void)
{
	for (size_t i = 0; i < COUNT; i++) {
		double t = (double)i / RATE, sum = 0;
		double beat = fmod(t, 0.5);

		for (int note = 0; note < 3; note++) {
			double f = 110 * pow(2, (note * 4 + floor(t)) / 12);

			for (int n = 1; n < 20; n++)
				sum += sin(2 * M_PI * f * n * t) / n / 8 *
				       exp(-beat * n / 4);
		}
		sum += next_noise() * exp(-beat * 30) / 2;
		frames[2 * i] = (float)sum / 2;
		frames[2 * i + 1] = (float)sum / 3;
	}
}

static void make_nonsense(void)
{
	static const float wrong[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f};

	make_noise();
	for (size_t i = 0; i < COUNT * 2; i += 7)
		frames[i] = wrong[next_random() % 5];
}

static struct pass_config stereo(uint64_t count)
{
	return (struct pass_config){
		.rate = RATE, .channels = 2, .samples = count};
}

static void draw_waveform(size_t count, size_t cut, uint8_t *png)
{
	const struct pass_config config = stereo(count);

	run_measure(&measure_waveform, &config, frames, count, cut,
		    &(struct findings){.waveform = png});
}

static void draw_spectrogram(size_t count, size_t cut, uint8_t *png)
{
	const struct pass_config config = stereo(count);

	run_measure(&measure_spectrogram, &config, frames, count, cut,
		    &(struct findings){.spectrogram = png});
}

/* Its red, green and blue, to be freed. */
static uint8_t *decode(const uint8_t *png, size_t size, unsigned width,
		       unsigned height)
{
	png_image image = {.version = PNG_IMAGE_VERSION};
	uint8_t *pixels;

	assert_true(png_image_begin_read_from_memory(&image, png, size));
	assert_int_equal(image.width, width);
	assert_int_equal(image.height, height);
	image.format = PNG_FORMAT_RGB;
	pixels = malloc(PNG_IMAGE_SIZE(image));
	assert_non_null(pixels);
	assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
	assert_int_equal(image.warning_or_error, 0);
	return pixels;
}

static uint32_t read_be(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static uint32_t crc_of(const uint8_t *bytes, size_t size)
{
	uint32_t crc = UINT32_MAX;

	while (size-- > 0) {
		crc ^= *bytes++;
		for (int i = 0; i < 8; i++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

/* Chunks end where the file ends; the padding is before the last one. */
static void assert_chunks(const uint8_t *png, size_t size)
{
	const uint8_t *before = NULL, *chunk = png + 8;

	while (memcmp(chunk + 4, "IEND", 4) != 0) {
		uint32_t length = read_be(chunk);

		assert_true(chunk + length + 24 <= png + size);
		assert_int_equal(read_be(chunk + 8 + length),
				 crc_of(chunk + 4, length + 4));
		before = chunk;
		chunk += length + 12;
	}
	assert_int_equal(chunk + 12 - png, size);
	assert_memory_equal(before + 4, "paDd", 4);
	for (uint32_t i = 0; i < read_be(before); i++)
		assert_int_equal(before[8 + i], 0);
}

static void assert_picture(const uint8_t *png, size_t size, unsigned width,
			   unsigned height)
{
	uint8_t *pixels = decode(png, size, width, height);

	assert_chunks(png, size);
	free(pixels);
}

static void assert_pictures(size_t count)
{
	draw_waveform(count, 4410, made);
	assert_picture(made, WAVEFORM_PNG_SIZE, 1800, 280);
	draw_spectrogram(count, 4410, made);
	assert_picture(made, SPECTROGRAM_PNG_SIZE, 1200, 512);
}

static void every_sound_has_a_picture_of_the_same_size(void **state)
{
	void (*const sounds[])(void) = {make_silence, make_noise,
					make_leaping_noise, make_music,
					make_nonsense};

	(void)state;
	for (size_t i = 0; i < sizeof(sounds) / sizeof(*sounds); i++) {
		sounds[i]();
		assert_pictures(COUNT);
	}
}

static void so_has_every_length(void **state)
{
	static const size_t lengths[] = {0, 1, 2, 100, 1799, 1801, 10000};

	(void)state;
	make_noise();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		assert_pictures(lengths[i]);
}

/* From a telephone's to what no ear hears, and absurd ones. */
static void so_has_every_rate(void **state)
{
	static const uint32_t rates[] = {1, 50, 8000, 96000, 768000, 10000000};

	(void)state;
	make_music();
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		const struct pass_config config = {
			.rate = rates[i], .channels = 6, .samples = COUNT / 3};

		run_measure(&measure_spectrogram, &config, frames, COUNT / 3,
			    COUNT, &(struct findings){.spectrogram = made});
		assert_picture(made, SPECTROGRAM_PNG_SIZE, 1200, 512);
	}
}

static void cuts_make_no_difference(void **state)
{
	static const size_t cuts[] = {1, 777, 8192, COUNT};

	(void)state;
	make_music();
	draw_waveform(COUNT, 44100, made);
	for (size_t i = 0; i < 4; i++) {
		draw_waveform(COUNT, cuts[i], again);
		assert_memory_equal(made, again, WAVEFORM_PNG_SIZE);
	}
	draw_spectrogram(COUNT, 44100, made);
	for (size_t i = 0; i < 4; i++) {
		draw_spectrogram(COUNT, cuts[i], again);
		assert_memory_equal(made, again, SPECTROGRAM_PNG_SIZE);
	}
}

/* The head of a file may announce more than there is, or less. */
static void fewer_samples_and_more_are_drawn(void **state)
{
	(void)state;
	make_noise();
	for (uint64_t announced = 1000; announced; announced *= 1000000) {
		const struct pass_config config = stereo(announced);

		run_measure(&measure_waveform, &config, frames, COUNT, COUNT,
			    &(struct findings){.waveform = made});
		run_measure(&measure_spectrogram, &config, frames, COUNT, COUNT,
			    &(struct findings){.spectrogram = made});
		if (announced > UINT64_MAX / 1000000)
			break;
	}
}

/* Brightness of the picture's pixels; 50 and 12 are outside the frame. */
static int light_at(const uint8_t *pixels, int x, int y)
{
	const uint8_t *p = pixels + 3 * (y * 1200 + x);

	return p[0] + p[1] + p[2];
}

/* 1 kHz is log(50) / log(1000) of the way up. */
static void a_sine_is_a_line_at_its_frequency(void **state)
{
	const int right = 14 + 466 - (int)(466 * log(50) / log(1000));
	uint8_t *pixels;
	int brightest = 20;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		frames[2 * i] = frames[2 * i + 1] =
			sinf(2 * (float)M_PI * 1000 / RATE * (float)(i % RATE));
	draw_spectrogram(COUNT, 44100, made);
	pixels = decode(made, SPECTROGRAM_PNG_SIZE, 1200, 512);
	for (int y = 14; y < 14 + 466; y++) {
		if (light_at(pixels, 600, y) > light_at(pixels, 600, brightest))
			brightest = y;
	}
	assert_true(abs(brightest - right) <= 2);
	assert_true(light_at(pixels, 600, brightest) > 600);
	assert_true(light_at(pixels, 600, 100) < 30);
	free(pixels);
}

static void a_square_wave_fills_the_waveform(void **state)
{
	uint8_t *pixels;

	(void)state;
	for (size_t i = 0; i < COUNT * 2; i++)
		frames[i] = i / 100 % 2 ? 0.5f : -0.5f;
	draw_waveform(COUNT, 44100, made);
	pixels = decode(made, WAVEFORM_PNG_SIZE, 1800, 280);
	for (int y = 0; y < 280; y++) {
		const uint8_t *p = pixels + 3 * (y * 1800 + 900);

		if (y >= 74 && y < 206) /* half of 134 pixels, both ways */
			assert_true(p[2] > 0xe0);
		else if (y < 72 || y >= 208)
			assert_true(p[2] < 0x30);
	}
	free(pixels);
}

static void make_pixels(uint8_t *pixels, size_t count, unsigned colors)
{
	for (size_t i = 0; i < count; i++)
		pixels[i] = (uint8_t)(next_random() % colors);
}

/* What no compression helps: the reserve that the sizes count on. */
static void chance_fits_into_the_stored_size(void **state)
{
	static const unsigned colors[] = {2, 3, 4, 16, 17, 256};
	static const uint8_t palette[256][3];
	static uint8_t pixels[1800 * 512], file[1800 * 600];

	(void)state;
	for (size_t i = 0; i < sizeof(colors) / sizeof(*colors); i++) {
		struct png_image image = {1200, 512, colors[i], palette,
					  pixels};
		size_t size = PNG_STORED_SIZE(1200, 512, colors[i]);

		make_pixels(pixels, 1200 * 512, colors[i]);
		assert_int_equal(png_write(&image, PNG_PLAIN, size, file), 0);
		assert_picture(file, size, 1200, 512);
	}
}

static void the_last_resorts_fit(void **state)
{
	static const uint8_t palette[16][3];
	static uint8_t pixels[1800 * 512];
	struct png_image image = {1800, 280, 2, palette, pixels};

	(void)state;
	make_pixels(pixels, 1800 * 280, 2);
	assert_int_equal(png_write(&image, PNG_ABOVE, WAVEFORM_PNG_SIZE, made),
			 0);
	assert_picture(made, WAVEFORM_PNG_SIZE, 1800, 280);
	image = (struct png_image){1200, 512, 16, palette, pixels};
	make_pixels(pixels, 1200 * 512, 16);
	assert_int_equal(
		png_write(&image, PNG_PLAIN, SPECTROGRAM_PNG_SIZE, made), 0);
	assert_picture(made, SPECTROGRAM_PNG_SIZE, 1200, 512);
}

static void what_does_not_fit_is_refused(void **state)
{
	static const uint8_t palette[256][3];
	static uint8_t pixels[1200 * 512];
	struct png_image image = {1200, 512, 256, palette, pixels};

	(void)state;
	make_pixels(pixels, sizeof(pixels), 256);
	assert_int_equal(
		png_write(&image, PNG_PLAIN, SPECTROGRAM_PNG_SIZE, made),
		-ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sound_has_a_picture_of_the_same_size),
		cmocka_unit_test(so_has_every_length),
		cmocka_unit_test(so_has_every_rate),
		cmocka_unit_test(cuts_make_no_difference),
		cmocka_unit_test(fewer_samples_and_more_are_drawn),
		cmocka_unit_test(a_sine_is_a_line_at_its_frequency),
		cmocka_unit_test(a_square_wave_fills_the_waveform),
		cmocka_unit_test(chance_fits_into_the_stored_size),
		cmocka_unit_test(the_last_resorts_fit),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
