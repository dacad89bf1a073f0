/* Plans: the arithmetic of MP3, against counting by hand and by brute force. */
#include "transcode/plan/plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct profile medium = {.name = "medium",
				      .codec = CODEC_MP3,
				      .bit_rate = 192,
				      .lame_quality = 3};

static struct plan plan_of(uint64_t samples, uint32_t rate, uint32_t channels)
{
	struct shape shape = {samples, rate, channels};
	struct plan plan;

	assert_int_equal(plan_make(&medium, &shape, &plan), 0);
	return plan;
}

static uint32_t read32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void rates_of_the_three_families_stay(void **state)
{
	(void)state;
	assert_int_equal(plan_of(1000, 44100, 2).output.rate, 44100);
	assert_int_equal(plan_of(1000, 48000, 2).output.rate, 48000);
	assert_int_equal(plan_of(1000, 32000, 2).output.rate, 32000);
}

static void higher_rates_are_divided_within_their_family(void **state)
{
	(void)state;
	assert_int_equal(plan_of(1000, 88200, 2).output.rate, 44100);
	assert_int_equal(plan_of(1000, 176400, 2).output.rate, 44100);
	assert_int_equal(plan_of(1000, 352800, 2).output.rate, 44100);
	assert_int_equal(plan_of(1000, 96000, 2).output.rate, 48000);
	assert_int_equal(plan_of(1000, 192000, 2).output.rate, 48000);
	assert_int_equal(plan_of(1000, 64000, 2).output.rate, 32000);
}

static void lower_rates_go_up_to_the_next(void **state)
{
	(void)state;
	assert_int_equal(plan_of(1000, 8000, 2).output.rate, 32000);
	assert_int_equal(plan_of(1000, 22050, 2).output.rate, 32000);
	assert_int_equal(plan_of(1000, 37800, 2).output.rate, 44100);
	assert_int_equal(plan_of(1000, 50000, 2).output.rate, 48000);
}

static void mono_gets_half_the_bit_rate(void **state)
{
	struct plan plan = plan_of(1000, 44100, 1);

	(void)state;
	assert_int_equal(plan.output.channels, 1);
	assert_int_equal(plan.bit_rate, 96);
}

static void more_than_two_channels_become_two(void **state)
{
	(void)state;
	assert_int_equal(plan_of(1000, 44100, 6).output.channels, 2);
}

static struct plan plan_with(uint32_t rate, uint32_t channels,
			     const struct shape *shape)
{
	struct profile profile = medium;
	struct plan plan;

	profile.rate = rate;
	profile.channels = channels;
	assert_int_equal(plan_make(&profile, shape, &plan), 0);
	return plan;
}

static void profile_may_ask_for_a_rate(void **state)
{
	static const uint32_t rates[] = {32000, 44100, 48000};
	struct shape shape = {96000, 96000, 2};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct plan plan = plan_with(rates[i], 0, &shape);

		assert_int_equal(plan.output.rate, rates[i]);
		assert_int_equal(plan.output.samples, rates[i]);
		assert_int_equal(plan.bit_rate, 192);
	}
}

static void profile_may_ask_for_channels_at_its_full_bit_rate(void **state)
{
	struct shape stereo = {44100, 44100, 2};
	struct shape mono = {44100, 44100, 1};

	(void)state;
	assert_int_equal(plan_with(0, 1, &stereo).output.channels, 1);
	assert_int_equal(plan_with(0, 1, &stereo).bit_rate, 192);
	assert_int_equal(plan_with(0, 1, &mono).bit_rate, 192);
	assert_int_equal(plan_with(0, 2, &mono).output.channels, 2);
	assert_int_equal(plan_with(0, 2, &mono).bit_rate, 192);
}

