/*
 * Pictures as FFmpeg gives them: attached to a stream when it knew what they
 * are by their MIME type or file name, as an attachment when it did not. Their
 * types it tells in words.
 */
#include "transcode/worker/tags/pictures_inner.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/media.h"

#include <string.h>
#include <strings.h>

/* In the order of their numbers (ID3v2.3.0, 4.15): FFmpeg's, then APE's. */
static const char *const names[PICTURE_TYPES][2] = {
	{"Other", "Other"},
	{"32x32 pixels 'file icon'", "Icon"},
	{"Other file icon", "Other Icon"},
	{"Cover (front)", "Front"},
	{"Cover (back)", "Back"},
	{"Leaflet page", "Leaflet"},
	{"Media (e.g. label side of CD)", "Media"},
	{"Lead artist/lead performer/soloist", "Lead Artist"},
	{"Artist/performer", "Artist"},
	{"Conductor", "Conductor"},
	{"Band/Orchestra", "Band"},
	{"Composer", "Composer"},
	{"Lyricist/text writer", "Lyricist"},
	{"Recording Location", "Recording Location"},
	{"During recording", "During Recording"},
	{"During performance", "During Performance"},
	{"Movie/video screen capture", "Video Capture"},
	{"A bright coloured fish", "Fish"},
	{"Illustration", "Illustration"},
	{"Band/artist logotype", "Band Logotype"},
	{"Publisher/Studio logotype", "Publisher Logotype"},
};

static int type_named(const char *name, size_t length, unsigned column)
{
	for (int type = 0; type < PICTURE_TYPES; type++) {
		if (strlen(names[type][column]) == length &&
		    strncasecmp(names[type][column], name, length) == 0)
			return type;
	}
	return -1;
}

static const char *value_of(const AVStream *stream, const char *key)
{
	const AVDictionaryEntry *entry =
		av_dict_get(stream->metadata, key, NULL, 0);

	return entry ? entry->value : NULL;
}

/* "Cover Art (Front)" = file name, as APEv2 has it; NULL: there is none. */
static const AVDictionaryEntry *ape_item(const AVStream *stream)
{
	static const char prefix[] = "Cover Art (";

	return av_dict_get(stream->metadata, prefix, NULL,
			   AV_DICT_IGNORE_SUFFIX);
}

static uint32_t type_of(const AVStream *stream, const struct pictures *pictures)
{
	const AVDictionaryEntry *ape = ape_item(stream);
	const char *words = value_of(stream, "comment");
	const char *file = value_of(stream, "filename");
	int type = -1;

	if (ape) {
		const char *name = ape->key + strlen("Cover Art (");

		type = type_named(name, strcspn(name, ")"), 1);
	} else if (words) {
		type = type_named(words, strlen(words), 0);
	} else if (file) { /* Matroska's convention */
		type = strncasecmp(file, "cover.", 6) == 0 ? PICTURE_FRONT : -1;
	} else if (pictures->count == 0) { /* MP4 has no types */
		type = PICTURE_FRONT;
	}
	return type < 0 ? PICTURE_OTHER : (uint32_t)type;
}

/* An APE item begins with a file name, which may be a description. */
static const char *description_of(const AVStream *stream)
{
	const AVDictionaryEntry *ape = ape_item(stream);
	const char *title = value_of(stream, "title");

	if (title)
		return title;
	if (ape && strncasecmp(ape->value, "cover", 5) != 0)
		return ape->value;
	return "";
}

/*
 * An APE item without a file name begins with the picture at once: its bytes
 * up to the first zero were taken for the name. Gives what it was, on the heap.
 */
static uint8_t *put_together(const char *name, const uint8_t *rest, size_t size)
{
	size_t length = strlen(name) + 1;
	uint8_t *bytes = malloc(length + size);

	if (!bytes)
		return NULL;
	memcpy(bytes, name, length);
	memcpy(bytes + length, rest, size);
	return bytes;
}

static int add_ape_without_name(const AVStream *stream, const char *name,
				const uint8_t *rest, size_t size,
				struct pictures *pictures)
{
	auto_free uint8_t *bytes = put_together(name, rest, size);

	if (!bytes)
		return fail(-ENOMEM, "out of memory");
	return pictures_add(pictures, type_of(stream, pictures), "", 0, bytes,
			    strlen(name) + 1 + size);
}

static int is_beginning(const char *name)
{
	return strncmp(name, "\xff\xd8\xff", 3) == 0 ||
	       strncmp(name, "\x89PNG\r\n", 6) == 0 ||
	       strncmp(name, "GIF8", 4) == 0 || strncmp(name, "RIFF", 4) == 0;
}

static int add(const AVStream *stream, const uint8_t *bytes, size_t size,
	       struct pictures *pictures)
{
	const AVDictionaryEntry *ape = ape_item(stream);
	const char *description = description_of(stream);

	if (ape && is_beginning(ape->value))
		return add_ape_without_name(stream, ape->value, bytes, size,
					    pictures);
	return pictures_add(pictures, type_of(stream, pictures), description,
			    strlen(description), bytes, size);
}

/* A font or a text that is attached is no picture, and no fault either. */
static bool may_be_picture(const AVStream *stream)
{
	const char *mime = value_of(stream, "mimetype");

	return !mime || strncasecmp(mime, "image", 5) == 0;
}

int pictures_of_media(const struct media *media, struct pictures *pictures)
{
	int error = 0;

	for (unsigned i = 0; !error && i < media->format->nb_streams; i++) {
		const AVStream *stream = media->format->streams[i];
		const AVPacket *attached = &stream->attached_pic;
		const AVCodecParameters *codec = stream->codecpar;

		if ((stream->disposition & AV_DISPOSITION_ATTACHED_PIC) &&
		    attached->size > 0)
			error = add(stream, attached->data,
				    (size_t)attached->size, pictures);
		else if (codec->codec_type == AVMEDIA_TYPE_ATTACHMENT &&
			 codec->extradata_size > 0 && may_be_picture(stream))
			error = add(stream, codec->extradata,
				    (size_t)codec->extradata_size, pictures);
	}
	return error;
}
