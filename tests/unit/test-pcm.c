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
	const float *frames;

	assert_int_equal(pcm_block(pcm, rate, channels, second, &frames), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_hold_the_sources_samples),
		cmocka_unit_test(silence_lies_behind_the_end),
		cmocka_unit_test(
			a_promise_is_kept_when_the_source_is_longer_or_shorter),
		cmocka_unit_test(a_source_of_another_shape_is_refused),
		cmocka_unit_test(order_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
