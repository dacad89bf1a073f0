/*
 * Several streams that follow each other in one file, Ogg or FLAC, as radio
 * recorders and `cat` make them: each is a source of its own on a part of the
 * file, with all rules of its codec. They are played in a row, in the format of
 * the first: other rates or channels are converted.
 *
 *    file     |BOS . . . . EOS|BOS . . . . EOS|BOS . .
 *    links    |--- source ----|--- source ----|--- source
 *    frames   0           first[1]        first[2]        at the first's rate
 *
 * One of them is open at a time. A link with another rate is converted by whole
 * seconds of its own, so that its samples do not depend on what was read
 * before; the last one is kept.
 */
#include "base/cleanup.h"
#include "transcode/plan/plan.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/formats/ogg.h"
#include "transcode/worker/resample.h"
#include "transcode/worker/source/fit.h"
#include "transcode/worker/source/flac_look.h"
#include "transcode/worker/source/source.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_LINKS = 4096 };

#define NO_SECOND UINT64_MAX

struct link_part {
	struct input input;
	struct source_info info; /* samples: as they are, at its own rate */
	uint64_t first;		 /* frame of the chain */
	uint64_t frames;	 /* of the chain */
};

struct chain_decoder {
	struct link_part *parts;
	size_t count;
	const struct source_info *format; /* the first part's */

	struct source *source; /* of parts[open]; NULL: none */
	size_t open;

	/* A second of parts[open] at the chain's rate. */
	uint64_t second;
	float *converted;
	size_t silent; /* frames of it */
};

static void close_source(struct chain_decoder *decoder)
{
	source_close(decoder->source);
	decoder->source = NULL;
	decoder->second = NO_SECOND;
}

static int open_part(struct chain_decoder *decoder, size_t i)
{
	int error;

	if (decoder->source && decoder->open == i)
		return 0;
	close_source(decoder);
	error = source_open(&decoder->parts[i].input, &decoder->source);
	decoder->open = i;
	return error;
}

/* A header or the last page says it, or everything is decoded. */
static int count_part(struct link_part *part, struct source *source)
{
	bool alone;
	int64_t end;

	part->info = source->info;
	if (part->info.samples > 0)
		return 0;
	if (strcmp(part->info.codec, "flac") == 0 &&
	    strcmp(source->sniff.demuxer, "ogg") == 0) {
		end = ogg_end(&part->input, 0, &alone);
		part->info.samples = end > 0 ? (uint64_t)end : 0;
		return 0;
	}
	return source_count(source, &part->info.samples);
}

/* Parts without audio are dropped: FFmpeg plays what is between them, too. */
static int add_part(struct chain_decoder *decoder, const struct input *input,
		    const struct input_part *link)
{
	struct link_part *part = &decoder->parts[decoder->count];
	int error;

	*part = (struct link_part){.input = *input};
	part->input.base += link->start;
	part->input.size = link->end - link->start;
	error = open_part(decoder, decoder->count);
	if (!error)
		error = count_part(part, decoder->source);
	if (error == -ENOMEM || part->input.error == -EIO)
		return error;
	if (!error && part->info.samples > 0)
		decoder->count++;
	close_source(decoder);
	return 0;
}

static bool is_alike(const struct chain_decoder *decoder,
		     const struct source_info *info)
{
	return info->rate == decoder->format->rate &&
	       info->channels == decoder->format->channels;
}

/* Where each begins, and their total length. */
static void line_up(struct chain_decoder *decoder, struct source_info *info)
{
	uint64_t at = 0;

	*info = decoder->parts[0].info;
	decoder->format = &decoder->parts[0].info;
	for (size_t i = 0; i < decoder->count; i++) {
		struct link_part *part = &decoder->parts[i];
		struct shape shape = {part->info.samples, part->info.rate,
				      part->info.channels};

		part->first = at;
		part->frames = shape_samples_at(&shape, info->rate);
		at += part->frames;
		if (part->info.kind != info->kind)
			info->kind = part->info.kind;
		if (!is_alike(decoder, &part->info))
			remark("from %" PRIu64 " s on, %u Hz and %u channels "
			       "are converted to %u Hz and %u",
			       part->first / info->rate, part->info.rate,
			       part->info.channels, info->rate, info->channels);
	}
	info->samples = at;
	info->revision = 1;
}

static void close_chain(void *context)
{
	struct chain_decoder *decoder = context;

	close_source(decoder);
	free(decoder->converted);
	free(decoder->parts);
}

/* Gives their number; fewer than two are not a chain. */
static size_t find_links(struct input *input, const struct sniff *sniff,
			 struct input_part *links)
{
	if (sniff->demuxer && strcmp(sniff->demuxer, "ogg") == 0)
		return ogg_links(input, sniff->start, links, MAX_LINKS);
	return sniff->doubtful
		       ? flac_links(input, sniff->start, links, MAX_LINKS)
		       : 0;
}

static int find_parts(struct chain_decoder *decoder, struct input *input,
		      const struct sniff *sniff)
{
	auto_free struct input_part *links = calloc(MAX_LINKS, sizeof(*links));
	size_t n;
	int error = 0;

	if (!links)
		return fail(-ENOMEM, "out of memory");
	n = find_links(input, sniff, links);
	if (n < 2)
		return fail(-ENOTSUP, "not a chain");
	decoder->parts = calloc(n, sizeof(*decoder->parts));
	if (!decoder->parts)
		return fail(-ENOMEM, "out of memory");
	for (size_t i = 0; i < n && !error; i++)
		error = add_part(decoder, input, &links[i]);
	if (!error && decoder->count == 0)
		error = fail(-EINVAL, "no audio in the file");
	return error;
}

