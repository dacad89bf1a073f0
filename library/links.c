/*
 * See links.h. A path is walked name by name: `done` contains no links, so ".."
 * can be removed from it as text. A link's text is put before the rest.
 */
#include "library/links.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "library/files.h"
#include "library/listing.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "/a/./b/../c" -> "/a/c", in place. */
static void straighten(char *path)
{
	char *to = path;
	char *rest = path;
	char *name;

	while ((name = strsep(&rest, "/"))) {
		size_t n = strlen(name);

		if (n == 0 || strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			while (to > path && *--to != '/')
				;
			continue;
		}
		*to++ = '/';
		memmove(to, name, n);
		to += n;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

/* An absolute path's name within the library; NULL: it leads out. */
static char *within(const struct library *library, char *path)
{
	const char *below;

	straighten(path);
	below = path_within(path, library_root(library));
	return below ? strdup(below) : NULL;
}

static int read_link(const struct library *library, const char *path,
		     char text[static PATH_MAX])
{
	auto_fd int fd = library_open_path(library, path);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = readlinkat(fd, "", text, PATH_MAX);
	if (n < 0)
		return errno == ENOENT ? -EINVAL
				       : -errno; /* it is not a link */
	if (n == PATH_MAX)
		return -ENAMETOOLONG;
	text[n] = '\0';
	return 0;
}

struct link_walk {
	const struct library *library;
	char *done; /* without links */
	char *rest;
	unsigned links;
};

static void set(char **place, char *text)
{
	free(*place);
	*place = text;
}

/* At the root, ".." may lead out and in again. */
static int leave(struct link_walk *w)
{
	auto_free char *path = NULL;
	char *inside;

	if (asprintf(&path, "%s/../%s", library_root(w->library), w->rest) < 0)
		return -ENOMEM;
	inside = within(w->library, path);
	if (!inside)
		return -EXDEV;
	set(&w->rest, inside);
	return ++w->links > PATH_LINKS_MAX ? -ELOOP : 0;
}

static int go_up(struct link_walk *w)
{
	if (*w->done == '\0')
		return leave(w);
	w->done[path_folder_size(w->done)] = '\0';
	return 0;
}

static int follow_path(struct link_walk *w, const char *path)
{
	char text[PATH_MAX];
	char *rest;
	int err = read_link(w->library, path, text);

	if (err)
		return err;
	if (++w->links > PATH_LINKS_MAX)
		return -ELOOP;
	if (asprintf(&rest, "%s/%s", text, w->rest) < 0)
		return -ENOMEM;
	if (*text != '/') {
		set(&w->rest, rest);
		return 0;
	}
	set(&w->rest, within(w->library, rest));
	free(rest);
	*w->done = '\0';
	return w->rest ? 0 : -EXDEV;
}

static int enter_folder(struct link_walk *w, const char *name)
{
	char *path = path_join(w->done, name);
	struct stat st;
	int err = path ? library_stat(w->library, path, &st) : -ENOMEM;

	if (!err && S_ISLNK(st.st_mode)) {
		err = follow_path(w, path);
		free(path);
		return err;
	}
	if (err)
		free(path);
	else
		set(&w->done, path);
	return err;
}

/* Removes the next name from the rest; NULL: no memory. */
static char *take_name(struct link_walk *w)
{
	size_t n = strcspn(w->rest, "/");
	char *name = strndup(w->rest, n);

	memmove(w->rest, w->rest + n + (w->rest[n] == '/'),
		strlen(w->rest + n) + (w->rest[n] != '/'));
	return name;
}

static int step_on(struct link_walk *w)
{
	auto_free char *name = take_name(w);

	if (!name)
		return -ENOMEM;
	if (*name == '\0' || strcmp(name, ".") == 0)
		return 0;
	return strcmp(name, "..") == 0 ? go_up(w) : enter_folder(w, name);
}

int link_resolve(const struct library *library, const char *path, char **real)
{
	struct link_walk w = {library, strdup(""), strdup(path), 0};
	int err = w.done && w.rest ? 0 : -ENOMEM;

	while (!err && *w.rest)
		err = step_on(&w);
	free(w.rest);
	if (err)
		free(w.done);
	else
		*real = w.done;
	return err;
}

static unsigned count_names(const char *path)
{
	unsigned names = *path != '\0';

	for (; *path; path++)
		names += *path == '/';
	return names;
}

char *link_relative(const char *path, const char *target)
{
	size_t same = 0;
	unsigned ups;
	char *text;

	for (size_t i = 0; path[i] && path[i] == target[i]; i++) {
		if (path[i] == '/')
			same = i + 1;
	}
	ups = count_names(path + same) - 1;
	text = malloc(3 * (size_t)ups + strlen(target + same) + 2);
	if (!text)
		return NULL;
	for (unsigned up = 0; up < ups; up++)
		memcpy(text + 3 * up, "../", 3);
	strcpy(text + 3 * ups, target[same] ? target + same : ".");
	return text;
}

/* Whether a relative text goes above the library on its way. */
static bool goes_above(const char *path, const char *text)
{
	long depth = (long)count_names(path) - 1;

	while (*text && depth >= 0) {
		size_t n = strcspn(text, "/");

		if (n == 2 && strncmp(text, "..", 2) == 0)
			depth--;
		else if (n > 1 || (n == 1 && *text != '.'))
			depth++;
		text += n + (text[n] == '/');
	}
	return depth < 0;
}

/*
 * The path that a relative text means, from the folder of the link at `path`.
 */
static char *beside(const char *path, const char *text)
{
	const char *slash = strrchr(path, '/');
	char *whole;

	if (asprintf(&whole, "%.*s%s", slash ? (int)(slash + 1 - path) : 0,
		     path, text) < 0)
		return NULL;
	return whole;
}

/* A text that leaves the library, and perhaps comes back. */
static int rewrite(const struct library *library, const char *path,
		   const char *text, char **rewritten)
{
	auto_free char *inside = NULL;
	auto_free char *whole = NULL;
	int n = *text == '/' ? asprintf(&whole, "%s", text)
			     : asprintf(&whole, "%s/%s/../%s",
					library_root(library), path, text);

	if (n < 0)
		return -ENOMEM;
	inside = within(library, whole);
	if (!inside)
		return -EXDEV;
	*rewritten = link_relative(path, inside);
	return *rewritten ? 0 : -ENOMEM;
}

/* A link that dangles or loops is shown: it leads nowhere else. */
static int check(const struct library *library, const char *path,
		 const char *text)
{
	auto_free char *whole = beside(path, text);
	auto_free char *real = NULL;
	int err = whole ? link_resolve(library, whole, &real) : -ENOMEM;

	return err == -EXDEV || err == -ENOMEM ? err : 0;
}

int link_text(const struct library *library, const char *path, char **text)
{
	auto_free char *shown = NULL;
	char said[PATH_MAX];
	int err = read_link(library, path, said);

	if (err)
		return err;
	if (*said == '/' || goes_above(path, said))
		err = rewrite(library, path, said, &shown);
	else
		shown = strdup(said);
	if (!err && !shown)
		err = -ENOMEM;
	if (!err)
		err = check(library, path, shown);
	if (!err)
		*text = steal_ptr(shown);
	return err;
}

int link_folder(const struct library *library, const char *path,
		const char *text, char **folder)
{
	auto_free char *whole = beside(path, text);

	if (!whole)
		return -ENOMEM;
	whole[path_folder_size(whole)] = '\0';
	return link_resolve(library, whole, folder);
}