static void samples_scale_with_the_rate(void **state)
{
	(void)state;
	assert_int_equal(plan_of(96000, 96000, 2).output.samples, 48000);
	assert_int_equal(plan_of(96001, 96000, 2).output.samples, 48001);
	assert_int_equal(plan_of(22050, 22050, 2).output.samples, 32000);
}

/* 576 + N + pad is a multiple of 1152, and pad is between 576 and 1727. */
static void frames_hold_the_delay_the_samples_and_a_padding(void **state)
{
	(void)state;
	for (uint64_t n = 0; n < 5000; n++) {
		uint64_t frames = plan_of(n, 44100, 2).units;
		uint64_t pad = frames * 1152 - 576 - n;

		assert_in_range(pad, 576, 1727);
	}
}

/* The rule as the standard and LAME have it: a running remainder. */
static void sizes_follow_the_running_remainder(void **state)
{
	static const uint32_t rates[] = {44100, 48000, 32000};

	(void)state;
	for (unsigned r = 0; r < 3; r++) {
		struct plan plan = plan_of(1152 * 3000, rates[r], 2);
		uint64_t rest = 144000ull * plan.bit_rate % rates[r];
		int64_t lag = (int64_t)rest;
		uint64_t size = 0;

		for (uint64_t f = 0; f < plan.units; f++) {
			size += 144000ull * plan.bit_rate / rates[r];
			lag -= (int64_t)rest;
			if (lag < 0) {
				lag += rates[r];
				size++;
			}
		}
		assert_int_equal(plan.body_size, size);
	}
}

static void segments_cover_the_body_without_a_gap(void **state)
{
	(void)state;
	for (uint64_t n = 0; n < 3000000; n += 12345) {
		struct plan plan = plan_of(n, 44100, 2);
		uint64_t byte = 0;
		uint64_t unit = 0;

		for (uint32_t i = 0; i < plan.segments; i++) {
			struct segment s = plan_segment(&plan, i);

			assert_int_equal(s.start, byte);
			assert_int_equal(s.first_unit, unit);
			assert_true(s.end > s.start);
			byte = s.end;
			unit = s.end_unit;
		}
		assert_int_equal(byte, plan.body_size);
		assert_int_equal(unit, plan.units);
	}
}

/* An encoder restarted there is in phase, and has time to settle. */
static void segments_begin_a_warm_up_after_a_period(void **state)
{
	struct plan plan = plan_of(44100 * 60, 44100, 2);

	(void)state;
	for (uint32_t i = 1; i < plan.segments; i++)
		assert_int_equal(plan_segment(&plan, i).first_unit % 49, 24);
}

static void first_segments_are_short(void **state)
{
	struct plan plan = plan_of(44100 * 60, 44100, 2);

	(void)state;
	assert_int_equal(plan_segment(&plan, 0).end_unit, 73);
	assert_int_equal(plan_segment(&plan, 1).end_unit, 171);
	assert_int_equal(plan_segment(&plan, 2).end_unit, 416);
}

static void head_announces_delay_padding_and_size(void **state)
{
	struct plan plan = plan_of(44100 * 10, 44100, 2);
	uint8_t head[PLAN_EDGE_MAX];
	const uint8_t *info = head + 4 + 32;
	const uint8_t *gap = info + 120 + 21;
	uint32_t delay = (uint32_t)gap[0] << 4 | gap[1] >> 4;
	uint32_t padding;

	(void)state;
	plan_head(&plan, head);
	delay = (uint32_t)gap[0] << 4 | gap[1] >> 4;
	padding = (uint32_t)(gap[1] & 15) << 8 | gap[2];
	assert_memory_equal(head, "\xff\xfb\xb0\x44", 4);
	assert_memory_equal(info, "Info", 4);
	assert_int_equal(read32(info + 8), plan.units + 1);
	assert_int_equal(read32(info + 12), plan_size(&plan));
	assert_int_equal(delay, 576);
	assert_int_equal((plan.units + 1) * 1152 - delay - padding, 441000);
}

