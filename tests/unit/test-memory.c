/*
 * No memory: each allocation fails in turn, once or from then on. What is done
 * then says so, leaves nothing behind, and goes well the next time.
 */
#include "entry_fixture.h"
#include "failing.h"

#include "cache/disk/inspect.h"
#include "cache/memory/resident.h"
#include "cache/memory/ring.h"

#include "base/log.h"

/* All of it is there; fewer bytes would mean that some must be made again. */
static int read_entry(struct entry *entry)
{
	static uint8_t bytes[BYTES_SIZE];
	ssize_t n = entry_read(entry, 0, bytes, sizeof(bytes));

	if (n < 0)
		return (int)n;
	assert_int_equal(n, sizeof(bytes));
	assert_true(bytes_right(2, 0, bytes, sizeof(bytes)));
	return 0;
}

static int use_entry(void *context)
{
	struct key key = bytes_key(2);
	struct entry *entry;
	int r = entry_open(context, &key, &bytes_layout, &entry);

	if (r < 0)
		return r;
	r = bytes_render_all(entry, 2);
	if (r == 0)
		r = read_entry(entry);
	entry_unref(entry);
	return r;
}

static void an_entry_is_made_and_read(void **state)
{
	struct fixture *f = *state;

	fail_each(use_entry, f->store);
}

static int look_into(void *context)
{
	struct inspection inspection;
	int r = inspect_open(&inspection, context);

	inspect_release(&inspection);
	return r;
}

static void a_cache_is_inspected(void **state)
{
	struct fixture *f = *state;

	bytes_put(f->store, 3);
	fail_each(look_into, f->directory);
}

static int use_resident(void *context)
{
	const struct resident_config config = {.size = 4096, .tracks = 4};
	struct key key = bytes_key(1);
	struct resident *resident;
	char byte = 'a', back;
	int r = resident_create(&config, &resident);

	(void)context;
	if (r < 0)
		return r;
	resident_put(resident, &key, 0, &byte, 1);
	if (resident_read(resident, &key, 0, 0, &back, 1))
		assert_int_equal(back, 'a');
	resident_destroy(resident);
	return 0;
}

static int use_ring(void *context)
{
	struct ring *ring;
	int r = ring_create("test", 4096, &ring);

	(void)context;
	if (r == 0)
		ring_destroy(ring);
	return r;
}

static void buffers_are_made(void **state)
{
	(void)state;
	fail_each(use_resident, NULL);
	fail_each(use_ring, NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_entry_is_made_and_read),
		TEST(a_cache_is_inspected),
		TEST(buffers_are_made),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
