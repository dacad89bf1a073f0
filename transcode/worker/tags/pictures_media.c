/*
 * Pictures as FFmpeg gives them, for formats that nothing else here reads:
 * attached to a stream when it knew what they are by their MIME type or file
 * name, as an attachment when it did not. Their types it tells in words.
 */
#include "transcode/worker/tags/pictures_private.h"

#include "transcode/worker/source/media.h"
#include "transcode/worker/tags/image.h"

#include <string.h>
#include <strings.h>

static const char *value_of(const AVStream *stream, const char *key)
{
	const AVDictionaryEntry *entry =
		av_dict_get(stream->metadata, key, NULL, 0);

	return entry ? entry->value : NULL;
}

static uint32_t type_of_stream(const AVStream *stream)
{
	const char *words = value_of(stream, "comment");
	const char *file = value_of(stream, "filename");
	int type = -1;

	if (words)
		type = picture_type(words, strlen(words), PICTURE_WORDS_ID3);
	else if (file && strncasecmp(file, "cover.", 6) == 0)
		type = PICTURE_FRONT; /* Matroska's convention */
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

/* A font or a text that is attached is no picture, and no fault either. */
static bool may_be_picture(const AVStream *stream)
{
	const AVCodecParameters *codec = stream->codecpar;
	const char *mime = value_of(stream, "mimetype");
	struct image image;

	return (mime && strncasecmp(mime, "image", 5) == 0) ||
	       image_look(codec->extradata, (size_t)codec->extradata_size,
			  &image);
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
			error = add_media_picture(stream, attached->data,
						  (size_t)attached->size,
						  pictures);
		else if (codec->codec_type == AVMEDIA_TYPE_ATTACHMENT &&
			 codec->extradata_size > 0 && may_be_picture(stream))
			error = add_media_picture(stream, codec->extradata,
						  (size_t)codec->extradata_size,
						  pictures);
	}
	return error;
}
