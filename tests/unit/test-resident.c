/* Tracks' parts in memory: what is kept, what goes first, and for how long. */
#include "cache/memory/resident.h"

#include "base/clock.h"
#include "scratch.h"

#include <limits.h>
#include <pthread.h>

/* Of the resident that most tests begin with. */
#define MEMORY 4096
#define TRACKS 8

#define LARGEST (MEMORY / 4) /* bytes of a part */

static struct resident *make(uint64_t memory, unsigned tracks, unsigned ttl)
{
	const struct resident_config config = {
		.size = memory, .tracks = tracks, .ttl = ttl};
	struct resident *resident;

	assert_int_equal(resident_create(&config, &resident), 0);
	return resident;
}

static int set_up(void **state)
{
	*state = make(MEMORY, TRACKS, 0);
	return 0;
}

static int tear_down(void **state)
{
	resident_destroy(*state);
	return 0;
}

static struct key key_number(unsigned number)
{
	return key_of(&(struct key_part){&number, sizeof(number)}, 1);
}

/* Every part of every track has other bytes. */
static void fill(uint8_t *bytes, size_t size, unsigned track, unsigned part)
{
	uint64_t state = (uint64_t)track << 8 | part;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)scratch_random(&state);
}

static void put(struct resident *resident, unsigned track, unsigned part,
		size_t size)
{
	const struct key key = key_number(track);
	uint8_t bytes[LARGEST + 1];

	fill(bytes, size, track, part);
	resident_put(resident, &key, part, bytes, size);
}

/* 1: there are `size` bytes from the offset on; 0: no; -1: wrong ones. */
static int look(struct resident *resident, unsigned track, unsigned part,
		size_t offset, size_t size)
{
	const struct key key = key_number(track);
	uint8_t bytes[LARGEST + 1], right[LARGEST + 1];

	if (!resident_read(resident, &key, part, offset, bytes, size))
		return 0;
	fill(right, offset + size, track, part);
	return memcmp(bytes, right + offset, size) == 0 ? 1 : -1;
}

static bool has(struct resident *resident, unsigned track, unsigned part,
		size_t size)
{
	int found = look(resident, track, part, 0, size);

	assert_int_not_equal(found, -1);
	return found;
}

static void assert_used(struct resident *resident, unsigned tracks,
			uint64_t bytes)
{
	unsigned used_tracks;
	uint64_t used_bytes;

	resident_used(resident, &used_tracks, &used_bytes);
	assert_int_equal(used_tracks, tracks);
	assert_int_equal(used_bytes, bytes);
}

static void any_range_of_what_was_put_is_read(void **state)
{
	struct resident *resident = *state;

	put(resident, 1, 2, LARGEST);
	assert_true(has(resident, 1, 2, LARGEST));
	for (size_t offset = 0; offset < LARGEST; offset += 93)
		assert_int_equal(look(resident, 1, 2, offset,
				      (LARGEST - offset + 1) / 2),
				 1);
	assert_used(resident, 1, LARGEST);
}

static void a_read_past_the_end_gives_nothing(void **state)
{
	struct resident *resident = *state;
	const struct key key = key_number(1);
	uint8_t bytes[LARGEST] = {77};

	put(resident, 1, 0, 100);
	assert_true(resident_read(resident, &key, 0, 100, bytes, 0));
	assert_false(resident_read(resident, &key, 0, 0, bytes, 101));
	assert_false(resident_read(resident, &key, 0, 99, bytes, 2));
	assert_false(resident_read(resident, &key, 0, 100, bytes, 1));
	assert_false(resident_read(resident, &key, 0, 101, bytes, 0));
	assert_false(resident_read(resident, &key, 0, UINT64_MAX, bytes, 2));
	assert_false(resident_read(resident, &key, 0, 1, bytes, SIZE_MAX));
	assert_int_equal(bytes[0], 77);
	put(resident, 2, 0, 0);
	assert_true(has(resident, 2, 0, 0));
	assert_false(has(resident, 2, 0, 1));
}

