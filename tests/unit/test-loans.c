/* What a worker borrows: held, counted, given back, whatever it says. */
#include "transcode/engine/loans.h"

#include "base/counters.h"
#include "scratch.h"

enum { RATE = 44100, BUDGET = 16 << 20 };

struct bench {
	char *directory;
	struct blocks *blocks;
	struct track *track;
	struct plan plan; /* 16 kHz mono, 16 bits */
	struct loans loans;
};

static struct bench bench;

static void never_hurry(struct block_filler *filler)
{
	(void)filler;
}

static int set_up(void **state)
{
	struct facts facts = {.kind = FACTS_LOSSLESS,
			      .rate = RATE,
			      .channels = 2,
			      .samples = 60 * RATE};
	struct blocks_config config = {.budget = BUDGET, .patience = 1};
	struct profile profile = {.codec = CODEC_WAV,
				  .rate = 16000,
				  .channels = 1,
				  .format = PCM_S16};
	struct shape shape = {60 * RATE, RATE, 2};
	struct file_id id = {1, 2, 3, 4};

	(void)state;
	assert_int_equal(plan_make(&profile, &shape, &bench.plan), 0);
	bench.directory = scratch_make();
	config.directory = bench.directory;
	assert_int_equal(blocks_create(&config, &bench.blocks), 0);
	bench.track = track_create("a.flac", &id, &facts, NULL);
	assert_non_null(bench.track);
	loans_init(&bench.loans, bench.blocks, false, never_hurry);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	loans_end(&bench.loans);
	track_unref(bench.track);
	blocks_destroy(bench.blocks);
	scratch_remove(bench.directory);
	return 0;
}

static struct loan wish(uint64_t second)
{
	return (struct loan){.layout = {RATE, 2, PCM_FLOAT}, .second = second};
}

static int want(struct loan *loan)
{
	return loans_want(&bench.loans, bench.track, &bench.plan, loan);
}

static void a_first_wish_is_to_be_made_and_a_second_one_is_there(void **state)
{
	struct loan loan = wish(0), again = wish(0);

	(void)state;
	assert_int_equal(want(&loan), 0);
	assert_int_equal(loan.state, LOAN_FILL);
	loan.decoded = 1;
	assert_int_equal(loans_filled(&bench.loans, &bench.plan, &loan), 0);
	assert_int_equal(loans_returned(&bench.loans, &loan), 0);
	assert_int_equal(want(&again), 0);
	assert_int_equal(again.state, LOAN_READY);
}

static void what_was_half_made_is_gone_with_its_worker(void **state)
{
	struct loan half = wish(0), whole = wish(1), again = wish(0);

	(void)state;
	assert_int_equal(want(&half), 0);
	assert_int_equal(want(&whole), 0);
	assert_int_equal(loans_filled(&bench.loans, &bench.plan, &whole), 0);
	loans_end(&bench.loans);
	assert_int_equal(bench.loans.count, 0);
	assert_int_equal(want(&again), 0);
	assert_int_equal(again.state, LOAN_FILL);
}

static void what_a_lost_worker_has_filled_is_not_shared(void **state)
{
	struct loan loan = wish(0), again = wish(0), others = wish(1);

	(void)state;
	assert_int_equal(want(&others), 0);
	assert_int_equal(loans_filled(&bench.loans, &bench.plan, &others), 0);
	loans_end(&bench.loans);
	assert_int_equal(want(&others), 0);
	assert_int_equal(want(&loan), 0);
	assert_int_equal(loans_filled(&bench.loans, &bench.plan, &loan), 0);
	loans_distrust(&bench.loans);
	loans_end(&bench.loans);
	assert_int_equal(want(&again), 0);
	assert_int_equal(again.state, LOAN_FILL);
	assert_int_equal(want(&others), 0);
	assert_int_equal(others.state, LOAN_READY);
}

static void what_is_damaged_is_not_shared(void **state)
{
	struct loan loan = wish(0), again = wish(0);

	(void)state;
	assert_int_equal(want(&loan), 0);
	loan.damaged = 1;
	assert_int_equal(loans_filled(&bench.loans, &bench.plan, &loan), 0);
	assert_int_equal(loans_returned(&bench.loans, &loan), 0);
	assert_int_equal(want(&again), 0);
	assert_int_equal(again.state, LOAN_FILL);
	assert_true(blocks_used(bench.blocks) < 2 * 400000);
}

