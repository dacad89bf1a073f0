/* ID3v2 tags, byte by byte. */
#include "transcode/worker/tags/id3.h"

#include "scratch.h"
#include "transcode/worker/tags/pictures.h"
#include "transcode/worker/tags/tags_old.h"

struct value {
	const char *id, *language, *name, *value;
};

static struct tags *make_tags(const struct value *values, size_t count)
{
	struct tags *tags = calloc(1, sizeof(*tags));

	assert_non_null(tags);
	for (size_t i = 0; i < count; i++)
		tags_add_frame(tags, values[i].id, values[i].language,
			       values[i].name, values[i].value,
			       strlen(values[i].value));
	assert_int_equal(tags->count, count);
	return tags;
}

static void free_tags(struct tags *tags)
{
	tags_release(tags);
	free(tags);
}

/* Writes the tag at its own size; to be freed. */
static uint8_t *write_tag(const struct tags *tags, unsigned version,
			  size_t *size)
{
	uint8_t *bytes;

	*size = id3_size(tags, version);
	bytes = calloc(1, *size);
	assert_non_null(bytes);
	assert_int_equal(id3_write(tags, version, bytes, *size), 0);
	return bytes;
}

/* Whether the tag holds exactly these bytes somewhere. */
static bool holds(const uint8_t *tag, size_t size, const char *what,
		  size_t length)
{
	return memmem(tag, size, what, length) != NULL;
}

#define assert_holds(tag, size, text)                                          \
	assert_true(holds(tag, size, text, sizeof(text) - 1))

static void an_empty_file_still_has_a_tag(void **state)
{
	struct tags *tags = make_tags(NULL, 0);
	size_t size;
	uint8_t *tag = write_tag(tags, 4, &size);

	(void)state;
	assert_memory_equal(tag, "ID3\4\0\0\0\0\0\x13", 10);
	assert_int_equal(size, 10 + 0x13);
	assert_holds(tag, size, "TSSE\0\0\0\x9\0\0\3groovefs");
	free(tag);
	free_tags(tags);
}

static const struct value usual[] = {
	{"TIT2", "", "", "One"},      {"TPE1", "", "", "Two"},
	{"TPE1", "", "", "\xce\xa9"}, {"TDRC", "", "", "1999-12-31"},
	{"TSSE", "", "", "Mine"},     {"TIPL", "", "", "mix"},
	{"TIPL", "", "", "Somebody"}, {"TXXX", "", "Key", "Eight"},
	{"COMM", "eng", "", "Six"},   {"USLT", "deu", "", "Seven"},
	{"UFID", "", "owner", "id"},  {"WXXX", "", "x", "http://y"},
	{"WOAR", "", "", "http://z"}, {"POPM", "", "", "bytes"},
};

enum { USUAL = sizeof(usual) / sizeof(usual[0]) };

static void each_kind_of_frame_has_its_form(void **state)
{
	struct tags *tags = make_tags(usual, USUAL);
	size_t size;
	uint8_t *tag = write_tag(tags, 4, &size);

	(void)state;
	assert_holds(tag, size, "TIT2\0\0\0\4\0\0\3One");
	assert_holds(tag, size, "TPE1\0\0\0\7\0\0\3Two\0\xce\xa9");
	assert_holds(tag, size, "TSSE\0\0\0\5\0\0\3Mine");
	assert_false(holds(tag, size, "groovefs", 8));
	assert_holds(tag, size, "TIPL\0\0\0\xd\0\0\3mix\0Somebody");
	assert_holds(tag, size, "TXXX\0\0\0\xa\0\0\3Key\0Eight");
	assert_holds(tag, size, "COMM\0\0\0\x8\0\0\3eng\0Six");
	assert_holds(tag, size, "USLT\0\0\0\xa\0\0\3deu\0Seven");
	assert_holds(tag, size, "UFID\0\0\0\x8\0\0owner\0id");
	assert_holds(tag, size, "WXXX\0\0\0\xb\0\0\3x\0http://y");
	assert_holds(tag, size, "WOAR\0\0\0\x8\0\0http://z");
	assert_holds(tag, size, "POPM\0\0\0\5\0\0bytes");
	free(tag);
	free_tags(tags);
}

