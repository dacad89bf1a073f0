/*
 * libFLAC for the FLAC that libsndfile and FFmpeg do not take: 32 bits per
 * sample, files that change their rate, channels or bits midway, and files that
 * were cut out of a longer one, whose frames continue its numbers. It also
 * gives what both refuse at the first sign of damage.
 *
 * One block at a time is decoded and handed out. At damage the decoder stops
 * with what came before; source.c takes a new one behind it.
 *
 * Where the format changes, the numbers of frames lead nowhere. Such a file is
 * decoded from its beginning up to the target, whatever was read before, and
 * what cannot be decoded is left out. Everything is converted to the first
 * format.
 */
#include "base/cleanup.h"
#include "cache/disk/facts.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/fit.h"
#include "transcode/worker/source/source.h"

#include <FLAC/stream_decoder.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct flac_decoder {
	struct input *input;
	FLAC__StreamDecoder *flac;
	uint64_t position; /* in the input, bytes */
	uint64_t patience; /* see input.h */
	struct source_info info;
	float *block;
	size_t room;  /* frames that it has room for */
	size_t count; /* frames of it */
	size_t taken; /* of them */
	bool damaged;

	uint64_t first; /* sample of the file, as its frame is numbered */
	bool changes;	/* the format does, on the way */
	struct fit fit;
	uint64_t carry; /* of a frame that was not full, parts of a rate */
	uint64_t next;	/* frame that is read next */
};

static FLAC__StreamDecoderReadStatus read_bytes(const FLAC__StreamDecoder *flac,
						FLAC__byte *bytes, size_t *size,
						void *context)
{
	struct flac_decoder *decoder = context;
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
	struct flac_decoder *decoder = context;

	(void)flac;
	decoder->position = to;
	return FLAC__STREAM_DECODER_SEEK_STATUS_OK;
}

static FLAC__StreamDecoderTellStatus tell_bytes(const FLAC__StreamDecoder *flac,
						FLAC__uint64 *at, void *context)
{
	struct flac_decoder *decoder = context;

	(void)flac;
	*at = decoder->position;
	return FLAC__STREAM_DECODER_TELL_STATUS_OK;
}

static FLAC__StreamDecoderLengthStatus
tell_length(const FLAC__StreamDecoder *flac, FLAC__uint64 *length,
	    void *context)
{
	struct flac_decoder *decoder = context;

	(void)flac;
	*length = decoder->input->size;
	return FLAC__STREAM_DECODER_LENGTH_STATUS_OK;
}

static FLAC__bool is_at_end(const FLAC__StreamDecoder *flac, void *context)
{
	struct flac_decoder *decoder = context;

	(void)flac;
	return decoder->position >= decoder->input->size;
}

static void interleave(const FLAC__Frame *frame,
		       const FLAC__int32 *const samples[], float *to)
{
	float scale = 1.0f / (float)(1u << (frame->header.bits_per_sample - 1));

	for (size_t i = 0; i < frame->header.blocksize; i++) {
		for (unsigned c = 0; c < frame->header.channels; c++)
			*to++ = (float)samples[c][i] * scale;
	}
}

static bool reserve(struct flac_decoder *decoder, size_t frames)
{
	float *block;

	if (frames <= decoder->room)
		return true;
	block = realloc(decoder->block,
			frames * decoder->info.channels * sizeof(*block));
	if (!block)
		return false;
	decoder->block = block;
	decoder->room = frames;
	return true;
}

static bool is_alike(const struct flac_decoder *decoder,
		     const FLAC__Frame *frame)
{
	return frame->header.channels == decoder->info.channels &&
	       frame->header.sample_rate == decoder->info.rate;
}

/* How many frames at our rate; a remainder comes with the next. */
static size_t fitted_frames(struct flac_decoder *decoder,
			    const FLAC__Frame *frame)
{
	uint64_t rate = frame->header.sample_rate;
	uint64_t parts = decoder->carry +
			 (uint64_t)frame->header.blocksize * decoder->info.rate;

	if (rate < SOURCE_MIN_RATE)
		return 0;
	decoder->carry = parts % rate;
	return parts / rate;
}

static bool convert_block(struct flac_decoder *decoder,
			  const FLAC__Frame *frame,
			  const FLAC__int32 *const samples[])
{
	struct source_info from = {.rate = frame->header.sample_rate,
				   .channels = frame->header.channels};
	size_t n = frame->header.blocksize, m = fitted_frames(decoder, frame);
	auto_free float *raw = calloc(n + 1, from.channels * sizeof(*raw));

	if (!raw || m == 0 || !reserve(decoder, m))
		return false;
	interleave(frame, samples, raw);
	mix_speakers(0, from.channels, from.speakers);
	decoder->count = m;
	return fit_frames(&decoder->fit, &from, raw, n, &decoder->info,
			  decoder->block, m);
}

