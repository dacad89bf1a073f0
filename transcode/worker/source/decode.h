/* FFmpeg's decoder for one stream, which gives interleaved floats. */
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

/* Embedded; initialize it with zeros. */
struct decode {
	AVCodecContext *codec;
	AVFrame *frame;	       /* the last frame received */
	SwrContext *converter; /* converts only sample formats */
	int format;	       /* the format that it converts from */
	uint32_t planes;       /* channels of it */
	uint32_t rate;	       /* of the converted frames, Hz */
	uint32_t channels;
	uint8_t speakers[SOURCE_MAX_CHANNELS];
	float *samples;	 /* interleaved */
	size_t capacity; /* frames */
	struct fit fit;	 /* of frames that have another format */
	bool remarked;	 /* that has been logged */
};

int decode_init(struct decode *decode);
void decode_release(struct decode *decode);

/*
 * Replaces the decoder by a new one. `name` is FFmpeg's name of a decoder; NULL
 * or unknown: its default one. `flags2` are AV_CODEC_FLAG2_*.
 */
int decode_start(struct decode *decode, const AVStream *stream,
		 const char *name, int flags2);

/* The rate, channels and speakers that all frames are converted to. */
void decode_expect(struct decode *decode, const struct source_info *info);

/*
 * Puts the samples of decode->frame into decode->samples, from `offset` frames
 * on, and gives their number. A frame with another rate or other channels,
 * which a file may have midway, is converted, and that is logged. Fails without
 * memory.
 */
bool decode_convert(struct decode *decode, size_t offset, size_t *count);

/* A container may name other speakers than the decoder then gives. */
void decode_name_speakers(const AVChannelLayout *layout,
			  struct source_info *info);

#endif
