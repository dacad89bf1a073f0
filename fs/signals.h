/*
 * SIGUSR1 writes the statistics to the log; SIGHUP reloads the configuration,
 * if the options say how. A thread of its own waits for them, so that no
 * handler interrupts anything.
 */
#ifndef FS_SIGNALS_H
#define FS_SIGNALS_H

struct fs;
struct fs_options;
struct signals;

/* Call it before any thread is started: they all keep the signals blocked. */
void signals_block(const struct fs_options *options);

/* -errno: the thread cannot be started. */
int signals_create(struct fs *fs, const struct fs_options *options,
		   struct signals **signals);
void signals_destroy(struct signals *signals); /* NULL is allowed */

#endif
