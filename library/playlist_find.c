/*
 * See playlist_find.h.
 *
 *   entry -> spellings -> each: within the library -> exact -> by folded names
 */
#include "library/playlist_find.h"

#include "base/cleanup.h"
#include "base/errors.h"
#include "base/path.h"
#include "base/utf8.h"
#include "library/catalog.h"
#include "library/files.h"
#include "library/folded.h"
#include "library/links.h"
#include "library/listing.h"
#include "library/uri.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int go_into(char **path, const char *name)
{
	char *longer = path_join(*path, name);

	if (!longer)
		return -ENOMEM;
	free(*path);
	*path = longer;
	return 0;
}

static int go_up(char *path)
{
	if (*path == '\0')
		return -ENOENT;
	path[path_folder_size(path)] = '\0';
	return 0;
}

static int find_folded(struct playlist_finder *finder, const char *folder,
		       const char *below, bool encoded, char **path)
{
	auto_free char *rest = strdup(below);
	auto_free char *done = strdup(folder);
	char *next = rest;
	char *name;
	int err = rest && done ? 0 : -ENOMEM;

	while (!err && (name = strsep(&next, "/"))) {
		const char *found;

		if (*name == '\0' || strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			err = go_up(done);
			continue;
		}
		err = folded_find(&finder->names, finder->catalog->library,
				  done, name, encoded && !next, &found);
		if (!err)
			err = go_into(&done, found);
	}
	if (!err)
		*path = steal_ptr(done);
	return err;
}

/* Without links, and it is a file. */
static int check_file(struct playlist_finder *finder, const char *path,
		      char **real)
{
	const struct library *library = finder->catalog->library;
	struct stat st;
	int err = link_resolve(library, path, real);

	if (!err)
		err = library_stat(library, *real, &st);
	if (!err && S_ISREG(st.st_mode))
		return 0;
	free(steal_ptr(*real));
	return is_shortage(err) ? err : -ENOENT;
}

static bool takes_too_long(struct playlist_finder *finder, const char *path)
{
	finder->looks += 4;
	for (; *path; path++)
		finder->looks += *path == '/';
	return finder->looks > PLAYLIST_LOOKS_MAX;
}

static int find_below(struct playlist_finder *finder, const char *folder,
		      const char *below, bool encoded, char **path)
{
	auto_free char *plain = path_join(folder, below);
	auto_free char *folded = NULL;
	int err = -ENOMEM;

	if (plain)
		err = takes_too_long(finder, plain)
			      ? -E2BIG
			      : check_file(finder, plain, path);
	if (err == -ENOENT)
		err = find_folded(finder, folder, below, encoded, &folded);
	if (!err && folded)
		err = check_file(finder, folded, path);
	if (err == -ENOENT && ++finder->misses > PLAYLIST_MISSES_MAX)
		err = -E2BIG;
	return err;
}

/* An absolute path's name in the library, even by way of links. */
static int below_library(const struct playlist_finder *finder, const char *path,
			 char **inside)
{
	const char *library = finder->catalog->path;
	const char *below = path_within(path, library);
	auto_free char *real = NULL;

	if (!below) {
		real = realpath(path, NULL);
		if (!real)
			return is_shortage(-errno) ? -errno : -ENOENT;
		below = path_within(real, library);
	}
	if (!below)
		return -ENOENT;
	*inside = strdup(below);
	return *inside ? 0 : -ENOMEM;
}

/*
 * The longest suffix of it that exists here, with at least a folder and a file.
 */
static int find_elsewhere(struct playlist_finder *finder, const char *path,
			  char **found)
{
	const char *end = strchr(path, '/');
	int err = -ENOENT;

	while (err == -ENOENT && end && strchr(end + 1, '/')) {
		err = find_below(finder, "", end + 1, false, found);
		end = strchr(end + 1, '/');
	}
	return err;
}

static int find_absolute(struct playlist_finder *finder, const char *path,
			 bool encoded, char **found)
{
	auto_free char *below = NULL;
	int err = *path == '/' ? below_library(finder, path, &below) : -ENOENT;

	if (err == -ENOENT)
		return find_elsewhere(finder, path, found);
	return err ? err : find_below(finder, "", below, encoded, found);
}

