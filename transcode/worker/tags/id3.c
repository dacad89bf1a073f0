/*
 * A tag is built in one pass that either counts or writes: the same code
 * computes the length of a tag and makes it, so the two cannot disagree.
 *
 *    header | frames of the source | TSSE | APIC ... | padding
 *
 * The frames come arranged (tag_fields.h, tags_old.h); here, the versions
 * differ in how texts are encoded and sizes written.
 */
#include "transcode/worker/tags/id3.h"

#include "transcode/worker/tags/pictures.h"
#include "transcode/worker/tags/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TAG_HEADER = 10, FRAME_HEADER = 10, MAX_TAG = (1 << 28) - 1 };

struct writer {
	const struct tags *tags;
	unsigned version;
	uint8_t *to; /* NULL: only count */
	size_t limit;
	size_t size;
	bool full; /* a frame did not fit: no more frames */
};

static void put_id3(struct writer *writer, const void *bytes, size_t size)
{
	if (writer->to)
		memcpy(writer->to + writer->size, bytes, size);
	writer->size += size;
}

/* Four bytes, of seven bits in version 4 (4) and in any tag's header (3.1). */
static void write_size(unsigned bits, size_t size, uint8_t *to)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(size >> bits * (3 - i) & ((1u << bits) - 1));
}

static unsigned size_bits(unsigned version)
{
	return version == 4 ? 7 : 8;
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
	write_size(size_bits(writer->version), size, head + 4);
	put_id3(writer, head, sizeof(head));
	return true;
}

static void put_id3_text(struct writer *writer, enum text_encoding encoding,
			 const char *text)
{
	size_t size = text_size(encoding, text);

	if (writer->to)
		text_write(encoding, text, writer->to + writer->size);
	writer->size += size;
}

static enum text_encoding
encoding_of(unsigned version, const struct tag_item *items, size_t count)
{
	if (version == 4)
		return TEXT_UTF8;
	if (!text_fits_latin1(items->name))
		return TEXT_UTF16;
	for (size_t i = 0; i < count; i++) {
		if (!text_fits_latin1(items[i].value))
			return TEXT_UTF16;
	}
	return TEXT_LATIN1;
}

/* Bytes of the NUL that ends a text before another. */
static size_t end_of(enum text_encoding encoding)
{
	return encoding == TEXT_UTF16 ? 2 : 1;
}

static bool is_described(const struct tag_item *item)
{
	return strcmp(item->id, "TXXX") == 0 || strcmp(item->id, "COMM") == 0 ||
	       strcmp(item->id, "USLT") == 0;
}

/* Values stand behind each other, with an end of text between them. */
static void put_texts(struct writer *writer, const struct tag_item *items,
		      size_t count)
{
	enum text_encoding encoding =
		encoding_of(writer->version, items, count);
	uint8_t byte = (uint8_t)encoding;
	size_t end = end_of(encoding);
	size_t size = 1 + strlen(items->language) + (count - 1) * end;

	for (size_t i = 0; i < count; i++)
		size += text_size(encoding, items[i].value);
	if (is_described(items))
		size += text_size(encoding, items->name) + end;
	if (!begin_frame(writer, items->id, size))
		return;
	put_id3(writer, &byte, 1);
	put_id3(writer, items->language, strlen(items->language));
	if (is_described(items)) {
		put_id3_text(writer, encoding, items->name);
		put_id3(writer, "\0\0", end);
	}
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			put_id3(writer, "\0\0", end);
		put_id3_text(writer, encoding, items[i].value);
	}
}

/* 4.3.2: the description has an encoding, the URL is ISO 8859-1. */
static void put_link(struct writer *writer, const struct tag_item *item)
{
	enum text_encoding encoding = encoding_of(writer->version, item, 0);
	uint8_t byte = (uint8_t)encoding;
	size_t end = end_of(encoding);
	size_t size = text_size(encoding, item->name) + end;

	if (!begin_frame(writer, item->id,
			 1 + size + text_size(TEXT_LATIN1, item->value)))
		return;
	put_id3(writer, &byte, 1);
	put_id3_text(writer, encoding, item->name);
	put_id3(writer, "\0\0", end);
	put_id3_text(writer, TEXT_LATIN1, item->value);
}

