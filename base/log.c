/*
 * The log. A line is formatted completely, then written by one writev(2), so
 * that lines of different threads never mix. File names are of any length and
 * contain anything: they are printed as by utf8_print(), so that one event is
 * one line and shows the exact name.
 */
#include "base/log.h"

#include "base/cleanup.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

static const struct {
	const char *word;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", LOG_ERR},
	[LOG_LEVEL_WARN] = {"warning", LOG_WARNING},
	[LOG_LEVEL_INFO] = {"info", LOG_INFO},
	[LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
};

static atomic_bool use_syslog;
static atomic_int max_level = LOG_LEVEL_INFO;

void log_to_syslog(void)
{
	openlog("groovefs", LOG_PID, LOG_DAEMON);
	atomic_store(&use_syslog, true);
}

void log_set_level(enum log_level level)
{
	atomic_store(&max_level, (int)level);
}

bool log_enabled(enum log_level level)
{
	return (int)level <=
	       atomic_load_explicit(&max_level, memory_order_relaxed);
}

static _Atomic(const struct log_guard *) terminal_guard;

void log_set_guard(const struct log_guard *guard)
{
	atomic_store(&terminal_guard, guard);
}

/* On the heap; NULL: no memory. */
static char *make_line(const char *format, va_list args)
{
	auto_free char *text = NULL;
	char *line = NULL;
	size_t size;
	FILE *out;

	if (vasprintf(&text, format, args) < 0) {
		text = NULL;
		return NULL;
	}
	out = open_memstream(&line, &size);
	if (!out)
		return NULL;
	utf8_print(out, text);
	if (fclose(out) == 0)
		return line;
	free(line);
	return NULL;
}

static struct iovec part_of(const char *text)
{
	return (struct iovec){(void *)(uintptr_t)text, strlen(text)};
}

static void write_stderr(enum log_level level, const char *text)
{
	const struct log_guard *guard = atomic_load(&terminal_guard);
	const struct iovec line[] = {part_of("groovefs: "),
				     part_of(levels[level].word), part_of(": "),
				     part_of(text), part_of("\n")};
	ssize_t told;

	if (guard)
		guard->before(guard->arg);
	told = writev(STDERR_FILENO, line, sizeof(line) / sizeof(*line));
	(void)told; /* there may be nobody left to tell */
	if (guard)
		guard->after(guard->arg);
}

void log_line(enum log_level level, const char *format, ...)
{
	auto_free char *line = NULL;
	const char *text = format; /* without memory, that much is known */
	va_list args;

	if (!log_enabled(level))
		return;
	va_start(args, format);
	line = make_line(format, args);
	va_end(args);
	if (line)
		text = line;
	if (atomic_load(&use_syslog))
		syslog(levels[level].priority, "%s", text);
	else
		write_stderr(level, text);
}
