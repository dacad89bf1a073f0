/*
 * A track that is not complete when it is opened is read with direct I/O (see
 * ops_file.c). Whoever reads it to the end has made it complete, and it is
 * often read again soon. So its pages are stored into the kernel's cache, piece
 * by piece behind the reader, and the last ones on close. That costs a copy and
 * saves every later read, even one that begins as the first one ends.
 *
 * Storing a page waits until nobody has it locked, and its owner may be a read
 * that waits to be answered. So this must not run on a slot's thread, nor
 * before the read that this thread works on is answered or parked, and only on
 * one of the loop's threads at a time: the others go on answering.
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

/* Of what was read, the whole chunks; at the file's end also the rest. */
static void keep_read(struct fs *fs, struct handle *handle)
{
	struct rendition *rendition = handle->rendition;
	auto_free uint8_t *bytes = NULL;
	uint64_t size = rendition_size(rendition);
	uint64_t read = handle_read_until(handle);

	if (size > SIZE_MAX_KEPT)
		return;
	while (handle->kept < read) {
		uint64_t left = size - handle->kept;
		size_t n = left < CHUNK ? (size_t)left : CHUNK;

		/* checked last: a segment may become complete meanwhile */
		if (read - handle->kept < n ||
		    (!bytes && !(bytes = malloc(CHUNK))) ||
		    !rendition_copy(rendition, handle->kept, bytes, n) ||
		    rendition_is_for_now(rendition) ||
		    !store(fs, handle->node, handle->kept, bytes, n))
			return;
		handle->kept += n;
	}
}

void page_cache_follow(struct fs *fs, struct handle *handle)
{
	if (!handle->rendition || !handle->direct ||
	    atomic_flag_test_and_set(&fs->keeping))
		return;
	keep_read(fs, handle);
	atomic_flag_clear(&fs->keeping);
}

void page_cache_keep(struct fs *fs, struct handle *handle)
{
	if (handle->rendition && handle_read_through(handle))
		page_cache_follow(fs, handle);
}
