/*
 * A group's directory is kept open and its files are opened anew for each look:
 * limits may change at any time, and a group that is gone has no limits. The
 * groups above it are found by walking up until a directory does not count
 * memory any more; that is the root of version 2, or the mountpoint of version
 * 1.
 */
#include "cache/memory/pressure_private.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <mntent.h>
#include <string.h>

/* Of version 1 and 2. */
static const struct {
	const char *use;
	const char *limits[2]; /* NULL: no more */
	const char *cache[2];  /* in memory.stat */
	const char *held;
	const char *held_words[2]; /* in there; NULL: it is a number */
} versions[] = {
	{
		.use = "memory.usage_in_bytes",
		.limits = {"memory.limit_in_bytes"},
		.cache = {"total_inactive_file", "total_active_file"},
		.held = "memory.failcnt",
	},
	{
		.use = "memory.current",
		.limits = {"memory.high", "memory.max"},
		.cache = {"inactive_file", "active_file"},
		.held = "memory.events",
		.held_words = {"high", "max"},
	},
};

/* The start of a file; an empty text when there is none. */
static void read_text(int directory, const char *name, char *text, size_t size)
{
	auto_fd int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
}

/* A number in a file of its own: `other` for "max", or for no file. */
static uint64_t read_number(int directory, const char *name, uint64_t other)
{
	char text[64], *end;
	uint64_t number;

	read_text(directory, name, text, sizeof(text));
	number = strtoull(text, &end, 10);
	return end > text ? number : other;
}

