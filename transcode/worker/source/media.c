/*
 * FFmpeg can open URLs, playlists and files besides the one it was given. Here
 * it gets bytes and nothing else: reads go to the input, every attempt to open
 * something is refused, and only the demuxers of audio formats may try.
 *
 * FFmpeg logs its reasons instead of returning them, so the last error line is
 * kept for the report.
 */
#include "transcode/worker/source/media.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/formats/matroska.h"
#include "transcode/worker/formats/mp4.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { BUFFER_SIZE = 32 << 10, PROBE_SIZE = 1 << 20 };

static const char demuxers[] =
	"aac,ac3,aiff,amr,ape,asf,au,caf,dsf,dts,dtshd,eac3,flac,iff,loas,"
	"matroska,mlp,mov,mp3,mpc,mpc8,ogg,oma,rm,shn,tak,truehd,tta,voc,vqf,"
	"w64,wav,wv,xwma";

static char last_line[96];

static void keep_line(void *object, int level, const char *format,
		      va_list arguments)
{
	int prefix = 0;

	if (level > AV_LOG_ERROR)
		return;
	av_log_format_line2(object, level, format, arguments, last_line,
			    sizeof(last_line), &prefix);
	last_line[strcspn(last_line, "\r\n")] = '\0';
}

void media_setup(void)
{
	av_log_set_level(AV_LOG_ERROR);
	av_log_set_callback(keep_line);
}

bool media_lacks_memory(int averror)
{
	return averror == AVERROR(ENOMEM) && fail_is_memory_short();
}

/*
 * FFmpeg says about truncated files that a device failed or the memory is full,
 * and lists everything that we allow when it found something else.
 */
static const char *reason_of(int averror, char *text, size_t size)
{
	if (strstr(last_line, "whitelist")) {
		last_line[0] = '\0';
		return "not a supported audio format";
	}
	if (averror == AVERROR(EIO) || averror == AVERROR_EOF)
		return "the file ends too early";
	if (averror == AVERROR(ENOMEM) && !fail_is_memory_short())
		return "a size in it is wrong, or it is cut";
	av_strerror(averror, text, size);
	return text;
}

int media_fail(int averror, const char *what)
{
	char buffer[64] = "";
	const char *text = reason_of(averror, buffer, sizeof(buffer));
	int error = media_lacks_memory(averror) ? -ENOMEM : -EINVAL;

	if (last_line[0])
		fail(error, "%s: %s (%s)", what, text, last_line);
	else
		fail(error, "%s: %s", what, text);
	last_line[0] = '\0';
	return error;
}

static void hide(const struct media *media, uint8_t *bytes, size_t size)
{
	for (unsigned i = 0; i < media->hidden_count; i++)
		input_put_patch(&media->hidden[i], media->position, bytes,
				size);
}

/* A demuxer that opens a file would take each few bytes of one for a chunk. */
static bool is_hole(struct media *media, const uint8_t *bytes, size_t size)
{
	enum { HOLE = 1 << 20 };

	if (media->opened || bytes[0] != 0 ||
	    memcmp(bytes, bytes + 1, size - 1) != 0)
		media->zeros = 0;
	else
		media->zeros += size;
	return media->zeros > HOLE;
}

static int read_bytes(void *context, uint8_t *bytes, int size)
{
	struct media *media = context;
	uint64_t end = media->input->size; /* there may be tags behind it */
	ssize_t n;

	if (media->position >= end)
		return AVERROR_EOF;
	if (end - media->position < (uint64_t)size)
		size = (int)(end - media->position);
	n = input_read_patiently(media->input, &media->patience,
				 media->position, bytes, (size_t)size);
	if (n < 0)
		return AVERROR(EIO);
	if (n == 0 || is_hole(media, bytes, (size_t)n))
		return AVERROR_EOF;
	hide(media, bytes, (size_t)n);
	media->position += (uint64_t)n;
	return (int)n;
}

static int64_t seek_bytes(void *context, int64_t offset, int whence)
{
	struct media *media = context;

	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return (int64_t)media->input->size;
	case SEEK_CUR:
		offset += (int64_t)media->position;
		break;
	case SEEK_END:
		offset += (int64_t)media->input->size;
		break;
	}
	if (offset < 0)
		return AVERROR(EINVAL);
	media->position = (uint64_t)offset;
	return offset;
}

static int refuse_to_open(AVFormatContext *format, AVIOContext **io,
			  const char *url, int flags, AVDictionary **options)
{
	(void)format, (void)io, (void)url, (void)flags, (void)options;
	return AVERROR(EACCES);
}

