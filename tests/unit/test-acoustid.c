/* Acoustic fingerprints, against Chromaprint's own program. */
#include "run_measure.h"
#include "scratch.h"

#include <math.h>

struct sound {
	uint32_t rate;
	unsigned channels;
	unsigned bits; /* 8, 16 or 24; 0: floats */
	double seconds;
};

static size_t frames_of(const struct sound *sound)
{
	return (size_t)(sound->seconds * sound->rate);
}

/* Notes that change, some noise; on the grid that so many bits can say. */
static float *make(const struct sound *sound)
{
	size_t count = frames_of(sound) * sound->channels;
	float *samples = malloc((count + 1) * sizeof(*samples));
	float grid = sound->bits ? (float)(1 << (sound->bits - 1)) : 0;
	uint32_t state = 1;

	assert_non_null(samples);
	for (size_t i = 0; i < count; i++) {
		double t = (double)(i / sound->channels) / sound->rate;
		double f = 220 * pow(2, fmod(floor(t * 3) * 5, 12) / 12);
		double value = sin(2 * M_PI * f * t) * 0.5 +
			       sin(6 * M_PI * f * t) * 0.2;

		state = state * 1664525 + 1013904223;
		value += ((double)(state >> 8) / 16777216 - 0.5) * 0.1;
		value *= 1 - 0.2 * (double)(i % sound->channels);
		samples[i] = (float)value;
		if (grid > 0)
			samples[i] = rintf(samples[i] * grid) / grid;
	}
	return samples;
}

static void put(FILE *file, uint32_t value, unsigned bytes)
{
	while (bytes-- > 0) {
		fputc((int)(value & 0xff), file);
		value >>= 8;
	}
}

static void put_sample(FILE *file, float sample, unsigned bits)
{
	uint32_t whole;

	memcpy(&whole, &sample, sizeof(whole));
	if (bits > 0)
		whole = (uint32_t)lrintf(sample * (float)(1 << (bits - 1)));
	if (bits == 8)
		whole += 128;
	put(file, whole, bits > 0 ? bits / 8 : 4);
}

static void save(const struct sound *sound, const float *samples,
		 const char *path)
{
	FILE *file = fopen(path, "wb");
	unsigned width = sound->bits > 0 ? sound->bits / 8 : 4;
	size_t count = frames_of(sound) * sound->channels;

	assert_non_null(file);
	fputs("RIFF", file);
	put(file, (uint32_t)(36 + count * width), 4);
	fputs("WAVEfmt ", file);
	put(file, 16, 4);
	put(file, sound->bits > 0 ? 1 : 3, 2);
	put(file, sound->channels, 2);
	put(file, sound->rate, 4);
	put(file, sound->rate * sound->channels * width, 4);
	put(file, sound->channels * width, 2);
	put(file, width * 8, 2);
	fputs("data", file);
	put(file, (uint32_t)(count * width), 4);
	for (size_t i = 0; i < count; i++)
		put_sample(file, samples[i], sound->bits);
	assert_int_equal(fclose(file), 0);
}

static void print(const struct sound *sound, const float *samples, size_t cut,
		  char text[4096])
{
	const struct pass_config config = {
		.rate = sound->rate,
		.channels = sound->channels,
		.bits = sound->bits,
	};
	struct measures measures = {0};

	run_measure(&measure_acoustid, &config, samples, frames_of(sound), cut,
		    &(struct findings){.measures = &measures});
	memcpy(text, measures.acoustid, sizeof(measures.acoustid));
}

/* What the program says, empty if it says nothing. */
static void ask_fpcalc(const char *path, char text[4096])
{
	char *command;
	FILE *pipe;

	assert_true(asprintf(&command, "fpcalc -plain '%s' 2>/dev/null", path) >
		    0);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	if (!fgets(text, 4096, pipe))
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	pclose(pipe);
	free(command);
}

static void prints_are_those_of_fpcalc(void **state)
{
	static const struct sound sounds[] = {
		{44100, 2, 16, 125},   {48000, 1, 16, 20}, {96000, 2, 24, 12},
		{44100, 2, 0, 30},     {8000, 1, 16, 30},  {11025, 1, 16, 10},
		{11025, 2, 16, 10},    {22050, 1, 8, 10},  {44100, 2, 16, 5.01},
		{44100, 2, 16, 7.345}, {44100, 1, 16, 0.5}};
	char *directory = scratch_make();
	char ours[4096], theirs[4096], *path;

	(void)state;
	if (system("fpcalc -version >/dev/null 2>&1") != 0) {
		print_message("# skipped: no fpcalc (libchromaprint-tools)\n");
		scratch_remove(directory);
		skip();
	}
	assert_true(asprintf(&path, "%s/sound.wav", directory) > 0);
	for (size_t i = 0; i < sizeof(sounds) / sizeof(*sounds); i++) {
		float *samples = make(&sounds[i]);

		save(&sounds[i], samples, path);
		ask_fpcalc(path, theirs);
		print(&sounds[i], samples, 44100, ours);
		assert_string_equal(ours, theirs);
		free(samples);
	}
	free(path);
	scratch_remove(directory);
}

static void cuts_make_no_difference(void **state)
{
	static const size_t cuts[] = {1, 1000, 1025, 65536};
	const struct sound sound = {44100, 2, 16, 15};
	float *samples = make(&sound);
	char whole[4096], text[4096];

	(void)state;
	print(&sound, samples, SIZE_MAX / 2, whole);
	assert_true(strlen(whole) > 100);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		print(&sound, samples, cuts[i], text);
		assert_string_equal(text, whole);
	}
	free(samples);
}

static void two_minutes_are_heard(void **state)
{
	const struct sound more = {8000, 1, 16, 130}, less = {8000, 1, 16, 100};
	float *samples = make(&more);
	char whole[4096], text[4096];

	(void)state;
	print(&more, samples, 8000, whole);
	memset(samples + 121 * 8000, 0, 9 * 8000 * sizeof(*samples));
	print(&more, samples, 8000, text);
	assert_string_equal(text, whole);
	print(&less, samples, 8000, text);
	assert_string_not_equal(text, whole);
	free(samples);
}

static void what_cannot_be_printed_is_empty(void **state)
{
	static const struct sound sounds[] = {{44100, 2, 16, 0},
					      {500, 1, 16, 100},
					      {44100, 31, 16, 3},
					      {44100, 40, 0, 3},
					      {44100, 2, 16, 0.1}};

	(void)state;
	for (size_t i = 0; i < sizeof(sounds) / sizeof(*sounds); i++) {
		float *samples = make(&sounds[i]);
		char text[4096] = "x";

		print(&sounds[i], samples, 44100, text);
		assert_string_equal(text, "");
		free(samples);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_are_those_of_fpcalc),
		cmocka_unit_test(cuts_make_no_difference),
		cmocka_unit_test(two_minutes_are_heard),
		cmocka_unit_test(what_cannot_be_printed_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