static int open_chain(void *decoder, struct input *input,
		      const struct sniff *sniff, struct source_info *info)
{
	struct chain_decoder *d = decoder;
	int error;

	d->second = NO_SECOND;
	error = find_parts(d, input, sniff);
	if (!error)
		line_up(d, info);
	return error;
}

/* Frames [from, from + count) of the open part, in its own rate. */
static int read_fitted(struct chain_decoder *decoder, uint64_t from, float *to,
		       size_t count, size_t *silent)
{
	const struct source_info *info = &decoder->source->info;
	uint64_t samples = decoder->parts[decoder->open].info.samples;
	uint64_t rest = from < samples ? samples - from : 0;
	auto_free float *raw = NULL;
	size_t n = rest < count ? (size_t)rest : count;
	int error;

	memset(to + n * decoder->format->channels, 0,
	       (count - n) * decoder->format->channels * sizeof(*to));
	raw = calloc(n + 1, info->channels * sizeof(*raw));
	if (!raw)
		return fail(-ENOMEM, "out of memory");
	error = source_read(decoder->source, from, raw, n, silent);
	fit_channels(info, raw, decoder->format, to, n);
	return error;
}

static int convert_second(struct chain_decoder *decoder, uint64_t second)
{
	uint32_t rate = decoder->source->info.rate;
	uint32_t channels = decoder->format->channels;
	size_t size = (size_t)rate * channels;
	auto_free float *around = calloc(3 * size, sizeof(*around));
	size_t silent = 0, ignored = 0;
	int error = 0;

	if (!decoder->converted)
		decoder->converted =
			calloc((size_t)decoder->format->rate * channels,
			       sizeof(*decoder->converted));
	if (!around || !decoder->converted)
		return fail(-ENOMEM, "out of memory");
	decoder->second = NO_SECOND;
	if (second > 0)
		error = read_fitted(decoder, (second - 1) * rate, around, rate,
				    &ignored);
	if (!error)
		error = read_fitted(decoder, second * rate, around + size, rate,
				    &silent);
	if (!error)
		error = read_fitted(decoder, (second + 1) * rate,
				    around + 2 * size, rate, &ignored);
	if (!error)
		error = resample_second(second > 0 ? around : NULL,
					around + size, around + 2 * size,
					channels, rate, decoder->format->rate,
					decoder->converted);
	if (error)
		return error;
	decoder->second = second;
	decoder->silent = silent > 0 ? decoder->format->rate : 0;
	return 0;
}

/* The same at another rate: up to the end of a second. */
static int read_converted(struct chain_decoder *decoder, uint64_t from,
			  float *to, size_t *count, size_t *silent)
{
	uint32_t rate = decoder->format->rate;
	uint32_t channels = decoder->format->channels;
	uint64_t second = from / rate, skip = from % rate;
	int error = 0;

	if (decoder->second != second)
		error = convert_second(decoder, second);
	if (error)
		return error;
	if (*count > rate - skip)
		*count = rate - skip;
	memcpy(to, decoder->converted + skip * channels,
	       *count * channels * sizeof(*to));
	*silent += decoder->silent < *count ? decoder->silent : *count;
	return 0;
}

static const struct link_part *find_part(const struct chain_decoder *decoder,
					 uint64_t frame, size_t *index)
{
	for (size_t i = 0; i < decoder->count; i++) {
		const struct link_part *part = &decoder->parts[i];

		*index = i;
		if (frame < part->first + part->frames)
			return part;
	}
	return NULL;
}

/* Up to the end of a link, or of a second of it; gives how many. */
static size_t read_some(struct chain_decoder *decoder, uint64_t frame,
			float *to, size_t count, uint64_t *silent)
{
	size_t i = 0, lost = 0;
	const struct link_part *part = find_part(decoder, frame, &i);
	uint64_t from = part ? frame - part->first : 0;
	int error;

	if (part && count > part->frames - from)
		count = (size_t)(part->frames - from);
	error = part ? open_part(decoder, i) : -ENODATA;
	if (!error && part->info.rate == decoder->format->rate)
		error = read_fitted(decoder, from, to, count, &lost);
	else if (!error)
		error = read_converted(decoder, from, to, &count, &lost);
	if (error) {
		memset(to, 0, count * decoder->format->channels * sizeof(*to));
		lost = count;
	}
	*silent += lost;
	return count;
}

static uint64_t read_span(void *context, uint64_t frame, float *frames,
			  size_t count)
{
	struct chain_decoder *decoder = context;
	uint64_t silent = 0;
	size_t done = 0;

	while (done < count)
		done += read_some(decoder, frame + done,
				  frames + done * decoder->format->channels,
				  count - done, &silent);
	return silent;
}

/* They were counted when the file was opened. */
static uint64_t count_frames(void *context)
{
	struct chain_decoder *decoder = context;
	const struct link_part *last = &decoder->parts[decoder->count - 1];

	return last->first + last->frames;
}

const struct source_ops source_chain = {
	.name = "a chain",
	.size = sizeof(struct chain_decoder),
	.open = open_chain,
	.span = read_span,
	.count = count_frames,
	.close = close_chain,
};
