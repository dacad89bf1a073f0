/*
 * libwavpack for the WavPack that FFmpeg does not take: files that name other
 * speakers than they have channels, and whatever else only the reference knows.
 *
 * It replaces damage by silence that cannot be told from music, but counts it:
 * what came with such an error is not used, and source.c continues behind it.
 */
#include "base/cleanup.h"
#include "cache/disk/facts.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/source.h"

#include <stdio.h>
#include <string.h>
#include <wavpack/wavpack.h>

struct wavpack_decoder {
	struct input *input;
	WavpackContext *wavpack;
	uint64_t position; /* in the input, bytes */
	uint64_t patience; /* see input.h */
	int pushed;	   /* a byte that was put back, or EOF */
	unsigned channels;
	float scale; /* of whole numbers; 0: they are floats */
};

static int32_t read_bytes(void *context, void *bytes, int32_t size)
{
	struct wavpack_decoder *decoder = context;
	uint8_t *to = bytes;
	int32_t done = 0;
	ssize_t n;

	if (decoder->pushed != EOF && size > 0) {
		to[done++] = (uint8_t)decoder->pushed;
		decoder->pushed = EOF;
		decoder->position++;
	}
	n = input_read_patiently(decoder->input, &decoder->patience,
				 decoder->position, to + done,
				 (size_t)(size - done));
	if (n < 0)
		return done;
	decoder->position += (uint64_t)n;
	return done + (int32_t)n;
}

static int64_t tell_bytes(void *context)
{
	const struct wavpack_decoder *decoder = context;

	return (int64_t)decoder->position;
}

static int seek_relative(void *context, int64_t offset, int whence)
{
	struct wavpack_decoder *decoder = context;

	if (whence == SEEK_CUR)
		offset += (int64_t)decoder->position;
	else if (whence == SEEK_END)
		offset += (int64_t)decoder->input->size;
	if (offset < 0)
		return -1;
	decoder->pushed = EOF;
	decoder->position = (uint64_t)offset;
	return 0;
}

static int seek_absolute(void *context, int64_t offset)
{
	return seek_relative(context, offset, SEEK_SET);
}

static int push_back(void *context, int byte)
{
	struct wavpack_decoder *decoder = context;

	if (decoder->position == 0 || decoder->pushed != EOF)
		return EOF;
	decoder->pushed = byte;
	decoder->position--;
	return byte;
}

static int64_t tell_length(void *context)
{
	const struct wavpack_decoder *decoder = context;

	return (int64_t)decoder->input->size;
}

static int can_seek(void *context)
{
	(void)context;
	return 1;
}

static WavpackStreamReader64 reader = {
	.read_bytes = read_bytes,
	.get_pos = tell_bytes,
	.set_pos_abs = seek_absolute,
	.set_pos_rel = seek_relative,
	.push_back_byte = push_back,
	.get_length = tell_length,
	.can_seek = can_seek,
};

static int open_wavpack_file(struct wavpack_decoder *decoder,
			     struct source_info *info)
{
	char problem[81] = "";
	struct source_info found = {.revision = 1};
	int64_t samples;
	int mode, bits;

	decoder->wavpack =
		WavpackOpenFileInputEx64(&reader, decoder, NULL, problem,
					 OPEN_NORMALIZE | OPEN_DSD_AS_PCM, 0);
	if (!decoder->wavpack)
		return fail(-EINVAL, "libwavpack: %.80s", problem);
	mode = WavpackGetMode(decoder->wavpack);
	samples = WavpackGetNumSamples64(decoder->wavpack);
	found.kind = mode & MODE_LOSSLESS ? FACTS_LOSSLESS : FACTS_LOSSY;
	found.rate = WavpackGetSampleRate(decoder->wavpack);
	found.channels = (uint32_t)WavpackGetNumChannels(decoder->wavpack);
	found.bits = (uint32_t)WavpackGetBitsPerSample(decoder->wavpack);
	found.samples = samples > 0 ? (uint64_t)samples : 0;
	if (found.channels < 1 || found.channels > SOURCE_MAX_CHANNELS)
		return fail(-EINVAL, "unsupported: %u channels",
			    found.channels);
	mix_speakers((uint32_t)WavpackGetChannelMask(decoder->wavpack),
		     found.channels, found.speakers);
	snprintf(found.codec, sizeof(found.codec), "wavpack");
	decoder->channels = found.channels;
	bits = 8 * WavpackGetBytesPerSample(decoder->wavpack);
	if (!(mode & MODE_FLOAT))
		decoder->scale = 1.0f / (float)(1u << (bits - 1));
	*info = found;
	return 0;
}

