/*
 * FFmpeg reads every tag format; this takes what it found, first of the file,
 * then of the audio stream where the file said nothing. What describes the
 * container and not the music is dropped.
 */
#include "transcode/worker/tags.h"

#include "transcode/worker/media.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const dropped[] = {
	"encoder",	     "major_brand",   "minor_version",
	"compatible_brands", "creation_time", "vendor_id",
	"handler_name",	     "language",      "duration",
};

static int is_dropped(const char *key)
{
	for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++) {
		if (strcasecmp(key, dropped[i]) == 0)
			return 1;
	}
	return strncasecmp(key, "id3v2_priv.", 11) == 0;
}

static int is_known(const struct tags *tags, const char *key, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(tags->items[i].key, key) == 0)
			return 1;
	}
	return 0;
}

static void take_texts(const AVDictionary *dictionary, struct tags *tags)
{
	const AVDictionaryEntry *entry = NULL;
	size_t known = tags->count;

	while (tags->count < TAGS_MAX &&
	       (entry = av_dict_get(dictionary, "", entry,
				    AV_DICT_IGNORE_SUFFIX))) {
		size_t size = strlen(entry->value);

		if (size == 0 || size > TAGS_VALUE_MAX || !entry->key[0] ||
		    is_dropped(entry->key) || is_known(tags, entry->key, known))
			continue;
		tags->items[tags->count].key = entry->key;
		tags->items[tags->count].value = entry->value;
		tags->count++;
	}
}

static int compare(const void *a, const void *b)
{
	const struct tag_item *left = a, *right = b;
	int order = strcasecmp(left->key, right->key);

	return order ? order : strcmp(left->value, right->value);
}

void tags_read(const struct media *media, struct tags *tags)
{
	tags->count = 0;
	tags->pictures = NULL;
	take_texts(media->format->metadata, tags);
	if (media->audio)
		take_texts(media->audio->metadata, tags);
	qsort(tags->items, tags->count, sizeof(tags->items[0]), compare);
}
