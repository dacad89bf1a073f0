/*
 * A tag is built in one pass that either counts or writes: the same code says
 * how long a tag is and makes it, so the two cannot disagree.
 *
 *   header | text | TSSE | TXXX ... | COMM | USLT | APIC ... | padding
 *
 * The table below gives the frames that have a place of their own, by FFmpeg's
 * names and the usual Vorbis ones; what is in no table becomes a TXXX frame
 * under its own name.
 */
#include "transcode/worker/id3.h"

#include "transcode/worker/pictures.h"
#include "transcode/worker/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TAG_HEADER = 10, FRAME_HEADER = 10, MAX_TAG = (1 << 28) - 1 };

static const struct {
	char id[5];
	const char *keys[4]; /* the first one that is there */
} plain[] = {
	{"TIT2", {"title"}},
	{"TPE1", {"artist"}},
	{"TPE2", {"album_artist", "albumartist", "album artist"}},
	{"TALB", {"album"}},
	{"TCON", {"genre"}},
	{"TCOM", {"composer"}},
	{"TPE3", {"conductor"}},
	{"TEXT", {"lyricist"}},
	{"TCOP", {"copyright"}},
	{"TPUB", {"publisher", "organization", "label"}},
	{"TBPM", {"bpm", "tbpm", "tempo"}},
	{"TSRC", {"isrc", "tsrc"}},
	{"TCMP", {"compilation"}},
};

static const struct {
	char id[5];
	const char *keys[4];   /* "n" or "n/m" */
	const char *totals[4]; /* "m" */
} numbers[] = {
	{"TRCK",
	 {"track", "tracknumber"},
	 {"tracktotal", "totaltracks", "track_total"}},
	{"TPOS",
	 {"disc", "discnumber"},
	 {"disctotal", "totaldiscs", "disc_total"}},
};

static const char *const date_keys[4] = {"date", "year", "tyer"};
static const char *const comment_keys[4] = {"comment", "description"};
static const char *const lyrics_keys[4] = {"lyrics", "lyrics-eng",
					   "unsyncedlyrics", "unsynced lyrics"};

struct writer {
	const struct tags *tags;
	uint8_t *to; /* NULL: only count */
	size_t limit;
	size_t size;
	bool full; /* a frame did not fit: no more frames */
	bool used[TAGS_MAX];
};

static void put(struct writer *writer, const void *bytes, size_t size)
{
	if (writer->to)
		memcpy(writer->to + writer->size, bytes, size);
	writer->size += size;
}

static void put32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Whether a frame of `size` bytes goes in; puts its header if so. */
static bool begin_frame(struct writer *writer, const char *id, size_t size)
{
	uint8_t head[FRAME_HEADER] = {0};

	if (writer->full || size > MAX_TAG ||
	    writer->limit - writer->size < FRAME_HEADER + size) {
		writer->full = true;
		return false;
	}
	memcpy(head, id, 4);
	put32(head + 4, (uint32_t)size);
	put(writer, head, sizeof(head));
	return true;
}

static void put_text(struct writer *writer, enum text_encoding encoding,
		     const char *text)
{
	size_t size = text_size(encoding, text);

	if (writer->to)
		text_write(encoding, text, writer->to + writer->size);
	writer->size += size;
}

static void put_frame(struct writer *writer, const char *id,
		      const char *language, const char *description,
		      const char *value)
{
	bool latin = text_fits_latin1(value) &&
		     (!description || text_fits_latin1(description));
	enum text_encoding encoding = latin ? TEXT_LATIN1 : TEXT_UTF16;
	uint8_t byte = (uint8_t)encoding;
	size_t end = latin ? 1 : 2; /* of a description */
	size_t size = 1 + text_size(encoding, value);

	if (language)
		size += 3;
	if (description)
		size += text_size(encoding, description) + end;
	if (!begin_frame(writer, id, size))
		return;
	put(writer, &byte, 1);
	if (language)
		put(writer, language, 3);
	if (description) {
		put_text(writer, encoding, description);
		put(writer, "\0\0", end);
	}
	put_text(writer, encoding, value);
}

/* The value of the first key that is there; marks it as used. NULL: none. */
static const char *take(struct writer *writer, const char *const keys[4])
{
	const struct tags *tags = writer->tags;

	for (int k = 0; k < 4 && keys[k]; k++) {
		for (size_t i = 0; i < tags->count; i++) {
			if (writer->used[i] ||
			    strcasecmp(tags->items[i].key, keys[k]) != 0)
				continue;
			writer->used[i] = true;
			return tags->items[i].value;
		}
	}
	return NULL;
}

