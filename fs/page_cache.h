/*
 * Giving the kernel what was read around its page cache, so that the next
 * reader finds it there.
 */
#ifndef FS_PAGE_CACHE_H
#define FS_PAGE_CACHE_H

struct fs;
struct handle;

/*
 * To be called before a reader goes on behind what it has read, and when a file
 * is closed, after the reply. Does nothing for a handle that did not read its
 * track from the beginning without a jump, or for a track of very large size.
 * Blocks on page locks, so only on one of libfuse's threads.
 */
void page_cache_follow(struct fs *fs, struct handle *handle);
void page_cache_keep(struct fs *fs, struct handle *handle);

#endif
