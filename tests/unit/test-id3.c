/* ID3v2.3 tags, byte by byte. */
#include "transcode/worker/id3.h"

#include "scratch.h"
#include "transcode/worker/pictures.h"

static struct tags *make_tags(const struct tag_item *items, size_t count)
{
	struct tags *tags = calloc(1, sizeof(*tags));

	assert_non_null(tags);
	if (count > 0)
		memcpy(tags->items, items, count * sizeof(*items));
	tags->count = count;
	return tags;
}

/* Writes the tag at its own size; to be freed. */
static uint8_t *write_tag(const struct tags *tags, size_t *size)
{
	uint8_t *bytes;

	*size = id3_size(tags);
	bytes = calloc(1, *size);
	assert_non_null(bytes);
	assert_int_equal(id3_write(tags, bytes, *size), 0);
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
	uint8_t *tag = write_tag(tags, &size);

	(void)state;
	assert_memory_equal(tag, "ID3\3\0\0\0\0\0\x13", 10);
	assert_int_equal(size, 10 + 0x13);
	assert_holds(tag, size, "TSSE\0\0\0\x9\0\0\0groovefs");
	free(tag);
	free(tags);
}

static const struct tag_item usual[] = {
	{"title", "One"},
	{"ARTIST", "Two"},
	{"album_artist", "Three"},
	{"ALBUM", "Four"},
	{"track", "7"},
	{"TRACKTOTAL", "12"},
	{"disc", "1/2"},
	{"date", "1999-12-31"},
	{"ORGANIZATION", "Five"},
	{"isrc", "USABC1234567"},
	{"comment", "Six"},
	{"lyrics", "Seven"},
	{"MY_KEY", "Eight"},
};

static void usual_names_have_frames_of_their_own(void **state)
{
	struct tags *tags = make_tags(usual, sizeof(usual) / sizeof(usual[0]));
	size_t size;
	uint8_t *tag = write_tag(tags, &size);

	(void)state;
	assert_holds(tag, size, "TIT2\0\0\0\4\0\0\0One");
	assert_holds(tag, size, "TPE1\0\0\0\4\0\0\0Two");
	assert_holds(tag, size, "TPE2\0\0\0\6\0\0\0Three");
	assert_holds(tag, size, "TALB\0\0\0\5\0\0\0Four");
	assert_holds(tag, size,
		     "TRCK\0\0\0\5\0\0\0"
		     "7/12");
	assert_holds(tag, size,
		     "TPOS\0\0\0\4\0\0\0"
		     "1/2");
	assert_holds(tag, size,
		     "TYER\0\0\0\5\0\0\0"
		     "1999");
	assert_holds(tag, size,
		     "TDAT\0\0\0\5\0\0\0"
		     "3112");
	assert_holds(tag, size, "TPUB\0\0\0\5\0\0\0Five");
	assert_holds(tag, size, "TSRC\0\0\0\xd\0\0\0USABC1234567");
	assert_holds(tag, size, "COMM\0\0\0\x8\0\0\0eng\0Six");
	assert_holds(tag, size, "USLT\0\0\0\xa\0\0\0eng\0Seven");
	assert_holds(tag, size, "TXXX\0\0\0\xd\0\0\0MY_KEY\0Eight");
	free(tag);
	free(tags);
}

static void other_scripts_are_utf16(void **state)
{
	static const struct tag_item items[] = {{"title", "\xce\xa9"},
						{"KEY", "\xce\xa9"}};
	struct tags *tags = make_tags(items, 2);
	size_t size;
	uint8_t *tag = write_tag(tags, &size);

	(void)state;
	assert_holds(tag, size, "TIT2\0\0\0\5\0\0\1\xff\xfe\xa9\x03");
	assert_holds(
		tag, size,
		"TXXX\0\0\0\xf\0\0\1\xff\xfeK\0E\0Y\0\0\0\xff\xfe\xa9\x03");
	free(tag);
	free(tags);
}

static void pictures_keep_type_and_description(void **state)
{
	static char none[] = "", omega[] = "\xce\xa9";
	static uint8_t bytes[] = "\xff\xd8\xff\xe0 not much of a jpeg";
	struct pictures pictures = {
		.count = 2,
		.items = {{3, none, bytes, sizeof(bytes), "image/jpeg"},
			  {4, omega, bytes, sizeof(bytes), "image/png"}},
	};
	struct tags *tags = make_tags(NULL, 0);
	uint32_t without = id3_size(tags);
	size_t size;
	uint8_t *tag;

	(void)state;
	tags->pictures = &pictures;
	tag = write_tag(tags, &size);
	assert_int_equal(size, without + id3_picture_size(&pictures.items[0]) +
				       id3_picture_size(&pictures.items[1]));
	assert_holds(tag, size,
		     "APIC\0\0\0\x26\0\0\0image/jpeg\0\3\0\xff\xd8\xff\xe0");
	assert_holds(tag, size,
		     "APIC\0\0\0\x2a\0\0\1image/png\0\4\xff\xfe\xa9\x03\0\0"
		     "\xff\xd8\xff\xe0");
	free(tag);
	free(tags);
}

static void a_larger_promise_is_padded(void **state)
{
	static const struct tag_item items[] = {{"title", "One"}};
	struct tags *tags = make_tags(items, 1);
	uint8_t tag[200] = {0};

	(void)state;
	assert_int_equal(id3_write(tags, tag, sizeof(tag)), 0);
	assert_memory_equal(tag + 6, "\0\0\1\x3e", 4); /* 190 */
	for (size_t i = id3_size(tags); i < sizeof(tag); i++)
		assert_int_equal(tag[i], 0);
	free(tags);
}

static void a_smaller_promise_drops_the_last_frames(void **state)
{
	static const struct tag_item items[] = {{"title", "One"},
						{"KEY", "a longer value"}};
	struct tags *tags = make_tags(items, 2);
	size_t full = id3_size(tags);
	uint8_t *tag = calloc(1, full);

	(void)state;
	assert_non_null(tag);
	for (size_t size = 10; size <= full; size++) {
		uint8_t *exact = calloc(1, size); /* for the sanitizer */

		assert_non_null(exact);
		assert_int_equal(id3_write(tags, exact, size), 0);
		assert_int_equal(holds(exact, size, "TIT2", 4),
				 size >= 10 + 14);
		free(exact);
	}
	assert_int_equal(id3_write(tags, tag, 9), -EINVAL);
	free(tag);
	free(tags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_still_has_a_tag),
		cmocka_unit_test(usual_names_have_frames_of_their_own),
		cmocka_unit_test(other_scripts_are_utf16),
		cmocka_unit_test(pictures_keep_type_and_description),
		cmocka_unit_test(a_larger_promise_is_padded),
		cmocka_unit_test(a_smaller_promise_drops_the_last_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