static void a_put_replaces_what_was_there(void **state)
{
	struct resident *resident = *state;
	const struct key key = key_number(1);
	char old[] = "longer", new[] = "new", bytes[7] = "";

	resident_put(resident, &key, 0, old, 7);
	put(resident, 1, 1, 100);
	resident_put(resident, &key, 0, new, 4);
	memset(new, 'x', 3);
	assert_false(resident_read(resident, &key, 0, 0, bytes, 7));
	assert_true(resident_read(resident, &key, 0, 0, bytes, 4));
	assert_string_equal(bytes, "new");
	assert_true(has(resident, 1, 1, 100));
	assert_used(resident, 1, 104);
}

/* Tracks `first` to `last`. */
static void put_some(struct resident *resident, unsigned first, unsigned last,
		     size_t size)
{
	for (unsigned track = first; track <= last; track++)
		put(resident, track, 0, size);
}

static void of_too_many_tracks_the_oldest_go(void **state)
{
	struct resident *resident = *state;

	put_some(resident, 1, TRACKS + 2, 10);
	assert_used(resident, TRACKS, 10 * TRACKS);
	assert_false(has(resident, 1, 0, 10));
	assert_false(has(resident, 2, 0, 10));
	for (unsigned track = 3; track <= TRACKS + 2; track++)
		assert_true(has(resident, track, 0, 10));
}

static void of_too_many_bytes_the_oldest_go(void **state)
{
	struct resident *resident = *state;

	put_some(resident, 1, 8, MEMORY / 8);
	assert_used(resident, 8, MEMORY);
	put(resident, 1, 1, MEMORY / 8 + 1);
	assert_used(resident, 6, MEMORY - MEMORY / 8 + 1);
	assert_false(has(resident, 2, 0, MEMORY / 8));
	assert_false(has(resident, 3, 0, MEMORY / 8));
	for (unsigned track = 4; track <= 8; track++)
		assert_true(has(resident, track, 0, MEMORY / 8));
	assert_true(has(resident, 1, 0, MEMORY / 8));
	assert_true(has(resident, 1, 1, MEMORY / 8 + 1));
}

static void a_read_keeps_a_track_young(void **state)
{
	struct resident *resident = *state;

	put_some(resident, 1, TRACKS, 10);
	assert_true(has(resident, 1, 0, 10));
	put(resident, TRACKS + 1, 0, 10);
	assert_true(has(resident, 1, 0, 10));
	assert_false(has(resident, 2, 0, 10));
}

static void a_read_of_nothing_does_not_keep_a_track_young(void **state)
{
	struct resident *resident = *state;

	put_some(resident, 1, TRACKS, 10);
	assert_false(has(resident, 1, 1, 10));
	assert_false(has(resident, 1, 0, 11));
	put(resident, TRACKS + 1, 0, 10);
	assert_false(has(resident, 1, 0, 10));
	assert_true(has(resident, 2, 0, 10));
}

static void a_put_keeps_a_track_young(void **state)
{
	struct resident *resident = *state;

	put_some(resident, 1, TRACKS, 10);
	put(resident, 1, 1, 10);
	put(resident, TRACKS + 1, 0, 10);
	assert_true(has(resident, 1, 0, 10));
	assert_true(has(resident, 1, 1, 10));
	assert_false(has(resident, 2, 0, 10));
}

static void the_parts_of_a_track_stay_and_go_together(void **state)
{
	struct resident *resident = *state;

	put_some(resident, 1, 2, 1);
	for (unsigned part = 0; part < RESIDENT_PARTS; part++)
		put(resident, 3, part, LARGEST);
	assert_used(resident, 1, RESIDENT_PARTS * LARGEST);
	for (unsigned part = 0; part < RESIDENT_PARTS; part++)
		assert_true(has(resident, 3, part, LARGEST));
	put(resident, 4, 0, 1);
	for (unsigned part = 0; part < RESIDENT_PARTS; part++)
		assert_false(has(resident, 3, part, LARGEST));
	assert_used(resident, 1, 1);
}

static void more_than_a_quarter_is_not_taken(void **state)
{
	struct resident *resident = *state;

	assert_true(resident_takes(resident, 0));
	assert_true(resident_takes(resident, LARGEST));
	assert_false(resident_takes(resident, LARGEST + 1));
	assert_false(resident_takes(resident, SIZE_MAX));
	put(resident, 1, 0, LARGEST + 1);
	assert_false(has(resident, 1, 0, 0));
	assert_used(resident, 0, 0);
}

