/*
 * Vorbis comments are lists of texts and need no library. TagLib reads the tag
 * formats that it knows: it keeps multiple values apart and gives names as they
 * are, which FFmpeg does not. FFmpeg reads the rest, and what is beside a tag:
 * RIFF INFO, bext, AIFF's text chunks. What describes the container and not the
 * music is dropped.
 */
#include "transcode/worker/tags/tags.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "transcode/worker/formats/matroska.h"
#include "transcode/worker/formats/sniff.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/tags/pictures_private.h"
#include "transcode/worker/tags/tag_fields.h"
#include "transcode/worker/tags/taglib.h"
#include "transcode/worker/tags/tags_matroska.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void tags_lose(struct tags *tags, const char *name)
{
	size_t used = strlen(tags->lost);

	snprintf(tags->lost + used, sizeof(tags->lost) - used, "%s%s",
		 used ? ", " : "", name);
}

/* Name and value share one piece of memory. */
static int add_tag_text(struct tags *tags, const struct tag_item *item)
{
	size_t length = strlen(item->name) + 1;
	struct tag_item copy = *item;
	char *block = malloc(length + item->size + 1);

	if (!block || !grow(tags->items, tags->count)) {
		free(block);
		return -ENOMEM;
	}
	memcpy(block, item->name, length);
	memcpy(block + length, item->value, item->size);
	block[length + item->size] = '\0';
	copy.name = block;
	copy.value = block + length;
	copy.source = tags->source;
	tags->items[tags->count++] = copy;
	tags->bytes += length + item->size;
	return 0;
}

void tags_add_frame(struct tags *tags, const char *id, const char *language,
		    const char *name, const char *value, size_t size)
{
	struct tag_item item = {.name = name, .value = value, .size = size};

	if (tags->count >= TAGS_MAX ||
	    strlen(name) + size > TAGS_BYTES_MAX - tags->bytes) {
		tags_lose(tags, *name ? name : id);
		return;
	}
	snprintf(item.id, sizeof(item.id), "%s", id);
	snprintf(item.language, sizeof(item.language), "%s", language);
	if (add_tag_text(tags, &item) < 0)
		tags->error = -ENOMEM;
}

void tags_add(struct tags *tags, const char *name, const char *value)
{
	if (*name && *value)
		tags_add_frame(tags, "", "", name, value, strlen(value));
}

/* Names of text frames begin with T, but for some, and Apple's. */
bool tags_is_text(const char *id)
{
	static const char *const others[] = {"COMM", "USLT", "MVNM",
					     "MVIN", "GRP1", "IPLS"};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (strcmp(id, others[i]) == 0)
			return true;
	}
	return id[0] == 'T';
}

const char *tags_value(const struct tags *tags, const char *id)
{
	for (size_t i = 0; i < tags->count; i++) {
		if (strcmp(tags->items[i].id, id) == 0)
			return tags->items[i].value;
	}
	return NULL;
}

void tags_release(struct tags *tags)
{
	for (size_t i = 0; i < tags->count; i++)
		free((char *)tags->items[i].name);
	free(tags->items);
	*tags = (struct tags){0};
}

static bool is_picture(const char *name)
{
	return strcasecmp(name, "METADATA_BLOCK_PICTURE") == 0 ||
	       strcasecmp(name, "COVERART") == 0 ||
	       strcasecmp(name, "COVERARTMIME") == 0;
}

static int take_comment(void *context, const char *comment, size_t length)
{
	struct tags *tags = context;
	auto_free char *name = strndup(comment, length);
	char *value = name ? strchr(name, '=') : NULL;

	if (!name)
		return -ENOMEM;
	if (!value)
		return 0;
	*value++ = '\0';
	if (!is_picture(name))
		tags_add(tags, name, value);
	return 0;
}

static int take_header(void *context, enum header_kind kind,
		       const uint8_t *bytes, size_t size)
{
	struct tags *tags = context;
	int error = 0;

	if (kind == HEADER_COMMENTS)
		error = headers_walk_comments(bytes, size, take_comment, tags);
	if (!error && tags->pictures)
		error = pictures_add_header(tags->pictures, kind, bytes, size);
	return error;
}

/* Bytes that are not UTF-8 are kept; text.h makes the best of them. */
static int take_comments(struct input *input, const struct sniff *sniff,
			 struct tags *tags)
{
	int error = 0;

	if (sniff_is(sniff, "flac"))
		error = headers_of_flac(input, sniff->start,
					tags->pictures ? HEADER_COMMENTS |
								 HEADER_PICTURE
						       : HEADER_COMMENTS,
					take_header, tags);
	else if (sniff_is(sniff, "ogg"))
		error = headers_of_ogg(input, sniff->start, take_header, tags);
	if (error == -EFBIG) {
		tags_lose(tags, "comments over 24 MiB");
		error = 0;
	}
	if (tags->count > 0)
		tags->source++;
	return error;
}

