/* MP3 segments: exact sizes, any order, and the same as one long encode. */
#include "transcode/worker/encoder.h"

#include "base/cleanup.h"
#include "scratch.h"
#include "tests/unit/sounds.h"

#include <sndfile.h>

enum { SECONDS = 20 };

struct collected {
	uint8_t *bytes;
	size_t size, capacity;
	unsigned writes;
};

static int collect(void *context, const void *bytes, size_t size)
{
	struct collected *to = context;

	assert_true(to->size + size <= to->capacity);
	memcpy(to->bytes + to->size, bytes, size);
	to->size += size;
	to->writes++;
	return 0;
}

struct track {
	struct pcm *pcm;
	struct plan plan;
	uint8_t *body;
};

/* One file for all tracks of that rate and channels; the path is to be freed.
 */
static char *write_once(uint32_t rate, uint32_t channels, size_t samples)
{
	char name[32], *path;

	snprintf(name, sizeof(name), "%u-%u.wav", rate, channels);
	path = scratch_path(sound_directory, name);
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return sound_write(sound_directory, name,
			   SF_FORMAT_WAV | SF_FORMAT_PCM_16, rate, channels,
			   samples);
}

static void open_track_for(struct track *track, uint32_t rate,
			   uint32_t channels, struct profile profile)
{
	struct shape shape = {(uint64_t)rate * SECONDS + 77, rate, channels};
	struct file_id id = {1, 2, 3, 4};
	auto_free char *path = write_once(rate, channels, shape.samples);
	struct input input = sound_open(path);

	assert_int_equal(pcm_open(&input, &id, &shape, &track->pcm), 0);
	assert_int_equal(plan_make(&profile, &shape, &track->plan), 0);
	track->body = calloc(1, track->plan.body_size);
	assert_non_null(track->body);
}

static void open_track(struct track *track, uint32_t rate, uint32_t channels,
		       uint32_t bit_rate)
{
	open_track_for(track, rate, channels,
		       (struct profile){"test", CODEC_MP3, bit_rate, 3});
}

static void close_track(struct track *track)
{
	pcm_close(track->pcm);
	free(track->body);
}

static unsigned render(struct track *track, struct segment segment, uint8_t *to)
{
	struct collected collected = {.bytes = to,
				      .capacity = segment.end - segment.start};
	struct sink sink = {collect, NULL, &collected};

	assert_int_equal(
		encoder_mp3.segment(&track->plan, &segment, track->pcm, &sink),
		0);
	assert_int_equal(collected.size, segment.end - segment.start);
	return collected.writes;
}

static void render_all(struct track *track)
{
	for (uint32_t i = 0; i < track->plan.segments; i++) {
		struct segment segment = plan_segment(&track->plan, i);

		render(track, segment, track->body + segment.start);
	}
}

static void the_last_segment_first_gives_the_same_bytes(void **state)
{
	struct track track;

	(void)state;
	open_track(&track, 44100, 2, 192);
	render_all(&track);
	assert_true(track.plan.segments > 3);
	for (uint32_t i = track.plan.segments; i-- > 0;) {
		struct segment segment = plan_segment(&track.plan, i);
		size_t size = segment.end - segment.start;
		uint8_t *again = malloc(size);

		assert_non_null(again);
		render(&track, segment, again);
		assert_memory_equal(again, track.body + segment.start, size);
		free(again);
	}
	close_track(&track);
}

/* Frames that differ from those of one sequential encode, in per mille. */
static unsigned differing(struct track *track)
{
	const struct plan *plan = &track->plan;
	struct segment whole = {0, plan->units, 0, plan->body_size};
	uint8_t *sequential = malloc(plan->body_size);
	unsigned frames = 0;
	size_t at = 0;

	assert_non_null(sequential);
	render(track, whole, sequential);
	render_all(track);
	while (at < plan->body_size) {
		size_t size = 144000 * plan->bit_rate / plan->output.rate +
			      (track->body[at + 2] >> 1 & 1);

		assert_memory_equal(track->body + at, sequential + at, 4);
		frames += memcmp(track->body + at, sequential + at, size) != 0;
		at += size;
	}
	assert_int_equal(at, plan->body_size);
	free(sequential);
	return (unsigned)(frames * 1000 / plan->units);
}

