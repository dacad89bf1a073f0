/* From floats to 16 bits. */
#include "transcode/worker/quantize.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 200000 };

static float samples[COUNT];
static int16_t made[COUNT];

static void what_had_16_bits_stays(void **state)
{
	(void)state;
	for (int i = 0; i < 65536; i++)
		samples[i] = (float)(i - 32768) / 32768;
	quantize_plain(samples, made, 65536);
	for (int i = 0; i < 65536; i++)
		assert_int_equal(made[i], i - 32768);
}

static void what_is_too_loud_is_clipped(void **state)
{
	const float loud[] = {1, 2, -1, -2, 1e30f, -1e30f};
	const int16_t right[] = {32767, 32767, -32768, -32768, 32767, -32768};
	int16_t out[6];

	(void)state;
	quantize_plain(loud, out, 6);
	assert_memory_equal(out, right, sizeof(right));
	quantize_dithered(loud + 1, out, 1, 0);
	assert_int_equal(out[0], 32767);
}

/* A constant between two steps: rounding errs always the same way. */
static void dither_leaves_no_error_in_the_mean(void **state)
{
	double sum = 0, square = 0;

	(void)state;
	for (int i = 0; i < COUNT; i++)
		samples[i] = 0.3f / 32768;
	quantize_dithered(samples, made, COUNT, 12345);
	for (int i = 0; i < COUNT; i++) {
		double error = made[i] - 0.3;

		assert_true(fabs(error) <= 1.5);
		sum += error;
		square += error * error;
	}
	/* its variance is 1/4 LSB^2 (1/6 of the noise, 1/12 of rounding) */
	assert_true(fabs(sum / COUNT) < 5 * 0.5 / sqrt(COUNT));
	assert_true(fabs(square / COUNT - 0.25) < 0.01);
}

static void a_sample_is_dithered_alike_wherever_one_begins(void **state)
{
	static int16_t part[1000];

	(void)state;
	for (int i = 0; i < COUNT; i++)
		samples[i] = sinf((float)i / 50) * 0.001f;
	quantize_dithered(samples, made, COUNT, 7000000);
	quantize_dithered(samples + 5000, part, 1000, 7005000);
	assert_memory_equal(made + 5000, part, sizeof(part));
	quantize_dithered(samples + 5000, part, 1000, 7005001);
	assert_memory_not_equal(made + 5000, part, sizeof(part));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_had_16_bits_stays),
		cmocka_unit_test(what_is_too_loud_is_clipped),
		cmocka_unit_test(dither_leaves_no_error_in_the_mean),
		cmocka_unit_test(
			a_sample_is_dithered_alike_wherever_one_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
