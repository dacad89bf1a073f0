/*
 * libFLAC for the FLAC that libsndfile and FFmpeg do not take: 32 bits a
 * sample. It also gives what both refuse at the first sight of damage.
 *
 * A block at a time is decoded and handed out. At damage the decoder stops
 * with what came before; source.c takes a new one behind it.
 */
#include "cache/disk/facts.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/source.h"

#include <FLAC/stream_decoder.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct decoder {
	struct input *input;
	FLAC__StreamDecoder *flac;
	uint64_t position; /* in the input, bytes */
	uint64_t patience; /* see input.h */
	struct source_info info;
	float *block; /* FLAC__MAX_BLOCK_SIZE frames */
	size_t count; /* frames of it */
	size_t taken; /* of them */
	bool damaged;
};

static FLAC__StreamDecoderReadStatus read_bytes(const FLAC__StreamDecoder *flac,
						FLAC__byte *bytes, size_t *size,
						void *context)
{
	struct decoder *decoder = context;
	ssize_t n = input_read_patiently(decoder->input, &decoder->patience,
					 decoder->position, bytes, *size);

	(void)flac;
	*size = n > 0 ? (size_t)n : 0;
	decoder->position += *size;
	if (n < 0)
		return FLAC__STREAM_DECODER_READ_STATUS_ABORT;
	return n > 0 ? FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
		     : FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM;
}

static FLAC__StreamDecoderSeekStatus seek_bytes(const FLAC__StreamDecoder *flac,
						FLAC__uint64 to, void *context)
{
	struct decoder *decoder = context;

	(void)flac;
	decoder->position = to;
	return FLAC__STREAM_DECODER_SEEK_STATUS_OK;
}

static FLAC__StreamDecoderTellStatus tell_bytes(const FLAC__StreamDecoder *flac,
						FLAC__uint64 *at, void *context)
{
	struct decoder *decoder = context;

	(void)flac;
	*at = decoder->position;
	return FLAC__STREAM_DECODER_TELL_STATUS_OK;
}

static FLAC__StreamDecoderLengthStatus
tell_length(const FLAC__StreamDecoder *flac, FLAC__uint64 *length,
	    void *context)
{
	struct decoder *decoder = context;

	(void)flac;
	*length = decoder->input->size;
	return FLAC__STREAM_DECODER_LENGTH_STATUS_OK;
}

static FLAC__bool is_at_end(const FLAC__StreamDecoder *flac, void *context)
{
	struct decoder *decoder = context;

	(void)flac;
	return decoder->position >= decoder->input->size;
}

