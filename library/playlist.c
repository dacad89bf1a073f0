/*
 * See playlist.h. Lines are read here, XML by expat. An entry is a path
 * relative to the playlist, an absolute one, or a file: URL (RFC 8089).
 */
#include "library/playlist.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "library/catalog.h"
#include "library/files.h"
#include "library/links.h"

#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A line may be as long as the file, and is read into memory. */
enum { SIZE_MAX_BYTES = 16 << 20 };

struct playlist {
	struct catalog *catalog;
	const char *path;
	int (*found)(void *arg, const char *path);
	void (*missing)(void *arg, const char *name);
	void *arg;
	int err;

	/* XSPF: the text of a <location> within a <track> */
	XML_Parser parser;
	unsigned depth;
	bool in_location;
	size_t used;
	char text[PATH_MAX];
};

static const char *extension(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : "";
}

static bool is_lines(const char *name)
{
	return strcasecmp(extension(name), "m3u") == 0 ||
	       strcasecmp(extension(name), "m3u8") == 0;
}

static bool is_pls(const char *name)
{
	return strcasecmp(extension(name), "pls") == 0;
}

static bool is_xspf(const char *name)
{
	return strcasecmp(extension(name), "xspf") == 0;
}

bool playlist_is(const char *name)
{
	return is_lines(name) || is_pls(name) || is_xspf(name);
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c ? strchr(digits, c | 32) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* %20 and the like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		int high = *text == '%' ? hex(text[1]) : -1;
		int low = high >= 0 ? hex(text[2]) : -1;

		if (low >= 0) {
			*to++ = (char)(high << 4 | low);
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* What an absolute path is called in the library, also one by way of links. */
static char *find_in_library(const struct playlist *list, const char *path)
{
	const char *library = list->catalog->path;
	const char *below = path_within(path, library);
	auto_free char *real = below ? NULL : realpath(path, NULL);

	if (real)
		below = path_within(real, library);
	return below ? strdup(below) : NULL;
}

static char *in_library(const struct playlist *list, const char *name)
{
	const char *slash = strrchr(list->path, '/');
	auto_free char *path = NULL;

	if (*name == '/')
		return find_in_library(list, name);
	if (asprintf(&path, "%.*s%s", slash ? (int)(slash + 1 - list->path) : 0,
		     list->path, name) < 0)
		return NULL;
	return *path == '/' ? find_in_library(list, path) : steal_ptr(path);
}

/* URLs of other schemes are on the net. */
static char *strip_scheme(char *name)
{
	char *path = name + strlen("file:");

	if (strncasecmp(name, "file:", strlen("file:")) != 0)
		return NULL;
	if (strncmp(path, "//", 2) == 0) /* a host's name, mostly empty */
		path = strchrnul(path + 2, '/');
	unescape(path);
	return path;
}

static void take_listed(struct playlist *list, char *name)
{
	auto_free char *path = NULL;
	auto_free char *real = NULL;
	char *plain = strip_scheme(name);
	struct stat st;

	if (!plain && strstr(name, "://"))
		return;
	plain = plain ? plain : name;
	path = in_library(list, plain);
	if (path && link_resolve(list->catalog->library, path, &real) == 0 &&
	    library_stat(list->catalog->library, real, &st) == 0 &&
	    S_ISREG(st.st_mode))
		list->err = list->found(list->arg, real);
	else
		list->missing(list->arg, plain);
}

/* Without the blanks and the CR at its end. */
static void take_line(struct playlist *list, char *line)
{
	size_t n = strlen(line);
	char *value;

	while (n > 0 && strchr(" \t\r\n", line[n - 1]))
		line[--n] = '\0';
	if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	line += strspn(line, " \t");
	value = line;
	if (is_pls(list->path)) {
		value = strchr(line, '=');
		if (!value || strncasecmp(line, "file", 4) != 0)
			return;
		value += 1 + strspn(value + 1, " \t");
	} else if (*line == '#') {
		return;
	}
	if (*value)
		take_listed(list, value);
}

static int read_lines(struct playlist *list, FILE *file)
{
	auto_free char *line = NULL;
	size_t room = 0;

	while (!list->err && getline(&line, &room, file) >= 0)
		take_line(list, line);
	return list->err;
}

static void XMLCALL element_begins(void *context, const char *name,
				   const char **attributes)
{
	struct playlist *list = context;

	(void)attributes;
	list->depth++;
	/* playlist / trackList / track / location */
	list->in_location = list->depth == 4 && strcmp(name, "location") == 0;
	list->used = 0;
}

static void XMLCALL element_ends(void *context, const char *name)
{
	struct playlist *list = context;

	(void)name;
	list->depth--;
	if (!list->in_location)
		return;
	list->in_location = false;
	list->text[list->used] = '\0';
	if (!strstr(list->text, "://"))
		unescape(list->text); /* a relative reference is a URI, too */
	if (list->used > 0 && !list->err)
		take_listed(list, list->text);
	if (list->err)
		XML_StopParser(list->parser, XML_FALSE);
}

static void XMLCALL text_comes(void *context, const char *text, int size)
{
	struct playlist *list = context;

	if (!list->in_location || size < 0 ||
	    list->used + (size_t)size >= sizeof(list->text))
		return;
	memcpy(list->text + list->used, text, (size_t)size);
	list->used += (size_t)size;
}

static int parse_playlist(struct playlist *list, FILE *file)
{
	char bytes[16384];
	size_t n;

	do {
		n = fread(bytes, 1, sizeof(bytes), file);
		if (XML_Parse(list->parser, bytes, (int)n, n == 0) !=
		    XML_STATUS_OK)
			return list->err ? list->err : -EINVAL;
	} while (n > 0);
	return 0;
}

static int read_xml(struct playlist *list, FILE *file)
{
	int err;

	list->parser = XML_ParserCreate(NULL);
	if (!list->parser)
		return -ENOMEM;
	XML_SetUserData(list->parser, list);
	XML_SetElementHandler(list->parser, element_begins, element_ends);
	XML_SetCharacterDataHandler(list->parser, text_comes);
	err = parse_playlist(list, file);
	XML_ParserFree(list->parser);
	return err;
}

/* An absolute path may lie anywhere. */
static int open_list(struct catalog *catalog, const char *path)
{
	int fd;

	if (*path != '/')
		return library_open_file(catalog->library, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int playlist_read(struct catalog *catalog, const char *path,
		  int (*found)(void *arg, const char *path),
		  void (*missing)(void *arg, const char *name), void *arg)
{
	auto_free struct playlist *list = calloc(1, sizeof(*list));
	auto_file FILE *file = NULL;
	int fd = open_list(catalog, path);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > SIZE_MAX_BYTES) {
		close(fd);
		return S_ISREG(st.st_mode) ? -EFBIG : -EINVAL;
	}
	file = fdopen(fd, "r");
	if (!file || !list) {
		if (!file)
			close(fd);
		return -ENOMEM;
	}
	*list = (struct playlist){.catalog = catalog,
				  .path = path,
				  .found = found,
				  .missing = missing,
				  .arg = arg};
	return is_xspf(path) ? read_xml(list, file) : read_lines(list, file);
}
