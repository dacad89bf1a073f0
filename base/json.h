/*
 * Writes JSON (RFC 8259): independent of the locale, all numbers finite, texts
 * escaped and cut to a limit.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out; /* or, when NULL: */
	char *to;
	size_t room;
	size_t size; /* bytes, also those without room */
	unsigned depth;
	unsigned flat; /* deeper ones are on one line; 0: none */
	char bracket;  /* of the whole file */
	bool first;    /* this object is still empty */
};

enum json_cut {
	JSON_KEEP_BEGIN,
	JSON_KEEP_END,
};

/* An object padded with blanks to `room` bytes. */
void json_begin(struct json *json, char *to, size_t room);

/* The last byte is a newline. 0, or -ENOSPC: it does not fit. */
int json_end(struct json *json);

/* A value of any size, '{' or '[', and a newline; or an object on one line. */
void json_begin_file(struct json *json, FILE *out, char bracket);
void json_begin_line(struct json *json, FILE *out);
void json_end_file(struct json *json);

/*
 * `name` is NULL within an array, otherwise a plain word. `bracket`: '{' or
 * '['.
 */
void json_open(struct json *json, const char *name, char bracket);
void json_open_line(struct json *json, const char *name, char bracket);
void json_close(struct json *json, char bracket);

/* With this many decimals; null if it is not finite. */
void json_number(struct json *json, const char *name, double value,
		 int decimals);
void json_whole(struct json *json, const char *name, uint64_t value);
void json_null(struct json *json, const char *name);

/*
 * `text` is any bytes but NUL, or NULL for null. A byte that is not UTF-8
 * becomes U+FFFD. Between its quotes a text has at most `limit` bytes as
 * written here: a longer one loses its end or its start, replaced by an
 * ellipsis (U+2026).
 */
void json_text(struct json *json, const char *name, const char *text,
	       size_t limit, enum json_cut cut);

/*
 * The name of a file, unabridged; NULL for null. A byte that is not UTF-8
 * becomes a lone surrogate, "\udc80" to "\udcff", as Python's surrogateescape
 * does, so that os.fsencode() restores it.
 */
void json_path(struct json *json, const char *name, const char *path);

/* A short text from this program. */
void json_word(struct json *json, const char *name, const char *word);

/* Seconds since 1970 as "2024-05-01T12:30:00Z"; years 1 to 9999. */
void json_time(struct json *json, const char *name, int64_t time);

#endif
