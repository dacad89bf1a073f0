/*
 * A nameless file, made by whoever first needs it: if two threads make one at
 * once, the second discards its own, so no lock is held meanwhile. What was
 * given back is punched out of the file. If the file system cannot do that, the
 * blocks stay until their place is written again; places are reused from the
 * beginning of the file, so it does not grow without end.
 */
#include "cache/memory/stream.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "cache/io.h"
#include "cache/memory/buffer_metrics.h"
#include "cache/memory/extents.h"

#include <fcntl.h>
#include <string.h>

#define PAGE 65536

struct stream {
	struct buffer_metrics metrics;
	char *directory; /* immutable */
	atomic_int fd;	 /* set once; -1: no file yet */
	struct extents extents;
};

/* For file systems without nameless files. */
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

static int open_stream_file(struct stream *stream)
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

ssize_t stream_read(struct stream *stream, uint64_t offset, void *bytes,
		    size_t size)
{
	int64_t began = clock_ns();
	ssize_t n = -ENXIO;

	if (extents_hold(&stream->extents, offset, size))
		n = io_read(atomic_load(&stream->fd), bytes, size, offset);
	buffer_count_read(&stream->metrics, n, clock_ns() - began);
	return n;
}

int stream_write(struct stream *stream, uint64_t offset, const void *bytes,
		 size_t size)
{
	int64_t began = clock_ns();
	int r = -ENXIO;

	if (extents_hold(&stream->extents, offset, size))
		r = io_write(atomic_load(&stream->fd), bytes, size, offset);
	buffer_count_write(&stream->metrics, r < 0 ? r : (ssize_t)size,
			   clock_ns() - began);
	return r;
}

static struct buffer_use measure_stream(const struct buffer_metrics *metrics)
{
	struct stream *stream = (struct stream *)metrics;
	uint64_t used = extents_used(&stream->extents);

	return (struct buffer_use){
		.disk = used,
		.full = extents_budget(&stream->extents) - used < PAGE,
	};
}

static void free_stream(struct stream *stream)
{
	int fd = atomic_load(&stream->fd);

	if (fd >= 0)
		close(fd);
	extents_release(&stream->extents);
	free(stream->directory);
	free(stream);
}

void stream_destroy(struct stream *stream)
{
	if (!stream)
		return;
	buffer_metrics_release(&stream->metrics);
	free_stream(stream);
}

int stream_create(const char *name, const char *directory, uint64_t limit,
		  struct stream **out)
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
	r = -ENOMEM;
	if (stream->directory)
		r = buffer_metrics_init(&stream->metrics, BUFFER_STREAMING,
					name, extents_span(&stream->extents),
					measure_stream);
	if (r < 0)
		free_stream(stream);
	else
		*out = stream;
	return r;
}

int stream_take(struct stream *stream, size_t size, uint64_t *offset)
{
	uint64_t at;
	int r = extents_take(&stream->extents, size, &at);

	if (r < 0)
		return r;
	r = open_stream_file(stream);
	if (r < 0) {
		buffer_note(&stream->metrics, r);
		extents_give_back(&stream->extents, at, size);
		return r;
	}
	*offset = at;
	return 0;
}

void stream_give_back(struct stream *stream, uint64_t offset, size_t size)
{
	int r = io_punch(atomic_load(&stream->fd), offset,
			 extents_whole(&stream->extents, size));

	if (r < 0 && r != -EOPNOTSUPP)
		buffer_note(&stream->metrics, r);
	extents_give_back(&stream->extents, offset, size);
}

uint64_t stream_limit(struct stream *stream)
{
	return extents_budget(&stream->extents);
}
