/* The ring: order, bounds, wake-ups, and a peer that lies. */
#include "cache/memory/ring.h"

#include "buffers_shown.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>

#define CAPACITY 4096

/* Where a hostile peer finds the positions (ring.c draws the header). */
#define HEAD_AT 64
#define TAIL_AT 128

static struct ring *make_ring(void)
{
	struct ring *ring;

	assert_int_equal(ring_create("test", CAPACITY, &ring), 0);
	return ring;
}

/* Overwrites a published position, as a hostile peer may. */
static void publish(struct ring *ring, off_t at, uint64_t position)
{
	assert_int_equal(pwrite(ring_fd(ring), &position, sizeof(position), at),
			 sizeof(position));
}

static void the_capacity_must_be_a_power_of_two(void **state)
{
	struct ring *ring;

	(void)state;
	assert_int_equal(ring_create("test", 0, &ring), -EINVAL);
	assert_int_equal(ring_create("test", 4095, &ring), -EINVAL);
	assert_int_equal(ring_create("test", SIZE_MAX, &ring), -EINVAL);
}

static void an_empty_ring_gives_nothing(void **state)
{
	struct ring *ring = make_ring();
	char byte;

	(void)state;
	assert_int_equal(ring_read(ring, &byte, 1), 0);
	ring_destroy(ring);
}

static void a_full_ring_takes_nothing(void **state)
{
	struct ring *ring = make_ring();
	char bytes[CAPACITY + 1] = {0};

	(void)state;
	assert_int_equal(ring_write(ring, bytes, sizeof(bytes)), CAPACITY);
	assert_int_equal(ring_write(ring, bytes, 1), 0);
	ring_destroy(ring);
}

static void every_byte_of_the_capacity_can_be_used_after_a_wrap(void **state)
{
	struct ring *ring = make_ring();
	char bytes[CAPACITY], back[CAPACITY];

	(void)state;
	for (size_t i = 0; i < CAPACITY; i++)
		bytes[i] = (char)(i * 7);
	assert_int_equal(ring_write(ring, bytes, 1000), 1000);
	assert_int_equal(ring_read(ring, back, CAPACITY), 1000);
	assert_int_equal(ring_write(ring, bytes, CAPACITY), CAPACITY);
	assert_int_equal(ring_read(ring, back, CAPACITY), CAPACITY);
	assert_memory_equal(bytes, back, CAPACITY);
	ring_destroy(ring);
}

static void random_pieces_come_out_in_order(void **state)
{
	struct ring *ring = make_ring();
	uint64_t seed = scratch_seed();
	uint8_t in = 0, out = 0, bytes[CAPACITY];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t size = scratch_random(&seed) % CAPACITY;
		ssize_t n;

		for (size_t k = 0; k < size; k++)
			bytes[k] = (uint8_t)(in + k);
		in += (uint8_t)ring_write(ring, bytes, size);
		n = ring_read(ring, bytes, scratch_random(&seed) % CAPACITY);
		assert_true(n >= 0);
		for (ssize_t k = 0; k < n; k++)
			assert_int_equal(bytes[k], out++);
	}
	ring_destroy(ring);
}

static void the_attached_side_reads_what_the_other_wrote(void **state)
{
	struct ring *ring = make_ring(), *other;
	char back[6];

	(void)state;
	assert_int_equal(ring_attach(ring_fd(ring), &other), 0);
	assert_int_equal(ring_fd(other), -1);
	assert_int_equal(ring_write(other, "hello", 6), 6);
	assert_int_equal(ring_read(ring, back, 6), 6);
	assert_string_equal(back, "hello");
	ring_destroy(other);
	ring_destroy(ring);
}

static void the_memory_cannot_be_resized(void **state)
{
	struct ring *ring = make_ring();

	(void)state;
	assert_int_equal(ftruncate(ring_fd(ring), 0), -1);
	assert_int_equal(ftruncate(ring_fd(ring), 1 << 20), -1);
	ring_destroy(ring);
}

static void attach_refuses_memory_that_can_shrink(void **state)
{
	int fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint64_t capacity = CAPACITY;
	struct ring *ring;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4096 + CAPACITY), 0);
	assert_int_equal(pwrite(fd, &capacity, sizeof(capacity), 0), 8);
	assert_int_equal(ring_attach(fd, &ring), -EPROTO);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	assert_int_equal(ring_attach(fd, &ring), 0);
	ring_destroy(ring);
	close(fd);
}

