/* Resampling by seconds: equal to resampling at once, and always the same. */
#include "transcode/worker/resample.h"

#include "scratch.h"

#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <math.h>

#define SECONDS 4
#define CHANNELS 2

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

static void at_once(const float *from, uint32_t from_rate, uint32_t to_rate,
		    float *to)
{
	AVChannelLayout layout = AV_CHANNEL_LAYOUT_STEREO;
	int count = (int)to_rate * SECONDS, done = 0;
	const uint8_t *in[] = {(const uint8_t *)from};
	int in_count = (int)from_rate * SECONDS;
	SwrContext *swr = NULL;

	assert_true(swr_alloc_set_opts2(&swr, &layout, AV_SAMPLE_FMT_FLT,
					(int)to_rate, &layout,
					AV_SAMPLE_FMT_FLT, (int)from_rate, 0,
					NULL) >= 0);
	av_opt_set_int(swr, "resampler", SWR_ENGINE_SOXR, 0);
	av_opt_set_double(swr, "precision", 28, 0);
	assert_true(swr_init(swr) >= 0);
	while (done < count) {
		uint8_t *out[] = {(uint8_t *)(to + (size_t)done * CHANNELS)};
		int n = swr_convert(swr, out, count - done,
				    in_count ? in : NULL, in_count);

		if (n <= 0 && in_count == 0)
			break;
		in_count = 0;
		done += n;
	}
	swr_free(&swr);
	assert_true(count - done <= 1);
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
	db = difference(whole, parts, samples - CHANNELS);
	printf("# %u -> %u Hz: %.1f dB\n", from_rate, to_rate, db);
	free(noise);
	free(whole);
	free(parts);
	return db;
}

static void seconds_join_without_a_seam(void **state)
{
	static const uint32_t rates[][2] = {
		{96000, 48000}, {88200, 44100},	 {192000, 48000},
		{44100, 48000}, {48000, 44100},	 {22050, 44100},
		{8000, 32000},	{11025, 44100},	 {16000, 32000},
		{37800, 44100}, {352800, 44100}, {44100, 8000},
		{96000, 44100}, {50000, 48000},	 {44101, 48000},
	};
	uint64_t random = scratch_seed();

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
		assert_true(compare(rates[i][0], rates[i][1], &random) < -110);
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
		assert_int_equal(
			resample_second(second_of(noise, FROM, 0),
					second_of(noise, FROM, 1),
					second_of(noise, FROM, 2), CHANNELS,
					FROM, TO, i ? again : first),
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
		cmocka_unit_test(the_same_second_gives_the_same_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
