/*
 * A track that is not whole when it is opened is read with direct I/O (see
 * ops_file.c). Whoever reads it through has then made it whole, and often it
 * is read again soon: so on close its pages are stored into the kernel's cache,
 * which costs a copy and saves every later read.
 *
 * Storing a page waits until nobody has it locked, and who has may be a read
 * that waits to be answered. So this must not run on a slot's thread, and only
 * on one of libfuse's threads at a time: the others go on answering.
 */
#include "fs/page_cache.h"

#include "base/cleanup.h"
#include "fs/handle.h"
#include "fs/ops.h"

#include <errno.h>

enum {
	CHUNK = 256 << 10,	  /* bytes; whole pages */
	SIZE_MAX_KEPT = 64 << 20, /* bytes of a track */
};

static bool store(struct fs *fs, const struct node *node, uint64_t offset,
		  void *bytes, size_t size)
{
	struct fuse_bufvec vector = FUSE_BUFVEC_INIT(size);

	vector.buf[0].mem = bytes;
	return fuse_lowlevel_notify_store(fs->session, node->number,
					  (off_t)offset, &vector, 0) == 0;
}

static void keep_all(struct fs *fs, struct handle *handle)
{
	struct rendition *rendition = handle->rendition;
	auto_free uint8_t *bytes = NULL;
	uint64_t size;

	if (!rendition || !handle->direct || !handle_read_through(handle))
		return;
	size = rendition_size(rendition);
	if (size > SIZE_MAX_KEPT)
		return;
	bytes = malloc(CHUNK);
	for (uint64_t at = 0; bytes && at < size; at += CHUNK) {
		size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (!rendition_copy(rendition, at, bytes, n) ||
		    !store(fs, handle->node, at, bytes, n))
			return;
	}
}

void page_cache_keep(struct fs *fs, struct handle *handle)
{
	if (atomic_flag_test_and_set(&fs->keeping))
		return;
	keep_all(fs, handle);
	atomic_flag_clear(&fs->keeping);
}
