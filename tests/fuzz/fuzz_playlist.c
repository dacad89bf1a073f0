/*
 * Playlists, of the kind that the first byte says: whatever they hold, what is
 * found lies in the library and is there.
 */
#include "tests/fuzz/fuzz.h"

#include "library/catalog.h"
#include "library/library.h"
#include "library/playlist.h"
#include "library/playlist_text.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static char folder[] = "/tmp/groovefs-fuzz-XXXXXX";
static struct catalog catalog;

struct text {
	size_t size;
	size_t used; /* up to the end of the last entry */
};

static const char *const names[] = {"list.m3u",	 "list.m3u8",	    "list.pls",
				    "list.xspf", "Artist/list.m3u", "list.cue"};

static void remove_folder(void)
{
	char command[80];

	catalog_close(&catalog);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	fuzz_holds(system(command) == 0);
}

static void make(const char *name)
{
	auto_free char *path = NULL;

	fuzz_holds(asprintf(&path, "%s/%s", folder, name) > 0);
	if (strchr(name, '.')) {
		fuzz_holds(close(creat(path, 0600)) == 0);
	} else {
		fuzz_holds(mkdir(path, 0700) == 0);
	}
}

static void set_up(void)
{
	struct catalog_options options = {.library = folder};

	log_set_level(LOG_LEVEL_ERROR);
	fuzz_holds(mkdtemp(folder));
	make("Artist");
	make("Artist/Song.flac");
	make("Song.flac");
	fuzz_holds(catalog_open(&catalog, &options) == 0);
	atexit(remove_folder);
}

static int found(void *arg, const char *path)
{
	(void)arg;
	fuzz_holds(strcmp(path, "Song.flac") == 0 ||
		   strcmp(path, "Artist/Song.flac") == 0 ||
		   strncmp(path, "list.", 5) == 0 ||
		   strcmp(path, "Artist/list.m3u") == 0);
	return 0;
}

/* What stands for an entry is text, and none stands for two. */
static int lies_behind(void *arg, const struct playlist_entry *entry)
{
	struct text *text = arg;

	fuzz_holds(*entry->name && entry->offset >= text->used &&
		   entry->size <= text->size - entry->offset);
	text->used = entry->offset + entry->size;
	return 0;
}

static void check_places(const char *name, const uint8_t *bytes, size_t size)
{
	auto_free char *text = malloc(size + 1);
	struct text all = {size, 0};

	fuzz_holds(text);
	memcpy(text, bytes, size);
	text[size] = '\0';
	playlist_entries(playlist_kind(name), text, size, lies_behind, &all);
}

static void missing(void *arg, const char *name)
{
	(void)arg;
	fuzz_holds(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	auto_free char *path = NULL;
	const char *name;
	int fd;

	if (!catalog.path)
		set_up();
	if (size == 0)
		return 0;
	name = names[bytes[0] % (sizeof(names) / sizeof(*names))];
	fuzz_holds(asprintf(&path, "%s/%s", folder, name) > 0);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	fuzz_holds(fd >= 0 &&
		   write(fd, bytes + 1, size - 1) == (ssize_t)size - 1);
	close(fd);
	check_places(name, bytes + 1, size - 1);
	playlist_read(&catalog, name, found, missing, NULL);
	unlink(path);
	return 0;
}
