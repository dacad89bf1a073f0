/*
 * SIGUSR1 writes the statistics to the log; SIGHUP has the configuration read
 * again, if the options say how. A thread of its own waits for them, so that no
 * handler runs in the midst of something.
 */
#ifndef FS_SIGNALS_H
#define FS_SIGNALS_H

struct fs;
struct fs_options;
struct signals;

/* Before any thread is started: they all keep the signals blocked. */
void signals_block(const struct fs_options *options);

/* -errno: no thread can be started. */
int signals_create(struct fs *fs, const struct fs_options *options,
		   struct signals **signals);
void signals_destroy(struct signals *signals); /* NULL is allowed */

#endif