static void copies_of_a_track_share_and_other_tracks_do_not(void **state)
{
	struct file_id id = {9, 9, 9, 9};
	struct facts facts = track_facts(bench.track);
	struct track *copy = track_create("b.flac", &id, &facts, NULL);
	struct track *other;
	struct loan loan = wish(0), of_copy = wish(0), of_other = wish(0);

	(void)state;
	facts.identity.bytes[3] ^= 1;
	other = track_create("c.flac", &id, &facts, NULL);
	assert_int_equal(want(&loan), 0);
	assert_int_equal(loans_filled(&bench.loans, &bench.plan, &loan), 0);
	loans_end(&bench.loans);
	assert_int_equal(loans_want(&bench.loans, copy, &bench.plan, &of_copy),
			 0);
	assert_int_equal(of_copy.state, LOAN_READY);
	assert_int_equal(
		loans_want(&bench.loans, other, &bench.plan, &of_other), 0);
	assert_int_equal(of_other.state, LOAN_FILL);
	track_unref(copy);
	track_unref(other);
}

static void wishes_that_make_no_sense_are_refused(void **state)
{
	static const struct pcm_layout layouts[] = {
		{0, 2, PCM_FLOAT},     {RATE, 0, PCM_FLOAT},
		{RATE, 2, 0},	       {RATE, 2, 3},
		{RATE, 65, PCM_FLOAT}, {UINT32_MAX, 2, PCM_FLOAT},
		{48000, 2, PCM_FLOAT}, {RATE, 3, PCM_FLOAT}};
	struct loan far = wish(62);

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		struct loan loan = {.layout = layouts[i]};

		assert_int_equal(want(&loan), -EPROTO);
	}
	assert_int_equal(want(&far), -EPROTO);
	assert_int_equal(bench.loans.count, 0);
}

static void lies_about_loans_are_refused(void **state)
{
	struct loan loan = wish(0), same = wish(0), ready;
	struct loan nowhere = {.layout = {RATE, 2, PCM_FLOAT}, .offset = 12345};

	(void)state;
	assert_int_equal(want(&loan), 0);
	assert_int_equal(want(&same), -EPROTO); /* it would wait for itself */
	assert_int_equal(loans_filled(&bench.loans, &bench.plan, &nowhere),
			 -EPROTO);
	assert_int_equal(loans_returned(&bench.loans, &nowhere), -EPROTO);
	ready = loan;
	assert_int_equal(loans_filled(&bench.loans, &bench.plan, &ready), 0);
	assert_int_equal(loans_filled(&bench.loans, &bench.plan, &ready),
			 -EPROTO);
}

static void kinds_that_lead_to_the_plan_are_lent(void **state)
{
	static const struct pcm_layout chain[] = {{RATE, 2, PCM_FLOAT},
						  {RATE, 1, PCM_FLOAT},
						  {16000, 1, PCM_FLOAT},
						  {16000, 1, PCM_S16}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct loan loan = {.layout = chain[i], .second = 61};

		assert_int_equal(want(&loan), 0);
		assert_int_equal(loan.state, LOAN_FILL);
	}
}

static void a_worker_borrows_a_few_at_a_time(void **state)
{
	struct loan loan;

	(void)state;
	for (uint64_t i = 0; i < LOANS_MAX; i++) {
		loan = wish(i);
		assert_int_equal(want(&loan), 0);
	}
	loan = wish(100);
	assert_int_equal(want(&loan), -EPROTO);
}

static void a_block_without_room_is_held_for_its_readers(void **state)
{
	struct loan loan = wish(0);
	const struct block_id id = {
		.stream = track_stream(bench.track, &loan.layout)};
	struct buffer *bytes;
	char text[4];

	(void)state;
	assert_int_equal(buffer_create("loose", 4, &bytes), 0);
	memcpy(buffer_bytes(bytes), "one", 4);
	assert_int_equal(loans_add_loose(&bench.loans, &id, bytes), 0);
	assert_true(loans_have(&bench.loans, &id));
	assert_int_equal(blocks_read(bench.blocks, &id, 0, text, 4), 4);
	assert_string_equal(text, "one");
	loans_end(&bench.loans);
	assert_false(blocks_has(bench.blocks, &id));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_first_wish_is_to_be_made_and_a_second_one_is_there),
		test(what_was_half_made_is_gone_with_its_worker),
		test(what_a_lost_worker_has_filled_is_not_shared),
		test(what_is_damaged_is_not_shared),
		test(copies_of_a_track_share_and_other_tracks_do_not),
		test(wishes_that_make_no_sense_are_refused),
		test(lies_about_loans_are_refused),
		test(kinds_that_lead_to_the_plan_are_lent),
		test(a_worker_borrows_a_few_at_a_time),
		test(a_block_without_room_is_held_for_its_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