/* In INFO, ISRC is the origin of the sound. */
static const char *name_of(const char *key, const struct sniff *sniff)
{
	return sniff_is(sniff, "wav") && strcmp(key, "ISRC") == 0 ? "Source"
								  : key;
}

static const char *const dropped[] = {
	"encoder",	    "major_brand",
	"minor_version",    "compatible_brands",
	"creation_time",    "vendor_id",
	"handler_name",	    "duration",
	"nominal bit rate", "approximate duration in seconds",
	"channel layout",   "channel configuration",
	"source encoder",   "encoding application",
};

static bool is_dropped(const char *key)
{
	for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++) {
		if (strcasecmp(key, dropped[i]) == 0)
			return true;
	}
	return strncasecmp(key, "id3v2_priv.", 11) == 0;
}

/* FFmpeg's names for what is in an ID3v2 tag, which TagLib has read. */
static bool is_of_id3(const char *key)
{
	return strcmp(key, "performer") == 0 ||
	       strncmp(key, "lyrics", 6) == 0 ||
	       (strlen(key) == 4 && (key[0] == 'T' || key[0] == 'W') &&
		isupper((unsigned char)key[1]));
}

static void take_texts(const AVDictionary *dictionary,
		       const struct sniff *sniff, bool beside,
		       struct tags *tags)
{
	const AVDictionaryEntry *entry = NULL;

	while ((entry = av_dict_get(dictionary, "", entry,
				    AV_DICT_IGNORE_SUFFIX))) {
		const char *key = entry->key;

		if (is_dropped(key) || (beside && is_of_id3(key)))
			continue;
		tags_add(tags, name_of(key, sniff), entry->value);
	}
}

/*
 * The language that a container states for a stream is not that of the words.
 */
static void take_stream_texts(const AVStream *audio, const struct sniff *sniff,
			      bool beside, struct tags *tags)
{
	AVDictionary *copy = NULL;

	if (av_dict_copy(&copy, audio->metadata, 0) < 0 ||
	    av_dict_set(&copy, "language", NULL, 0) < 0)
		tags->error = -ENOMEM;
	else
		take_texts(copy, sniff, beside, tags);
	av_dict_free(&copy);
}

/* These formats have texts outside of their tags. */
static bool has_texts_beside(const struct sniff *sniff)
{
	return sniff_is(sniff, "wav") || sniff_is(sniff, "aiff") ||
	       sniff_is(sniff, "matroska");
}

/* FFmpeg gives bytes that TagLib cannot take for text, too: see text.h. */
static void take_from_ffmpeg(const struct media *media,
			     const struct sniff *sniff, struct tags *tags)
{
	bool beside = tags->count > 0;

	if (beside && !tags->unreadable && !has_texts_beside(sniff))
		return;
	tags->source++;
	take_texts(media->format->metadata, sniff, beside, tags);
	tags->source++;
	if (media->audio)
		take_stream_texts(media->audio, sniff, beside, tags);
}

static int take_matroska(struct input *input, const struct sniff *sniff,
			 struct tags *tags)
{
	struct matroska matroska;

	if (!sniff_is(sniff, "matroska"))
		return 0;
	matroska_look(input, sniff->start, &matroska);
	tags_of_matroska(input, &matroska, tags);
	return tags->pictures
		       ? pictures_of_matroska(input, &matroska, tags->pictures)
		       : 0;
}

/* FFmpeg's are taken only if no other reader found one. */
static int take_pictures(struct input *input, const struct sniff *sniff,
			 const struct media *media, struct pictures *pictures)
{
	if (sniff_is(sniff, "mov"))
		return pictures_of_mp4(input, sniff->start, pictures);
	return media && pictures->count == 0
		       ? pictures_of_media(media, pictures)
		       : 0;
}

int tags_read(struct input *input, const struct sniff *sniff,
	      const struct media *media, struct pictures *pictures,
	      struct tags *tags)
{
	struct tags found = {.pictures = pictures};
	int error = take_comments(input, sniff, &found);

	if (!error)
		error = take_matroska(input, sniff, &found);
	taglib_read(input, sniff, &found);
	if (media)
		take_from_ffmpeg(media, sniff, &found);
	if (!error && pictures)
		error = take_pictures(input, sniff, media, pictures);
	*tags = (struct tags){.pictures = pictures};
	if (!error)
		error = input->error ? input->error : found.error;
	if (!error)
		error = tag_fields_arrange(&found, tags);
	tags_release(&found);
	if (error)
		tags_release(tags);
	return error;
}
