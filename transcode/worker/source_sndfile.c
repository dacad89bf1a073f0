/*
 * libsndfile over the virtual file it allows: reads go to the input by offset,
 * so the descriptor's own file offset, which other processes may share, is
 * left alone, and no system call but pread() is needed.
 *
 * libsndfile makes a damaged FLAC an error that sticks to the handle; the
 * frames it gave before that are good. A new handle goes on behind the damage.
 */
#include "base/cleanup.h"
#include "cache/facts.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source.h"

#include <sndfile.h>
#include <string.h>

struct decoder {
	struct input *input;
	SNDFILE *file;
	uint64_t position; /* of the virtual file, bytes */
};

static sf_count_t file_size(void *context)
{
	struct decoder *decoder = context;

	return (sf_count_t)decoder->input->size;
}

static sf_count_t file_seek(sf_count_t offset, int whence, void *context)
{
	struct decoder *decoder = context;

	if (whence == SEEK_CUR)
		offset += (sf_count_t)decoder->position;
	else if (whence == SEEK_END)
		offset += (sf_count_t)decoder->input->size;
	if (offset < 0)
		return -1;
	decoder->position = (uint64_t)offset;
	return offset;
}

static sf_count_t file_read(void *bytes, sf_count_t size, void *context)
{
	struct decoder *decoder = context;
	ssize_t n = input_read(decoder->input, decoder->position, bytes,
			       (size_t)size);

	if (n < 0)
		return 0;
	decoder->position += (uint64_t)n;
	return n;
}

static sf_count_t file_tell(void *context)
{
	struct decoder *decoder = context;

	return (sf_count_t)decoder->position;
}

static SF_VIRTUAL_IO virtual_file = {
	.get_filelen = file_size,
	.seek = file_seek,
	.read = file_read,
	.tell = file_tell,
};

struct subformat {
	int id;
	uint32_t bits;
	const char *codec;
};

/* What loses nothing. FLAC as a subformat is its bit depth. */
static const struct subformat lossless[] = {
	{SF_FORMAT_PCM_S8, 8, "pcm"},	     {SF_FORMAT_PCM_U8, 8, "pcm"},
	{SF_FORMAT_PCM_16, 16, "pcm"},	     {SF_FORMAT_PCM_24, 24, "pcm"},
	{SF_FORMAT_PCM_32, 32, "pcm"},	     {SF_FORMAT_FLOAT, 32, "pcm-float"},
	{SF_FORMAT_DOUBLE, 64, "pcm-float"}, {SF_FORMAT_ALAC_16, 16, "alac"},
	{SF_FORMAT_ALAC_20, 20, "alac"},     {SF_FORMAT_ALAC_24, 24, "alac"},
	{SF_FORMAT_ALAC_32, 32, "alac"},
};

