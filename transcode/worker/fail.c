/*
 * The reason for a failure has to travel from deep inside a decoder to the
 * report. One static line is enough: if a second failure happens before the
 * first is reported, it names what the caller was doing.
 */
#include "transcode/worker/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[FAIL_TEXT_SIZE];
static char remarked[FAIL_TEXT_SIZE];
static char taken[FAIL_TEXT_SIZE];

int fail(int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return error;
}

bool fail_is_memory_short(void)
{
	enum {
		ENOUGH = 16 << 20
	}; /* bytes; more than any reasonable
	      request */
	void *volatile block = malloc(ENOUGH);

	free(block);
	return !block;
}

const char *fail_text(void)
{
	return text;
}

void fail_clear(void)
{
	text[0] = '\0';
}

void remark(const char *format, ...)
{
	va_list arguments;

	if (remarked[0])
		return;
	va_start(arguments, format);
	vsnprintf(remarked, sizeof(remarked), format, arguments);
	va_end(arguments);
}

const char *remark_take(void)
{
	memcpy(taken, remarked, sizeof(taken));
	remarked[0] = '\0';
	return taken[0] ? taken : NULL;
}
