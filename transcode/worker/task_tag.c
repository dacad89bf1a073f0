/*
 * The tag was promised by its size when the file was listed; what is read from
 * the file now is fitted into that.
 */
#include "transcode/worker/tasks.h"

#include "base/cleanup.h"
#include "transcode/cover.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/id3.h"
#include "transcode/worker/media.h"
#include "transcode/worker/tags.h"

static int add_cover(struct link *link, const struct task *task, int fd,
		     uint8_t *place)
{
	struct input cover = {
		.fd = fd,
		.size = task->cover_size,
		.alive = link_alive,
		.context = link,
	};
	uint8_t *picture = place + COVER_FRAME_OVERHEAD;
	ssize_t n = input_read(&cover, 0, picture, task->cover_size);

	if (n < 0)
		return fail((int)n, "cannot read the cover");
	id3_write_cover_head(picture, task->cover_size, place);
	return 0;
}

/* A file whose tags cannot be read has a tag without them. */
static void read_tags(struct input *input, struct media **media,
		      struct tags *tags)
{
	struct sniff found;

	tags->count = 0;
	tags->picture = NULL;
	if (sniff(input, &found) == 0 &&
	    media_open(input, found.demuxer, media) == 0)
		tags_read(*media, tags);
}

static int make_tag(struct link *link, const struct task *task,
		    const struct tags *tags, int cover_fd)
{
	size_t reserved = cover_tag_bytes(task->cover_size);
	auto_free uint8_t *tag = calloc(1, (size_t)task->tag_size + 1);
	size_t place;
	int error;

	if (!tag)
		return fail(-ENOMEM, "out of memory");
	if (cover_fd < 0)
		reserved = 0;
	error = id3_write(tags, tag, task->tag_size, reserved, &place);
	if (error)
		return fail(error, "no tag has %u bytes", task->tag_size);
	if (reserved > 0)
		error = add_cover(link, task, cover_fd, tag + place);
	if (!error)
		error = link_write(link, tag, task->tag_size);
	return error;
}

int task_tag(struct link *link, const struct task *task, struct input *input,
	     int cover_fd)
{
	struct media *media = NULL;
	auto_free struct tags *tags = calloc(1, sizeof(*tags));
	int error;

	if (!tags)
		return fail(-ENOMEM, "out of memory");
	read_tags(input, &media, tags);
	if (input->error)
		error = fail(input->error, "cannot read the file");
	else
		error = make_tag(link, task, tags, cover_fd);
	media_close(media);
	return error;
}
