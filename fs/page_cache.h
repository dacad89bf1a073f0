/*
 * Giving the kernel what was read around its page cache, so that the next
 * reader finds it there.
 */
#ifndef FS_PAGE_CACHE_H
#define FS_PAGE_CACHE_H

struct fs;
struct handle;

/*
 * To be called when a file is closed, after the reply. Does nothing for a
 * handle that has not read its whole track, or for one of very large size.
 * Blocks on page locks, so only on one of libfuse's threads.
 */
void page_cache_keep(struct fs *fs, struct handle *handle);

#endif
