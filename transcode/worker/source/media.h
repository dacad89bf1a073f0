/*
 * A file opened by FFmpeg's demuxers, which can access only the bytes of its
 * struct input: used for tags, for facts and for decoding.
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
	uint64_t zeros;	   /* bytes of the last read */
	bool opened;
	AVStream *audio; /* NULL: the file has none */

	/* Hides covers and tags from FFmpeg. */
	unsigned hidden_count;
	struct input_patch hidden[MEDIA_HIDDEN_MAX];
};

/* Once per process: keeps FFmpeg's messages off stderr. */
void media_setup(void);

/*
 * Reads the header. `demuxer` is FFmpeg's name of the format, or NULL to let
 * FFmpeg probe the content. `input` must outlive the media. -EINVAL: no demuxer
 * takes the file.
 */
int media_open(struct input *input, const char *demuxer, struct media **media);

/* The same, but an MP4's time line is that of its packets, not its edits. */
int media_open_unedited(struct input *input, const char *demuxer,
			struct media **media);
void media_close(struct media *media); /* NULL is allowed */

/* As av_read_frame(); the file seems to end where nothing more is found. */
int media_read(struct media *media, AVPacket *packet);

/* Decodes the beginning, if the header alone does not say everything. */
int media_look_closer(struct media *media);

/* A moving picture: the file is a video, whatever audio it has. */
bool media_has_video(const struct media *media);

/* FFmpeg really failed for lack of memory, and does not only say so. */
bool media_lacks_memory(int averror);

/* Notes FFmpeg's reason besides `what`; gives a negative errno. */
int media_fail(int averror, const char *what);

#endif
