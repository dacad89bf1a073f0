/*
 * What a higher level says also holds for lower ones that say nothing else, so
 * the levels (matroska_fields.h) are sources of tags.h, the track's own first.
 *
 *   Tags / Tag / Targets / TargetTypeValue, TargetType, TagTrackUID, ...
 *              / SimpleTag / TagName, TagString, TagLanguage, SimpleTag ...
 *
 * An album is the default level and often not written. FFmpeg writes the
 * track's tags without a level. So tags without a level are the album's only if
 * others are the track's.
 */
#include "transcode/worker/tags/tags_matroska.h"

#include "base/cleanup.h"
#include "transcode/worker/formats/matroska.h"
#include "transcode/worker/tags/matroska_fields.h"
#include "transcode/worker/tags/tags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	TAG = 0x7373,
	TARGETS = 0x63c0,
	TARGET_TYPE_VALUE = 0x68ca,
	TARGET_TYPE = 0x63ca,
	TAG_TRACK_UID = 0x63c5,
	TAG_CHAPTER_UID = 0x63c4,
	TAG_ATTACHMENT_UID = 0x63c6,
	SIMPLE_TAG = 0x67c8,
	TAG_NAME = 0x45a3,
	TAG_STRING = 0x4487,
	TAG_BINARY = 0x4485,
	TAG_LANGUAGE = 0x447a,
	INFO_TITLE = 0x7ba9,
};

enum { NAME_MAX_BYTES = 250, MAX_ELEMENTS = 1 << 16, MAX_DEPTH = 4 };

/* Lesser ones come later. */
enum rank {
	OF_TRACK_UID,
	OF_TRACK,
	OF_FILE,
	OF_PART,
	OF_ALBUM,
	OF_COLLECTION,
	RANKS
};

struct target {
	unsigned level;
	char type[16]; /* "ALBUM", or "" */
	bool of_track; /* by its UID */
	bool of_other; /* another track, a chapter, an attachment */
};

struct reader {
	struct input *input;
	struct tags *tags;
	unsigned first; /* source */
	unsigned left;	/* elements that may be looked at */
	uint64_t track; /* UID */
	bool has_track; /* something is said of this level */
	bool has_part;
	bool broken;	      /* said already */
	struct target target; /* of what is being read */
};

static bool next(struct reader *reader, uint64_t *at, uint64_t end,
		 struct ebml *element)
{
	if (*at >= end)
		return false;
	if (reader->left == 0 || !ebml_next(reader->input, at, end, element)) {
		if (!reader->broken)
			tags_lose(reader->tags, "what follows damage, or is "
						"too much");
		reader->broken = true;
		return false;
	}
	reader->left--;
	return true;
}

/* NULL: there is none that can be kept, which is noted. */
static char *text_of(struct reader *reader, const struct ebml *element,
		     size_t size_max, const char *name)
{
	char *text = ebml_bytes(reader->input, element, size_max);

	if (!text && errno == ENOMEM)
		reader->tags->error = -ENOMEM;
	else if (!text)
		tags_lose(reader->tags, name);
	return text;
}

static void read_type(struct reader *reader, const struct ebml *element,
		      struct target *target)
{
	auto_free char *text = text_of(
		reader, element, sizeof(target->type) - 1, "a type of target");

	if (text)
		snprintf(target->type, sizeof(target->type), "%s", text);
}

/* A UID of 0 means any. */
static void read_targets(struct reader *reader, const struct ebml *targets,
			 struct target *target)
{
	struct ebml element;
	uint64_t at = targets->start, number;

	while (next(reader, &at, targets->end, &element)) {
		number = element.id == TARGET_TYPE
				 ? 0
				 : ebml_number(reader->input, &element);
		if (element.id == TARGET_TYPE_VALUE &&
		    number <= LEVEL_COLLECTION)
			target->level = (unsigned)number;
		else if (element.id == TARGET_TYPE)
			read_type(reader, &element, target);
		else if (element.id == TAG_TRACK_UID && number)
			*(number == reader->track ? &target->of_track
						  : &target->of_other) = true;
		else if ((element.id == TAG_CHAPTER_UID ||
			  element.id == TAG_ATTACHMENT_UID) &&
			 number)
			target->of_other = true;
	}
}

static struct target target_of(struct reader *reader, const struct ebml *tag)
{
	struct target target = {0};
	struct ebml targets;

	if (ebml_find(reader->input, tag, TARGETS, &targets))
		read_targets(reader, &targets, &target);
	if (target.level == LEVEL_NONE)
		target.level = matroska_level_of(target.type);
	if (target.of_track)
		target.of_other = false;
	return target;
}

static enum rank rank_of(const struct target *target)
{
	if (target->level > LEVEL_ALBUM)
		return OF_COLLECTION;
	if (target->level > LEVEL_PART)
		return OF_ALBUM;
	if (target->level > LEVEL_TRACK)
		return OF_PART;
	return target->of_track ? OF_TRACK_UID : OF_TRACK;
}

static void add_at(struct reader *reader, enum rank rank, const char *name,
		   const char *value)
{
	reader->tags->source = reader->first + rank;
	tags_add(reader->tags, name, value);
}

/* Words have a language; "und" is none. */
static bool add_words(struct reader *reader, const char *name,
		      const char *language, const char *value)
{
	bool lyrics = strcasecmp(name, "LYRICS") == 0;

	if ((!lyrics && strcasecmp(name, "COMMENT") != 0) ||
	    strlen(language) != 3 || strcmp(language, "und") == 0 || !*value)
		return false;
	reader->tags->source = reader->first + rank_of(&reader->target);
	tags_add_frame(reader->tags, lyrics ? "USLT" : "COMM", language, "",
		       value, strlen(value));
	return true;
}

