/*
 * Writes JSON (RFC 8259): the same for every locale, no value that is not a
 * finite number, texts escaped and cut to a limit.
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
	size_t size; /* written, or would have been if there were room */
	unsigned depth;
	unsigned flat; /* the depth from which all is on one line; 0: none */
	char bracket;  /* of the whole, in a file */
	bool first;    /* nothing has been written in this object yet */
};

enum json_cut {
	JSON_KEEP_BEGIN,
	JSON_KEEP_END,
};

/* An object of `room` bytes, with blanks behind it. */
void json_begin(struct json *json, char *to, size_t room);

/* A newline is the last byte. 0, or -ENOSPC: it does not fit. */
int json_end(struct json *json);

/* A value of any size, '{' or '[', and a newline; or an object on one line. */
void json_begin_file(struct json *json, FILE *out, char bracket);
void json_begin_line(struct json *json, FILE *out);
void json_end_file(struct json *json);

/* `name` is NULL within an array and else a plain word. `bracket`: '{' or '['.
 */
void json_open(struct json *json, const char *name, char bracket);
void json_open_line(struct json *json, const char *name, char bracket);
void json_close(struct json *json, char bracket);

/* As many decimals; null when it is not finite. */
void json_number(struct json *json, const char *name, double value,
		 int decimals);
void json_whole(struct json *json, const char *name, uint64_t value);
void json_null(struct json *json, const char *name);

/*
 * `text` is any bytes but NUL, or NULL for null. What is no UTF-8 becomes
 * U+FFFD, byte by byte. Between its quotes a text has at most `limit` bytes as
 * written here: one that has more loses its end or its begin, and an ellipsis
 * (U+2026) stands there.
 */
void json_text(struct json *json, const char *name, const char *text,
	       size_t limit, enum json_cut cut);

/*
 * The name of a file, all of it; NULL for null. A byte that is no UTF-8 is
 * written as a lone surrogate, "\udc80" to "\udcff", as Python's
 * surrogateescape does: so it is kept, and os.fsencode() gives it back.
 */
void json_path(struct json *json, const char *name, const char *path);

/* A short text of our own. */
void json_word(struct json *json, const char *name, const char *word);

/* Seconds since 1970 as "2024-05-01T12:30:00Z"; years 1 to 9999. */
void json_time(struct json *json, const char *name, int64_t time);

#endif
