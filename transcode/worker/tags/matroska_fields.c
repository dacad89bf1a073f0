/* One table; levels between those that it has are the next lower one. */
#include "transcode/worker/tags/matroska_fields.h"

#include <stddef.h>
#include <strings.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

/* What names mean at a level, as other formats call it. */
static const struct {
	unsigned level;
	const char *name, *field;
	const char *also; /* what it is where no lower level says */
} fields[] = {
	{LEVEL_TRACK, "PART_NUMBER", "TRACKNUMBER", NULL},
	{LEVEL_TRACK, "TOTAL_PARTS", "TRACKTOTAL", NULL},
	{LEVEL_TRACK, "TITLE/SORT_WITH", "TITLESORT", NULL},
	{LEVEL_TRACK, "ARTIST/SORT_WITH", "ARTISTSORT", NULL},
	{LEVEL_TRACK, "REPLAYGAIN_GAIN", "REPLAYGAIN_TRACK_GAIN", NULL},
	{LEVEL_TRACK, "REPLAYGAIN_PEAK", "REPLAYGAIN_TRACK_PEAK", NULL},
	{LEVEL_PART, "TITLE", "DISCSUBTITLE", NULL},
	{LEVEL_PART, "PART_NUMBER", "DISCNUMBER", NULL},
	{LEVEL_PART, "TOTAL_PARTS", "TRACKTOTAL", NULL},
	{LEVEL_ALBUM, "TITLE", "ALBUM", "TITLE"},
	{LEVEL_ALBUM, "ARTIST", "ALBUMARTIST", "ARTIST"},
	{LEVEL_ALBUM, "PART_NUMBER", "DISCNUMBER", NULL},
	{LEVEL_ALBUM, "TOTAL_PARTS", "TRACKTOTAL", NULL},
	{LEVEL_ALBUM, "TITLE/SORT_WITH", "ALBUMSORT", NULL},
	{LEVEL_ALBUM, "TITLESORT", "ALBUMSORT", NULL},
	{LEVEL_ALBUM, "ARTIST/SORT_WITH", "ALBUMARTISTSORT", NULL},
	{LEVEL_ALBUM, "ARTISTSORT", "ALBUMARTISTSORT", NULL},
	{LEVEL_ALBUM, "REPLAYGAIN_GAIN", "REPLAYGAIN_ALBUM_GAIN", NULL},
	{LEVEL_ALBUM, "REPLAYGAIN_PEAK", "REPLAYGAIN_ALBUM_PEAK", NULL},
	{LEVEL_COLLECTION, "TOTAL_PARTS", "DISCTOTAL", NULL},
	{LEVEL_NONE, "COMPOSER/SORT_WITH", "COMPOSERSORT", NULL},
	{LEVEL_NONE, "ORIGINAL/ARTIST", "ORIGINALARTIST", NULL},
	{LEVEL_NONE, "ORIGINAL/TITLE", "ORIGINALALBUM", NULL},
	{LEVEL_NONE, "ORIGINAL/LYRICIST", "ORIGINALLYRICIST", NULL},
	{LEVEL_NONE, "ORIGINAL/DATE_RELEASED", "ORIGINALDATE", NULL},
};

/* Of one level only: other levels say something else by them. */
static const char *const own[] = {"TITLE",	     "ARTIST",
				  "PART_NUMBER",     "TOTAL_PARTS",
				  "TITLE/SORT_WITH", "ARTIST/SORT_WITH",
				  "REPLAYGAIN_GAIN", "REPLAYGAIN_PEAK",
				  "TITLESORT",	     "ARTISTSORT"};

/* Of the source's bytes, by those who made the file. */
static const char *const dropped[] = {"ENCODER", "DURATION", "BPS",
				      "NUMBER_OF_BYTES", "NUMBER_OF_FRAMES"};

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* As the table knows it. */
static unsigned simple_level(unsigned level)
{
	if (level > LEVEL_ALBUM)
		return LEVEL_COLLECTION;
	if (level > LEVEL_PART)
		return LEVEL_ALBUM;
	if (level > LEVEL_TRACK)
		return LEVEL_PART;
	return level > LEVEL_SUBTRACK ? LEVEL_TRACK : LEVEL_SUBTRACK;
}

bool matroska_field(unsigned level, bool has_part, const char *name,
		    struct matroska_field *field)
{
	level = simple_level(level);
	if (level == LEVEL_ALBUM && has_part &&
	    strcasecmp(name, "TOTAL_PARTS") == 0) {
		*field = (struct matroska_field){.name = "DISCTOTAL"};
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if ((fields[i].level == LEVEL_NONE ||
		     fields[i].level == level) &&
		    strcasecmp(name, fields[i].name) == 0) {
			*field = (struct matroska_field){fields[i].field,
							 fields[i].also};
			return true;
		}
	}
	if (level == LEVEL_SUBTRACK ||
	    (level != LEVEL_TRACK && is_among(name, own, COUNT_OF(own))))
		return false;
	*field = (struct matroska_field){.name = name};
	return true;
}

unsigned matroska_level_of(const char *type)
{
	static const struct {
		const char *type;
		unsigned level;
	} types[] = {
		{"COLLECTION", LEVEL_COLLECTION},
		{"EDITION", LEVEL_VOLUME},
		{"ISSUE", LEVEL_VOLUME},
		{"VOLUME", LEVEL_VOLUME},
		{"OPUS", LEVEL_VOLUME},
		{"ALBUM", LEVEL_ALBUM},
		{"OPERA", LEVEL_ALBUM},
		{"CONCERT", LEVEL_ALBUM},
		{"PART", LEVEL_PART},
		{"SESSION", LEVEL_PART},
		{"TRACK", LEVEL_TRACK},
		{"SONG", LEVEL_TRACK},
		{"SUBTRACK", LEVEL_SUBTRACK},
		{"MOVEMENT", LEVEL_SUBTRACK},
	};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (strcasecmp(type, types[i].type) == 0)
			return types[i].level;
	}
	return LEVEL_NONE;
}

bool matroska_drops(const char *name)
{
	return strncasecmp(name, "_STATISTICS", 11) == 0 ||
	       is_among(name, dropped, COUNT_OF(dropped));
}