/* Of lines like "word 123"; 0 when there is no such word. */
static uint64_t number_after(const char *text, const char *word)
{
	size_t size = strlen(word);

	while (text) {
		if (strncmp(text, word, size) == 0 && text[size] == ' ')
			return strtoull(text + size, NULL, 10);
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return 0;
}

static uint64_t level_limit(const struct cgroup *cgroup, size_t i)
{
	bool unified = cgroup->levels[i].unified;
	uint64_t limit = UINT64_MAX;

	for (size_t k = 0; k < 2 && versions[unified].limits[k]; k++) {
		uint64_t one =
			read_number(cgroup->levels[i].directory,
				    versions[unified].limits[k], UINT64_MAX);

		if (one < limit)
			limit = one;
	}
	return limit;
}

static uint64_t level_use(const struct cgroup *cgroup, size_t i)
{
	int directory = cgroup->levels[i].directory;
	bool unified = cgroup->levels[i].unified;
	uint64_t use = read_number(directory, versions[unified].use, 0);
	uint64_t cache;
	char text[8192];

	read_text(directory, "memory.stat", text, sizeof(text));
	cache = number_after(text, versions[unified].cache[0]) +
		number_after(text, versions[unified].cache[1]);
	return use > cache ? use - cache : 0;
}

static uint64_t level_held(const struct cgroup *cgroup, size_t i)
{
	int directory = cgroup->levels[i].directory;
	bool unified = cgroup->levels[i].unified;
	char text[1024];

	if (!versions[unified].held_words[0])
		return read_number(directory, versions[unified].held, 0);
	read_text(directory, versions[unified].held, text, sizeof(text));
	return number_after(text, versions[unified].held_words[0]) +
	       number_after(text, versions[unified].held_words[1]);
}

static bool level_pressed(struct cgroup *cgroup, size_t i)
{
	uint64_t limit = level_limit(cgroup, i);
	uint64_t use = level_use(cgroup, i);
	uint64_t held = level_held(cgroup, i);
	bool held_up = held > cgroup->levels[i].held;

	cgroup->levels[i].held = held;
	return use >= limit / 10 * 9 || (held_up && use >= limit / 4 * 3);
}

uint64_t cgroup_limit(const struct cgroup *cgroup)
{
	uint64_t limit = UINT64_MAX;

	for (size_t i = 0; i < cgroup->count; i++) {
		uint64_t one = level_limit(cgroup, i);

		if (one < limit)
			limit = one;
	}
	return limit;
}

bool cgroup_pressed(struct cgroup *cgroup)
{
	bool pressed = false;

	for (size_t i = 0; i < cgroup->count; i++)
		pressed |= level_pressed(cgroup, i);
	return pressed;
}

static bool counts_memory(int directory, bool unified)
{
	return faccessat(directory, versions[unified].use, R_OK, 0) == 0;
}

/* Takes the directory over; false when it is no group's. */
static bool add_level(struct cgroup *cgroup, int directory)
{
	size_t i = cgroup->count;
	bool unified = counts_memory(directory, true);

	if (i == CGROUP_LEVELS ||
	    (!unified && !counts_memory(directory, false))) {
		close(directory);
		return false;
	}
	cgroup->levels[i].directory = directory;
	cgroup->levels[i].unified = unified;
	cgroup->levels[i].held = level_held(cgroup, i);
	cgroup->count++;
	return true;
}

void cgroup_open(struct cgroup *cgroup, const char *directory)
{
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	int fd = directory ? open(directory, flags) : -1;

	cgroup->count = 0;
	while (fd >= 0 && add_level(cgroup, fd))
		fd = openat(fd, "..", flags);
}

void cgroup_release(struct cgroup *cgroup)
{
	while (cgroup->count > 0)
		close(cgroup->levels[--cgroup->count].directory);
}

/* Searches a list like "cpu,memory". */
static bool lists_memory(const char *controllers, size_t size)
{
	static const char word[] = "memory";
	const char *end = controllers + size;

	while (controllers < end) {
		size_t length = strcspn(controllers, ",:");

		if (length == strlen(word) &&
		    strncmp(controllers, word, length) == 0)
			return true;
		controllers += length + 1;
	}
	return false;
}

/* Searches lines like "4:cpu,memory:/path" or, in version 2, "0::/path". */
static const char *path_in_line(const char *line, bool unified)
{
	const char *controllers = strchr(line, ':');
	const char *path = controllers ? strchr(controllers + 1, ':') : NULL;
	size_t size;

	if (!path)
		return NULL;
	size = (size_t)(path - ++controllers);
	if (unified ? size > 0 : !lists_memory(controllers, size))
		return NULL;
	return path + 1;
}

/* The group's path below the mount, to be freed; or NULL. */
static char *read_path(const char *proc, bool unified)
{
	auto_free char *name = NULL, *line = NULL;
	auto_file FILE *file = NULL;
	size_t room = 0;

	if (asprintf(&name, "%s/cgroup", proc) < 0) {
		name = NULL; /* undefined, says the manual */
		return NULL;
	}
	file = fopen(name, "re");
	while (file && getline(&line, &room, file) > 0) {
		const char *path = path_in_line(line, unified);

		if (path)
			return strndup(path, strcspn(path, "\n"));
	}
	return NULL;
}

/* Where a version is mounted, to be freed; or NULL. */
static char *read_mount(const char *proc, bool unified)
{
	auto_free char *name = NULL;
	char *mount = NULL, strings[4096];
	struct mntent entry;
	FILE *file;

	if (asprintf(&name, "%s/mounts", proc) < 0) {
		name = NULL;
		return NULL;
	}
	file = setmntent(name, "re");
	while (file && !mount &&
	       getmntent_r(file, &entry, strings, sizeof(strings))) {
		if (strcmp(entry.mnt_type, unified ? "cgroup2" : "cgroup"))
			continue;
		if (unified || hasmntopt(&entry, "memory"))
			mount = strdup(entry.mnt_dir);
	}
	if (file)
		endmntent(file);
	return mount;
}

/* "mount/path", to be freed, if it is a group's directory; or NULL. */
static char *join(const char *mount, const char *path, bool unified)
{
	char *joined;
	int fd;

	if (asprintf(&joined, "%s%s", mount, path) < 0)
		return NULL;
	fd = open(joined, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || !counts_memory(fd, unified)) {
		free(joined);
		joined = NULL;
	}
	if (fd >= 0)
		close(fd);
	return joined;
}

static char *find_version(const char *proc, bool unified)
{
	auto_free char *path = read_path(proc, unified);
	auto_free char *mount = path ? read_mount(proc, unified) : NULL;
	char *found = NULL;

	if (!mount)
		return NULL;
	if (strncmp(path, "/..", 3) != 0)
		found = join(mount, path, unified);
	/* In a container the mount may show only the group. */
	return found ? found : join(mount, "", unified);
}

char *cgroup_find(const char *proc)
{
	char *found = find_version(proc, false);

	return found ? found : find_version(proc, true);
}
