/*
 * The log. A line is formatted whole before it is written with one write(2),
 * so that lines of several threads never mix; control characters of hostile
 * file names are shown as '?', so that one event stays one line.
 */
#include "base/log.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
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

static void hide_control_characters(char *text)
{
	while (*text) {
		size_t n = utf8_length(text);

		bool lone_c1 = n == 0 && (unsigned char)*text < 0xa0;

		if (lone_c1 || utf8_is_control(text, n))
			memset(text, '?', n ? n : 1);
		text += n ? n : 1;
	}
}

static void write_stderr(enum log_level level, const char *text)
{
	const struct log_guard *guard = atomic_load(&terminal_guard);
	char line[1100];
	int n = snprintf(line, sizeof(line), "groovefs: %s: %s\n",
			 levels[level].word, text);

	if (guard)
		guard->before(guard->arg);
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		n = 0; /* there is no one left to tell */
	if (guard)
		guard->after(guard->arg);
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (!log_enabled(level))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	hide_control_characters(text);
	if (atomic_load(&use_syslog))
		syslog(levels[level].priority, "%s", text);
	else
		write_stderr(level, text);
}
