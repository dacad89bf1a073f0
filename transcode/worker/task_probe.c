/*
 * A library is listed by probing each of its files once, so this has to be
 * cheap: headers are read, packets are walked where a header does not tell the
 * length, and only where that does not tell either, everything is decoded.
 *
 *   FLAC         its own header
 *   plain ones   libsndfile's header
 *   others       FFmpeg's header; of lossy ones, what their decoder will give
 */
#include "transcode/worker/tasks.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/formats/sniff.h"
#include "transcode/worker/source/describe.h"
#include "transcode/worker/source/flac.h"
#include "transcode/worker/source/flac_look.h"
#include "transcode/worker/source/identity.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/source/source.h"
#include "transcode/worker/tags/id3.h"
#include "transcode/worker/tags/pictures.h"
#include "transcode/worker/tags/tags.h"
#include "transcode/worker/tags/tags_old.h"

#include <stdio.h>
#include <string.h>

static void set_audio(struct facts *facts, const struct source_info *info)
{
	facts->identity = identity_revised(&facts->identity, info->revision);
	facts->kind = info->kind;
	facts->rate = info->rate;
	facts->channels = info->channels;
	facts->bits = info->bits;
	facts->samples = info->samples;
	snprintf(facts->codec, sizeof(facts->codec), "%s", info->codec);
}

/* Room for either version, so that the option moves no size. */
static int set_tag_size(struct facts *facts, const struct tags *tags)
{
	static const char longest[TAG_SEPARATOR_MAX] = "///";
	struct tags old = {0};
	int error = tags_make_old(tags, longest, &old);
	uint32_t sizes[2];

	if (error)
		return fail(error, "out of memory");
	sizes[0] = id3_size(&old, 3);
	sizes[1] = id3_size(tags, 4);
	facts->tag_size = sizes[0] > sizes[1] ? sizes[0] : sizes[1];
	tags_release(&old);
	return 0;
}

static int set_texts(struct facts *facts, struct tags *tags)
{
	const char *genre = tags_value(tags, "TCON");

	snprintf(facts->genre, sizeof(facts->genre), "%s", genre ? genre : "");
	tags->pictures = NULL; /* are counted by themselves */
	return set_tag_size(facts, tags);
}

/* What they add to the tag; why one of them is left out goes into the log. */
static void count_pictures(struct facts *facts, const struct pictures *pictures)
{
	for (size_t i = 0; i < pictures->count; i++)
		facts->tag_size += id3_picture_size(&pictures->items[i]);
	if (pictures->count > 0)
		facts->picture_side = pictures->side + !pictures->side;
	if (*pictures->problem)
		snprintf(facts->reason, sizeof(facts->reason),
			 "a picture is left out: %.72s", pictures->problem);
}

/* `media` may be NULL: what FFmpeg knows is welcome and not needed. */
static int set_tag(struct input *input, const struct sniff *found,
		   const struct media *media, uint32_t cover_max,
		   struct facts *facts)
{
	const struct picture_wish wish = {cover_max, PICTURE_QUALITY};
	auto_free struct pictures *pictures = calloc(1, sizeof(*pictures));
	struct tags tags;
	int error;

	if (!pictures)
		return fail(-ENOMEM, "out of memory");
	error = tags_read(input, found, media, pictures, &tags);
	if (error)
		error = fail(error, "cannot read the tags");
	if (!error)
		error = set_texts(facts, &tags);
	if (!error) {
		pictures_make_ready(pictures, &wish);
		count_pictures(facts, pictures);
	}
	tags_release(&tags);
	pictures_release(pictures);
	return error;
}

static int count_with(struct input *input, struct source_info *info)
{
	struct source *source;
	uint32_t kind = info->kind;
	int error = source_open(input, &source);

	if (error)
		return error;
	if (kind == FACTS_LOSSY)
		*info = source->info;
	else
		info->samples = 0;
	info->revision = source->info.revision;
	if (info->samples == 0)
		error = source_count(source, &info->samples);
	source_close(source);
	return error;
}

/*
 * Where no header tells the length, packets or decoding do. What was lossy
 * passes through also if no decoder takes it; what the machine lacks is no fact
 * of the file.
 */
static int count_samples(struct input *input, struct source_info *info)
{
	struct source_info known = *info;
	int error;

	if (info->kind != FACTS_LOSSY &&
	    (info->kind != FACTS_LOSSLESS || info->samples > 0))
		return 0;
	error = count_with(input, info);
	if (error == 0 || error == -EIO || error == -ENOMEM ||
	    known.kind == FACTS_LOSSLESS)
		return error;
	*info = known;
	info->samples = 0;
	return 0;
}

/*
 * A header alone is no music. Opening a source decodes some of it; that of FLAC
 * is saved where its first frame looks right, or listing would be decoding.
 */
