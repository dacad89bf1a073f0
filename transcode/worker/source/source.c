/*
 * Reading forward costs nothing extra; everything else is a seek. So there are
 * two ways to each stretch of audio, and both must give the same samples:
 *
 *   clean     the decoder is at `frame` and reads on without a fault: then a
 *             lossless decoder gives what it gives after a seek.
 *   salvaged  anything else. What the first try gave is thrown away; a fresh
 *             decoder seeks to `frame`, and after each fault another one
 *             begins a little later. The steps depend only on the file.
 *
 * The steps double with each failure in a row, so that half a missing file does
 * not cost a decoder per millisecond.
 *
 * A lossy decoder's samples depend on what it decoded before. A backend for
 * those takes care of all this by itself (`span`).
 */
#include "transcode/worker/source/source.h"

#include "base/cleanup.h"
#include "cache/disk/facts.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/formats/chunks.h"
#include "transcode/worker/source/flac.h"
#include "transcode/worker/source/flac_look.h"
#include "transcode/worker/source/layout.h"
#include "transcode/worker/source/plausible.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { FIRST_STEP = 4096 };

static void drop_decoder(struct source *source)
{
	if (source->decoder)
		source->ops->close(source->decoder);
	free(steal_ptr(source->decoder));
}

static int open_decoder(struct source *source, struct source_info *info)
{
	int error;

	source->decoder = calloc(1, source->ops->size);
	if (!source->decoder)
		return fail(-ENOMEM, "out of memory");
	error = source->ops->open(source->decoder, &source->input,
				  &source->sniff, info);
	if (error)
		drop_decoder(source);
	return error;
}

static bool is_flac(const struct sniff *sniff)
{
	return sniff->demuxer && strcmp(sniff->demuxer, "flac") == 0;
}

/*
 * Offsets in a container count from its own beginning, and no library gets all
 * of them right behind a tag. Frames without a container are found wherever
 * they are. A wrong size in a header is corrected for whoever reads it.
 */
static void narrow(struct source *source)
{
	struct sniff *sniff = &source->sniff;
	struct chunks_samples samples;

	sniff->mended = sniff->start > 0;
	if (sniff->demuxer) {
		input_narrow(&source->input, sniff->start,
			     sniff->end - sniff->start);
		sniff->end -= sniff->start;
		sniff->start = 0;
	}
	source->input.size = sniff->end;
	if (is_flac(sniff)) {
		flac_mend(&source->input, 0, &source->input.patch);
		sniff->doubtful = flac_is_doubtful(&source->input, 0);
		sniff->changes = sniff->doubtful &&
				 flac_changes(&source->input, 0, &sniff->first);
	} else if (sniff->sndfile &&
		   chunks_find_samples(&source->input, &samples) == 0) {
		source->input.patch = samples.patch;
	}
	sniff->mended = sniff->mended || source->input.patch.size > 0;
}

static int check(const struct source_info *info)
{
	if (info->rate < SOURCE_MIN_RATE || info->rate > SOURCE_MAX_RATE)
		return fail(-EINVAL, "unsupported: a sample rate of %u Hz",
			    info->rate);
	if (info->channels == 0 || info->channels > SOURCE_MAX_CHANNELS)
		return fail(-EINVAL, "unsupported: %u channels",
			    info->channels);
	if (info->rate > SOURCE_MAX_WIDTH / info->channels)
		return fail(-EINVAL, "%u channels at %u Hz", info->channels,
			    info->rate);
	return 0;
}

/* The last two are for what no other one takes. */
static const struct source_ops *const backends[] = {
	&source_chain,	&source_sndfile, &source_packets,
	&source_ffmpeg, &source_flac,	 &source_wavpack,
};

enum { BACKENDS = sizeof(backends) / sizeof(*backends) };

/* Whether it may try: see sniff.c for the one, flac_look.c for the other. */
static bool is_asked(const struct source_ops *ops, const struct sniff *sniff)
{
	if (ops == &source_sndfile && !sniff->sndfile)
		return false;
	return (!sniff->changes && sniff->first == 0) || ops == &source_flac ||
	       ops == &source_chain;
}