static FLAC__StreamDecoderWriteStatus
take_block(const FLAC__StreamDecoder *flac, const FLAC__Frame *frame,
	   const FLAC__int32 *const samples[], void *context)
{
	struct decoder *decoder = context;
	unsigned channels = decoder->info.channels;
	float scale = 1.0f / (float)(1u << (frame->header.bits_per_sample - 1));
	float *to = decoder->block;

	(void)flac;
	decoder->damaged = decoder->damaged || !to ||
			   frame->header.channels != channels ||
			   frame->header.sample_rate != decoder->info.rate;
	if (decoder->damaged)
		return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
	for (size_t i = 0; i < frame->header.blocksize; i++) {
		for (unsigned c = 0; c < channels; c++)
			*to++ = (float)samples[c][i] * scale;
	}
	decoder->count = frame->header.blocksize;
	decoder->taken = 0;
	return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

static void take_header(const FLAC__StreamDecoder *flac,
			const FLAC__StreamMetadata *metadata, void *context)
{
	const FLAC__StreamMetadata_StreamInfo *found =
		&metadata->data.stream_info;
	struct decoder *decoder = context;

	(void)flac;
	if (metadata->type != FLAC__METADATA_TYPE_STREAMINFO)
		return;
	decoder->info.rate = found->sample_rate;
	decoder->info.channels = found->channels;
	decoder->info.bits = found->bits_per_sample;
	decoder->info.samples = found->total_samples;
}

static void note_damage(const FLAC__StreamDecoder *flac,
			FLAC__StreamDecoderErrorStatus status, void *context)
{
	struct decoder *decoder = context;

	(void)flac;
	(void)status;
	decoder->damaged = true;
}

static int start(struct decoder *decoder, bool ogg)
{
	FLAC__StreamDecoderInitStatus status =
		(ogg ? FLAC__stream_decoder_init_ogg_stream
		     : FLAC__stream_decoder_init_stream)(
			decoder->flac, read_bytes, seek_bytes, tell_bytes,
			tell_length, is_at_end, take_block, take_header,
			note_damage, decoder);

	if (status != FLAC__STREAM_DECODER_INIT_STATUS_OK)
		return fail(-EINVAL, "libFLAC: %s",
			    FLAC__StreamDecoderInitStatusString[status]);
	if (!FLAC__stream_decoder_process_until_end_of_metadata(
		    decoder->flac) ||
	    decoder->info.channels == 0)
		return fail(-EINVAL, "libFLAC: no header");
	decoder->block =
		calloc((size_t)FLAC__MAX_BLOCK_SIZE * decoder->info.channels,
		       sizeof(*decoder->block));
	return decoder->block ? 0 : fail(-ENOMEM, "out of memory");
}

static void close_decoder(void *context)
{
	struct decoder *decoder = context;

	if (decoder->flac)
		FLAC__stream_decoder_delete(decoder->flac);
	free(decoder->block);
	free(decoder);
}

/* The first packet of an Ogg stream of FLAC stands behind its page's header. */
static bool is_ogg_flac(struct input *input, const struct sniff *sniff)
{
	static const char mark[5] = {0x7f, 'F', 'L', 'A', 'C'};
	uint8_t head[28 + sizeof(mark)];

	return sniff->demuxer && strcmp(sniff->demuxer, "ogg") == 0 &&
	       input_read(input, sniff->start, head, sizeof(head)) ==
		       sizeof(head) &&
	       memcmp(head + 28, mark, sizeof(mark)) == 0;
}

static int open_decoder(struct input *input, const struct sniff *sniff,
			void **decoder, struct source_info *info)
{
	bool ogg = is_ogg_flac(input, sniff);
	struct decoder *d;
	int error;

	if (!ogg && (!sniff->demuxer || strcmp(sniff->demuxer, "flac") != 0))
		return -ENOTSUP;
	d = calloc(1, sizeof(*d));
	if (!d)
		return fail(-ENOMEM, "out of memory");
	d->input = input;
	d->patience = INPUT_PATIENCE;
	d->flac = FLAC__stream_decoder_new();
	error = d->flac ? start(d, ogg) : fail(-ENOMEM, "out of memory");
	if (error) {
		close_decoder(d);
		return error;
	}
	d->info.kind = FACTS_LOSSLESS;
	d->info.revision = 1;
	mix_speakers(0, d->info.channels, d->info.speakers);
	snprintf(d->info.codec, sizeof(d->info.codec), "flac");
	*info = d->info;
	*decoder = d;
	return 0;
}

/* False at the end and at damage. */
static bool decode_block(struct decoder *decoder)
{
	decoder->count = 0;
	decoder->taken = 0;
	decoder->patience = INPUT_PATIENCE;
	while (decoder->count == 0 && !decoder->damaged) {
		if (!FLAC__stream_decoder_process_single(decoder->flac))
			decoder->damaged = true;
		if (FLAC__stream_decoder_get_state(decoder->flac) ==
		    FLAC__STREAM_DECODER_END_OF_STREAM)
			break;
	}
	return decoder->count > 0 && !decoder->damaged;
}

static size_t read_frames(void *context, float *frames, size_t count,
			  bool *damaged)
{
	struct decoder *decoder = context;
	unsigned channels = decoder->info.channels;
	size_t done = 0;

	while (done < count &&
	       (decoder->taken < decoder->count || decode_block(decoder))) {
		size_t rest = decoder->count - decoder->taken;
		size_t n = rest < count - done ? rest : count - done;

		memcpy(frames + done * channels,
		       decoder->block + decoder->taken * channels,
		       n * channels * sizeof(*frames));
		decoder->taken += n;
		done += n;
	}
	*damaged = decoder->damaged;
	return done;
}

/* libFLAC decodes the block already, from the very sample on. */
static int seek(void *context, uint64_t frame)
{
	struct decoder *decoder = context;

	decoder->count = 0;
	decoder->taken = 0;
	decoder->patience = INPUT_PATIENCE;
	if (!FLAC__stream_decoder_seek_absolute(decoder->flac, frame) ||
	    decoder->damaged)
		return fail(-EINVAL, "libFLAC: cannot seek");
	return 0;
}

const struct source_ops source_flac = {
	.name = "libFLAC",
	.open = open_decoder,
	.seek = seek,
	.read = read_frames,
	.close = close_decoder,
};
