/* See progress.h. */
#include "cli/progress.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR = 24, DRAW_NS = 100000000, WIDTH_MAX = 160 };

static size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

double progress_seconds(const struct progress *p)
{
	return (double)(clock_ns() - p->began) / 1e9;
}

double progress_speed(const struct progress *p)
{
	double seconds = progress_seconds(p);

	return seconds > 0 ? p->audio / seconds : 0;
}

/*
 * Estimated from the progress so far, once the first few are done: these may
 * take longer.
 */
static unsigned seconds_left(const struct progress *p)
{
	if (p->done == 0 || p->done >= p->total)
		return 0;
	return (unsigned)(progress_seconds(p) * (double)(p->total - p->done) /
			  (double)p->done);
}

static void draw(struct progress *p)
{
	char bar[BAR + 1];
	char line[WIDTH_MAX + 1];
	char size[32] = "";
	char speed[32] = "";
	/* a file may be done before it is counted */
	size_t total = p->total > p->done ? p->total : p->done;
	size_t filled = total ? p->done * BAR / total : BAR;
	unsigned left = seconds_left(p);

	memset(bar, ' ', BAR);
	memset(bar, '#', filled);
	bar[BAR] = '\0';
	if (p->bytes > 0)
		snprintf(size, sizeof(size), ", %.1f MB",
			 (double)p->bytes / 1e6);
	if (p->audio > 0)
		snprintf(speed, sizeof(speed), ", %.0f x", progress_speed(p));
	snprintf(line, terminal_width(), "%s [%s] %zu of %zu%s%s, %u:%02u left",
		 p->what, bar, p->done, total, size, speed, left / 60,
		 left % 60);
	fprintf(stderr, "\r\033[K%s", line);
	p->drawn = clock_ns();
}

static void erase_locked(const struct progress *p)
{
	if (p->shown && p->drawn)
		fputs("\r\033[K", stderr);
}

void progress_hide(struct progress *p)
{
	pthread_mutex_lock(&p->lock);
	erase_locked(p);
}

void progress_show(struct progress *p)
{
	if (p->shown && p->drawn)
		draw(p);
	pthread_mutex_unlock(&p->lock);
}

static void hide(void *arg)
{
	progress_hide(arg);
}

static void show(void *arg)
{
	progress_show(arg);
}

void progress_begin(struct progress *p, const char *what, bool quiet)
{
	*p = (struct progress){
		.shown = !quiet && isatty(STDERR_FILENO),
		.what = what,
		.began = clock_ns(),
	};
	pthread_mutex_init(&p->lock, NULL);
	p->guard = (struct log_guard){hide, show, p};
	if (p->shown)
		log_set_guard(&p->guard);
}

void progress_expect(struct progress *p, size_t tracks)
{
	auto_lock(&p->lock);

	p->total += tracks;
	if (p->shown)
		draw(p);
}

void progress_advance(struct progress *p, size_t tracks, double seconds,
		      uint64_t bytes)
{
	auto_lock(&p->lock);

	p->done += tracks;
	p->audio += seconds;
	p->bytes += bytes;
	if (p->shown &&
	    (p->done == p->total || clock_ns() - p->drawn > DRAW_NS))
		draw(p);
}

void progress_step(struct progress *p, double seconds, uint64_t bytes)
{
	progress_advance(p, 1, seconds, bytes);
}

void progress_end(struct progress *p)
{
	log_set_guard(NULL);
	progress_hide(p);
	pthread_mutex_unlock(&p->lock);
	pthread_mutex_destroy(&p->lock);
}
