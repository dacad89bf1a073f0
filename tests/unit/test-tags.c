/*
 * Tags as hostile files have them: whatever they claim, reading ends soon, and
 * what is left out is named.
 */
#include "transcode/worker/tags/tags.h"

#include "scratch.h"
#include "transcode/worker/formats/sniff.h"
#include "transcode/worker/input.h"

#include <sys/mman.h>

/*
 * What TagLib's constructors had allocated when reading was given up. In a
 * worker it is little, and ends with the process.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:TagLib::MP4::File::File\n";
}

/* Reads the tags of a file of these bytes, by TagLib alone. */
static int read_tags(const void *bytes, size_t size, struct tags *tags)
{
	struct input input = {.size = size};
	struct sniff found;
	int error;

	input.fd = memfd_create("tags", 0);
	assert_true(input.fd >= 0);
	assert_int_equal(write(input.fd, bytes, size), size);
	error = sniff(&input, &found);
	assert_int_equal(error, 0);
	error = tags_read(&input, &found, NULL, NULL, tags);
	close(input.fd);
	return error;
}

/* How many there are of a file that some are left out of; frees it. */
static size_t count_with_loss(uint8_t *file, size_t size)
{
	struct tags tags;
	size_t count;

	assert_int_equal(read_tags(file, size, &tags), 0);
	assert_string_not_equal(tags.lost, "");
	count = tags.count;
	tags_release(&tags);
	free(file);
	return count;
}

static void put_be(uint8_t *to, unsigned size, uint64_t value)
{
	while (size-- > 0) {
		to[size] = (uint8_t)value;
		value >>= 8;
	}
}

static void atoms_within_atoms_end(void **state)
{
	enum { DEPTH = 1 << 20 };
	size_t size = 16 + 8ul * DEPTH;
	uint8_t *file = calloc(1, size);

	(void)state;
	assert_non_null(file);
	memcpy(file,
	       "\0\0\0\x10"
	       "ftypM4A \0\0\0\0",
	       16);
	for (size_t i = 0; i < DEPTH; i++) {
		put_be(file + 16 + 8 * i, 4, size - 16 - 8 * i);
		memcpy(file + 20 + 8 * i, "moov", 4);
	}
	assert_int_equal(count_with_loss(file, size), 0);
}

/* Each atom is tiny, and there are more than a song has. */
static void very_many_atoms_end(void **state)
{
	enum { COUNT = 1 << 20 };
	size_t size = 16 + 8ul * COUNT;
	uint8_t *file = calloc(1, size);

	(void)state;
	assert_non_null(file);
	memcpy(file,
	       "\0\0\0\x10"
	       "ftypM4A \0\0\0\0",
	       16);
	for (size_t i = 0; i < COUNT; i++)
		memcpy(file + 16 + 8 * i,
		       "\0\0\0\x8"
		       "free",
		       8);
	count_with_loss(file, size);
}

