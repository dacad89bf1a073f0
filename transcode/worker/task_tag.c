/*
 * The tag was promised by its size when the file was listed; what is read from
 * the file now is fitted into that. Pictures that were converted come out the
 * same, unless the libraries are others now: then they are made smaller until
 * they fit.
 */
#include "transcode/worker/tasks.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/tags/id3.h"
#include "transcode/worker/tags/pictures.h"
#include "transcode/worker/tags/tags.h"
#include "transcode/worker/tags/tags_old.h"

#include <errno.h>
#include <string.h>

/* A file that FFmpeg does not open may have tags. */
static int read_tags(struct input *input, struct sniff *found,
		     struct media **media, struct tags *tags)
{
	int error = sniff(input, found);

	if (error)
		return fail(error, "cannot read the file");
	if (found->demuxer && strcmp(found->demuxer, "flac") == 0)
		*media = NULL; /* as probed: needs no FFmpeg */
	else if (media_open(input, found->demuxer, media) < 0)
		*media = NULL;
	error = tags_read(input, found, *media, tags);
	return error ? fail(error, "cannot read the tags") : 0;
}

/* Of the track, or of its folder's cover, which comes only if it has none. */
static int read_pictures(struct link *link, const struct task *task,
			 struct input *input, const struct sniff *found,
			 const struct media *media, int cover_fd, int quality,
			 struct pictures *pictures)
{
	const struct picture_wish wish = {task->cover_max, quality};
	struct input cover = {
		.fd = cover_fd,
		.size = task->cover_size,
		.alive = link_alive,
		.context = link,
	};
	int error;

	if (cover_fd < 0)
		return pictures_read(input, found, media, &wish, pictures);
	error = pictures_read_file(&cover, &wish, pictures);
	return cover.error ? cover.error : error == -ENOMEM ? error : 0;
}

static int write_tag(struct link *link, const struct task *task,
		     const struct tags *tags)
{
	auto_free uint8_t *tag = calloc(1, (size_t)task->tag_size + 1);
	int error;

	if (!tag)
		return fail(-ENOMEM, "out of memory");
	error = id3_write(tags, task->tag_style.version, tag, task->tag_size);
	if (error)
		return fail(error, "no tag has %u bytes", task->tag_size);
	return link_write(link, tag, task->tag_size);
}

static int make_tag(struct link *link, const struct task *task,
		    struct input *input, const struct sniff *found,
		    const struct media *media, struct tags *tags, int cover_fd)
{
	int error = 0;

	for (int quality = PICTURE_QUALITY; quality > 0; quality -= 15) {
		auto_free struct pictures *pictures =
			calloc(1, sizeof(*pictures));

		if (!pictures)
			return fail(-ENOMEM, "out of memory");
		error = read_pictures(link, task, input, found, media, cover_fd,
				      quality, pictures);
		tags->pictures = pictures;
		if (!error && quality > 15 &&
		    id3_size(tags, task->tag_style.version) > task->tag_size) {
			pictures_release(pictures);
			continue;
		}
		if (!error)
			error = write_tag(link, task, tags);
		pictures_release(pictures);
		break;
	}
	return error;
}

/* Version 3 has frames of its own. */
static int choose_version(const struct task *task, struct tags *tags)
{
	struct tag_style style = task->tag_style;
	struct tags old = {0};
	int error;

	if (style.version == 4)
		return 0;
	if (style.version != 3)
		return fail(-EINVAL, "ID3v2.%u is unknown", style.version);
	style.separator[TAG_SEPARATOR_MAX - 1] = '\0';
	error = tags_make_old(tags, style.separator, &old);
	tags_release(tags);
	*tags = old;
	return error ? fail(error, "out of memory") : 0;
}

int task_tag(struct link *link, const struct task *task, struct input *input,
	     int cover_fd)
{
	struct media *media = NULL;
	struct sniff found;
	struct tags tags = {0};
	int error = read_tags(input, &found, &media, &tags);

	if (!error)
		error = choose_version(task, &tags);
	if (!error && *tags.lost)
		error = link_note(link, NOTE_PLAIN, "tags without %s",
				  tags.lost);
	if (!error)
		error = make_tag(link, task, input, &found, media, &tags,
				 cover_fd);
	tags_release(&tags);
	media_close(media);
	return error;
}