/* C:/Music: Windows' paths begin with a letter. */
static bool is_absolute(const char *path)
{
	return *path == '/' || ((*path | 32) >= 'a' && (*path | 32) <= 'z' &&
				strncmp(path + 1, ":/", 2) == 0);
}

static int find_path(struct playlist_finder *finder, const char *name,
		     bool encoded, char **found)
{
	const char *list = finder->path;
	auto_free char *folder = strndup(list, path_folder_size(list));
	auto_free char *path = NULL;

	if (!folder)
		return -ENOMEM;
	if (is_absolute(name))
		return find_absolute(finder, name, encoded, found);
	if (*list != '/')
		return find_below(finder, folder, name, encoded, found);
	path = path_join(folder, name);
	return path ? find_absolute(finder, path, encoded, found) : -ENOMEM;
}

/* -ENOENT: it is no text in that encoding. */
static int decode(const char *text, const char *encoding, char **utf8)
{
	size_t left = strlen(text);
	size_t room = 4 * left; /* at most, in UTF-8 */
	auto_free char *decoded = calloc(1, room + 1);
	iconv_t converter = iconv_open("UTF-8", encoding);
	char *from = (char *)text;
	char *to = decoded;
	size_t n = (size_t)-1;

	if (converter == (iconv_t)-1)
		return errno == ENOMEM ? -ENOMEM : -ENOENT;
	if (decoded)
		n = iconv(converter, &from, &left, &to, &room);
	iconv_close(converter);
	if (n != (size_t)-1)
		*utf8 = steal_ptr(decoded);
	else if (!decoded)
		return -ENOMEM;
	return n == (size_t)-1 ? -ENOENT : 0;
}

static bool is_utf8(const char *text)
{
	for (size_t n; *text; text += n) {
		n = utf8_length(text);
		if (n == 0)
			return false;
	}
	return true;
}

/* As it is written, then in the encodings used before UTF-8. */
static int find_decoded(struct playlist_finder *finder, const char *name,
			bool encoded, char **path)
{
	static const char *const encodings[] = {"CP1252", "CP1251", "CP932",
						"GBK", NULL};
	int err = find_path(finder, name, encoded, path);

	if (is_utf8(name))
		return err;
	for (size_t i = 0; err == -ENOENT && encodings[i]; i++) {
		auto_free char *decoded = NULL;

		err = decode(name, encodings[i], &decoded);
		if (!err)
			err = find_path(finder, decoded, encoded, path);
	}
	return err;
}

/* A spelling is skipped if the name has nothing that it would change. */
static int find_respelled(struct playlist_finder *finder, const char *name,
			  bool encoded, char **path)
{
	int err = -ENOENT;

	for (unsigned way = 0; err == -ENOENT && way < 4; way++) {
		bool escaped = way & 1;
		bool backslashes = way & 2;
		auto_free char *spelling = strdup(name);

		if (!spelling)
			return -ENOMEM;
		if ((escaped && !strchr(name, '%')) ||
		    (backslashes && !strchr(name, '\\')))
			continue;
		if (escaped)
			uri_unescape(spelling);
		for (char *c = spelling; backslashes && *c; c++) {
			if (*c == '\\')
				*c = '/';
		}
		err = find_decoded(finder, spelling, encoded, path);
	}
	return err;
}

/* URLs of other schemes are on the net; file:///C:/ is one of Windows. */
static char *strip_scheme(char *name)
{
	char *path = name + strlen("file:");

	if (strncasecmp(name, "file:", strlen("file:")) != 0)
		return NULL;
	if (strncmp(path, "//", 2) == 0) /* a host's name, usually empty */
		path = strchrnul(path + 2, '/');
	uri_unescape(path);
	return *path == '/' && is_absolute(path + 1) ? path + 1 : path;
}

int playlist_find(struct playlist_finder *finder,
		  const struct playlist_entry *entry, char **path)
{
	auto_free char *name = strdup(entry->name);
	bool encoded = entry->kind == PLAYLIST_CUE;
	char *plain;

	if (!name)
		return -ENOMEM;
	plain = strip_scheme(name);
	if (!plain && strstr(name, "://"))
		return -ENOENT;
	if (!plain && entry->kind == PLAYLIST_XSPF)
		uri_unescape(name);
	return find_respelled(finder, plain ? plain : name, encoded, path);
}

void playlist_finder_release(struct playlist_finder *finder)
{
	folded_release(&finder->names);
}
