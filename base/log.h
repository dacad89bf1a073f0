/*
 * One line per event: "cannot open 'x': reason". Lines go to stderr, or to
 * syslog once log_to_syslog() was called. Any thread may log.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

void log_to_syslog(void);

/*
 * Somebody who draws on the terminal that stderr is: before() and after() are
 * called around each line written there, on the thread that logs.
 */
struct log_guard {
	void (*before)(void *arg);
	void (*after)(void *arg);
	void *arg;
};

/* NULL: nobody any more. Kept until then; nobody may log meanwhile. */
void log_set_guard(const struct log_guard *guard);

/* Lines above `level` are dropped; the default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);

void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)                                                         \
	do {                                                                   \
		if (log_enabled(LOG_LEVEL_DEBUG))                              \
			log_line(LOG_LEVEL_DEBUG, __VA_ARGS__);                \
	} while (0)

#endif
