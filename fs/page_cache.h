/*
 * Stores what was read with direct I/O into the page cache, for the next
 * reader.
 */
#ifndef FS_PAGE_CACHE_H
#define FS_PAGE_CACHE_H

struct fs;
struct handle;

/*
 * Call it before a reader continues, and when a file is closed, after the
 * reply. Does nothing for a handle that did not read its track from the
 * beginning without a jump, or for a very large track. Blocks on page locks, so
 * call it only on one of libfuse's threads.
 */
void page_cache_follow(struct fs *fs, struct handle *handle);
void page_cache_keep(struct fs *fs, struct handle *handle);

#endif