static void tail_is_one_silent_frame_in_phase(void **state)
{
	uint8_t tail[PLAN_EDGE_MAX];
	uint8_t zero[PLAN_EDGE_MAX] = {0};
	bool padded = false;
	bool plain = false;

	(void)state;
	for (uint64_t n = 0; n < 200000; n += 1152) {
		struct plan plan = plan_of(n, 44100, 2);

		plan_tail(&plan, tail);
		assert_int_equal(tail[0], 0xff);
		assert_int_equal(626 + (tail[2] >> 1 & 1), plan.tail_size);
		assert_memory_equal(tail + 4, zero, plan.tail_size - 4);
		padded |= plan.tail_size == 627;
		plain |= plan.tail_size == 626;
	}
	assert_true(padded && plain);
}

static void info_frame_fits_at_the_lowest_bit_rate(void **state)
{
	struct profile lowest = medium;
	struct shape shape = {48000, 48000, 1};
	uint8_t head[PLAN_EDGE_MAX];
	struct plan plan;

	(void)state;
	lowest.bit_rate = 64;
	assert_int_equal(plan_make(&lowest, &shape, &plan), 0);
	assert_int_equal(plan.bit_rate, 32);
	assert_true(plan.head_size >= 4 + 17 + 156);
	plan_head(&plan, head);
	assert_memory_equal(head + 4 + 17, "Info", 4);
}

static void nonsense_is_refused(void **state)
{
	struct shape no_rate = {1000, 0, 2};
	struct shape no_channels = {1000, 44100, 0};
	struct shape endless = {UINT64_MAX, 44100, 2};
	struct profile unknown = {.codec = 77, .bit_rate = 192};
	struct profile slow = medium, surround = medium;
	struct shape fine = {1000, 44100, 2};
	struct plan plan;

	(void)state;
	assert_int_equal(plan_make(&medium, &no_rate, &plan), -EINVAL);
	assert_int_equal(plan_make(&medium, &no_channels, &plan), -EINVAL);
	assert_int_equal(plan_make(&medium, &endless, &plan), -EFBIG);
	assert_int_equal(plan_make(&unknown, &fine, &plan), -EINVAL);
	slow.rate = 22050; /* MPEG-2 */
	assert_int_equal(plan_make(&slow, &fine, &plan), -EINVAL);
	surround.channels = 6;
	assert_int_equal(plan_make(&surround, &fine, &plan), -EINVAL);
}

/* FLAC counts samples with 36 bits. */
static void longest_flac_can_be_planned(void **state)
{
	struct plan plan = plan_of((1ull << 36) - 1, 44100, 2);

	(void)state;
	assert_int_equal(plan_segment(&plan, plan.segments - 1).end,
			 plan.body_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_of_the_three_families_stay),
		cmocka_unit_test(higher_rates_are_divided_within_their_family),
		cmocka_unit_test(lower_rates_go_up_to_the_next),
		cmocka_unit_test(mono_gets_half_the_bit_rate),
		cmocka_unit_test(more_than_two_channels_become_two),
		cmocka_unit_test(profile_may_ask_for_a_rate),
		cmocka_unit_test(
			profile_may_ask_for_channels_at_its_full_bit_rate),
		cmocka_unit_test(samples_scale_with_the_rate),
		cmocka_unit_test(
			frames_hold_the_delay_the_samples_and_a_padding),
		cmocka_unit_test(sizes_follow_the_running_remainder),
		cmocka_unit_test(segments_cover_the_body_without_a_gap),
		cmocka_unit_test(segments_begin_a_warm_up_after_a_period),
		cmocka_unit_test(first_segments_are_short),
		cmocka_unit_test(head_announces_delay_padding_and_size),
		cmocka_unit_test(tail_is_one_silent_frame_in_phase),
		cmocka_unit_test(info_frame_fits_at_the_lowest_bit_rate),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(longest_flac_can_be_planned),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
