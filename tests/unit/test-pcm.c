/* Blocks of one second. */
#include "transcode/worker/pcm.h"

#include "scratch.h"
#include "tests/unit/sounds.h"

#include <sndfile.h>

enum { RATE = 44100, FRAMES = 3 * RATE + 500 };

static const struct file_id id = {1, 2, 3, 4};

static char *make(const char *directory, unsigned channels)
{
	return sound_write(directory, "a.flac",
			   SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE, channels,
			   FRAMES);
}

static struct pcm *open_pcm(const char *path, uint64_t samples,
			    uint32_t channels)
{
	struct input input = sound_open(path);
	struct shape shape = {samples, RATE, channels};
	struct pcm *pcm;

	assert_int_equal(pcm_open(&input, &id, &shape, &pcm), 0);
	return pcm;
}

static const float *block(struct pcm *pcm, uint32_t rate, uint32_t channels,
			  uint64_t second)
{
	struct pcm_layout layout = {rate, channels, PCM_FLOAT};
	const void *frames;

	assert_int_equal(pcm_block(pcm, &layout, second, &frames), 0);
	return frames;
}

static void blocks_hold_the_sources_samples(void **state)
{
	char *directory = scratch_make();
	char *path = make(directory, 2);
	struct pcm *pcm = open_pcm(path, FRAMES, 2);

	(void)state;
	for (int s = 2; s >= 0; s--) {
		const float *frames = block(pcm, RATE, 2, (uint64_t)s);

		for (size_t i = 0; i < 2 * RATE; i++)
			assert_true(frames[i] ==
				    (float)sound_sample(
					    (size_t)s * RATE + i / 2, i % 2) /
					    32768);
	}
	pcm_close(pcm);
	free(path);
	scratch_remove(directory);
}

static void silence_lies_behind_the_end(void **state)
{
	char *directory = scratch_make();
	char *path = make(directory, 2);
	struct pcm *pcm = open_pcm(path, FRAMES, 2);
	const float *frames = block(pcm, RATE, 2, 3);

	(void)state;
	assert_true(frames[999] == (float)sound_sample(FRAMES - 1, 1) / 32768);
	for (size_t i = 1000; i < 2 * RATE; i++)
		assert_true(frames[i] == 0);
	frames = block(pcm, RATE, 2, 1000);
	for (size_t i = 0; i < 2 * RATE; i++)
		assert_true(frames[i] == 0);
	assert_int_equal(pcm_silent(pcm), 0);
	pcm_close(pcm);
	free(path);
	scratch_remove(directory);
}

static void a_promise_is_kept_when_the_source_is_longer_or_shorter(void **state)
{
	char *directory = scratch_make();
	char *path = make(directory, 2);
	struct pcm *cut = open_pcm(path, 2 * RATE, 2);
	struct pcm *filled = open_pcm(path, FRAMES + 100, 2);

	(void)state;
	assert_true(block(cut, RATE, 2, 2)[0] == 0);
	assert_int_equal(pcm_silent(cut), 0);
	assert_true(block(filled, RATE, 2, 3)[1000] == 0);
	assert_int_equal(pcm_silent(filled), 100);
	pcm_close(cut);
	pcm_close(filled);
	free(path);
	scratch_remove(directory);
}

/* A block of one's own must not hide in the next task that it is damaged. */
static void silence_is_told_in_every_task(void **state)
{
	char *directory = scratch_make();
	char *path = make(directory, 2);
	struct pcm *pcm = open_pcm(path, FRAMES + 100, 2);

	(void)state;
	for (uint64_t task = 1; task < 4; task++) {
		pcm_begin(pcm, NULL);
		block(pcm, RATE, 2, 3);
		assert_int_equal(pcm_silent(pcm), 100 * task);
	}
	pcm_close(pcm);
	free(path);
	scratch_remove(directory);
}

static void a_source_of_another_shape_is_refused(void **state)
{
	char *directory = scratch_make();
	char *path = make(directory, 2);
	struct input input = sound_open(path);
	struct shape shape = {FRAMES, RATE, 1};
	struct pcm *pcm;

	(void)state;
	assert_int_equal(pcm_open(&input, &id, &shape, &pcm), -EINVAL);
	free(path);
	scratch_remove(directory);
}

/* More blocks than are kept, forward and backward. */
static void order_does_not_matter(void **state)
{
	char *directory = scratch_make();
	char *path = make(directory, 6);
	struct pcm *pcm = open_pcm(path, FRAMES, 6);
	size_t size = 48000 * 2 * sizeof(float);
	float *kept[4];

	(void)state;
	for (uint64_t s = 0; s < 4; s++) {
		kept[s] = malloc(size);
		assert_non_null(kept[s]);
		memcpy(kept[s], block(pcm, 48000, 2, s), size);
	}
	for (uint32_t rate = 8000; rate < 32000; rate += 1000)
		block(pcm, rate, 2, rate / 1000 % 4);
	for (uint64_t s = 4; s-- > 0;) {
		assert_memory_equal(kept[s], block(pcm, 48000, 2, s), size);
		free(kept[s]);
	}
	pcm_close(pcm);
	free(path);
	scratch_remove(directory);
}

