/* The name of a track's audio. */
#include "transcode/worker/source/identity.h"

#include "scratch.h"
#include "tests/unit/sounds.h"

#include <sndfile.h>

enum { RATE = 44100, FRAMES = 10 * RATE };

static struct key identity_of_path(const char *path)
{
	struct input input = sound_open(path);
	struct flac_header header;
	struct key key;

	assert_int_equal(flac_read_header(&input, 0, &header), 0);
	assert_int_equal(identity_of_flac(&input, &header, &key), 0);
	close(input.fd);
	return key;
}

static bool same(struct key a, struct key b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static char *make(const char *directory, const char *name, size_t frames)
{
	return sound_write(directory, name, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
			   RATE, 2, frames);
}

/* Puts a PADDING block of 300 bytes behind STREAMINFO, as a tagger does. */
static void retag(const char *path)
{
	static uint8_t bytes[4 << 20];
	uint8_t padding[304] = {1, 0, 1, 44};
	FILE *file = fopen(path, "r+");
	size_t size;

	assert_non_null(file);
	size = fread(bytes, 1, sizeof(bytes), file);
	assert_true(size > 42 && size < sizeof(bytes));
	rewind(file);
	assert_int_equal(fwrite(bytes, 1, 42, file), 42);
	assert_int_equal(fwrite(padding, 1, sizeof(padding), file),
			 sizeof(padding));
	assert_int_equal(fwrite(bytes + 42, 1, size - 42, file), size - 42);
	assert_int_equal(fclose(file), 0);
}

static void a_retagged_flac_keeps_its_identity(void **state)
{
	char *directory = scratch_make();
	char *path = make(directory, "a.flac", FRAMES);
	struct key before = identity_of_path(path);

	(void)state;
	retag(path);
	assert_true(same(before, identity_of_path(path)));
	free(path);
	scratch_remove(directory);
}

static void other_audio_is_another_identity(void **state)
{
	char *directory = scratch_make();
	char *path = make(directory, "a.flac", FRAMES);
	char *other = make(directory, "b.flac", FRAMES + 1);
	struct key before = identity_of_path(path);

	(void)state;
	assert_false(same(before, identity_of_path(other)));
	sound_damage(path, -70000 / 2, 1); /* within the last 64 KiB */
	assert_false(same(before, identity_of_path(path)));
	free(other);
	free(path);
	scratch_remove(directory);
}

static void a_cut_flac_is_another_identity(void **state)
{
	char *directory = scratch_make();
	char *path = make(directory, "a.flac", FRAMES);
	struct key before = identity_of_path(path);

	(void)state;
	sound_cut(path, 0.99);
	assert_false(same(before, identity_of_path(path)));
	free(path);
	scratch_remove(directory);
}

static void other_files_are_known_by_their_version(void **state)
{
	struct file_id id = {1, 2, 3, 4, 5}, touched = {1, 2, 3, 5, 5};
	struct file_id set_back = {1, 2, 3, 4, 6};

	(void)state;
	assert_true(same(identity_of_file(&id), identity_of_file(&id)));
	assert_false(same(identity_of_file(&id), identity_of_file(&touched)));
	assert_false(same(identity_of_file(&id), identity_of_file(&set_back)));
}

static void what_is_decoded_otherwise_is_another_identity(void **state)
{
	struct file_id id = {1, 2, 3, 4};
	struct key key = identity_of_file(&id);
	struct key first = identity_revised(&key, 1);

	(void)state;
	assert_true(same(identity_revised(&key, 0), key));
	assert_false(same(first, key));
	assert_false(same(identity_revised(&key, 2), first));
}

/* They are stored on disk: the same in every version, on every machine. */
static void identities_stay_what_they_are(void **state)
{
	struct file_id id = {1, 2, 3, 4};
	struct key key = identity_of_file(&id);
	char text[KEY_TEXT_SIZE] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(key.bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", key.bytes[i]);
	assert_string_equal(text, "006562b0029b964b3043f0284ae8be3b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_retagged_flac_keeps_its_identity),
		cmocka_unit_test(other_audio_is_another_identity),
		cmocka_unit_test(a_cut_flac_is_another_identity),
		cmocka_unit_test(other_files_are_known_by_their_version),
		cmocka_unit_test(what_is_decoded_otherwise_is_another_identity),
		cmocka_unit_test(identities_stay_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
