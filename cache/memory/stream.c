/*
 * A file without a name, made by whoever first needs it: when two threads do
 * at once, the second one throws its own away, so no lock is held meanwhile.
 * What was given back is punched out of the file. Where the file system cannot
 * do that, the blocks stay until their place is written again; places are
 * reused from the beginning of the file, so it does not grow without end.
 */
#include "cache/memory/stream.h"

#include "base/cleanup.h"
#include "cache/io.h"
#include "cache/memory/buffer_inner.h"
#include "cache/memory/extents.h"

#include <fcntl.h>
#include <string.h>

#define PAGE 65536

struct stream {
	struct buffer buffer;
	char *directory; /* immutable */
	atomic_int fd;	 /* set once; -1: no file yet */
	struct extents extents;
};

static struct stream *stream_of(const struct buffer *buffer)
{
	return (struct stream *)buffer;
}

/* For file systems that know no files without a name. */
static int make_unlinked(const char *directory)
{
	auto_free char *path = NULL;
	int fd;

	if (asprintf(&path, "%s/.stream-XXXXXX", directory) < 0) {
		path = NULL; /* undefined, says the manual */
		return -ENOMEM;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

static int make_file(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return -errno;
	return make_unlinked(directory);
}

static int open_file(struct stream *stream)
{
	int none = -1;
	int fd = atomic_load(&stream->fd);

	if (fd >= 0)
		return fd;
	fd = make_file(stream->directory);
	if (fd < 0 || atomic_compare_exchange_strong(&stream->fd, &none, fd))
		return fd;
	close(fd);
	return none;
}

static ssize_t stream_read(struct buffer *buffer, uint64_t offset, void *bytes,
			   size_t size)
{
	struct stream *stream = stream_of(buffer);

	if (!extents_hold(&stream->extents, offset, size))
		return -ENXIO;
	return io_read(atomic_load(&stream->fd), bytes, size, offset);
}

static ssize_t stream_write(struct buffer *buffer, uint64_t offset,
			    const void *bytes, size_t size)
{
	struct stream *stream = stream_of(buffer);
	int r;

	if (!extents_hold(&stream->extents, offset, size))
		return -ENXIO;
	r = io_write(atomic_load(&stream->fd), bytes, size, offset);
	return r < 0 ? r : (ssize_t)size;
}

static void stream_measure(struct buffer *buffer,
			   struct buffer_metrics *metrics)
{
	uint64_t used = stream_used(buffer);

	metrics->disk = used;
	if (extents_budget(&stream_of(buffer)->extents) - used < PAGE)
		metrics->state = buffer_full;
}

static void stream_destroy(struct buffer *buffer)
{
	struct stream *stream = stream_of(buffer);
	int fd = atomic_load(&stream->fd);

	if (fd >= 0)
		close(fd);
	extents_release(&stream->extents);
	free(stream->directory);
	free(stream);
}

static const struct buffer_ops stream_ops = {
	.kind = BUFFER_STREAMING,
	.seekable = true,
	.read = stream_read,
	.write = stream_write,
	.measure = stream_measure,
	.destroy = stream_destroy,
};

int stream_create(const char *name, const char *directory, uint64_t limit,
		  struct buffer **out)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	int r;

	if (!stream)
		return -ENOMEM;
	if (limit > EXTENTS_MAX)
		limit = EXTENTS_MAX;
	r = extents_init(&stream->extents, PAGE, limit);
	if (r < 0) {
		free(stream);
		return r;
	}
	atomic_init(&stream->fd, -1);
	stream->directory = strdup(directory);
	r = stream->directory ? buffer_init(&stream->buffer, &stream_ops, name,
					    extents_span(&stream->extents))
			      : -ENOMEM;
	if (r < 0)
		stream_destroy(&stream->buffer);
	else
		*out = &stream->buffer;
	return r;
}

int stream_take(struct buffer *buffer, size_t size, uint64_t *offset)
{
	struct stream *stream = stream_of(buffer);
	uint64_t at;
	int r = extents_take(&stream->extents, size, &at);

	if (r < 0)
		return r;
	r = open_file(stream);
	if (r < 0) {
		buffer_note(buffer, r);
		extents_give_back(&stream->extents, at, size);
		return r;
	}
	*offset = at;
	return 0;
}

void stream_give_back(struct buffer *buffer, uint64_t offset, size_t size)
{
	struct stream *stream = stream_of(buffer);
	int r = io_punch(atomic_load(&stream->fd), offset,
			 extents_whole(&stream->extents, size));

	if (r < 0 && r != -EOPNOTSUPP)
		buffer_note(buffer, r);
	extents_give_back(&stream->extents, offset, size);
}

uint64_t stream_used(const struct buffer *buffer)
{
	return extents_used(&stream_of(buffer)->extents);
}

uint64_t stream_limit(const struct buffer *buffer)
{
	return extents_budget(&stream_of(buffer)->extents);
}
