/*
 * What a mount works on, and what works without one, made of options:
 *
 *   views -> library -> checks -> backend -> root, and then the engine
 */
#ifndef FS_SETUP_H
#define FS_SETUP_H

#include "fs/fs_private.h"

struct fs_options;

/*
 * All but the engine; options->mountpoint may be NULL. `options` must outlive
 * it. 0, or -errno after one log line. fs_take_down() is right in any case.
 */
int fs_set_up(struct fs *fs, const struct fs_options *options);

/* The engine starts threads: after fork(2). 0, or -errno after a log line. */
int fs_start_engine(struct fs *fs, const struct fs_options *options);

void fs_take_down(struct fs *fs);

#endif
