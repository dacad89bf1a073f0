/*
 * libsndfile with its virtual files: reads go to the input by offset, so the
 * descriptor's own file offset, which other processes may share, is left alone,
 * and no system call but pread() is needed.
 *
 * It has two limits. It trusts the size that a header states; if that is wrong,
 * the samples are opened as what they are, without a header. And it cannot seek
 * in codecs that depend on what came before (GSM 6.10, G.721 and the like), or
 * gives other samples then: those are decoded from the beginning.
 *
 * libsndfile makes a damaged FLAC an error that sticks to the handle; the
 * frames it gave before that are good. A new handle continues behind the
 * damage.
 */
#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/formats/chunks.h"
#include "transcode/worker/source/source.h"
#include "transcode/worker/source/subformat.h"

#include <sndfile.h>
#include <string.h>

struct sndfile_decoder {
	struct input *input;
	SNDFILE *file;
	SF_INFO format;	   /* without a header: of the samples */
	uint64_t start;	   /* of the virtual file, bytes */
	uint64_t size;	   /* of it */
	uint64_t position; /* in it */
	uint64_t patience; /* see input.h */
	unsigned channels;
	bool only_forward; /* no seek gives the same samples */
	uint64_t frame;	   /* the next one that is read */
};

static sf_count_t file_size(void *context)
{
	struct sndfile_decoder *decoder = context;

	return (sf_count_t)decoder->size;
}

static sf_count_t file_seek(sf_count_t offset, int whence, void *context)
{
	struct sndfile_decoder *decoder = context;

	if (whence == SEEK_CUR)
		offset += (sf_count_t)decoder->position;
	else if (whence == SEEK_END)
		offset += (sf_count_t)decoder->size;
	if (offset < 0)
		return -1;
	decoder->position = (uint64_t)offset;
	return offset;
}

static sf_count_t file_read(void *bytes, sf_count_t size, void *context)
{
	struct sndfile_decoder *decoder = context;
	uint64_t rest = decoder->size > decoder->position
				? decoder->size - decoder->position
				: 0;
	ssize_t n = input_read_patiently(
		decoder->input, &decoder->patience,
		decoder->start + decoder->position, bytes,
		(uint64_t)size < rest ? (size_t)size : rest);

	if (n < 0)
		return 0;
	decoder->position += (uint64_t)n;
	return n;
}

static sf_count_t file_tell(void *context)
{
	struct sndfile_decoder *decoder = context;

	return (sf_count_t)decoder->position;
}

static SF_VIRTUAL_IO virtual_file = {
	.get_filelen = file_size,
	.seek = file_seek,
	.read = file_read,
	.tell = file_tell,
};

/* libsndfile says SF_COUNT_MAX if it does not know. */
static uint64_t known_frames(const SF_INFO *found)
{
	if (found->frames < 0 || found->frames == SF_COUNT_MAX)
		return 0;
	return (uint64_t)found->frames;
}

static int open_virtual(struct sndfile_decoder *decoder, SF_INFO *found)
{
	if (decoder->file)
		sf_close(decoder->file);
	decoder->position = 0;
	decoder->frame = 0;
	decoder->patience = INPUT_PATIENCE;
	*found = decoder->format;
	decoder->file =
		sf_open_virtual(&virtual_file, SFM_READ, found, decoder);
	if (!decoder->file)
		return fail(fail_is_memory_short() ? -ENOMEM : -EINVAL,
			    "libsndfile: %s", sf_strerror(NULL));
	return 0;
}

/*
 * libsndfile takes what was appended to a W64 for samples, and finds none in an
 * RF64 that was never closed.
 */
static bool fits(const SF_INFO *found, const struct chunks_samples *samples)
{
	uint64_t width = (uint64_t)found->channels *
			 subformat_of(found->format)->bits / 8;

	return found->frames > 0 &&
	       (uint64_t)found->frames <= samples->size / width;
}

/*
 * In a WAV with an odd number of GSM 6.10 blocks of 65 bytes, libsndfile takes
 * the byte that pads the chunk for another block.
 */
static void cut_padding(SF_INFO *found, const struct chunks_samples *samples)
{
	enum { BLOCK = 65, FRAMES = 320 };
	sf_count_t most = (sf_count_t)(samples->size / BLOCK * FRAMES);

	if ((found->format & SF_FORMAT_SUBMASK) == SF_FORMAT_GSM610 &&
	    (found->format & SF_FORMAT_TYPEMASK) == SF_FORMAT_WAV &&
	    found->frames > most)
		found->frames = most;
}