/* Or the old bytes would be given out for the new ones. */
static void what_is_not_taken_still_ends_what_was_there(void **state)
{
	struct resident *resident = *state;

	put(resident, 1, 0, 100);
	put(resident, 1, 1, 50);
	put(resident, 1, 0, LARGEST + 1);
	assert_false(has(resident, 1, 0, 100));
	assert_used(resident, 1, 50);
	put(resident, 1, 1, LARGEST + 1);
	assert_used(resident, 0, 0);
}

static void without_memory_or_tracks_nothing_is_kept(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct resident *resident =
			make(i == 0 ? MEMORY : 0, i == 1 ? TRACKS : 0, 0);

		assert_false(resident_takes(resident, 0));
		assert_false(resident_takes(resident, 1));
		put(resident, 1, 0, 0);
		put(resident, 1, 0, 1);
		assert_false(has(resident, 1, 0, 0));
		assert_used(resident, 0, 0);
		resident_destroy(resident);
	}
}

static void wait_until_gone(struct resident *resident, unsigned track,
			    unsigned part, size_t size)
{
	const int64_t give_up = clock_seconds() + 20;

	while (has(resident, track, part, size)) {
		assert_true(clock_seconds() < give_up);
		usleep(20000);
	}
}

static void what_has_expired_is_freed_when_asked_for(void **state)
{
	struct resident *resident = make(MEMORY, TRACKS, 1);
	struct resident *longest = make(MEMORY, TRACKS, UINT_MAX);

	put(*state, 1, 0, 100);
	put(longest, 1, 0, 100);
	put(resident, 1, 0, 100);
	put(resident, 1, 1, 50);
	wait_until_gone(resident, 1, 0, 100);
	assert_used(resident, 1, 50);
	wait_until_gone(resident, 1, 1, 50);
	assert_used(resident, 0, 0);
	assert_true(has(*state, 1, 0, 100));
	assert_true(has(longest, 1, 0, 100));
	resident_destroy(resident);
	resident_destroy(longest);
}

struct crowd {
	struct resident *resident;
	_Atomic unsigned wrong; /* bytes of others, or too much in use */
	_Atomic unsigned found;
	_Atomic uint64_t next_seed;
};

static void tell(struct crowd *crowd, int found)
{
	crowd->wrong += found < 0;
	crowd->found += found > 0;
}

static void *put_and_read(void *argument)
{
	struct crowd *crowd = argument;
	uint64_t seed = crowd->next_seed++;

	for (int i = 0; i < 3000; i++) {
		unsigned track = scratch_random(&seed) % (TRACKS + 4);
		unsigned part = scratch_random(&seed) % RESIDENT_PARTS;
		size_t size = scratch_random(&seed) % LARGEST;
		unsigned tracks;
		uint64_t bytes;

		if (i % 2)
			put(crowd->resident, track, part, size);
		else
			tell(crowd,
			     look(crowd->resident, track, part, 0, size));
		resident_used(crowd->resident, &tracks, &bytes);
		crowd->wrong += tracks > TRACKS || bytes > MEMORY;
	}
	return NULL;
}

static void a_crowd_reads_what_it_put_within_the_limits(void **state)
{
	struct crowd crowd = {.resident = *state, .next_seed = scratch_seed()};
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, put_and_read, &crowd),
			0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.wrong, 0);
	assert_true(crowd.found > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_range_of_what_was_put_is_read),
		TEST(a_read_past_the_end_gives_nothing),
		TEST(a_put_replaces_what_was_there),
		TEST(of_too_many_tracks_the_oldest_go),
		TEST(of_too_many_bytes_the_oldest_go),
		TEST(a_read_keeps_a_track_young),
		TEST(a_read_of_nothing_does_not_keep_a_track_young),
		TEST(a_put_keeps_a_track_young),
		TEST(the_parts_of_a_track_stay_and_go_together),
		TEST(more_than_a_quarter_is_not_taken),
		TEST(what_is_not_taken_still_ends_what_was_there),
		cmocka_unit_test(without_memory_or_tracks_nothing_is_kept),
		TEST(what_has_expired_is_freed_when_asked_for),
		TEST(a_crowd_reads_what_it_put_within_the_limits),
	};

	return cmocka_run_group_tests_name("resident", tests, NULL, NULL);
}
