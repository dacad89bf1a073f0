/*
 * FFmpeg's decoder as a row of stretches: each is silence of some length, then
 * the samples of a frame. For source_ffmpeg.c alone.
 */
#ifndef WORKER_STRETCH_H
#define WORKER_STRETCH_H

#include "transcode/worker/formats/sniff.h"
#include "transcode/worker/formats/speex.h"
#include "transcode/worker/source/decode.h"
#include "transcode/worker/source/media.h"

struct ffmpeg_decoder {
	struct input *input;
	struct sniff sniff;
	struct media *media;
	struct decode decode;
	AVPacket *packet;
	bool waiting; /* the packet was read, and not fed yet */
	bool exact;
	int64_t origin; /* time stamp of frame 0 */

	/* The stretch that waits to be read: silence, then decode.samples. */
	uint64_t gap;  /* frames of silence */
	size_t count;  /* frames of samples */
	size_t taken;  /* of them */
	size_t silent; /* frames of gaps that were read */

	uint64_t position;	 /* of the first frame of that stretch */
	uint64_t target;	 /* what lies before is dropped */
	struct speex_part heard; /* of all samples */
	unsigned errors;	 /* in a row */
	bool finished;
};

/* The next stretch begins here, with the next packet. */
void stretch_forget(struct ffmpeg_decoder *decoder, uint64_t position);

/* The next packet of the audio; 0 or an AVERROR. */
int stretch_read_packet(struct ffmpeg_decoder *decoder);

/* Until there is something to read, or nothing more to come. */
void stretch_decode(struct ffmpeg_decoder *decoder);

/* Takes up to `count` frames of the stretch; `to` may be NULL. */
size_t stretch_take(struct ffmpeg_decoder *decoder, float *to, size_t count);

#endif