static void set_kind(struct source_info *info, int format)
{
	int sub = format & SF_FORMAT_SUBMASK;
	const char *codec = "other";

	info->kind = FACTS_LOSSY;
	for (size_t i = 0; i < sizeof(lossless) / sizeof(*lossless); i++) {
		if (lossless[i].id != sub)
			continue;
		info->kind = FACTS_LOSSLESS;
		info->bits = lossless[i].bits;
		codec = lossless[i].codec;
	}
	if ((format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC)
		codec = "flac";
	snprintf(info->codec, sizeof(info->codec), "%s", codec);
}

static uint8_t speaker_of(int place)
{
	switch (place) {
	case SF_CHANNEL_MAP_LEFT:
	case SF_CHANNEL_MAP_FRONT_LEFT:
		return SPEAKER_FRONT_LEFT;
	case SF_CHANNEL_MAP_RIGHT:
	case SF_CHANNEL_MAP_FRONT_RIGHT:
		return SPEAKER_FRONT_RIGHT;
	case SF_CHANNEL_MAP_MONO:
	case SF_CHANNEL_MAP_CENTER:
	case SF_CHANNEL_MAP_FRONT_CENTER:
		return SPEAKER_FRONT_CENTER;
	case SF_CHANNEL_MAP_LFE:
		return SPEAKER_LOW_FREQUENCY;
	case SF_CHANNEL_MAP_REAR_LEFT:
		return SPEAKER_BACK_LEFT;
	case SF_CHANNEL_MAP_REAR_RIGHT:
		return SPEAKER_BACK_RIGHT;
	case SF_CHANNEL_MAP_REAR_CENTER:
		return SPEAKER_BACK_CENTER;
	case SF_CHANNEL_MAP_FRONT_LEFT_OF_CENTER:
		return SPEAKER_FRONT_LEFT_OF_CENTER;
	case SF_CHANNEL_MAP_FRONT_RIGHT_OF_CENTER:
		return SPEAKER_FRONT_RIGHT_OF_CENTER;
	case SF_CHANNEL_MAP_SIDE_LEFT:
		return SPEAKER_SIDE_LEFT;
	case SF_CHANNEL_MAP_SIDE_RIGHT:
		return SPEAKER_SIDE_RIGHT;
	default:
		return SPEAKER_OTHER;
	}
}

static void set_speakers(struct source_info *info, SNDFILE *file)
{
	int places[SOURCE_MAX_CHANNELS] = {0};

	mix_speakers(0, info->channels, info->speakers);
	if (!sf_command(file, SFC_GET_CHANNEL_MAP_INFO, places,
			(int)(info->channels * sizeof(*places))))
		return;
	for (unsigned i = 0; i < info->channels; i++)
		info->speakers[i] = speaker_of(places[i]);
}

/* libsndfile says SF_COUNT_MAX where it does not know. */
static uint64_t known_frames(const SF_INFO *found)
{
	if (found->frames < 0 || found->frames == SF_COUNT_MAX)
		return 0;
	return (uint64_t)found->frames;
}

static bool is_mpeg(int format)
{
	int sub = format & SF_FORMAT_SUBMASK;

	return sub >= SF_FORMAT_MPEG_LAYER_I && sub <= SF_FORMAT_MPEG_LAYER_III;
}

static int open_file(struct decoder *decoder, struct source_info *info)
{
	SF_INFO found = {0};

	decoder->file =
		sf_open_virtual(&virtual_file, SFM_READ, &found, decoder);
	if (!decoder->file)
		return fail(-EINVAL, "libsndfile: %s", sf_strerror(NULL));
	if (found.channels < 1 || found.channels > SOURCE_MAX_CHANNELS)
		return fail(-EINVAL, "%d channels", found.channels);
	if (found.frames == 0) /* a WAV that was never closed: 0 bytes */
		return fail(-EINVAL, "libsndfile: no length");
	if (is_mpeg(found.format)) /* in a WAV: it guesses the length */
		return fail(-EINVAL, "libsndfile: MPEG audio");
	*info = (struct source_info){
		.rate = (uint32_t)found.samplerate,
		.channels = (uint32_t)found.channels,
		.samples = known_frames(&found),
	};
	set_kind(info, found.format);
	set_speakers(info, decoder->file);
	return 0;
}

static void close_decoder(void *context)
{
	struct decoder *decoder = context;

	if (decoder->file)
		sf_close(decoder->file);
	free(decoder);
}

static int open_decoder(struct input *input, const struct sniff *sniff,
			void **decoder, struct source_info *info)
{
	struct decoder *d = calloc(1, sizeof(*d));
	int error;

	(void)sniff;
	if (!d)
		return fail(-ENOMEM, "out of memory");
	d->input = input;
	error = open_file(d, info);
	if (error) {
		close_decoder(d);
		return error;
	}
	*decoder = d;
	return 0;
}

static int seek(void *context, uint64_t frame)
{
	struct decoder *decoder = context;

	if (sf_seek(decoder->file, (sf_count_t)frame, SEEK_SET) < 0)
		return fail(-EINVAL, "libsndfile: %s",
			    sf_strerror(decoder->file));
	return 0;
}

static size_t read_frames(void *context, float *frames, size_t count,
			  bool *damaged)
{
	struct decoder *decoder = context;
	sf_count_t n = sf_readf_float(decoder->file, frames, (sf_count_t)count);

	*damaged = sf_error(decoder->file) != SF_ERR_NO_ERROR;
	return n > 0 ? (size_t)n : 0;
}

const struct source_ops source_sndfile = {
	.name = "libsndfile",
	.open = open_decoder,
	.seek = seek,
	.read = read_frames,
	.close = close_decoder,
};