static void check_profile(uint32_t rate, uint32_t channels,
			  struct profile profile)
{
	struct track track;
	unsigned found;

	open_track_for(&track, rate, channels, profile);
	found = differing(&track);
	printf("# %u Hz, %u channels, %u kbit/s: %u of 1000 frames differ\n",
	       track.plan.output.rate, track.plan.output.channels,
	       track.plan.bit_rate, found);
	assert_true(found <= 10);
	close_track(&track);
}

static void check_against_sequential(uint32_t rate, uint32_t channels,
				     uint32_t bit_rate)
{
	check_profile(rate, channels,
		      (struct profile){"test", CODEC_MP3, bit_rate, 3});
}

static void segments_join_to_one_sequential_encode(void **state)
{
	(void)state;
	check_against_sequential(44100, 2, 128);
	check_against_sequential(44100, 2, 256);
	check_against_sequential(44100, 1, 256);
	check_against_sequential(48000, 2, 192);
	check_against_sequential(32000, 2, 192);
}

static void so_they_do_at_a_rate_and_channels_of_the_profile(void **state)
{
	struct profile profile = {"test", CODEC_MP3, 96, 3};

	(void)state;
	profile.rate = 32000;
	profile.channels = 1;
	check_profile(44100, 2, profile);
	profile.rate = 44100;
	profile.channels = 2;
	check_profile(48000, 1, profile);
	profile.rate = 48000;
	profile.bit_rate = 320;
	check_profile(22050, 2, profile);
}

static void so_they_do_at_the_best_and_the_fastest_quality(void **state)
{
	(void)state;
	for (uint32_t lame_quality = 0; lame_quality <= 9; lame_quality += 9)
		check_profile(
			44100, 2,
			(struct profile){"test", CODEC_MP3, 192, lame_quality});
}

/* The quality is LAME's own; sizes are checked with every segment. */
static void every_lame_quality_and_bit_rate_is_coded(void **state)
{
	static const uint32_t bit_rates[] = {32,  40,  48,  56,	 64,  80,  96,
					     112, 128, 160, 192, 224, 256, 320};

	(void)state;
	for (uint32_t i = 0; i < 14; i++) {
		struct profile profile = {"test", CODEC_MP3, bit_rates[i],
					  i % 10};
		struct track track;

		open_track_for(&track, 44100, 1 + i % 2, profile);
		render(&track, plan_segment(&track.plan, 1), track.body);
		profile.channels = 1 + (i + 1) % 2;
		close_track(&track);
		open_track_for(&track, 44100, 1 + i % 2, profile);
		render(&track, plan_segment(&track.plan, 0), track.body);
		close_track(&track);
	}
}

static void bytes_come_while_encoding(void **state)
{
	struct track track;

	(void)state;
	open_track(&track, 44100, 2, 192);
	assert_true(render(&track, plan_segment(&track.plan, 0), track.body) >
		    10);
	close_track(&track);
}

static void no_samples_at_all_are_coded(void **state)
{
	struct track track;
	struct segment segment;

	(void)state;
	open_track(&track, 44100, 2, 128);
	track.plan.output.samples = 0;
	segment = (struct segment){0, 2, 0, 417 + 418};
	render(&track, segment, track.body);
	close_track(&track);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_segment_first_gives_the_same_bytes),
		cmocka_unit_test(segments_join_to_one_sequential_encode),
		cmocka_unit_test(
			so_they_do_at_a_rate_and_channels_of_the_profile),
		cmocka_unit_test(
			so_they_do_at_the_best_and_the_fastest_quality),
		cmocka_unit_test(every_lame_quality_and_bit_rate_is_coded),
		cmocka_unit_test(bytes_come_while_encoding),
		cmocka_unit_test(no_samples_at_all_are_coded),
	};

	return cmocka_run_group_tests(tests, sound_set_up, sound_tear_down);
}