static FLAC__StreamDecoderWriteStatus
take_block(const FLAC__StreamDecoder *flac, const FLAC__Frame *frame,
	   const FLAC__int32 *const samples[], void *context)
{
	struct flac_decoder *decoder = context;
	bool alike = is_alike(decoder, frame);

	(void)flac;
	decoder->damaged = decoder->damaged || (!alike && !decoder->changes) ||
			   !reserve(decoder, frame->header.blocksize);
	if (decoder->damaged)
		return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
	decoder->count = frame->header.blocksize;
	decoder->taken = 0;
	if (alike) {
		decoder->fit.rate = 0;
		decoder->carry = 0;
		interleave(frame, samples, decoder->block);
	} else if (!convert_block(decoder, frame, samples)) {
		decoder->damaged = true;
	}
	return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

static void take_header(const FLAC__StreamDecoder *flac,
			const FLAC__StreamMetadata *metadata, void *context)
{
	const FLAC__StreamMetadata_StreamInfo *found =
		&metadata->data.stream_info;
	struct flac_decoder *decoder = context;

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
	struct flac_decoder *decoder = context;

	(void)flac;
	(void)status;
	decoder->damaged = !decoder->changes;
}

static int start_flac(struct flac_decoder *decoder, bool ogg)
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
	if (decoder->changes || decoder->info.samples < decoder->first)
		decoder->info.samples = 0; /* as many as will be counted */
	else
		decoder->info.samples -= decoder->first;
	return 0;
}

static void close_flac(void *context)
{
	struct flac_decoder *decoder = context;

	if (decoder->flac)
		FLAC__stream_decoder_delete(decoder->flac);
	free(decoder->block);
}

/* The first packet of an Ogg stream of FLAC follows its page's header. */
static bool is_ogg_flac(struct input *input, const struct sniff *sniff)
{
	static const char mark[5] = {0x7f, 'F', 'L', 'A', 'C'};
	uint8_t head[28 + sizeof(mark)];

	return sniff->demuxer && strcmp(sniff->demuxer, "ogg") == 0 &&
	       input_read(input, sniff->start, head, sizeof(head)) ==
		       sizeof(head) &&
	       memcmp(head + 28, mark, sizeof(mark)) == 0;
}

static int open_flac(void *decoder, struct input *input,
		     const struct sniff *sniff, struct source_info *info)
{
	bool ogg = is_ogg_flac(input, sniff);
	struct flac_decoder *d = decoder;
	int error;

	if (!ogg && (!sniff->demuxer || strcmp(sniff->demuxer, "flac") != 0))
		return -ENOTSUP;
	d->input = input;
	d->patience = INPUT_PATIENCE;
	d->changes = sniff->changes;
	d->first = sniff->first;
	d->flac = FLAC__stream_decoder_new();
	error = d->flac ? start_flac(d, ogg) : fail(-ENOMEM, "out of memory");
	if (error)
		return error;
	d->info.kind = FACTS_LOSSLESS;
	d->info.revision = 1;
	mix_speakers(0, d->info.channels, d->info.speakers);
	snprintf(d->info.codec, sizeof(d->info.codec), "flac");
	*info = d->info;
	return 0;
}

/* False at the end and at damage. */
static bool decode_block(struct flac_decoder *decoder)
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

static size_t read_flac(void *context, float *frames, size_t count,
			bool *damaged)
{
	struct flac_decoder *decoder = context;
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
	decoder->next += done;
	*damaged = decoder->damaged;
	return done;
}

static bool begin_again(struct flac_decoder *decoder)
{
	decoder->next = 0;
	decoder->count = 0;
	decoder->taken = 0;
	decoder->carry = 0;
	decoder->fit.rate = 0;
	return FLAC__stream_decoder_reset(decoder->flac) &&
	       FLAC__stream_decoder_process_until_end_of_metadata(
		       decoder->flac);
}

static int seek_forward(struct flac_decoder *decoder, uint64_t frame)
{
	enum { SAMPLES = 4096 };
	float dropped[SAMPLES];
	bool damaged = frame < decoder->next && !begin_again(decoder);

	while (!damaged && decoder->next < frame) {
		uint64_t rest = frame - decoder->next;
		size_t count = SAMPLES / decoder->info.channels;

		count = rest < count ? (size_t)rest : count;
		if (read_flac(decoder, dropped, count, &damaged) == 0)
			damaged = true;
	}
	return damaged ? fail(-EINVAL, "libFLAC: too few samples") : 0;
}

/* libFLAC decodes the block already, from the very sample on. */
static int seek_flac(void *context, uint64_t frame)
{
	struct flac_decoder *decoder = context;

	if (decoder->changes)
		return seek_forward(decoder, frame);
	decoder->count = 0;
	decoder->taken = 0;
	decoder->patience = INPUT_PATIENCE;
	if (!FLAC__stream_decoder_seek_absolute(decoder->flac,
						decoder->first + frame) ||
	    decoder->damaged)
		return fail(-EINVAL, "libFLAC: cannot seek");
	return 0;
}

const struct source_ops source_flac = {
	.name = "libFLAC",
	.size = sizeof(struct flac_decoder),
	.open = open_flac,
	.seek = seek_flac,
	.read = read_flac,
	.close = close_flac,
};
