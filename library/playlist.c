/* See playlist.h. */
#include "library/playlist.h"

#include "base/cleanup.h"
#include "library/catalog.h"
#include "library/files.h"
#include "library/playlist_find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct playlist {
	struct playlist_finder finder;
	int (*found)(void *arg, const char *path);
	void (*missing)(void *arg, const char *name);
	void *arg;
};

bool playlist_is(const char *name)
{
	return playlist_kind(name) != PLAYLIST_NONE;
}

/* An absolute path may be anywhere. */
static int open_list(const struct catalog *catalog, const char *path)
{
	int fd;

	if (*path != '/')
		return library_open_file(catalog->library, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/*
 * Up to the size that it had: what is appended meanwhile is not in this
 * version.
 */
static int read_all(int fd, char *text, size_t *size)
{
	size_t used = 0;
	ssize_t n = 1;

	while (n > 0 && used < *size) {
		n = read(fd, text + used, *size - used);
		if (n < 0)
			return -errno;
		used += (size_t)n;
	}
	text[used] = '\0';
	*size = used;
	return 0;
}

int playlist_load(const struct catalog *catalog, const char *path, char **text,
		  struct stat *st)
{
	auto_fd int fd = open_list(catalog, path);
	auto_free char *bytes = NULL;
	size_t size;
	int err;

	if (fd < 0)
		return fd;
	if (fstat(fd, st) != 0)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -EINVAL;
	if (st->st_size > PLAYLIST_SIZE_MAX)
		return -EFBIG;
	size = (size_t)st->st_size;
	bytes = malloc(size + 1);
	err = bytes ? read_all(fd, bytes, &size) : -ENOMEM;
	if (err)
		return err;
	st->st_size = (off_t)size;
	*text = steal_ptr(bytes);
	return 0;
}

static int take_entry(void *arg, const struct playlist_entry *entry)
{
	struct playlist *list = arg;
	auto_free char *path = NULL;
	int err = playlist_find(&list->finder, entry, &path);

	if (!err)
		return list->found(list->arg, path);
	if (err == -ENOENT && !strstr(entry->name, "://"))
		list->missing(list->arg, entry->name);
	return err == -ENOENT ? 0 : err;
}

int playlist_read(struct catalog *catalog, const char *path,
		  int (*found)(void *arg, const char *path),
		  void (*missing)(void *arg, const char *name), void *arg)
{
	struct playlist list = {
		{catalog, path, {NULL}, 0}, found, missing, arg};
	auto_free char *text = NULL;
	struct stat st;
	int err = playlist_load(catalog, path, &text, &st);

	if (err)
		return err;
	err = playlist_entries(playlist_kind(path), text, (size_t)st.st_size,
			       take_entry, &list);
	playlist_finder_release(&list.finder);
	return err;
}