/*
 * Tags of other things than track, part or album: under the name of their
 * level.
 */
static void add_elsewhere(struct reader *reader, const char *name,
			  const char *value)
{
	const char *type = reader->target.type;
	char full[2 * NAME_MAX_BYTES];

	if (!*type)
		type = reader->target.level > LEVEL_ALBUM ? "COLLECTION"
							  : "SUBTRACK";
	snprintf(full, sizeof(full), "%s/%s", type, name);
	add_at(reader, OF_COLLECTION, full, value);
}

static void add_field(struct reader *reader, const char *name,
		      const char *value)
{
	enum rank rank = rank_of(&reader->target);
	struct matroska_field field;

	if (!matroska_field(reader->target.level, reader->has_part, name,
			    &field)) {
		add_elsewhere(reader, name, value);
		return;
	}
	add_at(reader, rank, field.name, value);
	if (field.also)
		add_at(reader, rank, field.also, value);
}

/* A SimpleTag without those in it. */
struct simple {
	struct ebml name, value, language;
	bool binary;
};

static struct simple read_simple(struct reader *reader, const struct ebml *tag)
{
	struct simple simple = {0};
	struct ebml element;
	uint64_t at = tag->start;

	while (next(reader, &at, tag->end, &element)) {
		if (element.id == TAG_NAME)
			simple.name = element;
		else if (element.id == TAG_STRING)
			simple.value = element;
		else if (element.id == TAG_LANGUAGE)
			simple.language = element;
		simple.binary |= element.id == TAG_BINARY;
	}
	return simple;
}

static void add_simple(struct reader *reader, const struct simple *simple,
		       const char *name)
{
	auto_free char *value = NULL;
	auto_free char *language = NULL;

	if (matroska_drops(name))
		return;
	if (simple->binary)
		tags_lose(reader->tags, name);
	if (simple->value.start == simple->value.end)
		return;
	value = text_of(reader, &simple->value, TAGS_BYTES_MAX, name);
	language = text_of(reader, &simple->language, NAME_MAX_BYTES, name);
	if (value && language && !add_words(reader, name, language, value))
		add_field(reader, name, value);
}

/* `in` is the name of the one that it is in, with "/", or "". */
static void read_tag(struct reader *reader, const struct ebml *tag,
		     const char *in, unsigned depth)
{
	struct simple simple = read_simple(reader, tag);
	auto_free char *name =
		text_of(reader, &simple.name, NAME_MAX_BYTES, "a long name");
	char full[NAME_MAX_BYTES];
	struct ebml element;
	uint64_t at = tag->start;

	if (!name || !*name)
		return;
	if (snprintf(full, sizeof(full) - 1, "%s%s", in, name) >=
		    (int)sizeof(full) - 1 ||
	    depth == MAX_DEPTH) {
		tags_lose(reader->tags, name);
		return;
	}
	add_simple(reader, &simple, full);
	strcat(full, "/");
	while (next(reader, &at, tag->end, &element)) {
		if (element.id == SIMPLE_TAG)
			read_tag(reader, &element, full, depth + 1);
	}
}

static void look_at_level(struct reader *reader, const struct ebml *tag)
{
	struct target target = target_of(reader, tag);

	if (target.of_other || target.level == LEVEL_NONE)
		return;
	if (target.level <= LEVEL_TRACK)
		reader->has_track = true;
	else if (target.level <= LEVEL_PART)
		reader->has_part = true;
}

static void read_fields(struct reader *reader, const struct ebml *tag)
{
	struct ebml element;
	uint64_t at = tag->start;

	reader->target = target_of(reader, tag);
	if (reader->target.of_other)
		return;
	if (reader->target.level == LEVEL_NONE)
		reader->target.level =
			reader->has_track ? LEVEL_ALBUM : LEVEL_TRACK;
	while (next(reader, &at, tag->end, &element)) {
		if (element.id == SIMPLE_TAG)
			read_tag(reader, &element, "", 0);
	}
}

static void for_tags(struct reader *reader, const struct matroska *matroska,
		     void (*take)(struct reader *, const struct ebml *))
{
	struct ebml element;

	for (unsigned i = 0; i < matroska->count; i++) {
		uint64_t at = matroska->parts[i].start;

		if (matroska->parts[i].id != MATROSKA_TAGS)
			continue;
		while (next(reader, &at, matroska->parts[i].end, &element)) {
			if (element.id == TAG)
				take(reader, &element);
		}
	}
}

static void read_title(struct reader *reader, const struct matroska *matroska)
{
	auto_free char *title = NULL;
	struct ebml element;

	for (unsigned i = 0; !title && i < matroska->count; i++) {
		if (matroska->parts[i].id == MATROSKA_INFO &&
		    ebml_find(reader->input, &matroska->parts[i], INFO_TITLE,
			      &element))
			title = text_of(reader, &element, TAGS_BYTES_MAX,
					"the title");
	}
	if (title)
		add_at(reader, OF_FILE, "TITLE", title);
}

void tags_of_matroska(struct input *input, const struct matroska *matroska,
		      struct tags *tags)
{
	struct reader reader = {
		.input = input,
		.tags = tags,
		.first = tags->source,
		.left = MAX_ELEMENTS,
		.track = matroska_track(input, matroska),
	};

	for_tags(&reader, matroska, look_at_level);
	for_tags(&reader, matroska, read_fields);
	read_title(&reader, matroska);
	tags->source = reader.first + RANKS;
}