static void attach_refuses_a_capacity_that_is_not_the_memory_s(void **state)
{
	struct ring *ring = make_ring(), *other;

	(void)state;
	publish(ring, 0, 2 * CAPACITY);
	assert_int_equal(ring_attach(ring_fd(ring), &other), -EPROTO);
	ring_destroy(ring);
}

static void a_capacity_that_changes_later_is_not_believed(void **state)
{
	struct ring *ring = make_ring();
	char bytes[2 * CAPACITY] = {0};

	(void)state;
	publish(ring, 0, 1 << 20);
	assert_int_equal(ring_write(ring, bytes, sizeof(bytes)), CAPACITY);
	ring_destroy(ring);
}

static void a_producer_that_lies_is_a_protocol_error(void **state)
{
	struct ring *ring = make_ring();
	char bytes[2 * CAPACITY];

	(void)state;
	publish(ring, HEAD_AT, CAPACITY + 1);
	assert_int_equal(ring_read(ring, bytes, sizeof(bytes)), -EPROTO);
	publish(ring, HEAD_AT, UINT64_MAX);
	assert_int_equal(ring_read(ring, bytes, sizeof(bytes)), -EPROTO);
	ring_destroy(ring);
}

static void a_consumer_that_lies_finds_a_full_ring(void **state)
{
	struct ring *ring = make_ring();

	(void)state;
	publish(ring, TAIL_AT, 1);
	assert_int_equal(ring_write(ring, "x", 1), 0);
	publish(ring, TAIL_AT, UINT64_MAX - CAPACITY);
	assert_int_equal(ring_write(ring, "x", 1), 0);
	ring_destroy(ring);
}

static void no_position_moves_more_than_the_capacity(void **state)
{
	struct ring *ring = make_ring();
	uint64_t seed = scratch_seed();
	char bytes[2 * CAPACITY] = {0};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		ssize_t n;

		publish(ring, HEAD_AT, scratch_random(&seed) % (3 * CAPACITY));
		publish(ring, TAIL_AT, scratch_random(&seed) % (3 * CAPACITY));
		n = ring_read(ring, bytes, sizeof(bytes));
		assert_true(n == -EPROTO || (n >= 0 && n <= CAPACITY));
		assert_true(ring_write(ring, bytes, sizeof(bytes)) <= CAPACITY);
		if (i % 16 == 0)
			ring_drain(ring);
	}
	ring_destroy(ring);
}

static void who_waits_for_room_is_told_once(void **state)
{
	struct ring *ring = make_ring();
	char bytes[CAPACITY] = {0};

	(void)state;
	ring_write(ring, bytes, CAPACITY);
	assert_true(ring_wait_for_room(ring));
	assert_int_equal(ring_read(ring, bytes, 1), 1);
	assert_true(ring_somebody_waits(ring));
	assert_false(ring_somebody_waits(ring));
	ring_destroy(ring);
}

static void nobody_waits_while_there_is_room(void **state)
{
	struct ring *ring = make_ring();

	(void)state;
	assert_false(ring_wait_for_room(ring));
	assert_false(ring_somebody_waits(ring));
	ring_destroy(ring);
}

static void a_drained_ring_is_empty_and_has_all_its_room(void **state)
{
	struct ring *ring = make_ring();
	char bytes[CAPACITY] = {0};

	(void)state;
	ring_write(ring, bytes, 3000);
	ring_drain(ring);
	assert_int_equal(ring_read(ring, bytes, 1), 0);
	assert_int_equal(ring_write(ring, bytes, CAPACITY), CAPACITY);
	ring_destroy(ring);
}

static void what_is_read_is_counted_and_a_full_ring_says_so(void **state)
{
	char bytes[CAPACITY] = {0}, memory[32];
	struct ring *ring;
	struct stat st;

	(void)state;
	assert_int_equal(ring_create("counted", CAPACITY, &ring), 0);
	assert_shown("counted", "kind", "ring");
	assert_shown("counted", "state", "ready");
	assert_int_equal(ring_write(ring, bytes, CAPACITY), CAPACITY);
	assert_shown("counted", "state", "full");
	assert_shown("counted", "size", "4096");
	assert_int_equal(fstat(ring_fd(ring), &st), 0);
	assert_true(st.st_blocks * 512 >= CAPACITY);
	snprintf(memory, sizeof(memory), "%lld", (long long)st.st_blocks * 512);
	assert_shown("counted", "memory", memory);
	assert_int_equal(ring_read(ring, bytes, 1000), 1000);
	assert_int_equal(ring_read(ring, bytes, CAPACITY), CAPACITY - 1000);
	assert_int_equal(ring_read(ring, bytes, CAPACITY), 0);
	assert_shown("counted", "state", "ready");
	assert_shown("counted", "reads", "2");
	assert_shown("counted", "read_bytes", "4096");
	ring_destroy(ring);
}

