/* Resampling by seconds: equal to resampling at once, and always the same. */
#include "transcode/worker/resample.h"

#include "scratch.h"

#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <math.h>

#define SECONDS 4
#define CHANNELS 2
#define SPARE 4096 /* frames that a converter may give beyond the last */

/* White noise: every frequency, also those at the filter's edge. */
static float *make_noise(uint32_t rate, uint64_t *random)
{
	size_t samples = (size_t)rate * SECONDS * CHANNELS;
	float *noise = calloc(samples, sizeof(*noise));

	assert_non_null(noise);
	for (size_t i = 0; i < samples; i++)
		noise[i] = (float)(int32_t)scratch_random(random) / 4.3e9f;
	return noise;
}

static const float *second_of(const float *track, uint32_t rate, int second)
{
	if (second < 0 || second >= SECONDS)
		return NULL;
	return track + (size_t)second * rate * CHANNELS;
}

static void by_seconds(const float *from, uint32_t from_rate, uint32_t to_rate,
		       float *to)
{
	for (int s = 0; s < SECONDS; s++)
		assert_int_equal(
			resample_second(second_of(from, from_rate, s - 1),
					second_of(from, from_rate, s),
					second_of(from, from_rate, s + 1),
					CHANNELS, from_rate, to_rate,
					to + (size_t)s * to_rate * CHANNELS),
			0);
}

static SwrContext *make_converter(uint32_t from_rate, uint32_t to_rate)
{
	AVChannelLayout layout = AV_CHANNEL_LAYOUT_STEREO;
	SwrContext *swr = NULL;

	assert_true(swr_alloc_set_opts2(&swr, &layout, AV_SAMPLE_FMT_FLT,
					(int)to_rate, &layout,
					AV_SAMPLE_FMT_FLT, (int)from_rate, 0,
					NULL) >= 0);
	av_opt_set_int(swr, "resampler", SWR_ENGINE_SOXR, 0);
	av_opt_set_double(swr, "precision", 28, 0);
	assert_true(swr_init(swr) >= 0);
	return swr;
}

static void at_once(const float *from, uint32_t from_rate, uint32_t to_rate,
		    float *to)
{
	size_t in_count = (size_t)from_rate * SECONDS;
	size_t out_count = (size_t)to_rate * SECONDS + SPARE;
	float *out = calloc(out_count * CHANNELS, sizeof(*out));
	SwrContext *swr = make_converter(from_rate, to_rate);
	const uint8_t *in_plane = (const uint8_t *)from;
	uint8_t *out_plane = (uint8_t *)out;
	int done;

	assert_non_null(out);
	done = swr_convert(swr, &out_plane, (int)out_count, &in_plane,
			   (int)in_count);
	assert_true(done > 0);
	out_plane += (size_t)done * CHANNELS * sizeof(*out);
	swr_convert(swr, &out_plane, (int)out_count - done, NULL, 0);
	memcpy(to, out, (size_t)to_rate * SECONDS * CHANNELS * sizeof(*to));
	swr_free(&swr);
	free(out);
}

/* The largest difference, in dB of full scale. */
static double difference(const float *a, const float *b, size_t samples)
{
	double worst = 0;

	for (size_t i = 0; i < samples; i++)
		worst = fmax(worst, fabs((double)a[i] - b[i]));
	return 20 * log10(worst + 1e-12);
}

static double compare(uint32_t from_rate, uint32_t to_rate, uint64_t *random)
{
	size_t samples = (size_t)to_rate * SECONDS * CHANNELS;
	float *noise = make_noise(from_rate, random);
	float *whole = calloc(samples, sizeof(*whole));
	float *parts = calloc(samples, sizeof(*parts));
	double db;

	assert_true(whole && parts);
	at_once(noise, from_rate, to_rate, whole);
	by_seconds(noise, from_rate, to_rate, parts);
	db = difference(whole, parts, samples);
	printf("# %u -> %u Hz: %.1f dB\n", from_rate, to_rate, db);
	free(noise);
	free(whole);
	free(parts);
	return db;
}

static void seconds_join_without_a_seam(void **state)
{
	static const uint32_t rates[][2] = {
		{96000, 48000}, {88200, 44100}, {192000, 48000}, {44100, 48000},
		{48000, 44100}, {22050, 44100}, {8000, 32000},	 {11025, 44100},
		{16000, 32000}, {37800, 44100}, {352800, 44100}, {44100, 8000},
		{96000, 44100}, {50000, 48000},
	};
	uint64_t random = scratch_seed();

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
		assert_true(compare(rates[i][0], rates[i][1], &random) < -110);
}

/* Where no two samples of a second share a phase, soxr interpolates phases. */
static void odd_rates_join_nearly_without_a_seam(void **state)
{
	uint64_t random = scratch_seed();

	(void)state;
	assert_true(compare(44101, 48000, &random) < -90);
	assert_true(compare(44099, 44100, &random) < -90);
}

static void the_same_second_gives_the_same_samples(void **state)
{
	enum { FROM = 96000, TO = 44100 };
	uint64_t random = scratch_seed();
	float *noise = make_noise(FROM, &random);
	float *first = calloc((size_t)TO * CHANNELS, sizeof(*first));
	float *again = calloc((size_t)TO * CHANNELS, sizeof(*again));

	(void)state;
	assert_true(first && again);
	for (int i = 0; i < 2; i++)
		assert_int_equal(resample_second(second_of(noise, FROM, 0),
						 second_of(noise, FROM, 1),
						 second_of(noise, FROM, 2),
						 CHANNELS, FROM, TO,
						 i ? again : first),
				 0);
	assert_memory_equal(first, again, TO * CHANNELS * sizeof(*first));
	free(noise);
	free(first);
	free(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_join_without_a_seam),
		cmocka_unit_test(odd_rates_join_nearly_without_a_seam),
		cmocka_unit_test(the_same_second_gives_the_same_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
