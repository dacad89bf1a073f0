/* The streaming buffer: more than memory holds, and disks that do not. */
#include "cache/memory/stream.h"

#include "buffers_shown.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#define PAGE 65536u
#define RUN (1u << 20)

static bool every_file_needs_a_name;
static pthread_barrier_t *meet; /* who makes a file waits there for others */

/* In place of libc's: a file system without O_TMPFILE, and a slow one. */
int open(const char *path, int flags, ...)
{
	if (meet && (flags & O_TMPFILE) == O_TMPFILE)
		pthread_barrier_wait(meet);
	if (every_file_needs_a_name && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
}

struct disk {
	char *directory;
	struct stream *stream;
};

static struct disk make_named_disk(const char *name, uint64_t limit)
{
	struct disk disk = {.directory = scratch_make()};

	assert_int_equal(
		stream_create(name, disk.directory, limit, &disk.stream), 0);
	return disk;
}

static struct disk make_disk(uint64_t limit)
{
	return make_named_disk("test", limit);
}

static void remove_disk(struct disk *disk)
{
	stream_destroy(disk->stream);
	scratch_remove(disk->directory);
}

static void fill(uint8_t *bytes, size_t size, uint64_t seed)
{
	for (size_t i = 0; i < size; i += sizeof(seed)) {
		uint64_t word = scratch_random(&seed);

		memcpy(bytes + i, &word, sizeof(word));
	}
}

/* Takes a run and writes it: its offset. */
static uint64_t put(struct stream *stream, uint64_t number)
{
	uint8_t *bytes = malloc(RUN);
	uint64_t offset;

	assert_non_null(bytes);
	fill(bytes, RUN, number);
	assert_int_equal(stream_take(stream, RUN, &offset), 0);
	assert_int_equal(stream_write(stream, offset, bytes, RUN), 0);
	free(bytes);
	return offset;
}

static bool right(struct stream *stream, uint64_t offset, uint64_t number)
{
	uint8_t *bytes = malloc(RUN), *back = malloc(RUN);
	bool same;

	assert_true(bytes && back);
	fill(bytes, RUN, number);
	same = stream_read(stream, offset, back, RUN) == RUN &&
	       memcmp(bytes, back, RUN) == 0;
	free(bytes);
	free(back);
	return same;
}

static void far_more_than_memory_is_read_back_right(void **state)
{
	struct disk disk = make_named_disk(__func__, 64 * RUN);
	uint64_t offsets[64];

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		offsets[i] = put(disk.stream, i);
	assert_shown(__func__, "memory", "0");
	assert_shown(__func__, "disk", "67108864");
	for (unsigned i = 64; i-- > 0;)
		assert_true(right(disk.stream, offsets[i], i));
	remove_disk(&disk);
}

static void the_limit_is_not_exceeded(void **state)
{
	struct disk disk = make_named_disk(__func__, 2 * RUN);
	uint64_t first = put(disk.stream, 1), offset = 77;

	(void)state;
	assert_shown(__func__, "state", "ready");
	put(disk.stream, 2);
	assert_int_equal(stream_take(disk.stream, 1, &offset), -ENOSPC);
	assert_int_equal(offset, 77);
	assert_shown(__func__, "state", "full");
	stream_give_back(disk.stream, first, RUN);
	put(disk.stream, 3);
	remove_disk(&disk);
}

static void a_limit_of_nothing_makes_no_file(void **state)
{
	struct disk disk;
	uint64_t offset;

	(void)state;
	assert_int_equal(
		stream_create(__func__, "/does/not/exist", 0, &disk.stream), 0);
	assert_int_equal(stream_take(disk.stream, 1, &offset), -ENOSPC);
	assert_shown(__func__, "errors", "0");
	stream_destroy(disk.stream);
}

static void without_its_directory_taking_fails_and_holds_nothing(void **state)
{
	struct stream *stream;
	uint64_t offset = 77;

	(void)state;
	assert_int_equal(
		stream_create(__func__, "/does/not/exist", RUN, &stream), 0);
	assert_int_equal(stream_take(stream, RUN, &offset), -ENOENT);
	assert_int_equal(offset, 77);
	assert_shown(__func__, "disk", "0");
	assert_shown(__func__, "last_error", "ENOENT");
	assert_shown(__func__, "state", "failed");
	stream_destroy(stream);
}

static unsigned names_in(const char *directory)
{
	DIR *dir = opendir(directory);
	unsigned names = 0;

	assert_non_null(dir);
	while (readdir(dir))
		names++;
	closedir(dir);
	return names - 2;
}

static void its_file_has_no_name(void **state)
{
	struct disk disk = make_disk(RUN);

	(void)state;
	put(disk.stream, 1);
	assert_int_equal(names_in(disk.directory), 0);
	remove_disk(&disk);
}

static void where_it_needs_a_name_that_is_taken_away(void **state)
{
	struct disk disk = make_disk(RUN);
	uint64_t offset;

	(void)state;
	every_file_needs_a_name = true;
	offset = put(disk.stream, 1);
	every_file_needs_a_name = false;
	assert_int_equal(names_in(disk.directory), 0);
	assert_true(right(disk.stream, offset, 1));
	remove_disk(&disk);
}

static void *take_first(void *argument)
{
	uint64_t offset;

	return stream_take(argument, RUN, &offset) == 0 ? argument : NULL;
}

static void two_that_need_the_file_at_once_make_one(void **state)
{
	pthread_barrier_t barrier;
	pthread_t threads[2];
	struct disk disk;
	unsigned before;

	(void)state;
	if (!scratch_proc())
		skip();
	before = names_in("/proc/self/fd");
	disk = make_disk(2 * RUN);
	pthread_barrier_init(&barrier, NULL, 2);
	meet = &barrier;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_first,
						disk.stream),
				 0);
	for (int i = 0; i < 2; i++) {
		void *done;

		pthread_join(threads[i], &done);
		assert_non_null(done);
	}
	meet = NULL;
	pthread_barrier_destroy(&barrier);
	assert_int_equal(names_in("/proc/self/fd"), before + 1);
	remove_disk(&disk);
	assert_int_equal(names_in("/proc/self/fd"), before);
}