/* Lends places to one reader after the other, and remembers what was made. */
struct shelf {
	struct loan loans[32];
	uint8_t *bytes[32];
	unsigned count;
	unsigned borrowed; /* now */
	unsigned made;
	unsigned decoded;
};

static int shelf_want(void *context, struct loan *loan, uint8_t **bytes)
{
	struct shelf *shelf = context;
	unsigned i = 0;

	while (i < shelf->count &&
	       (!pcm_layout_equal(&shelf->loans[i].layout, &loan->layout) ||
		shelf->loans[i].second != loan->second))
		i++;
	loan->state = i < shelf->count ? LOAN_READY : LOAN_FILL;
	if (i == shelf->count) {
		assert_true(i < 32);
		shelf->bytes[i] = malloc(pcm_block_bytes(&loan->layout));
		shelf->loans[shelf->count++] = *loan;
	}
	loan->offset = i;
	*bytes = shelf->bytes[i];
	shelf->borrowed++;
	return 0;
}

static int shelf_filled(void *context, const struct loan *loan)
{
	struct shelf *shelf = context;

	shelf->made++;
	shelf->decoded += loan->decoded;
	return 0;
}

static int shelf_give_back(void *context, const struct loan *loan)
{
	struct shelf *shelf = context;

	assert_true(loan->offset < shelf->count);
	assert_true(shelf->borrowed-- > 0);
	return 0;
}

static void shelf_clear(struct shelf *shelf)
{
	for (unsigned i = 0; i < shelf->count; i++)
		free(shelf->bytes[i]);
}

static void what_one_has_made_another_borrows(void **state)
{
	struct shelf shelf = {0};
	struct lender lender = {shelf_want, shelf_filled, shelf_give_back,
				&shelf};
	char *directory = scratch_make();
	char *path = make(directory, 2);
	struct pcm *first = open_pcm(path, FRAMES, 2);
	struct pcm *second = open_pcm(path, FRAMES, 2);
	struct pcm *alone = open_pcm(path, FRAMES, 2);

	(void)state;
	pcm_begin(first, &lender);
	pcm_begin(second, &lender);
	block(first, 48000, 1, 1);
	assert_int_equal(shelf.decoded, 3); /* and what lies around it */
	assert_int_equal(shelf.made, 3 + 3 + 1);
	assert_true(pcm_is_lent(first));
	assert_memory_equal(block(second, 48000, 1, 1),
			    block(alone, 48000, 1, 1), 48000 * sizeof(float));
	block(second, RATE, 2, 2);
	assert_int_equal(shelf.made, 3 + 3 + 1);
	pcm_close(first);
	pcm_close(second);
	pcm_close(alone);
	shelf_clear(&shelf);
	free(path);
	scratch_remove(directory);
}

static void few_blocks_are_borrowed_at_a_time(void **state)
{
	struct shelf shelf = {0};
	struct lender lender = {shelf_want, shelf_filled, shelf_give_back,
				&shelf};
	char *directory = scratch_make();
	char *path = make(directory, 2);
	struct pcm *pcm = open_pcm(path, FRAMES, 2);

	(void)state;
	pcm_begin(pcm, &lender);
	for (uint32_t rate = 8000; rate < 30000; rate += 1000)
		block(pcm, rate, 2, 1);
	assert_true(shelf.made > 20);
	assert_true(shelf.borrowed <= 10);
	pcm_close(pcm);
	shelf_clear(&shelf);
	free(path);
	scratch_remove(directory);
}

static void sixteen_bits_stay_as_they_are(void **state)
{
	struct pcm_layout layout = {RATE, 2, PCM_S16};
	char *directory = scratch_make();
	char *path = make(directory, 2);
	struct pcm *pcm = open_pcm(path, FRAMES, 2);
	const void *samples;

	(void)state;
	assert_int_equal(pcm_block(pcm, &layout, 1, &samples), 0);
	for (size_t i = 0; i < 2 * RATE; i++)
		assert_int_equal(((const int16_t *)samples)[i],
				 sound_sample(RATE + i / 2, i % 2));
	assert_false(pcm_is_lent(pcm));
	pcm_close(pcm);
	free(path);
	scratch_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_hold_the_sources_samples),
		cmocka_unit_test(silence_lies_behind_the_end),
		cmocka_unit_test(
			a_promise_is_kept_when_the_source_is_longer_or_shorter),
		cmocka_unit_test(silence_is_told_in_every_task),
		cmocka_unit_test(a_source_of_another_shape_is_refused),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(what_one_has_made_another_borrows),
		cmocka_unit_test(few_blocks_are_borrowed_at_a_time),
		cmocka_unit_test(sixteen_bits_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
