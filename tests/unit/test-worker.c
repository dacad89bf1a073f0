/* The real worker program, over its socket and its ring. */
#include "base/cleanup.h"
#include "scratch.h"
#include "tests/unit/peer.h"
#include "tests/unit/sounds.h"

#include <signal.h>
#include <sndfile.h>
#include <sys/wait.h>

enum { RATE = 44100, SECONDS = 30, FRAMES = SECONDS * RATE + 321 };

static const struct profile high = {"high", CODEC_MP3, 256, 3};

/* The file that each test gets a copy of. */
static void *flac;
static size_t flac_size;

struct bench {
	struct peer peer;
	char *directory;
	char *path; /* FLAC, 16 bits, stereo */
	struct shape shape;
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	peer_start(&bench->peer, WORKER_PATH);
	bench->directory = scratch_make();
	bench->path = scratch_path(bench->directory, "a.flac");
	sound_store(bench->path, flac, flac_size);
	bench->shape = (struct shape){FRAMES, RATE, 2};
	*state = bench;
	return 0;
}

/* The worker must have lived to the end and leave without complaint. */
static int tear_down(void **state)
{
	struct bench *bench = *state;
	int status = peer_stop(&bench->peer);

	free(bench->path);
	scratch_remove(bench->directory);
	free(bench);
	return status;
}