static void nothing_is_read_or_written_where_nothing_is_taken(void **state)
{
	struct disk disk = make_disk(4 * RUN);
	uint64_t offset = put(disk.stream, 1);
	char bytes[2] = {0};

	(void)state;
	assert_int_equal(stream_read(disk.stream, offset + RUN, bytes, 1),
			 -ENXIO);
	assert_int_equal(stream_write(disk.stream, offset + RUN - 1, bytes, 2),
			 -ENXIO);
	stream_give_back(disk.stream, offset, RUN);
	assert_int_equal(stream_read(disk.stream, offset, bytes, 1), -ENXIO);
	remove_disk(&disk);
}

/* Bytes that the file system has left. */
static uint64_t left(const char *directory)
{
	struct statvfs st;

	assert_int_equal(statvfs(directory, &st), 0);
	return (uint64_t)st.f_bfree * st.f_frsize;
}

static void blocks_on_disk_are_freed_at_once(void **state)
{
	char *directory = scratch_make();
	struct stream *stream;
	uint64_t empty, first;

	(void)state;
	if (!scratch_mount(directory, "size=8m")) {
		scratch_remove(directory);
		skip();
	}
	empty = left(directory);
	assert_int_equal(stream_create("test", directory, 4 * RUN, &stream), 0);
	first = put(stream, 1);
	put(stream, 2);
	assert_int_equal(empty - left(directory), 2 * RUN);
	stream_give_back(stream, first, RUN);
	assert_int_equal(empty - left(directory), RUN);
	stream_destroy(stream);
	assert_int_equal(left(directory), empty);
	assert_int_equal(umount(directory), 0);
	scratch_remove(directory);
}

static void a_full_disk_is_an_error_and_no_signal(void **state)
{
	char *directory = scratch_make();
	static uint8_t bytes[2 * RUN];
	struct stream *stream;
	uint64_t kept, offset;

	(void)state;
	if (!scratch_mount(directory, "size=2m")) {
		scratch_remove(directory);
		skip();
	}
	assert_int_equal(stream_create(__func__, directory, 64 * RUN, &stream),
			 0);
	kept = put(stream, 1);
	assert_int_equal(stream_take(stream, sizeof(bytes), &offset), 0);
	assert_int_equal(stream_write(stream, offset, bytes, sizeof(bytes)),
			 -ENOSPC);
	assert_shown(__func__, "errors", "1");
	assert_shown(__func__, "last_error", "ENOSPC");
	assert_shown(__func__, "state", "failed");
	stream_give_back(stream, offset, sizeof(bytes));
	assert_true(right(stream, kept, 1));
	stream_give_back(stream, kept, RUN);
	put(stream, 2);
	assert_shown(__func__, "state", "ready");
	stream_destroy(stream);
	assert_int_equal(umount(directory), 0);
	scratch_remove(directory);
}

struct crowd {
	struct stream *stream;
	_Atomic unsigned number, wrong;
};

static void *put_and_check(void *argument)
{
	struct crowd *crowd = argument;
	unsigned number = ++crowd->number;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t offset = put(crowd->stream, number * 100 + i);

		crowd->wrong += !right(crowd->stream, offset, number * 100 + i);
		stream_give_back(crowd->stream, offset, RUN);
	}
	return NULL;
}

static void four_threads_share_one_file_from_its_beginning(void **state)
{
	struct disk disk = make_named_disk(__func__, 4 * RUN);
	struct crowd crowd = {.stream = disk.stream};
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						put_and_check, &crowd),
				 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.wrong, 0);
	assert_shown(__func__, "disk", "0");
	remove_disk(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(far_more_than_memory_is_read_back_right),
		cmocka_unit_test(the_limit_is_not_exceeded),
		cmocka_unit_test(a_limit_of_nothing_makes_no_file),
		cmocka_unit_test(
			without_its_directory_taking_fails_and_holds_nothing),
		cmocka_unit_test(its_file_has_no_name),
		cmocka_unit_test(where_it_needs_a_name_that_is_taken_away),
		cmocka_unit_test(two_that_need_the_file_at_once_make_one),
		cmocka_unit_test(
			nothing_is_read_or_written_where_nothing_is_taken),
		cmocka_unit_test(blocks_on_disk_are_freed_at_once),
		cmocka_unit_test(a_full_disk_is_an_error_and_no_signal),
		cmocka_unit_test(
			four_threads_share_one_file_from_its_beginning),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