/* Opens the samples alone, if the header misstates how many there are. */
static int mend_size(struct sndfile_decoder *decoder, SF_INFO *found)
{
	const struct subformat *sub = subformat_of(found->format);
	struct chunks_samples samples;
	SF_INFO bare;
	int error;

	if (subformat_is_flac(found->format) ||
	    chunks_find_samples(decoder->input, &samples) != 0)
		return 0;
	if (sub->is_packed && samples.misstated)
		return fail(-ENOTSUP, "libsndfile: a wrong size of packets");
	cut_padding(found, &samples);
	if (sub->is_packed || (!samples.misstated && fits(found, &samples)))
		return 0;
	decoder->format = (SF_INFO){
		.samplerate = found->samplerate,
		.channels = found->channels,
		.format = SF_FORMAT_RAW | (found->format & SF_FORMAT_SUBMASK) |
			  subformat_endianness(found->format),
	};
	decoder->start = samples.start;
	decoder->size = samples.size;
	error = open_virtual(decoder, &bare);
	if (!error)
		found->frames = bare.frames;
	return error;
}

static int open_sndfile_file(struct sndfile_decoder *decoder,
			     const struct sniff *sniff,
			     struct source_info *info)
{
	SF_INFO found = {0};
	struct source_info result = {0};
	int error = open_virtual(decoder, &found);

	if (error)
		return error;
	if (found.channels < 1 || found.channels > SOURCE_MAX_CHANNELS)
		return fail(-EINVAL, "unsupported: %d channels",
			    found.channels);
	if (subformat_is_mpeg(found.format) != sniff->free_format)
		return fail(-EINVAL, "libsndfile: MPEG audio");
	result.rate = (uint32_t)found.samplerate;
	result.channels = (uint32_t)found.channels;
	subformat_set_kind(&result, found.format);
	subformat_set_speakers(&result, decoder->file, found.format);
	error = mend_size(decoder, &found);
	if (error)
		return error;
	if (found.frames == 0)
		return fail(-EINVAL, "libsndfile: no length");
	if (!sniff->free_format) /* it guesses the length */
		result.samples = known_frames(&found);
	decoder->channels = result.channels;
	decoder->only_forward = subformat_of(found.format)->remembers;
	*info = result;
	return 0;
}

static void close_sndfile(void *context)
{
	struct sndfile_decoder *decoder = context;

	if (decoder->file)
		sf_close(decoder->file);
}

static int open_sndfile(void *decoder, struct input *input,
			const struct sniff *sniff, struct source_info *info)
{
	struct sndfile_decoder *d = decoder;
	int error;

	d->input = input;
	d->size = input->size;
	error = open_sndfile_file(d, sniff, info);
	if (error)
		return error;
	info->revision = sniff->mended || d->only_forward || d->format.format;
	return 0;
}

static size_t read_sndfile(void *context, float *frames, size_t count,
			   bool *damaged)
{
	struct sndfile_decoder *decoder = context;
	sf_count_t n;

	decoder->patience = INPUT_PATIENCE;
	n = sf_readf_float(decoder->file, frames, (sf_count_t)count);
	*damaged = sf_error(decoder->file) != SF_ERR_NO_ERROR;
	n = n > 0 ? n : 0;
	decoder->frame += (uint64_t)n;
	return (size_t)n;
}

static int seek_forward(struct sndfile_decoder *decoder, uint64_t frame)
{
	enum { SAMPLES = 4096 };
	float dropped[SAMPLES];
	SF_INFO found;
	int error = 0;

	if (frame < decoder->frame)
		error = open_virtual(decoder, &found);
	while (!error && decoder->frame < frame) {
		uint64_t rest = frame - decoder->frame;
		size_t count = SAMPLES / decoder->channels;
		bool damaged;

		count = rest < count ? (size_t)rest : count;
		if (read_sndfile(decoder, dropped, count, &damaged) == 0)
			error = fail(-EINVAL, "libsndfile: too few samples");
	}
	return error;
}

static int seek_sndfile(void *context, uint64_t frame)
{
	struct sndfile_decoder *decoder = context;

	if (decoder->only_forward)
		return seek_forward(decoder, frame);
	decoder->patience = INPUT_PATIENCE;
	if (sf_seek(decoder->file, (sf_count_t)frame, SEEK_SET) < 0)
		return fail(-EINVAL, "libsndfile: %s",
			    sf_strerror(decoder->file));
	return 0;
}

const struct source_ops source_sndfile = {
	.name = "libsndfile",
	.size = sizeof(struct sndfile_decoder),
	.open = open_sndfile,
	.seek = seek_sndfile,
	.read = read_sndfile,
	.close = close_sndfile,
};
