/*
 * See json.h. A text is a row of units: a character, or a byte that belongs to
 * none.
 */
#include "base/json.h"

#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

enum { ELLIPSIS_SIZE = 3, UNIT_ROOM = 8 };

#define ELLIPSIS "\xe2\x80\xa6"
#define REPLACEMENT "\xef\xbf\xbd"

static void put_raw(struct json *json, const char *bytes, size_t size)
{
	if (json->out)
		fwrite(bytes, 1, size, json->out);
	else if (json->size + size <= json->room)
		memcpy(json->to + json->size, bytes, size);
	json->size += size;
}

static void put_json_text(struct json *json, const char *text)
{
	put_raw(json, text, strlen(text));
}

static void begin_value(struct json *json, const char *name)
{
	if (!json->first)
		put_json_text(json, ",");
	if (json->flat == 0) {
		put_json_text(json, "\n");
		for (unsigned i = 0; i < json->depth; i++)
			put_json_text(json, "  ");
	} else if (!json->first) {
		put_json_text(json, " ");
	}
	json->first = false;
	if (!name)
		return;
	put_json_text(json, "\"");
	put_json_text(json, name);
	put_json_text(json, "\": ");
}

void json_begin(struct json *json, char *to, size_t room)
{
	*json = (struct json){
		.to = to, .room = room, .depth = 1, .first = true};
	put_json_text(json, "{");
}

int json_end(struct json *json)
{
	put_json_text(json, "\n}");
	if (json->size + 1 > json->room)
		return -ENOSPC;
	memset(json->to + json->size, ' ', json->room - json->size);
	json->to[json->room - 1] = '\n';
	return 0;
}

void json_begin_file(struct json *json, FILE *out, char bracket)
{
	*json = (struct json){
		.out = out, .bracket = bracket, .depth = 1, .first = true};
	put_raw(json, &bracket, 1);
}

void json_begin_line(struct json *json, FILE *out)
{
	json_begin_file(json, out, '{');
	json->flat = json->depth;
}

void json_end_file(struct json *json)
{
	json_close(json, json->bracket);
	put_json_text(json, "\n");
}

void json_open(struct json *json, const char *name, char bracket)
{
	begin_value(json, name);
	put_raw(json, &bracket, 1);
	json->depth++;
	json->first = true;
}

void json_open_line(struct json *json, const char *name, char bracket)
{
	json_open(json, name, bracket);
	if (json->flat == 0)
		json->flat = json->depth;
}

void json_close(struct json *json, char bracket)
{
	if (json->flat == 0 && !json->first) {
		put_json_text(json, "\n");
		for (unsigned i = 1; i < json->depth; i++)
			put_json_text(json, "  ");
	}
	if (json->flat == json->depth)
		json->flat = 0;
	json->depth--;
	json->first = false;
	put_json_text(json, bracket == '{' ? "}" : "]");
}

/* Without printf's %f, whose point is a comma in some locales. */
void json_number(struct json *json, const char *name, double value,
		 int decimals)
{
	char text[64];
	unsigned long long scale = 1, scaled;

	begin_value(json, name);
	if (!isfinite(value)) {
		put_json_text(json, "null");
		return;
	}
	for (int i = 0; i < decimals; i++)
		scale *= 10;
	scaled = (unsigned long long)(fmin(fabs(value), 1e12) * (double)scale +
				      0.5);
	snprintf(text, sizeof(text), "%s%llu", value < 0 && scaled ? "-" : "",
		 scaled / scale);
	put_json_text(json, text);
	if (decimals == 0)
		return;
	snprintf(text, sizeof(text), ".%0*llu", decimals, scaled % scale);
	put_json_text(json, text);
}

void json_whole(struct json *json, const char *name, uint64_t value)
{
	char text[32];

	begin_value(json, name);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put_json_text(json, text);
}

void json_null(struct json *json, const char *name)
{
	begin_value(json, name);
	put_json_text(json, "null");
}

/*
 * Writes one unit, with a NUL. Gives the bytes of the text that it takes. A
 * byte that is not UTF-8 is kept if `bytes`, else replaced.
 */
static size_t escape(const char *text, bool bytes, char unit[UNIT_ROOM])
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	size_t length = utf8_length(text);
	const char *found = strchr(plain, *text);

	if (found)
		snprintf(unit, UNIT_ROOM, "\\%c", letters[found - plain]);
	else if (length > 0 && utf8_is_control(text, length))
		snprintf(unit, UNIT_ROOM, "\\u%04x",
			 (unsigned char)text[length - 1]);
	else if (length == 0 && !bytes)
		strcpy(unit, REPLACEMENT);
	else if (length == 0)
		snprintf(unit, UNIT_ROOM, "\\udc%02x", (unsigned char)*text);
	else
		*(char *)mempcpy(unit, text, length) = '\0';
	return length > 0 ? length : 1;
}

static size_t escaped_size(const char *text)
{
	char unit[UNIT_ROOM];
	size_t size = 0;

	while (*text) {
		text += escape(text, false, unit);
		size += strlen(unit);
	}
	return size;
}

/* Leaves out units at the start until `size` has come down to `limit`. */
static const char *skip(const char *text, size_t size, size_t limit)
{
	char unit[UNIT_ROOM];

	while (*text && size > limit) {
		text += escape(text, false, unit);
		size -= strlen(unit);
	}
	return text;
}

static void put_units(struct json *json, const char *text, bool bytes,
		      size_t limit)
{
	char unit[UNIT_ROOM];

	while (*text) {
		text += escape(text, bytes, unit);
		if (strlen(unit) > limit)
			return;
		limit -= strlen(unit);
		put_json_text(json, unit);
	}
}

void json_text(struct json *json, const char *name, const char *text,
	       size_t limit, enum json_cut cut)
{
	size_t size = text ? escaped_size(text) : 0;
	size_t rest = limit - ELLIPSIS_SIZE;

	begin_value(json, name);
	if (!text) {
		put_json_text(json, "null");
		return;
	}
	put_json_text(json, "\"");
	if (size <= limit) {
		put_units(json, text, false, limit);
	} else if (cut == JSON_KEEP_END) {
		put_json_text(json, ELLIPSIS);
		put_units(json, skip(text, size, rest), false, rest);
	} else {
		put_units(json, text, false, rest);
		put_json_text(json, ELLIPSIS);
	}
	put_json_text(json, "\"");
}

void json_path(struct json *json, const char *name, const char *path)
{
	begin_value(json, name);
	put_json_text(json, path ? "\"" : "null");
	if (!path)
		return;
	put_units(json, path, true, SIZE_MAX);
	put_json_text(json, "\"");
}

void json_word(struct json *json, const char *name, const char *word)
{
	json_text(json, name, word, 256, JSON_KEEP_BEGIN);
}

void json_time(struct json *json, const char *name, int64_t when)
{
	const int64_t first = -62135596800, last = 253402300799;
	time_t clock = when < first ? first : when > last ? last : when;
	struct tm tm;
	char text[64];

	gmtime_r(&clock, &tm);
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ",
		 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec);
	json_word(json, name, text);
}
