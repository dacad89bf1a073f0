/* See playlist_text.h. Lines are read here, XML by expat. */
#include "library/playlist_text.h"

#include "base/cleanup.h"
#include "library/names.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

enum playlist_kind playlist_kind(const char *name)
{
	static const struct {
		const char *extension;
		enum playlist_kind kind;
	} kinds[] = {{"m3u", PLAYLIST_M3U},
		     {"m3u8", PLAYLIST_M3U},
		     {"pls", PLAYLIST_PLS},
		     {"xspf", PLAYLIST_XSPF},
		     {"cue", PLAYLIST_CUE}};
	const char *extension = name_extension(name);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcasecmp(kinds[i].extension, extension) == 0)
			return kinds[i].kind;
	}
	return PLAYLIST_NONE;
}

struct lines {
	enum playlist_kind kind;
	const char *text;
	playlist_entry_fn *fn;
	void *arg;
};

/* A name, and the range of bytes around it that it replaces. */
static int give(const struct lines *lines, const char *from, size_t size,
		size_t quote)
{
	auto_free char *name = strndup(from + quote, size - 2 * quote);
	struct playlist_entry entry = {
		lines->kind, (size_t)(from - lines->text), size, name};

	if (!name)
		return -ENOMEM;
	return *name ? lines->fn(lines->arg, &entry) : 0;
}

/* FILE "name" TYPE; without quotes the type is the last word. */
static int take_cue(const struct lines *lines, const char *line, size_t size)
{
	const char *end = line + size;
	const char *name = line + strlen("FILE");
	const char *quote;

	if (size < strlen("FILE \"") || strncasecmp(line, "FILE", 4) != 0 ||
	    !strchr(BLANKS, *name))
		return 0;
	name += strspn(name, BLANKS);
	if (*name == '"') {
		quote = memchr(name + 1, '"', (size_t)(end - name - 1));
		return quote ? give(lines, name, (size_t)(quote + 1 - name), 1)
			     : 0;
	}
	while (end > name && !strchr(BLANKS, end[-1]))
		end--;
	while (end > name && strchr(BLANKS, end[-1]))
		end--;
	return give(lines, name, (size_t)(end - name), 0);
}

static int take_pls(const struct lines *lines, const char *line, size_t size)
{
	const char *value = memchr(line, '=', size);

	if (!value || strncasecmp(line, "file", 4) != 0)
		return 0;
	value += 1 + strspn(value + 1, BLANKS);
	return value < line + size
		       ? give(lines, value, (size_t)(line + size - value), 0)
		       : 0;
}

static int take_line(const struct lines *lines, const char *line, size_t size)
{
	size_t blanks = strspn(line, BLANKS);

	if (blanks >= size)
		return 0;
	line += blanks;
	size -= blanks;
	while (strchr(BLANKS, line[size - 1]))
		size--;
	if (lines->kind == PLAYLIST_CUE)
		return take_cue(lines, line, size);
	if (lines->kind == PLAYLIST_PLS)
		return take_pls(lines, line, size);
	return *line == '#' ? 0 : give(lines, line, size, 0);
}

static int read_lines(const struct lines *lines, size_t size)
{
	const char *line = lines->text;
	int err = 0;

	if (strlen(line) != size)
		return -EINVAL;
	if (strncmp(line, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		line += strlen(BYTE_ORDER_MARK);
	while (!err && *line) {
		size_t n = strcspn(line, "\r\n");

		err = take_line(lines, line, n);
		line += n + (line[n] != '\0');
	}
	return err;
}

/* Elements in elements; extensions may have some. Each takes memory. */
enum { DEPTH_MAX = 100 };

/* The text of a <location> within a <track>. */
struct xspf {
	XML_Parser parser;
	playlist_entry_fn *fn;
	void *arg;
	int err;
	unsigned depth;
	bool in_location;
	size_t begun; /* where in the file */
	size_t used;
	char text[PATH_MAX];
};

static void XMLCALL element_begins(void *context, const char *name,
				   const char **attributes)
{
	struct xspf *xspf = context;

	(void)attributes;
	if (++xspf->depth > DEPTH_MAX && !xspf->err) {
		xspf->err = -EINVAL;
		XML_StopParser(xspf->parser, XML_FALSE);
	}
	/* playlist / trackList / track / location */
	xspf->in_location = xspf->depth == 4 && strcmp(name, "location") == 0;
	xspf->begun = (size_t)XML_GetCurrentByteIndex(xspf->parser) +
		      (size_t)XML_GetCurrentByteCount(xspf->parser);
	xspf->used = 0;
}

static void XMLCALL element_ends(void *context, const char *name)
{
	struct xspf *xspf = context;
	struct playlist_entry entry = {.kind = PLAYLIST_XSPF,
				       .offset = xspf->begun};
	size_t blanks;

	(void)name;
	xspf->depth--;
	if (!xspf->in_location)
		return;
	xspf->in_location = false;
	while (xspf->used > 0 &&
	       strchr(BLANKS "\r\n", xspf->text[xspf->used - 1]))
		xspf->used--;
	xspf->text[xspf->used] = '\0';
	blanks = strspn(xspf->text, BLANKS "\r\n");
	entry.size =
		(size_t)XML_GetCurrentByteIndex(xspf->parser) - xspf->begun;
	entry.name = xspf->text + blanks;
	if (*entry.name && !xspf->err)
		xspf->err = xspf->fn(xspf->arg, &entry);
	if (xspf->err)
		XML_StopParser(xspf->parser, XML_FALSE);
}

/* A text longer than a path can be is not one. */
static void XMLCALL text_comes(void *context, const char *text, int size)
{
	struct xspf *xspf = context;

	if (!xspf->in_location || size < 0)
		return;
	if (xspf->used + (size_t)size >= sizeof(xspf->text)) {
		xspf->in_location = false;
		return;
	}
	memcpy(xspf->text + xspf->used, text, (size_t)size);
	xspf->used += (size_t)size;
}

static int read_xspf(const char *text, size_t size, playlist_entry_fn *fn,
		     void *arg)
{
	struct xspf xspf = {
		.parser = XML_ParserCreate(NULL), .fn = fn, .arg = arg};
	enum XML_Status status;

	if (!xspf.parser)
		return -ENOMEM;
	XML_SetUserData(xspf.parser, &xspf);
	XML_SetElementHandler(xspf.parser, element_begins, element_ends);
	XML_SetCharacterDataHandler(xspf.parser, text_comes);
	status = XML_Parse(xspf.parser, text, (int)size, 1);
	if (!xspf.err && status != XML_STATUS_OK)
		xspf.err = XML_GetErrorCode(xspf.parser) == XML_ERROR_NO_MEMORY
				   ? -ENOMEM
				   : -EINVAL;
	XML_ParserFree(xspf.parser);
	return xspf.err;
}

int playlist_entries(enum playlist_kind kind, const char *text, size_t size,
		     playlist_entry_fn *fn, void *arg)
{
	const struct lines lines = {kind, text, fn, arg};

	if (size > INT_MAX)
		return -EINVAL;
	return kind == PLAYLIST_XSPF ? read_xspf(text, size, fn, arg)
				     : read_lines(&lines, size);
}