static int try_decoding(struct input *input, struct source_info *info)
{
	struct source *source;
	int error = source_open(input, &source);

	if (error)
		return error;
	*info = source->info;
	source_close(source);
	return 0;
}

static bool is_doubtful(const struct input *input, const struct sniff *found)
{
	struct input part = *input;

	input_narrow(&part, found->start, found->end - found->start);
	return flac_is_doubtful(&part, 0);
}

static int probe_flac(struct input *input, const struct sniff *found,
		      uint32_t cover_max, struct facts *facts,
		      struct source_info *info)
{
	struct flac_header header;
	struct input_patch patch;
	int error = flac_read_header(input, found->start, &header);

	if (error)
		return error;
	if (header.rate < SOURCE_MIN_RATE)
		return fail(-EINVAL, "unsupported: a sample rate of %u Hz",
			    header.rate);
	info->kind = FACTS_LOSSLESS;
	info->rate = header.rate;
	info->channels = header.channels;
	info->bits = header.bits;
	info->samples = header.samples;
	info->revision = flac_mend(input, found->start, &patch);
	info->revision ^= flac_channel_mask(input, found->start) << 8;
	snprintf(info->codec, sizeof(info->codec), "flac");
	if (!flac_begins(input, &header) || is_doubtful(input, found))
		error = try_decoding(input, info);
	if (!error)
		error = set_tag(input, found, NULL, cover_max, facts);
	return error ? error
		     : identity_of_flac(input, &header, &facts->identity);
}

static int probe_media(struct input *input, const struct sniff *found,
		       uint32_t cover_max, struct facts *facts,
		       struct source_info *info)
{
	struct media *media;
	int error = media_open(input, found->demuxer, &media);

	if (error)
		return error;
	if (!media->audio)
		error = media_look_closer(media);
	if (!error && media->audio && !media_has_video(media))
		error = describe(media, found, info);
	if (!error)
		error = set_tag(input, found, media, cover_max, facts);
	media_close(media);
	if (!error && info->kind == FACTS_LOSSLESS && info->samples > 0)
		error = try_decoding(input, info);
	return error;
}

static int probe_plain(struct input *input, const struct sniff *found,
		       uint32_t cover_max, struct facts *facts,
		       struct source_info *info)
{
	struct source *source;
	struct media *media = NULL;
	int error = source_open(input, &source);

	if (error)
		return error;
	*info = source->info;
	source_close(source);
	if (media_open(input, found->demuxer, &media) != 0)
		media = NULL;
	error = set_tag(input, found, media, cover_max, facts);
	media_close(media);
	return error;
}

/* A folder's cover: how many bytes it will add to a tag. */
static int probe_picture(struct input *input, uint32_t cover_max,
			 struct facts *facts)
{
	const struct picture_wish wish = {cover_max, PICTURE_QUALITY};
	auto_free struct pictures *pictures = calloc(1, sizeof(*pictures));
	int error;

	if (!pictures)
		return fail(-ENOMEM, "out of memory");
	error = pictures_add_file(input, pictures);
	if (error)
		return error;
	pictures_make_ready(pictures, &wish);
	if (pictures->count > 0) {
		facts->kind = FACTS_PICTURE;
		count_pictures(facts, pictures);
	} else {
		error = fail(-EINVAL, "this picture cannot be used: %s",
			     pictures->problem);
	}
	pictures_release(pictures);
	return error;
}

static int probe_audio(struct input *input, const struct worker_task *task,
		       const struct sniff *found, struct facts *facts)
{
	struct source_info info = {.kind = FACTS_OTHER};
	int error;

	if (sniff_is(found, "flac"))
		error = probe_flac(input, found, task->cover_max, facts, &info);
	else if (found->sndfile)
		error = probe_plain(input, found, task->cover_max, facts,
				    &info);
	else
		error = probe_media(input, found, task->cover_max, facts,
				    &info);
	if (!error)
		error = count_samples(input, &info);
	set_audio(facts, &info);
	return error;
}

static int probe(struct input *input, const struct worker_task *task,
		 struct facts *facts)
{
	struct sniff found;
	int error = sniff(input, &found);

	if (error)
		return fail(error, "cannot read the file");
	facts->identity = identity_of_file(&task->source);
	return pictures_is_file(input)
		       ? probe_picture(input, task->cover_max, facts)
		       : probe_audio(input, task, &found, facts);
}

int task_probe(struct link *link, const struct worker_task *task,
	       struct input *input)
{
	const char *remarked;
	struct facts facts;
	int error;

	memset(&facts, 0, sizeof(facts)); /* its padding is sent as well */
	error = probe(input, task, &facts);
	if (input->error)
		error = fail(input->error, "cannot read the file");
	if (!error && *facts.reason)
		error = link_note(link, NOTE_PLAIN, "%s", facts.reason);
	remarked = remark_take();
	if (!error && remarked)
		error = link_note(link, NOTE_PLAIN, "%s", remarked);
	return error ? error : link_facts(link, &facts);
}