static void put_plain(struct writer *writer)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		const char *value = take(writer, plain[i].keys);

		if (value)
			put_frame(writer, plain[i].id, NULL, NULL, value);
	}
}

static void put_numbers(struct writer *writer)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		const char *number = take(writer, numbers[i].keys);
		const char *total = take(writer, numbers[i].totals);
		char text[64];

		if (!number)
			continue;
		if (total && !strchr(number, '/'))
			snprintf(text, sizeof(text), "%.30s/%.30s", number,
				 total);
		else
			snprintf(text, sizeof(text), "%.63s", number);
		put_frame(writer, numbers[i].id, NULL, NULL, text);
	}
}

static bool digits(const char *text, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

/* ISO 8601's "YYYY" or "YYYY-MM-DD..." into TYER and TDAT ("DDMM"). */
static void put_date(struct writer *writer)
{
	const char *date = take(writer, date_keys);
	char year[5] = "", day[5] = "";

	if (!date)
		return;
	if (strlen(date) < 4 || !digits(date, 0, 4)) {
		put_frame(writer, "TXXX", NULL, "date", date);
		return;
	}
	memcpy(year, date, 4);
	put_frame(writer, "TYER", NULL, NULL, year);
	if (strlen(date) < 10 || date[4] != '-' || date[7] != '-' ||
	    !digits(date, 5, 2) || !digits(date, 8, 2))
		return;
	memcpy(day, date + 8, 2);
	memcpy(day + 2, date + 5, 2);
	put_frame(writer, "TDAT", NULL, NULL, day);
}

/* What the tables above did not take. */
static void put_others(struct writer *writer)
{
	for (size_t i = 0; i < writer->tags->count; i++) {
		const struct tag_item *item = &writer->tags->items[i];

		if (!writer->used[i])
			put_frame(writer, "TXXX", NULL, item->key, item->value);
	}
}

static bool fits_latin1(const struct picture *picture)
{
	return text_fits_latin1(picture->description);
}

static size_t picture_frame_size(const struct picture *picture)
{
	bool latin = fits_latin1(picture);

	return 1 + strlen(picture->mime) + 1 + 1 +
	       text_size(latin ? TEXT_LATIN1 : TEXT_UTF16,
			 picture->description) +
	       (latin ? 1 : 2) + picture->size;
}

static void put_picture(struct writer *writer, const struct picture *picture)
{
	bool latin = fits_latin1(picture);
	enum text_encoding encoding = latin ? TEXT_LATIN1 : TEXT_UTF16;
	uint8_t byte = (uint8_t)encoding;

	if (!begin_frame(writer, "APIC", picture_frame_size(picture)))
		return;
	put(writer, &byte, 1);
	put(writer, picture->mime, strlen(picture->mime) + 1);
	put(writer, &picture->type, 1);
	put_text(writer, encoding, picture->description);
	put(writer, "\0\0", latin ? 1 : 2);
	put(writer, picture->bytes, picture->size);
}

static void put_pictures(struct writer *writer)
{
	const struct pictures *pictures = writer->tags->pictures;

	for (size_t i = 0; pictures && i < pictures->count; i++)
		put_picture(writer, &pictures->items[i]);
}

uint32_t id3_picture_size(const struct picture *picture)
{
	return (uint32_t)(FRAME_HEADER + picture_frame_size(picture));
}

static void put_tag(struct writer *writer)
{
	const char *comment, *lyrics;

	writer->size = TAG_HEADER;
	put_plain(writer);
	put_numbers(writer);
	put_date(writer);
	put_frame(writer, "TSSE", NULL, NULL, "groovefs");
	comment = take(writer, comment_keys);
	lyrics = take(writer, lyrics_keys);
	put_others(writer);
	if (comment)
		put_frame(writer, "COMM", "eng", "", comment);
	if (lyrics)
		put_frame(writer, "USLT", "eng", "", lyrics);
	put_pictures(writer);
}

uint32_t id3_size(const struct tags *tags)
{
	struct writer writer = {.tags = tags, .limit = MAX_TAG};

	put_tag(&writer);
	return (uint32_t)writer.size;
}

/* 3.1: seven bits a byte. */
static void write_header(uint8_t *to, size_t size)
{
	memcpy(to, "ID3\3\0\0", 6);
	for (int i = 0; i < 4; i++)
		to[6 + i] = (uint8_t)(size >> (21 - 7 * i) & 0x7f);
}

int id3_write(const struct tags *tags, uint8_t *to, size_t size)
{
	struct writer writer = {.tags = tags, .to = to, .limit = size};

	if (size < TAG_HEADER || size > MAX_TAG)
		return -EINVAL;
	put_tag(&writer);
	write_header(to, size - TAG_HEADER);
	return 0;
}
