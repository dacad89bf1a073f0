/* FFmpeg's decoder of one stream, and its frames as interleaved floats. */
#ifndef WORKER_DECODE_H
#define WORKER_DECODE_H

#include "transcode/worker/source/fit.h"
#include "transcode/worker/source/source.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embedded; all zero is a good beginning. */
struct decode {
	AVCodecContext *codec;
	AVFrame *frame;	       /* the last one that was received */
	SwrContext *converter; /* of sample formats only */
	int format;	       /* that it converts from */
	uint32_t planes;       /* channels of it */
	uint32_t rate;	       /* of the frames that are converted, Hz */
	uint32_t channels;
	uint8_t speakers[SOURCE_MAX_CHANNELS];
	float *samples;	 /* interleaved */
	size_t capacity; /* frames */
	struct fit fit;	 /* of frames that have another format */
	bool remarked;	 /* the log was told of them */
};

int decode_init(struct decode *decode);
void decode_release(struct decode *decode);

/*
 * A new decoder in place of the old one. `name` is FFmpeg's name of one, NULL
 * or unknown for its usual one; `flags2` are AV_CODEC_FLAG2_*.
 */
int decode_start(struct decode *decode, const AVStream *stream,
		 const char *name, int flags2);

/* What rate, channels and speakers all frames are to be converted to. */
void decode_expect(struct decode *decode, const struct source_info *info);

/*
 * Puts the samples of decode->frame into decode->samples, from `offset` frames
 * on, and gives how many they are. A frame of another rate or with other
 * channels, as a file may have on its way, is converted, and the log is told.
 * Fails without memory.
 */
bool decode_convert(struct decode *decode, size_t offset, size_t *count);

/* A container may name other speakers than the decoder then gives. */
void decode_name_speakers(const AVChannelLayout *layout,
			  struct source_info *info);

#endif