/* Any bytes can be PCM, even none. */
static bool is_empty_pcm(const struct source_info *info)
{
	return info->samples == 0 && strncmp(info->codec, "pcm", 3) == 0;
}

/*
 * A file that gives no sample here and there is not damaged music: either this
 * library cannot decode it, or nobody can. Lossy files pass through unchanged,
 * even if nobody can decode them.
 */
static bool has_audio(struct source *source)
{
	enum { PLACES = 32, FRAMES = 1024 };
	auto_free float *frames =
		calloc(FRAMES * source->info.channels, sizeof(*frames));
	uint64_t samples = source->info.samples;
	uint64_t step = samples > 0 ? samples / PLACES : source->info.rate;
	bool found = !frames || source->info.kind != FACTS_LOSSLESS ||
		     is_empty_pcm(&source->info) ||
		     (source->ops->is_usual && !source->sniff.doubtful &&
		      source->ops->is_usual(source->decoder));

	for (uint64_t i = 0; !found && i < PLACES; i++) {
		uint64_t at = step * i;
		uint64_t rest = samples > 0 ? samples - at : FRAMES;
		size_t count = rest < FRAMES ? (size_t)rest : FRAMES;
		size_t silent = 0;

		if ((i > 0 && at == 0) ||
		    source_read(source, at, frames, count, &silent) != 0)
			break;
		found = silent < count;
	}
	source->restarts = 0;
	return found;
}

/* What is mixed down differently than before is other audio. */
static void name_speakers(struct source *source)
{
	enum { OTHERS = 1 << 7 };
	struct source_info *info = &source->info;
	uint8_t speakers[SOURCE_MAX_CHANNELS];

	if (!layout_find(&source->input, &source->sniff, info, speakers))
		return;
	if (is_flac(&source->sniff)) /* the same audio may be elsewhere */
		info->revision ^= flac_channel_mask(&source->input, 0) << 8;
	else if (memcmp(speakers, info->speakers, info->channels) != 0)
		info->revision ^= OTHERS;
	memcpy(info->speakers, speakers, info->channels);
}

static int try_backend(struct source *source, const struct source_ops *ops)
{
	int error;

	source->ops = ops;
	error = open_decoder(source, &source->info);
	if (!error)
		error = check(&source->info);
	if (!error)
		plausible_mend(source);
	if (!error && !has_audio(source))
		error = fail(-EINVAL, "none of its audio can be decoded");
	if (source->input.error)
		error = source->input.error;
	if (error)
		drop_decoder(source);
	return error;
}

/* The first one that gets anything out of a file takes it. */
static int open_any(struct source *source)
{
	int error = sniff(&source->input, &source->sniff);

	if (error)
		return fail(error, "cannot read the file");
	narrow(source);
	error = -ENOTSUP;
	for (size_t i = 0; i < BACKENDS; i++) {
		int next = -ENOTSUP;

		if (is_asked(backends[i], &source->sniff))
			next = try_backend(source, backends[i]);
		if (next == 0)
			name_speakers(source);
		if (next == 0 || next == -ENOMEM || source->input.error ||
		    (backends[i] == &source_chain && next != -ENOTSUP))
			return next;
		if (next != -ENOTSUP)
			error = next;
	}
	return error;
}

int source_open(const struct input *input, struct source **source)
{
	struct source *s = calloc(1, sizeof(*s));
	int error;

	if (!s)
		return fail(-ENOMEM, "out of memory");
	s->input = *input;
	error = open_any(s);
	if (error) {
		source_close(s);
		return error;
	}
	*source = s;
	return 0;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	drop_decoder(source);
	free(source);
}

static int reopen(struct source *source)
{
	struct source_info info;
	int error;

	if (source->decoder)
		return 0;
	source->position = 0;
	source->restarts++;
	error = open_decoder(source, &info);
	if (error)
		return error;
	if (info.rate == source->info.rate &&
	    info.channels == source->info.channels)
		return 0;
	drop_decoder(source); /* the file was rewritten meanwhile */
	return -EINVAL;
}

