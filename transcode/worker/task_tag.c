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
static int read_tags(struct input *input, struct pictures *pictures,
		     struct tags *tags)
{
	struct media *media = NULL;
	struct sniff found;
	int error = sniff(input, &found);

	if (error)
		return fail(error, "cannot read the file");
	if (found.demuxer && strcmp(found.demuxer, "flac") == 0)
		media = NULL; /* as probed: needs no FFmpeg */
	else if (media_open(input, found.demuxer, &media) < 0)
		media = NULL;
	error = tags_read(input, &found, media, pictures, tags);
	media_close(media);
	return error ? fail(error, "cannot read the tags") : 0;
}

/* Of its folder, which comes only if the track has none. */
static int read_cover(struct link *link, const struct worker_task *task, int fd,
		      struct pictures *pictures)
{
	struct input cover = {
		.fd = fd,
		.size = task->cover_size,
		.alive = link_alive,
		.context = link,
	};
	int error = pictures_add_file(&cover, pictures);

	return cover.error ? cover.error : error == -ENOMEM ? error : 0;
}

static int write_tag(struct link *link, const struct worker_task *task,
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

/* The promise is kept at the price of quality, then by leaving out. */
static void fit_pictures(const struct worker_task *task, struct tags *tags)
{
	struct picture_wish wish = {task->cover_max, PICTURE_QUALITY};

	pictures_make_ready(tags->pictures, &wish);
	while (wish.quality > 15 &&
	       id3_size(tags, task->tag_style.version) > task->tag_size) {
		wish.quality -= 15;
		pictures_make_ready(tags->pictures, &wish);
	}
}

/* Version 3 has frames of its own. */
static int choose_version(const struct worker_task *task, struct tags *tags)
{
	struct tag_style style = task->tag_style;
	struct tags old = {0};
	int error;

	if (style.version == 4)
		return 0;
	if (style.version != 3)
		return fail(-EINVAL, "unknown version ID3v2.%u", style.version);
	style.separator[TAG_SEPARATOR_MAX - 1] = '\0';
	error = tags_make_old(tags, style.separator, &old);
	tags_release(tags);
	*tags = old;
	return error ? fail(error, "out of memory") : 0;
}

static int make_tag(struct link *link, const struct worker_task *task,
		    struct input *input, int cover_fd,
		    struct pictures *pictures, struct tags *tags)
{
	int error = read_tags(input, cover_fd < 0 ? pictures : NULL, tags);

	if (!error && cover_fd >= 0)
		error = read_cover(link, task, cover_fd, pictures);
	if (!error)
		error = choose_version(task, tags);
	if (!error && *tags->lost)
		error = link_note(link, NOTE_PLAIN, "tags without %s",
				  tags->lost);
	if (error)
		return error;
	tags->pictures = pictures;
	fit_pictures(task, tags);
	return write_tag(link, task, tags);
}

int task_tag(struct link *link, const struct worker_task *task,
	     struct input *input, int cover_fd)
{
	auto_free struct pictures *pictures = calloc(1, sizeof(*pictures));
	struct tags tags = {0};
	int error;

	if (!pictures)
		return fail(-ENOMEM, "out of memory");
	error = make_tag(link, task, input, cover_fd, pictures, &tags);
	tags_release(&tags);
	pictures_release(pictures);
	return error;
}