static bool is_whole(struct wavpack_decoder *decoder, int64_t at)
{
	enum { BLOCK = 131072 };
	auto_free int32_t *raw =
		calloc(BLOCK, decoder->channels * sizeof(*raw));
	int before = WavpackGetNumErrors(decoder->wavpack);

	return raw && WavpackSeekSample64(decoder->wavpack, at) &&
	       WavpackUnpackSamples(decoder->wavpack, raw, BLOCK) > 0 &&
	       WavpackGetNumErrors(decoder->wavpack) == before;
}

/* Errors show at a block's end only, and what came before looks right. */
static int try_blocks(struct wavpack_decoder *decoder, uint64_t samples)
{
	enum { PLACES = 8 };

	for (uint64_t i = 0; i < PLACES; i++) {
		if (is_whole(decoder, (int64_t)(samples / PLACES * i)))
			return 0;
	}
	return fail(-EINVAL, "libwavpack: no block is whole");
}

/* Its count of errors begins anew. */
static int open_again(struct wavpack_decoder *decoder, struct source_info *info)
{
	decoder->wavpack = WavpackCloseFile(decoder->wavpack);
	decoder->position = 0;
	decoder->pushed = EOF;
	return open_wavpack_file(decoder, info);
}

static void close_wavpack(void *context)
{
	struct wavpack_decoder *decoder = context;

	if (decoder->wavpack)
		WavpackCloseFile(decoder->wavpack);
}

static int open_wavpack(void *decoder, struct input *input,
			const struct sniff *sniff, struct source_info *info)
{
	struct wavpack_decoder *d = decoder;
	int error;

	if (!sniff->demuxer || strcmp(sniff->demuxer, "wv") != 0)
		return -ENOTSUP;
	d->input = input;
	d->patience = INPUT_PATIENCE;
	d->pushed = EOF;
	error = open_wavpack_file(d, info);
	if (!error)
		error = try_blocks(d, info->samples);
	return error ? error : open_again(d, info);
}

static size_t read_wavpack(void *context, float *frames, size_t count,
			   bool *damaged)
{
	struct wavpack_decoder *decoder = context;
	auto_free int32_t *raw =
		calloc(count + 1, decoder->channels * sizeof(*raw));
	size_t n = 0;

	decoder->patience = INPUT_PATIENCE;
	if (raw)
		n = WavpackUnpackSamples(decoder->wavpack, raw,
					 (uint32_t)count);
	*damaged = !raw || WavpackGetNumErrors(decoder->wavpack) > 0;
	if (*damaged)
		return 0;
	if (decoder->scale == 0 && n > 0) {
		memcpy(frames, raw, n * decoder->channels * sizeof(*frames));
		return n;
	}
	for (size_t i = 0; i < n * decoder->channels; i++)
		frames[i] = (float)raw[i] * decoder->scale;
	return n;
}

static int seek_wavpack(void *context, uint64_t frame)
{
	struct wavpack_decoder *decoder = context;

	decoder->patience = INPUT_PATIENCE;
	if (!WavpackSeekSample64(decoder->wavpack, (int64_t)frame))
		return fail(-EINVAL, "libwavpack: cannot seek");
	return 0;
}

const struct source_ops source_wavpack = {
	.name = "libwavpack",
	.size = sizeof(struct wavpack_decoder),
	.open = open_wavpack,
	.seek = seek_wavpack,
	.read = read_wavpack,
	.close = close_wavpack,
};
