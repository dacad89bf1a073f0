/* See signals.h. */
#include "fs/signals.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "fs/fs.h"
#include "fs/fs_private.h"
#include "fs/stats.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

/* Ends the thread; ignored when others send it. */
enum { OVER = SIGUSR2 };

struct signals {
	struct fs *fs;
	const struct fs_options *options;
	pthread_t thread;
	atomic_bool over;
};

static sigset_t ours(const struct fs_options *options)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, OVER);
	sigaddset(&set, SIGUSR1);
	if (options->reload)
		sigaddset(&set, SIGHUP);
	return set;
}

void signals_block(const struct fs_options *options)
{
	sigset_t set = ours(options);

	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* Line by line, as a log needs it. */
static void log_stats(struct fs *fs)
{
	auto_free char *text = NULL;
	auto_file FILE *out = NULL;
	size_t size = 0;
	char *rest, *line;

	out = open_memstream(&text, &size);
	if (!out)
		return;
	stats_print(fs, out);
	if (fflush(out) != 0)
		return;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			log_info("stats: %s", line);
	}
}

/* Settings that are not in `live` need a remount, which `reload` has logged. */
static void read_again(struct signals *signals)
{
	const struct fs_options *options = signals->options;
	struct fs *fs = signals->fs;
	struct fs_live live;

	if (options->reload(options->reload_context, &live) != 0)
		return;
	store_set_limits(fs->core.backend.store, &live.limits);
	atomic_store(&fs->analyze_on_play, live.analyze_on_play);
}

static void *await_signals(void *arg)
{
	struct signals *signals = arg;
	sigset_t set = ours(signals->options);
	int signal = OVER;

	while (!atomic_load(&signals->over)) {
		sigwait(&set, &signal);
		if (signal == SIGUSR1)
			log_stats(signals->fs);
		else if (signal == SIGHUP)
			read_again(signals);
	}
	return NULL;
}

int signals_create(struct fs *fs, const struct fs_options *options,
		   struct signals **signals)
{
	struct signals *s = malloc(sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	*s = (struct signals){.fs = fs, .options = options};
	err = -pthread_create(&s->thread, NULL, await_signals, s);
	if (err) {
		free(s);
		return err;
	}
	*signals = s;
	return 0;
}

void signals_destroy(struct signals *signals)
{
	if (!signals)
		return;
	atomic_store(&signals->over, true);
	pthread_kill(signals->thread, OVER);
	pthread_join(signals->thread, NULL);
	free(signals);
}