static void version_3_has_frames_of_its_own(void **state)
{
	struct tags *tags = make_tags(usual, USUAL);
	struct tags old = {0};
	size_t size;
	uint8_t *tag;

	(void)state;
	assert_int_equal(tags_make_old(tags, "; ", &old), 0);
	tag = write_tag(&old, 3, &size);
	assert_memory_equal(tag, "ID3\3\0\0", 6);
	assert_holds(tag, size, "TIT2\0\0\0\4\0\0\0One");
	assert_holds(tag, size,
		     "TPE1\0\0\0\xf\0\0\1\xff\xfeT\0w\0o\0;\0 \0\xa9\x03");
	assert_holds(tag, size, "A\0R\0T\0I\0S\0T\0S");
	assert_holds(tag, size,
		     "TYER\0\0\0\5\0\0\0"
		     "1999");
	assert_holds(tag, size,
		     "TDAT\0\0\0\5\0\0\0"
		     "3112");
	assert_holds(tag, size, "IPLS\0\0\0\xd\0\0\0mix\0Somebody");
	assert_holds(tag, size, "UFID\0\0\0\x8\0\0owner\0id");
	free(tag);
	tags_release(&old);
	free_tags(tags);
}

/* Version 4 writes sizes of seven bits a byte. */
static void sizes_are_those_of_the_version(void **state)
{
	char value[201] = "";
	const struct value one = {"TIT2", "", "", value};
	struct tags *tags;
	size_t size;
	uint8_t *tag;

	(void)state;
	memset(value, 'x', 200);
	tags = make_tags(&one, 1);
	tag = write_tag(tags, 4, &size);
	assert_holds(tag, size, "TIT2\0\0\1\x49\0\0\3x");
	free(tag);
	tag = write_tag(tags, 3, &size);
	assert_holds(tag, size, "TIT2\0\0\0\xc9\0\0\0x");
	free(tag);
	free_tags(tags);
}

static void pictures_keep_type_and_description(void **state)
{
	static char none[] = "", omega[] = "\xce\xa9";
	static uint8_t bytes[] = "\xff\xd8\xff\xe0 not much of a jpeg";
	struct pictures pictures = {
		.count = 2,
		.items = {{.type = 3,
			   .description = none,
			   .bytes = bytes,
			   .size = sizeof(bytes),
			   .mime = "image/jpeg"},
			  {.type = 4,
			   .description = omega,
			   .bytes = bytes,
			   .size = sizeof(bytes),
			   .mime = "image/png"}},
	};
	struct tags *tags = make_tags(NULL, 0);
	uint32_t without = id3_size(tags, 4);
	size_t size;
	uint8_t *tag;

	(void)state;
	tags->pictures = &pictures;
	tag = write_tag(tags, 4, &size);
	assert_in_range(size, without,
			without + id3_picture_size(&pictures.items[0]) +
				id3_picture_size(&pictures.items[1]));
	assert_holds(tag, size,
		     "APIC\0\0\0\x26\0\0\3image/jpeg\0\3\0\xff\xd8\xff\xe0");
	assert_holds(tag, size,
		     "APIC\0\0\0\x27\0\0\3image/png\0\4\xce\xa9\0"
		     "\xff\xd8\xff\xe0");
	free(tag);
	free_tags(tags);
}

static void a_larger_promise_is_padded(void **state)
{
	static const struct value items[] = {{"TIT2", "", "", "One"}};
	struct tags *tags = make_tags(items, 1);
	uint8_t tag[200] = {0};

	(void)state;
	assert_int_equal(id3_write(tags, 4, tag, sizeof(tag)), 0);
	assert_memory_equal(tag + 6, "\0\0\1\x3e", 4); /* 190 */
	for (size_t i = id3_size(tags, 4); i < sizeof(tag); i++)
		assert_int_equal(tag[i], 0);
	free_tags(tags);
}

static void a_smaller_promise_drops_the_last_frames(void **state)
{
	static const struct value items[] = {
		{"TIT2", "", "", "One"}, {"TXXX", "", "KEY", "a longer value"}};
	struct tags *tags = make_tags(items, 2);
	size_t full = id3_size(tags, 4);
	uint8_t *tag = calloc(1, full);

	(void)state;
	assert_non_null(tag);
	for (size_t size = 10; size <= full; size++) {
		uint8_t *exact = calloc(1, size); /* for the sanitizer */

		assert_non_null(exact);
		assert_int_equal(id3_write(tags, 4, exact, size), 0);
		assert_int_equal(holds(exact, size, "TIT2", 4),
				 size >= 10 + 14);
		free(exact);
	}
	assert_int_equal(id3_write(tags, 4, tag, 9), -EINVAL);
	free(tag);
	free_tags(tags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_still_has_a_tag),
		cmocka_unit_test(each_kind_of_frame_has_its_form),
		cmocka_unit_test(version_3_has_frames_of_its_own),
		cmocka_unit_test(sizes_are_those_of_the_version),
		cmocka_unit_test(pictures_keep_type_and_description),
		cmocka_unit_test(a_larger_promise_is_padded),
		cmocka_unit_test(a_smaller_promise_drops_the_last_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