static void a_producer_that_lies_is_counted_as_an_error(void **state)
{
	struct ring *ring;
	char byte;

	(void)state;
	assert_int_equal(ring_create("lies", CAPACITY, &ring), 0);
	publish(ring, HEAD_AT, CAPACITY + 1);
	assert_int_equal(ring_read(ring, &byte, 1), -EPROTO);
	assert_shown("lies", "errors", "1");
	assert_shown("lies", "last_error", "EPROTO");
	assert_shown("lies", "state", "failed");
	ring_destroy(ring);
}

#define STREAM (4 << 20)

struct stream {
	struct ring *ring; /* the producer's side */
	uint64_t seed;
	sem_t room;
};

/* Sleeps when the ring is full: a lost wake-up would hang the test. */
static void *produce(void *argument)
{
	struct stream *stream = argument;
	uint64_t sizes = stream->seed, pattern = stream->seed;
	uint8_t bytes[2048];

	for (size_t done = 0; done < STREAM;) {
		size_t size = 1 + scratch_random(&sizes) % sizeof(bytes);
		size_t sent = 0;

		if (size > STREAM - done)
			size = STREAM - done;
		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)scratch_random(&pattern);
		while (sent < size) {
			size_t n = ring_write(stream->ring, bytes + sent,
					      size - sent);

			sent += n;
			if (n == 0 && ring_wait_for_room(stream->ring))
				sem_wait(&stream->room);
		}
		done += size;
	}
	return NULL;
}

/* Returns how many bytes were wrong. */
static size_t consume(struct stream *stream, struct ring *ring)
{
	uint64_t sizes = ~stream->seed, pattern = stream->seed;
	uint8_t bytes[3000];
	size_t wrong = 0;

	for (size_t done = 0; done < STREAM;) {
		size_t size = 1 + scratch_random(&sizes) % sizeof(bytes);
		ssize_t n = ring_read(ring, bytes, size);

		if (n == 0)
			sched_yield();
		if (ring_somebody_waits(ring))
			sem_post(&stream->room);
		for (ssize_t i = 0; i < n; i++)
			wrong += bytes[i] != (uint8_t)scratch_random(&pattern);
		done += n > 0 ? (size_t)n : 0;
	}
	return wrong;
}

static void two_threads_pass_a_stream_without_loss(void **state)
{
	struct ring *ring = make_ring();
	struct stream stream = {.seed = scratch_seed()};
	pthread_t producer;

	(void)state;
	sem_init(&stream.room, 0, 0);
	assert_int_equal(ring_attach(ring_fd(ring), &stream.ring), 0);
	assert_int_equal(pthread_create(&producer, NULL, produce, &stream), 0);
	assert_int_equal(consume(&stream, ring), 0);
	pthread_join(producer, NULL);
	sem_destroy(&stream.room);
	ring_destroy(stream.ring);
	ring_destroy(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_capacity_must_be_a_power_of_two),
		cmocka_unit_test(an_empty_ring_gives_nothing),
		cmocka_unit_test(a_full_ring_takes_nothing),
		cmocka_unit_test(
			every_byte_of_the_capacity_can_be_used_after_a_wrap),
		cmocka_unit_test(random_pieces_come_out_in_order),
		cmocka_unit_test(the_attached_side_reads_what_the_other_wrote),
		cmocka_unit_test(the_memory_cannot_be_resized),
		cmocka_unit_test(attach_refuses_memory_that_can_shrink),
		cmocka_unit_test(
			attach_refuses_a_capacity_that_is_not_the_memory_s),
		cmocka_unit_test(a_capacity_that_changes_later_is_not_believed),
		cmocka_unit_test(a_producer_that_lies_is_a_protocol_error),
		cmocka_unit_test(a_consumer_that_lies_finds_a_full_ring),
		cmocka_unit_test(no_position_moves_more_than_the_capacity),
		cmocka_unit_test(who_waits_for_room_is_told_once),
		cmocka_unit_test(nobody_waits_while_there_is_room),
		cmocka_unit_test(a_drained_ring_is_empty_and_has_all_its_room),
		cmocka_unit_test(
			what_is_read_is_counted_and_a_full_ring_says_so),
		cmocka_unit_test(a_producer_that_lies_is_counted_as_an_error),
		cmocka_unit_test(two_threads_pass_a_stream_without_loss),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