static bool go_to(struct source *source, uint64_t frame)
{
	if (reopen(source) != 0)
		return false;
	if (source->position == frame)
		return true;
	if (source->ops->seek(source->decoder, frame) == 0) {
		source->position = frame;
		return true;
	}
	drop_decoder(source);
	return false;
}

/* Files of floats may contain NaN or infinity; filters would spread it. */
static void silence_nonsense(float *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!isfinite(samples[i]))
			samples[i] = 0;
	}
}

/* Gives how many frames came; after damage, the decoder is gone. */
static size_t read_some(struct source *source, float *frames, size_t count,
			size_t *silent, bool *damaged)
{
	size_t n;

	*damaged = false;
	n = source->ops->read(source->decoder, frames, count, damaged);
	if (source->ops->silence)
		*silent += source->ops->silence(source->decoder);
	silence_nonsense(frames, n * source->info.channels);
	source->position += n;
	if (*damaged)
		drop_decoder(source);
	return n;
}

/* See above; gives the number of frames that had to be left silent. */
static size_t salvage(struct source *source, uint64_t frame, float *frames,
		      size_t count)
{
	unsigned channels = source->info.channels;
	size_t silent = 0, step = FIRST_STEP;
	size_t at = 0;

	while (at < count) {
		bool damaged = true;
		size_t n = 0, skip;

		if (go_to(source, frame + at))
			n = read_some(source, frames + at * channels,
				      count - at, &silent, &damaged);
		at += n;
		if (n > 0)
			step = FIRST_STEP;
		skip = damaged && step < count - at ? step : count - at;
		memset(frames + at * channels, 0,
		       skip * channels * sizeof(*frames));
		at += skip;
		silent += skip;
		step *= 2;
	}
	return silent;
}

int source_read(struct source *source, uint64_t frame, float *frames,
		size_t count, size_t *silent)
{
	bool damaged = true;
	size_t n = 0;

	if (source->ops->span) {
		*silent += source->ops->span(source->decoder, frame, frames,
					     count);
		silence_nonsense(frames, count * source->info.channels);
		return source->input.error;
	}
	if (source->decoder && source->position == frame)
		n = read_some(source, frames, count, silent, &damaged);
	if (n < count)
		*silent += salvage(source, frame, frames, count);
	return source->input.error;
}

static int decode_to_count(struct source *source, uint64_t *samples)
{
	enum { FRAMES = 4096 };
	auto_free float *scratch =
		calloc(FRAMES * source->info.channels, sizeof(*scratch));
	bool damaged = false;
	uint64_t total = 0;
	size_t n, silent = 0;

	if (!scratch)
		return fail(-ENOMEM, "out of memory");
	do {
		input_show_life(&source->input);
		n = read_some(source, scratch, FRAMES, &silent, &damaged);
		total += n;
	} while (n > 0 && !damaged);
	*samples = total;
	return 0;
}

/* Time stamps with a flipped bit promise years of music. */
static int check_count(const struct source *source, uint64_t samples)
{
	const struct source_info *info = &source->info;

	if (samples <= plausible_samples(info->codec, info->bits,
					 info->channels, source->input.size))
		return 0;
	return fail(-EINVAL,
		    "implausible: %" PRIu64 " samples in %" PRIu64 " bytes",
		    samples, source->input.size);
}

int source_count(struct source *source, uint64_t *samples)
{
	uint64_t total = 0;
	int error = 0;

	if (!source->ops->span && !go_to(source, 0))
		error = fail(-EINVAL, "cannot decode from the beginning");
	if (!error && source->ops->count) {
		total = source->ops->count(source->decoder);
		source->position = UINT64_MAX; /* it stands at the end */
	} else if (!error) {
		error = decode_to_count(source, &total);
	}
	if (source->input.error)
		return fail(source->input.error, "cannot read the file");
	if (!error)
		error = check_count(source, total);
	if (!error)
		*samples = total;
	return error;
}