static int write_flac(void **state)
{
	auto_free char *path = NULL;

	sound_set_up(state);
	path = sound_write(sound_directory, "a.flac",
			   SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	flac = sound_load(path, &flac_size);
	return 0;
}

static int forget_flac(void **state)
{
	free(flac);
	return sound_tear_down(state);
}

static void hello_names_the_encoder(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(bench->peer.hello.kind, REPORT_HELLO);
	assert_non_null(strstr(bench->peer.hello.text, "lame 3."));
}

static void a_flac_is_probed(void **state)
{
	struct bench *bench = *state;
	const struct facts *facts = &bench->peer.facts;

	assert_true(peer_probe(&bench->peer, bench->path));
	assert_int_equal(facts->kind, FACTS_LOSSLESS);
	assert_int_equal(facts->samples, FRAMES);
	assert_int_equal(facts->rate, RATE);
	assert_int_equal(facts->channels, 2);
	assert_int_equal(facts->bits, 16);
	assert_string_equal(facts->codec, "flac");
	assert_true(facts->tag_size >= 29);
	assert_int_equal(facts->picture_side, 0);
}

static void what_is_no_media_fails_with_a_reason(void **state)
{
	struct bench *bench = *state;
	char *path = scratch_path(bench->directory, "text");
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fprintf(file, "line %d of a shopping list\n", i);
	fclose(file);
	assert_false(peer_probe(&bench->peer, path));
	assert_int_equal(bench->peer.last.error, -EINVAL);
	assert_true(strlen(bench->peer.last.text) > 5);
	free(path);
}

static uint8_t *render_all(struct bench *bench, const struct plan *plan,
			   bool backward)
{
	uint8_t *body = calloc(1, plan->body_size);

	assert_non_null(body);
	for (uint32_t i = 0; i < plan->segments; i++) {
		uint32_t index = backward ? plan->segments - 1 - i : i;
		struct segment segment = plan_segment(plan, index);

		assert_true(peer_segment(&bench->peer, bench->path,
					 &plan->profile, &plan->source, index));
		assert_int_equal(bench->peer.size, segment.end - segment.start);
		memcpy(body + segment.start, bench->peer.bytes,
		       bench->peer.size);
	}
	return body;
}

static void segments_are_the_same_in_any_order(void **state)
{
	struct bench *bench = *state;
	struct plan plan;
	uint8_t *forward, *backward;

	assert_int_equal(plan_make(&high, &bench->shape, &plan), 0);
	assert_true(plan.segments > 4);
	forward = render_all(bench, &plan, false);
	backward = render_all(bench, &plan, true);
	assert_memory_equal(forward, backward, plan.body_size);
	free(forward);
	free(backward);
}

static void another_worker_makes_the_same_bytes(void **state)
{
	struct bench *bench = *state;
	struct peer other;

	assert_true(peer_segment(&bench->peer, bench->path, &high,
				 &bench->shape, 2));
	peer_start(&other, WORKER_PATH);
	assert_true(peer_probe(&other, bench->path));
	assert_true(peer_segment(&other, bench->path, &high, &bench->shape, 3));
	assert_true(peer_segment(&other, bench->path, &high, &bench->shape, 2));
	assert_int_equal(bench->peer.size, other.size);
	assert_memory_equal(bench->peer.bytes, other.bytes, other.size);
	assert_int_equal(peer_stop(&other), 0);
}

static const struct profile decoded = {
	.name = "pcm", .codec = CODEC_WAV, .format = PCM_S16};

static void a_lent_block_is_made_in_its_place(void **state)
{
	struct bench *bench = *state;
	struct peer peer;
	const int16_t *samples;

	peer_start(&peer, WORKER_PATH);
	peer.lends = true;
	assert_true(peer_block(&peer, bench->path, &decoded, &bench->shape, 1));
	assert_int_equal(peer.size, 0);
	assert_int_equal(peer.wanted, 2);
	assert_int_equal(peer.decoded, 1);
	assert_int_equal(peer.filled.layout.format, PCM_S16);
	assert_int_equal(peer.filled.second, 1);
	samples = (const int16_t *)(peer.lent + peer.filled.offset);
	for (size_t i = 0; i < 2 * RATE; i++)
		assert_int_equal(samples[i], sound_sample(RATE + i / 2, i % 2));
	assert_int_equal(peer_stop(&peer), 0);
}

static void a_block_without_room_comes_through_the_ring(void **state)
{
	struct bench *bench = *state;
	struct peer *peer = &bench->peer;
	const int16_t *samples;

	assert_true(peer_block(peer, bench->path, &decoded, &bench->shape, 1));
	assert_int_equal(peer->size, 2 * RATE * sizeof(*samples));
	samples = (const int16_t *)peer->bytes;
	for (size_t i = 0; i < 2 * RATE; i++)
		assert_int_equal(samples[i], sound_sample(RATE + i / 2, i % 2));
}

static void missing_audio_is_silent_and_noted(void **state)
{
	struct bench *bench = *state;

	sound_cut(bench->path, 0.5);
	assert_true(peer_segment(&bench->peer, bench->path, &high,
				 &bench->shape, 4));
	assert_int_equal(bench->peer.notes[NOTE_SILENCE], 1);
	assert_true(strlen(bench->peer.note) > 10);
}

static void a_source_of_another_shape_is_refused(void **state)
{
	struct bench *bench = *state;

	bench->shape.rate = 48000;
	assert_false(peer_segment(&bench->peer, bench->path, &high,
				  &bench->shape, 0));
	assert_int_equal(bench->peer.last.error, -EINVAL);
}

static void a_segment_behind_the_last_is_refused(void **state)
{
	struct bench *bench = *state;

	assert_false(peer_segment(&bench->peer, bench->path, &high,
				  &bench->shape, 1000));
	assert_int_equal(bench->peer.last.error, -EINVAL);
	assert_true(peer_segment(&bench->peer, bench->path, &high,
				 &bench->shape, 0));
}

static char *write_cover(struct bench *bench, size_t size)
{
	char *path = scratch_path(bench->directory, "cover.jpg");
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fwrite("\xff\xd8\xff\xe0", 1, 4, file);
	for (size_t i = 4; i < size; i++)
		fputc((int)(i * 7 & 0xff), file);
	fclose(file);
	return path;
}

/* Larger than the ring, so that the worker has to wait for room. */
static void a_tag_with_a_cover_has_the_promised_size(void **state)
{
	/* what an APIC frame has before a JPEG */
	enum { COVER = 3 << 20, FRAME = 24 };
	struct bench *bench = *state;
	char *cover = write_cover(bench, COVER);
	struct worker_task task = {
		.kind = TASK_TAG, .tag_style = {4, ""}, .cover_size = COVER};
	const uint8_t *tag;

	assert_true(peer_probe(&bench->peer, bench->path));
	task.tag_size = bench->peer.facts.tag_size + FRAME + COVER + 100;
	peer_run(&bench->peer, &task, bench->path, cover);
	tag = bench->peer.bytes;
	assert_int_equal(bench->peer.last.kind, REPORT_DONE);
	assert_int_equal(bench->peer.size, task.tag_size);
	assert_memory_equal(tag, "ID3\4\0\0", 6);
	assert_int_equal(tag[task.tag_size - 1], 0);
	tag = memmem(tag, bench->peer.size, "APIC", 4);
	assert_non_null(tag);
	assert_memory_equal(tag + FRAME, "\xff\xd8\xff\xe0", 4);
	assert_int_equal(tag[FRAME + 1000], (1000 * 7) & 0xff);
	free(cover);
}

static void a_tag_fits_whatever_was_promised(void **state)
{
	struct bench *bench = *state;

	for (uint32_t size = 10; size < 120; size += 11) {
		struct worker_task task = {.kind = TASK_TAG,
					   .tag_style = {3, "/"},
					   .tag_size = size};

		peer_run(&bench->peer, &task, bench->path, NULL);
		assert_int_equal(bench->peer.last.kind, REPORT_DONE);
		assert_int_equal(bench->peer.size, size);
	}
}

static void an_unknown_task_is_refused(void **state)
{
	struct bench *bench = *state;
	struct worker_task task = {.kind = 77};

	peer_run(&bench->peer, &task, bench->path, NULL);
	assert_int_equal(bench->peer.last.kind, REPORT_FAILED);
	assert_int_equal(bench->peer.last.error, -EINVAL);
}

/* As if a file had changed under its plan: anything but a crash is right. */
static void damaged_files_do_not_kill_the_worker(void **state)
{
	struct bench *bench = *state;
	uint64_t random = scratch_seed();
	struct stat st;

	assert_int_equal(stat(bench->path, &st), 0);
	for (int round = 0; round < 20; round++) {
		uint64_t at = scratch_random(&random) % (uint64_t)st.st_size;

		sound_damage(bench->path, (long)(round < 5 ? at % 200 : at),
			     (size_t)(scratch_random(&random) % 300));
		peer_probe(&bench->peer, bench->path);
		peer_segment(&bench->peer, bench->path, &high, &bench->shape,
			     (uint32_t)(round % 5));
		assert_true(bench->peer.last.error != -EPIPE);
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(hello_names_the_encoder),
		test(a_flac_is_probed),
		test(what_is_no_media_fails_with_a_reason),
		test(segments_are_the_same_in_any_order),
		test(another_worker_makes_the_same_bytes),
		test(a_lent_block_is_made_in_its_place),
		test(a_block_without_room_comes_through_the_ring),
		test(missing_audio_is_silent_and_noted),
		test(a_source_of_another_shape_is_refused),
		test(a_segment_behind_the_last_is_refused),
		test(a_tag_with_a_cover_has_the_promised_size),
		test(a_tag_fits_whatever_was_promised),
		test(an_unknown_task_is_refused),
		test(damaged_files_do_not_kill_the_worker),
	};

	return cmocka_run_group_tests(tests, write_flac, forget_flac);
}
