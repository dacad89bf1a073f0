/* The JSON form of peaks: any range of it, from a range of the binary one. */
#include "analysis/peaks.h"
#include "analysis/sidecars/sidecar.h"
#include "json_check.h"
#include "scratch.h"

/* Any range, from just the bytes that it says it needs. */
static void peaks_of_any_range_are_part_of_the_whole(void **state)
{
	const uint64_t samples = 256 * 300 + 7;
	uint64_t seed = scratch_seed(), size = sidecar_peaks_json_size(samples);
	char *whole = malloc(size), *part = malloc(size);
	uint8_t dat[24 + 602];

	(void)state;
	assert_int_equal(sizeof(dat), peaks_size(samples));
	for (size_t i = 24; i < sizeof(dat); i++)
		dat[i] = (uint8_t)(i < 280 ? i : scratch_random(&seed));
	assert_int_equal(sidecar_peaks_json(48000, samples, 0, size + 100,
					    dat + 24, whole),
			 size);
	assert_true(json_is_valid(whole, size));
	for (int round = 0; round < 20000; round++) {
		uint64_t offset = scratch_random(&seed) % (size + 10), begin,
			 end;
		size_t length = scratch_random(&seed) % 40, right;
		uint8_t *needed;

		right = offset > size		 ? 0
			: length < size - offset ? length
						 : size - offset;
		sidecar_peaks_json_needs(samples, offset, length, &begin, &end);
		assert_true(begin >= 24 && begin <= end && end <= sizeof(dat));
		assert_true(end - begin <= length / 5 + 2);
		needed = malloc(end - begin + 1);
		memcpy(needed, dat + begin, end - begin);
		assert_int_equal(sidecar_peaks_json(48000, samples, offset,
						    length, needed, part),
				 right);
		assert_memory_equal(part, whole + offset, right);
		free(needed);
	}
	free(whole);
	free(part);
}

static void peaks_have_audiowaveform_s_members(void **state)
{
	char text[500];
	static const uint8_t dat[] = {0x80, 0x7f, 0xff, 0};
	const char *head = "{\"version\":2,\"channels\":1,\"sample_rate\":"
			   "     44100,\"samples_per_pixel\":256,\"bits\":8,"
			   "\"length\":         2,\"data\":[";
	const char *rest = " -128, 127,  -1,   0]}\n";
	uint64_t size = sidecar_peaks_json_size(512);

	(void)state;
	assert_int_equal(size, strlen(head) + strlen(rest));
	assert_int_equal(
		sidecar_peaks_json(44100, 512, 0, sizeof(text), dat, text),
		size);
	assert_memory_equal(text, head, strlen(head));
	assert_memory_equal(text + strlen(head), rest, strlen(rest));
	size = sidecar_peaks_json_size(0);
	assert_int_equal(
		sidecar_peaks_json(44100, 0, 0, sizeof(text), NULL, text),
		size);
	assert_true(json_is_valid(text, size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peaks_of_any_range_are_part_of_the_whole),
		cmocka_unit_test(peaks_have_audiowaveform_s_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