static void sizes_past_the_end_are_not_believed(void **state)
{
	static const char id3[] = "ID3\4\0\0\x7f\x7f\x7f\x7f"
				  "TIT2\x7f\x7f\x7f\x7f\0\0\3One";
	static const char wave[] = "RIFF\xff\xff\xff\xff"
				   "WAVE"
				   "id3 \xff\xff\xff\xff"
				   "ID3\3\0\0\0\0\0\0";
	static const char form[] = "FRM8\0\0\0\0\0\0\0\xff"
				   "DSD "
				   "JUNK\x7f\xff\xff\xff\xff\xff\xff\xf0x";
	static const char dsf[] = "DSD \x1c\0\0\0\0\0\0\0\xff\0\0\0\0\0\0\0"
				  "\xf0\xff\xff\xff\xff\xff\xff\x7f";
	static const char ape[] = "MAC .........."
				  "APETAGEX\xd0\7\0\0\xff\xff\xff\x7f"
				  "\xff\xff\xff\x7f\0\0\0\0\0\0\0\0\0\0\0\0";
	static const struct {
		const char *bytes;
		size_t size;
	} files[] = {
		{id3, sizeof(id3) - 1},	  {wave, sizeof(wave) - 1},
		{form, sizeof(form) - 1}, {dsf, sizeof(dsf) - 1},
		{ape, sizeof(ape) - 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct tags tags;

		assert_int_equal(
			read_tags(files[i].bytes, files[i].size, &tags), 0);
		tags_release(&tags);
	}
}

/* An ID3v2.4 tag of `count` frames with this head, each of `size` bytes. */
static uint8_t *make_frames(const char *id, const char *head, size_t head_size,
			    size_t size, size_t count, size_t *all)
{
	size_t frame = 10 + head_size + size;
	uint8_t *file, *p;

	*all = 10 + count * frame;
	file = malloc(*all);
	assert_non_null(file);
	memset(file, 'x', *all);
	memcpy(file, "ID3\4\0\0", 6);
	p = file;
	for (size_t i = 0; i <= count; i++, p = file + 10 + (i - 1) * frame) {
		size_t n = i ? head_size + size : *all - 10;
		uint8_t *to = i ? p + 4 : p + 6;

		if (i)
			memcpy(p, id, 4);
		for (int b = 0; b < 4; b++)
			to[b] = (uint8_t)(n >> (21 - 7 * b) & 0x7f);
		if (i) {
			memset(p + 8, 0, 2);
			memcpy(p + 10, head, head_size);
		}
	}
	return file;
}

static void more_fields_than_any_file_has_are_left_out(void **state)
{
	size_t size;
	uint8_t *file = make_frames("TXXX", "\3Key\0", 5, 4, 20000, &size);
	struct tags tags;

	(void)state;
	assert_int_equal(read_tags(file, size, &tags), 0);
	assert_int_equal(tags.count, TAGS_MAX);
	assert_non_null(strstr(tags.lost, "Key"));
	tags_release(&tags);
	free(file);
}

static void more_text_than_any_file_has_is_left_out(void **state)
{
	size_t size;
	uint8_t *file = make_frames("TXXX", "\3Key\0", 5, 5 << 20, 4, &size);
	struct tags tags;

	(void)state;
	assert_int_equal(read_tags(file, size, &tags), 0);
	assert_int_equal(tags.count, 3);
	assert_string_equal(tags.lost, "Key");
	tags_release(&tags);
	free(file);
}

/* EBML's head, and a segment that ends with the file. */
#define MATROSKA "\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff"

static size_t put_element(uint8_t *to, const char *id, uint64_t size)
{
	size_t width = strlen(id);

	memcpy(to, id, width);
	put_be(to + width, 8, size | 1ull << 56);
	return width + 8;
}

static void simple_tags_within_simple_tags_end(void **state)
{
	enum { DEPTH = 1 << 20, EACH = 10 };
	size_t size = 10 + 12 + 10 + 1ul * EACH * DEPTH;
	uint8_t *file = calloc(1, size + 12);
	struct tags tags;
	size_t at = 10;

	(void)state;
	assert_non_null(file);
	memcpy(file, MATROSKA, 10);
	at += put_element(file + at, "\x12\x54\xc3\x67", size - at - 12);
	at += put_element(file + at, "\x73\x73", size - at - 10);
	while (at < size)
		at += put_element(file + at, "\x67\xc8", size - at - EACH);
	assert_int_equal(read_tags(file, size, &tags), 0);
	assert_int_equal(tags.count, 0);
	tags_release(&tags);
	free(file);
}

static void very_many_simple_tags_end(void **state)
{
	static const char tag[] = "\x67\xc8\x88\x45\xa3\x81K\x44\x87\x81v";
	enum { COUNT = 1 << 18, EACH = sizeof(tag) - 1 };
	size_t size = 10 + 12 + 10 + 1ul * EACH * COUNT;
	uint8_t *file = calloc(1, size);
	size_t at = 10;

	(void)state;
	assert_non_null(file);
	memcpy(file, MATROSKA, 10);
	at += put_element(file + at, "\x12\x54\xc3\x67", size - at - 12);
	at += put_element(file + at, "\x73\x73", size - at - 10);
	for (; at < size; at += EACH)
		memcpy(file + at, tag, EACH);
	assert_int_equal(count_with_loss(file, size), TAGS_MAX);
}

static void a_value_of_a_gigabyte_costs_only_itself(void **state)
{
	static const char name[] = "\x45\xa3\x83"
				   "BIG";
	static const char title[] = "\x67\xc8\x8f\x45\xa3\x85TITLE"
				    "\x44\x87\x84Song";
	const uint64_t huge = 1 << 30, simple = 6 + 10 + huge;
	const uint64_t tag = 10 + simple + sizeof(title) - 1;
	uint8_t head[80];
	size_t at = 10;
	struct input input = {.fd = memfd_create("tags", 0)};
	struct sniff found;
	struct tags tags;

	(void)state;
	assert_true(input.fd >= 0);
	memcpy(head, MATROSKA, 10);
	at += put_element(head + at, "\x12\x54\xc3\x67", 10 + tag);
	at += put_element(head + at, "\x73\x73", tag);
	at += put_element(head + at, "\x67\xc8", simple);
	memcpy(head + at, name, 6);
	at += 6 + put_element(head + at + 6, "\x44\x87", huge);
	assert_int_equal(write(input.fd, head, at), at);
	input.size = at + huge + sizeof(title) - 1;
	assert_int_equal(
		pwrite(input.fd, title, sizeof(title) - 1, (off_t)(at + huge)),
		sizeof(title) - 1);
	assert_int_equal(sniff(&input, &found), 0);
	assert_int_equal(tags_read(&input, &found, NULL, NULL, &tags), 0);
	close(input.fd);
	assert_string_equal(tags.lost, "BIG");
	assert_int_equal(tags.count, 1);
	assert_string_equal(tags_value(&tags, "TIT2"), "Song");
	tags_release(&tags);
}

/* Damage of every kind, in a tag of every kind: anything but a crash. */
static void random_bytes_do_no_harm(void **state)
{
	static const char *const heads[] = {
		"ID3\4\0\0\0\0\17\0",
		"fLaC\0\0\0\x22",
		"OggS\0\2",
		"RIFF\0\0\0\0WAVE",
		"FORM\0\0\0\0AIFF",
		"MAC ",
		"\0\0\0\x10\146typ",
		"DSD ",
		"FRM8",
		"wvpk",
		MATROSKA "\x12\x54\xc3\x67\x42\x20\x73\x73\x42\x10\x67\xc8",
		MATROSKA "\x19\x41\xa4\x69\x42\x20\x61\xa7\x42\x10",
	};
	static const size_t sizes[] = {10, 8, 6, 12, 12, 4, 8, 4, 4, 4, 22, 20};
	uint64_t random = scratch_seed();

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t kind = (size_t)round % (sizeof(sizes) / sizeof(*sizes));
		uint8_t file[600];
		struct tags tags;

		for (size_t i = 0; i < sizeof(file); i++)
			file[i] = (uint8_t)scratch_random(&random);
		memcpy(file, heads[kind], sizes[kind]);
		if (round % 3 == 0)
			memcpy(file + sizeof(file) - 32, "APETAGEX", 8);
		assert_int_equal(read_tags(file, sizeof(file), &tags), 0);
		tags_release(&tags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(atoms_within_atoms_end),
		cmocka_unit_test(very_many_atoms_end),
		cmocka_unit_test(sizes_past_the_end_are_not_believed),
		cmocka_unit_test(more_fields_than_any_file_has_are_left_out),
		cmocka_unit_test(more_text_than_any_file_has_is_left_out),
		cmocka_unit_test(simple_tags_within_simple_tags_end),
		cmocka_unit_test(very_many_simple_tags_end),
		cmocka_unit_test(a_value_of_a_gigabyte_costs_only_itself),
		cmocka_unit_test(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