/* 4.1: the owner, and the identifier behind its end. */
static void put_identifier(struct writer *writer, const struct tag_item *item)
{
	size_t size = text_size(TEXT_LATIN1, item->name) + 1 + item->size;

	if (!begin_frame(writer, item->id, size))
		return;
	put_id3_text(writer, TEXT_LATIN1, item->name);
	put_id3(writer, "", 1);
	put_id3(writer, item->value, item->size);
}

static bool is_same_frame(const struct tag_item *a, const struct tag_item *b)
{
	return strcmp(a->id, b->id) == 0 &&
	       strcmp(a->language, b->language) == 0 &&
	       strcmp(a->name, b->name) == 0;
}

/* Puts one frame; gives how many items went into it. */
static size_t put_frame(struct writer *writer, const struct tag_item *items,
			size_t left)
{
	const char *id = items->id;
	size_t count = 1;

	if (strcmp(id, "UFID") == 0) {
		put_identifier(writer, items);
	} else if (strcmp(id, "WXXX") == 0) {
		put_link(writer, items);
	} else if (id[0] == 'W') {
		if (begin_frame(writer, id,
				text_size(TEXT_LATIN1, items->value)))
			put_id3_text(writer, TEXT_LATIN1, items->value);
	} else if (tags_is_text(id)) {
		while (count < left && strcmp(id, "USLT") != 0 &&
		       is_same_frame(items, items + count))
			count++;
		put_texts(writer, items, count);
	} else if (begin_frame(writer, id, items->size)) {
		put_id3(writer, items->value, items->size);
	}
	return count;
}

/* 4.14: the description has an encoding, the rest is bytes. */
static size_t picture_frame_size(const struct picture *picture,
				 enum text_encoding encoding)
{
	return 1 + strlen(picture->mime) + 1 + 1 +
	       text_size(encoding, picture->description) + end_of(encoding) +
	       picture->size;
}

static enum text_encoding picture_encoding(unsigned version,
					   const struct picture *picture)
{
	const struct tag_item description = {.name = picture->description};

	return encoding_of(version, &description, 0);
}

static void put_picture(struct writer *writer, const struct picture *picture)
{
	enum text_encoding encoding =
		picture_encoding(writer->version, picture);
	uint8_t byte = (uint8_t)encoding;

	if (!begin_frame(writer, "APIC", picture_frame_size(picture, encoding)))
		return;
	put_id3(writer, &byte, 1);
	put_id3(writer, picture->mime, strlen(picture->mime) + 1);
	put_id3(writer, &picture->type, 1);
	put_id3_text(writer, encoding, picture->description);
	put_id3(writer, "\0\0", end_of(encoding));
	put_id3(writer, picture->bytes, picture->size);
}

static void put_pictures(struct writer *writer)
{
	const struct pictures *pictures = writer->tags->pictures;

	for (size_t i = 0; pictures && i < pictures->count; i++)
		put_picture(writer, &pictures->items[i]);
}

uint32_t id3_picture_size(const struct picture *picture)
{
	size_t size = 0;

	for (unsigned version = 3; version <= 4; version++) {
		size_t needed = picture_frame_size(
			picture, picture_encoding(version, picture));

		if (needed > size)
			size = needed;
	}
	return (uint32_t)(FRAME_HEADER + size);
}

static void put_tag(struct writer *writer)
{
	static const struct tag_item made_by = {
		.id = "TSSE", .name = "", .value = "groovefs"};
	const struct tags *tags = writer->tags;

	writer->size = TAG_HEADER;
	for (size_t i = 0; i < tags->count;)
		i += put_frame(writer, &tags->items[i], tags->count - i);
	if (!tags_value(tags, made_by.id))
		put_frame(writer, &made_by, 1);
	put_pictures(writer);
}

uint32_t id3_size(const struct tags *tags, unsigned version)
{
	struct writer writer = {
		.tags = tags, .version = version, .limit = MAX_TAG};

	put_tag(&writer);
	return (uint32_t)writer.size;
}

int id3_write(const struct tags *tags, unsigned version, uint8_t *to,
	      size_t size)
{
	struct writer writer = {
		.tags = tags, .version = version, .to = to, .limit = size};

	if (size < TAG_HEADER || size > MAX_TAG)
		return -EINVAL;
	put_tag(&writer);
	memcpy(to, "ID3\0\0\0", 6);
	to[3] = (uint8_t)version;
	write_size(7, size - TAG_HEADER, to + 6);
	return 0;
}
