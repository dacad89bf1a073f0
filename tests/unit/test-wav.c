/* Plans of WAV files: sizes, the header byte by byte, RF64. */
#include "transcode/plan/plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { HEAD = 128 };

static struct plan plan_of(struct profile profile, uint64_t samples,
			   uint32_t rate, uint32_t channels)
{
	struct shape shape = {samples, rate, channels};
	struct plan plan;

	profile.codec = CODEC_WAV;
	if (!profile.format)
		profile.format = PCM_FLOAT;
	assert_int_equal(plan_make(&profile, &shape, &plan), 0);
	return plan;
}

static uint64_t read_le(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | p[bytes];
	return value;
}

/* The place of a chunk's bytes, 0: there is none. */
static size_t find_chunk(const uint8_t *head, const char *name, uint64_t *size)
{
	size_t at = 12;

	while (at + 8 <= HEAD) {
		*size = read_le(head + at + 4, 4);
		if (memcmp(head + at, name, 4) == 0)
			return at + 8;
		at += 8 + *size;
	}
	return 0;
}

static void native_keeps_rate_and_channels(void **state)
{
	struct plan plan = plan_of((struct profile){0}, 100000, 44100, 6);

	(void)state;
	assert_int_equal(plan.output.rate, 44100);
	assert_int_equal(plan.output.channels, 6);
	assert_int_equal(plan.output.samples, 100000);
	assert_int_equal(plan_size(&plan), HEAD + 100000 * 6 * 4);
	assert_int_equal(plan.segments, 3);
	assert_false(plan_is_tagged(&plan));
	assert_true(plan_is_decoded(&plan));
}

static void another_rate_scales_the_samples_up(void **state)
{
	struct plan plan = plan_of((struct profile){.rate = 44100,
						    .channels = 1,
						    .format = PCM_S16},
				   48001, 48000, 2);

	(void)state;
	assert_int_equal(plan.output.samples, 44101); /* 44100.92, and up */
	assert_int_equal(plan_size(&plan), HEAD + 44101 * 2);
}

static void segments_are_seconds(void **state)
{
	struct plan plan = plan_of((struct profile){0}, 2 * 8000 + 5, 8000, 2);
	struct segment last = plan_segment(&plan, 2);

	(void)state;
	assert_int_equal(plan_segment(&plan, 1).start, 8000 * 8);
	assert_int_equal(plan_segment(&plan, 1).end, 2 * 8000 * 8);
	assert_int_equal(last.first_unit, 16000);
	assert_int_equal(last.end, plan.body_size);
}

static void header_of_floats_reads_right(void **state)
{
	struct plan plan = plan_of((struct profile){0}, 1000, 48000, 2);
	uint8_t head[HEAD];
	uint64_t size;
	size_t at;

	(void)state;
	plan_head(&plan, head);
	assert_memory_equal(head, "RIFF", 4);
	assert_int_equal(read_le(head + 4, 4), HEAD - 8 + 8000);
	assert_memory_equal(head + 8, "WAVE", 4);
	at = find_chunk(head, "fmt ", &size);
	assert_int_equal(size, 18);
	assert_int_equal(read_le(head + at, 2), 3);
	assert_int_equal(read_le(head + at + 2, 2), 2);
	assert_int_equal(read_le(head + at + 4, 4), 48000);
	assert_int_equal(read_le(head + at + 8, 4), 48000 * 8);
	assert_int_equal(read_le(head + at + 12, 2), 8);
	assert_int_equal(read_le(head + at + 14, 2), 32);
	at = find_chunk(head, "fact", &size);
	assert_int_equal(read_le(head + at, 4), 1000);
	assert_int_equal(find_chunk(head, "data", &size), HEAD);
	assert_int_equal(size, 8000);
}

static void header_of_integers_is_plain(void **state)
{
	struct plan plan =
		plan_of((struct profile){.format = PCM_S16}, 1000, 44100, 1);
	uint8_t head[HEAD];
	uint64_t size;
	size_t at;

	(void)state;
	plan_head(&plan, head);
	at = find_chunk(head, "fmt ", &size);
	assert_int_equal(size, 16);
	assert_int_equal(read_le(head + at, 2), 1);
	assert_int_equal(read_le(head + at + 14, 2), 16);
	assert_int_equal(find_chunk(head, "fact", &size), 0);
	assert_int_equal(find_chunk(head, "data", &size), HEAD);
	assert_int_equal(size, 2000);
}

/* The last file that a RIFF's 32 bits can tell, and the next. */
static void four_gibibytes_make_it_rf64(void **state)
{
	uint64_t fit = (UINT32_MAX - (HEAD - 8)) / 8;
	struct plan small = plan_of((struct profile){0}, fit, 192000, 2);
	struct plan large = plan_of((struct profile){0}, fit + 1, 192000, 2);
	uint8_t head[HEAD];
	uint64_t size;
	size_t at;

	(void)state;
	plan_head(&small, head);
	assert_memory_equal(head, "RIFF", 4);
	assert_int_equal(find_chunk(head, "ds64", &size), 0);
	plan_head(&large, head);
	assert_memory_equal(head, "RF64", 4);
	assert_int_equal(read_le(head + 4, 4), UINT32_MAX);
	at = find_chunk(head, "ds64", &size);
	assert_int_equal(at, 20);
	assert_int_equal(size, 28);
	assert_int_equal(read_le(head + at, 8), plan_size(&large) - 8);
	assert_int_equal(read_le(head + at + 8, 8), large.body_size);
	assert_int_equal(read_le(head + at + 16, 8), fit + 1);
	assert_memory_equal(head + HEAD - 8, "data", 4);
	assert_int_equal(read_le(head + HEAD - 4, 4), UINT32_MAX);
}

static void no_samples_are_a_header(void **state)
{
	struct plan plan = plan_of((struct profile){0}, 0, 44100, 2);

	(void)state;
	assert_int_equal(plan_size(&plan), HEAD);
	assert_int_equal(plan.segments, 1);
	assert_int_equal(plan_segment(&plan, 0).end, 0);
}

static void nonsense_is_refused(void **state)
{
	struct profile profile = {.codec = CODEC_WAV};
	struct shape shape = {1000, 44100, 2};
	struct plan plan;

	(void)state;
	assert_int_equal(plan_make(&profile, &shape, &plan), -EINVAL);
	profile.format = PCM_FLOAT;
	shape.samples = (((uint64_t)1 << 26) - 1) * 6144000;
	shape.rate = 6144000;
	assert_int_equal(plan_make(&profile, &shape, &plan), 0);
	assert_int_equal(plan.output.samples, shape.samples);
	shape.samples = UINT64_MAX;
	assert_int_equal(plan_make(&profile, &shape, &plan), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_keeps_rate_and_channels),
		cmocka_unit_test(another_rate_scales_the_samples_up),
		cmocka_unit_test(segments_are_seconds),
		cmocka_unit_test(header_of_floats_reads_right),
		cmocka_unit_test(header_of_integers_is_plain),
		cmocka_unit_test(four_gibibytes_make_it_rf64),
		cmocka_unit_test(no_samples_are_a_header),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
