/*
 * A file opened by FFmpeg's demuxers, without any access but to the bytes of
 * its struct input: used for tags, for facts and for decoding.
 */
#ifndef WORKER_MEDIA_H
#define WORKER_MEDIA_H

#include "transcode/worker/input.h"

#include <libavformat/avformat.h>
#include <stdbool.h>

#define MEDIA_HIDDEN_MAX 16

struct media {
	AVFormatContext *format;
	AVIOContext *io;
	struct input *input;
	uint64_t position; /* of the next read */
	uint64_t patience; /* see input.h */
	uint64_t zeros;	   /* that were read last, bytes */
	bool opened;
	AVStream *audio; /* NULL: the file has none */

	/* Covers and tags that FFmpeg is not shown. */
	unsigned hidden_count;
	struct input_patch hidden[MEDIA_HIDDEN_MAX];
};

/* Once per process: keeps FFmpeg's messages off stderr. */
void media_setup(void);

/*
 * Reads the header. `demuxer` is FFmpeg's name of the format, or NULL to let
 * FFmpeg look at the content. `input` must outlive the media. -EINVAL when no
 * demuxer takes the file.
 */
int media_open(struct input *input, const char *demuxer, struct media **media);

/* The same, but an MP4's time line is that of its packets, not its edits. */
int media_open_unedited(struct input *input, const char *demuxer,
			struct media **media);
void media_close(struct media *media); /* NULL is allowed */

/* As av_read_frame(), and as if the file ended where nothing more is found. */
int media_read(struct media *media, AVPacket *packet);

/* Decodes the beginning, when the header alone did not tell all. */
int media_look_closer(struct media *media);

/* A picture that moves: the file is a video, whatever sound it has. */
bool media_has_video(const struct media *media);

/* FFmpeg failed for want of memory, and does not only say so. */
bool media_lacks_memory(int averror);

/* Notes FFmpeg's reason beside `what`; gives a negative errno. */
int media_fail(int averror, const char *what);

#endif
