/*
 * Every change is made at once, and what was there before is kept until it is
 * synced: the first contents of each page, by inode, for a file may be renamed
 * or have no name; and of names a list of what undoes each change, in order. A
 * journal keeps names in order, so some last ones are undone. Pages have no
 * order.
 */
#include "tests/mount/unsynced.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, SECTOR = 512 };

struct file {
	SLIST_ENTRY(file) link;
	ino_t ino;
	int fd; /* keeps the inode from being used again */
	off_t size;
	char **pages; /* NULL: unchanged */
	size_t room;
};

enum change { MADE_FILE, MADE_FOLDER, REMOVED, RENAMED };

struct name {
	TAILQ_ENTRY(name) link;
	enum change change;
	char *path;
	char *former; /* RENAMED: its name before */
	char *kept;   /* what had the name before, or NULL */
};

static SLIST_HEAD(, file) files = SLIST_HEAD_INITIALIZER(files);
static TAILQ_HEAD(name_list, name) names = TAILQ_HEAD_INITIALIZER(names);
static const char *removed;
static bool names_too;
static unsigned state;

/* What cannot be remembered cannot be tested. */
static void must(bool done)
{
	if (!done) {
		perror("unsynced");
		abort();
	}
}

static unsigned any(unsigned below)
{
	return (unsigned)rand_r(&state) % below;
}

void unsynced_init(const char *folder, unsigned seed, bool with_names)
{
	removed = folder;
	state = seed;
	names_too = with_names;
}

static struct file *find(int fd, struct stat *st)
{
	struct file *file;

	must(fstat(fd, st) == 0);
	SLIST_FOREACH(file, &files, link)
	if (file->ino == st->st_ino)
		return file;
	return NULL;
}

static struct file *remember(int fd)
{
	struct stat st;
	struct file *file = find(fd, &st);

	if (file)
		return file;
	file = calloc(1, sizeof(*file));
	must(file);
	file->ino = st.st_ino;
	file->fd = dup(fd);
	must(file->fd >= 0);
	file->size = st.st_size;
	SLIST_INSERT_HEAD(&files, file, link);
	return file;
}

static char *read_page(int fd, size_t page)
{
	char *bytes = calloc(1, PAGE);

	must(bytes);
	must(pread(fd, bytes, PAGE, (off_t)page * PAGE) >= 0);
	return bytes;
}

static void make_room(struct file *file, size_t pages)
{
	if (pages <= file->room)
		return;
	file->pages = realloc(file->pages, pages * sizeof(*file->pages));
	must(file->pages);
	memset(file->pages + file->room, 0,
	       (pages - file->room) * sizeof(*file->pages));
	file->room = pages;
}

void unsynced_change(int fd, off_t offset, off_t size)
{
	struct file *file = remember(fd);
	size_t first = (size_t)offset / PAGE;
	size_t end = ((size_t)(offset + size) + PAGE - 1) / PAGE;

	make_room(file, end);
	for (size_t page = first; page < end; page++)
		if (!file->pages[page])
			file->pages[page] = read_page(fd, page);
}

static void forget(struct file *file)
{
	SLIST_REMOVE(&files, file, file, link);
	for (size_t page = 0; page < file->room; page++)
		free(file->pages[page]);
	free(file->pages);
	close(file->fd);
	free(file);
}

void unsynced_sync(int fd)
{
	struct stat st;
	struct file *file = find(fd, &st);

	if (file)
		forget(file);
	if (names_too)
		unsynced_sync_names();
}

static char *copy(const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	must(!text || copied);
	return copied;
}

static void add_name(enum change change, const char *path, const char *former,
		     const char *kept)
{
	struct name *name = calloc(1, sizeof(*name));

	must(name);
	name->change = change;
	name->path = copy(path);
	name->former = copy(former);
	name->kept = copy(kept);
	TAILQ_INSERT_TAIL(&names, name, link);
}

void unsynced_created(const char *path, bool folder)
{
	add_name(folder ? MADE_FOLDER : MADE_FILE, path, NULL, NULL);
}

/* Takes the name from a file: where it is now, or an error. */
static int keep(const char *path, char kept[static PATH_MAX])
{
	static unsigned number;

	snprintf(kept, PATH_MAX, "%s/%u", removed, number++);
	return rename(path, kept) == 0 ? 0 : -errno;
}

int unsynced_remove(const char *path)
{
	char kept[PATH_MAX];
	int r = keep(path, kept);

	if (r == 0)
		add_name(REMOVED, path, NULL, kept);
	return r;
}

int unsynced_rename(const char *from, const char *to)
{
	char kept[PATH_MAX];
	bool had = access(to, F_OK) == 0;
	int r = had ? keep(to, kept) : 0;

	if (r == 0 && rename(from, to) != 0)
		r = -errno;
	if (r == 0)
		add_name(RENAMED, to, from, had ? kept : NULL);
	else if (had)
		must(rename(kept, to) == 0);
	return r;
}

static void drop_name(struct name *name)
{
	TAILQ_REMOVE(&names, name, link);
	free(name->path);
	free(name->former);
	free(name->kept);
	free(name);
}

void unsynced_sync_names(void)
{
	struct name *name;

	while ((name = TAILQ_FIRST(&names))) {
		if (name->kept)
			must(unlink(name->kept) == 0);
		drop_name(name);
	}
}

static void undo(const struct name *name)
{
	if (name->change == MADE_FILE)
		must(unlink(name->path) == 0);
	else if (name->change == MADE_FOLDER)
		must(rmdir(name->path) == 0);
	else if (name->change == RENAMED)
		must(rename(name->path, name->former) == 0);
	if (name->kept)
		must(rename(name->kept, name->path) == 0);
}

static void lose_names(void)
{
	struct name *name;
	unsigned count = 0;

	TAILQ_FOREACH (name, &names, link)
		count++;
	for (count = any(count + 1); count > 0; count--) {
		name = TAILQ_LAST(&names, name_list);
		undo(name);
		drop_name(name);
	}
}

/* Between two sectors, on either side of which is the old half. */
static void tear(char *page, const char *now)
{
	size_t at = (1 + any(PAGE / SECTOR - 1)) * SECTOR;

	if (any(2))
		memcpy(page, now, at);
	else
		memcpy(page + at, now + at, PAGE - at);
}

static void lose_page(struct file *file, size_t page, bool torn)
{
	if (torn) {
		char *now = read_page(file->fd, page);

		tear(file->pages[page], now);
		free(now);
	}
	must(pwrite(file->fd, file->pages[page], PAGE, (off_t)page * PAGE) ==
	     PAGE);
}

static void lose_contents(struct file *file)
{
	unsigned of_eight = any(3) * 4; /* none, some or all pages are lost */
	struct stat st;

	must(fstat(file->fd, &st) == 0);
	for (size_t page = 0; page < file->room; page++)
		if (file->pages[page] && any(8) < of_eight)
			lose_page(file, page, any(8) == 0);
	must(ftruncate(file->fd, any(2) ? file->size : st.st_size) == 0);
}

void unsynced_lose(void)
{
	while (!SLIST_EMPTY(&files)) {
		lose_contents(SLIST_FIRST(&files));
		forget(SLIST_FIRST(&files));
	}
	lose_names();
	unsynced_sync_names();
}
