/* Entries under many threads. */
#include "entry_fixture.h"

#include <pthread.h>

struct crowd {
	struct entry *entry;
	uint64_t seed;
	bool wrong;
};

/* Renders and reads at random until all is there and right. */
static void *join_crowd(void *argument)
{
	struct crowd *c = argument;
	uint8_t bytes[10000];

	while (!c->wrong && !(entry_complete(c->entry) &&
			      bytes_check(c->entry, 1) == BYTES_SIZE)) {
		uint64_t at = scratch_random(&c->seed) % BYTES_SIZE;
		ssize_t n = entry_read(c->entry, at, bytes, sizeof(bytes));
		int r;

		c->wrong = n < 0 || !bytes_right(1, at, bytes, (size_t)n);
		r = bytes_render(c->entry, 1, entry_segment_at(c->entry, at));
		c->wrong |= r < 0 && r != -EEXIST && r != -EALREADY;
	}
	return NULL;
}

static bool run_crowd(struct fixture *f, uint64_t seed)
{
	struct crowd crowds[4];
	pthread_t threads[4];
	bool wrong = false;

	for (unsigned i = 0; i < 4; i++) {
		crowds[i] = (struct crowd){f->entry, seed + i, false};
		assert_int_equal(pthread_create(&threads[i], NULL, join_crowd,
						&crowds[i]),
				 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		wrong |= crowds[i].wrong;
	}
	return wrong;
}

static void many_threads_read_and_write_one_entry(void **state)
{
	struct fixture *f = *state;

	assert_false(run_crowd(f, scratch_seed()));
	assert_int_equal(bytes_check(f->entry, 1), BYTES_SIZE);
}

static void many_threads_verify_one_entry(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	close_all(f);
	flip_byte(f, 60000);
	open_all(f);
	assert_false(run_crowd(f, scratch_seed()));
	assert_int_equal(bytes_check(f->entry, 1), BYTES_SIZE);
}

struct opener {
	struct store *store;
	bool failed;
};

static void *open_and_close(void *argument)
{
	struct opener *o = argument;
	struct key key = bytes_key(2);

	for (int i = 0; i < 300; i++) {
		struct entry *entry;

		if (entry_open(o->store, &key, &bytes_layout, &entry) < 0) {
			o->failed = true;
			break;
		}
		o->failed |= bytes_check(entry, 2) != BYTES_SIZE;
		entry_unref(entry);
	}
	return NULL;
}

static void many_threads_open_and_close_one_entry(void **state)
{
	struct fixture *f = *state;
	struct opener opener[4];
	pthread_t threads[4];

	bytes_put(f->store, 2);
	for (int i = 0; i < 4; i++) {
		opener[i] = (struct opener){f->store, false};
		assert_int_equal(pthread_create(&threads[i], NULL,
						open_and_close, &opener[i]),
				 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_false(opener[i].failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_threads_read_and_write_one_entry),
		TEST(many_threads_verify_one_entry),
		TEST(many_threads_open_and_close_one_entry),
	};

	return cmocka_run_group_tests_name("crowd", tests, NULL, NULL);
}
