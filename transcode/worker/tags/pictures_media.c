/*
 * Pictures as FFmpeg gives them, for formats that nothing else here reads. It
 * names their types in words.
 */
#include "transcode/worker/tags/pictures_private.h"

#include "transcode/worker/source/media.h"

#include <string.h>

static const char *value_of(const AVStream *stream, const char *key)
{
	const AVDictionaryEntry *entry =
		av_dict_get(stream->metadata, key, NULL, 0);

	return entry ? entry->value : NULL;
}

static uint32_t type_of_stream(const AVStream *stream)
{
	const char *words = value_of(stream, "comment");
	int type = words ? picture_type(words, strlen(words), PICTURE_WORDS_ID3)
			 : -1;

	return type < 0 ? PICTURE_OTHER : (uint32_t)type;
}

static int add_media_picture(const AVStream *stream, const uint8_t *bytes,
			     size_t size, struct pictures *pictures)
{
	const char *title = value_of(stream, "title");

	title = title ? title : "";
	return pictures_add(pictures, type_of_stream(stream), title,
			    strlen(title), bytes, size);
}

int pictures_of_media(const struct media *media, struct pictures *pictures)
{
	int error = 0;

	for (unsigned i = 0; !error && i < media->format->nb_streams; i++) {
		const AVStream *stream = media->format->streams[i];
		const AVPacket *attached = &stream->attached_pic;

		if ((stream->disposition & AV_DISPOSITION_ATTACHED_PIC) &&
		    attached->size > 0)
			error = add_media_picture(stream, attached->data,
						  (size_t)attached->size,
						  pictures);
	}
	return error;
}