static int open_io(struct media *media)
{
	uint8_t *buffer = av_malloc(BUFFER_SIZE);

	if (!buffer)
		return -ENOMEM;
	media->io = avio_alloc_context(buffer, BUFFER_SIZE, 0, media,
				       read_bytes, NULL, seek_bytes);
	if (media->io)
		return 0;
	av_free(buffer);
	return -ENOMEM;
}

/* avformat_open_input() frees the context when it fails. */
static int open_format(struct media *media, const char *demuxer,
		       AVDictionary **options)
{
	const AVInputFormat *format = NULL;
	int error;

	if (demuxer)
		format = av_find_input_format(demuxer);
	media->format = avformat_alloc_context();
	if (!media->format)
		return -ENOMEM;
	media->format->pb = media->io;
	media->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	media->format->io_open = refuse_to_open;
	media->format->format_whitelist = av_strdup(demuxers);
	media->format->probesize = PROBE_SIZE;
	error = avformat_open_input(&media->format, "", format, options);
	return error < 0 ? media_fail(error, "cannot open") : 0;
}

static AVStream *find_audio(const AVFormatContext *format)
{
	for (unsigned i = 0; i < format->nb_streams; i++) {
		AVStream *stream = format->streams[i];

		if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
			return stream;
	}
	return NULL;
}

static void find_streams(struct media *media)
{
	media->audio = find_audio(media->format);
	for (unsigned i = 0; i < media->format->nb_streams; i++) {
		AVStream *stream = media->format->streams[i];

		if (stream != media->audio)
			stream->discard = AVDISCARD_ALL;
	}
}

static_assert(MP4_COVERS_MAX <= MEDIA_HIDDEN_MAX &&
		      MATROSKA_PARTS_MAX <= MEDIA_HIDDEN_MAX,
	      "all that is found can be hidden");

static void hide_covers(struct media *media)
{
	struct mp4_covers covers;

	mp4_find_covers(media->input, 0, &covers);
	for (unsigned i = 0; i < covers.count; i++)
		media->hidden[media->hidden_count++] =
			mp4_hide(&covers.items[i]);
}

/* And what is attached. */
static void hide_tags(struct media *media)
{
	struct matroska matroska;

	matroska_look(media->input, 0, &matroska);
	for (unsigned i = 0; i < matroska.count; i++) {
		const struct ebml *part = &matroska.parts[i];

		if ((part->id == MATROSKA_TAGS ||
		     part->id == MATROSKA_ATTACHMENTS) &&
		    part->end - part->at >= EBML_HIDDEN_MIN)
			media->hidden[media->hidden_count++] = ebml_hide(part);
	}
}

static int open_with(struct input *input, const char *demuxer,
		     AVDictionary **options, struct media **media)
{
	struct media *m = calloc(1, sizeof(*m));
	int error;

	if (!m)
		return fail(-ENOMEM, "out of memory");
	m->input = input;
	m->patience = INPUT_PATIENCE;
	if (demuxer && strcmp(demuxer, "mov") == 0)
		hide_covers(m);
	else if (demuxer && strcmp(demuxer, "matroska") == 0)
		hide_tags(m);
	last_line[0] = '\0';
	error = open_io(m);
	if (!error)
		error = open_format(m, demuxer, options);
	if (error) {
		media_close(m);
		return error;
	}
	m->opened = true;
	find_streams(m);
	*media = m;
	return 0;
}

int media_open(struct input *input, const char *demuxer, struct media **media)
{
	return open_with(input, demuxer, NULL, media);
}

int media_open_unedited(struct input *input, const char *demuxer,
			struct media **media)
{
	AVDictionary *options = NULL;
	int error = av_dict_set(&options, "ignore_editlist", "1", 0);

	if (error < 0)
		return fail(-ENOMEM, "out of memory");
	error = open_with(input, demuxer, &options, media);
	av_dict_free(&options);
	return error;
}

void media_close(struct media *media)
{
	if (!media)
		return;
	avformat_close_input(&media->format);
	if (media->io)
		av_freep(&media->io->buffer);
	avio_context_free(&media->io);
	free(media);
}

int media_read(struct media *media, AVPacket *packet)
{
	media->patience = INPUT_PATIENCE;
	return av_read_frame(media->format, packet);
}

int media_look_closer(struct media *media)
{
	int error = avformat_find_stream_info(media->format, NULL);

	if (error < 0)
		return media_fail(error, "cannot read");
	find_streams(media);
	return 0;
}

bool media_has_video(const struct media *media)
{
	for (unsigned i = 0; i < media->format->nb_streams; i++) {
		const AVStream *stream = media->format->streams[i];

		if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
		    !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC))
			return true;
	}
	return false;
}
