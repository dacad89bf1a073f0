/*
 * The store: opens the directory and puts the parts together.
 */
#include "cache/disk/store_private.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cache/disk/facts.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum {
	REFUSED_QUIET = 60
}; /* seconds without a failure until it is logged
      again */

static int make_directory(int parent, const char *name)
{
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

/* A writable descriptor for `name`, or -errno. */
static int open_directory(int parent, const char *name)
{
	int r = make_directory(parent, name);
	auto_fd int fd = -1;

	if (r < 0)
		return r;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (faccessat(fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) < 0)
		return -errno;
	return steal_fd(&fd);
}

static int open_entries(const char *directory)
{
	auto_fd int fd = open_directory(AT_FDCWD, directory);

	return fd < 0 ? fd : open_directory(fd, "entries");
}

/* Sets up what has no lock and no thread yet. */
static void free_store(struct store *store)
{
	if (store->entries >= 0)
		close(store->entries);
	facts_close(store->facts);
	free(store->directory);
	free(store);
}

static int open_files(struct store *store, const char *directory)
{
	store->directory = strdup(directory);
	if (!store->directory)
		return -ENOMEM;
	store->entries = open_entries(directory);
	if (store->entries < 0)
		return store->entries;
	return facts_open(directory, &store->facts);
}

static int init_parts(struct store *store, const struct store_limits *limits)
{
	int r = table_init(&store->table);

	if (r < 0)
		return r;
	r = fallbacks_init(&store->fallbacks, limits->fallback);
	if (r < 0)
		goto release_table;
	r = evict_init(&store->evict, store->entries, limits);
	if (r == 0)
		return 0;
	fallbacks_release(&store->fallbacks);
release_table:
	table_release(&store->table);
	return r;
}

int store_create(const char *directory, const struct store_limits *limits,
		 struct store **out)
{
	struct store *store = calloc(1, sizeof(*store));
	int r;

	if (!store)
		return -ENOMEM;
	store->entries = -1;
	r = open_files(store, directory);
	if (r == 0)
		r = init_parts(store, limits);
	if (r < 0) {
		free_store(store);
		return r;
	}
	*out = store;
	return 0;
}

void store_destroy(struct store *store)
{
	if (!store)
		return;
	assert(table_is_empty(&store->table));
	evict_release(&store->evict);
	fallbacks_release(&store->fallbacks);
	table_release(&store->table);
	free_store(store);
}

struct facts_db *store_facts(struct store *store)
{
	return store->facts;
}

bool store_used(struct store *store, uint64_t *used)
{
	return space_used(&store->evict.space, used);
}

int store_statvfs(const struct store *store, struct statvfs *disk)
{
	return fstatvfs(store->entries, disk) == 0 ? 0 : -errno;
}

void store_refused(struct store *store, int error)
{
	int64_t now = clock_seconds();
	int64_t last = atomic_exchange(&store->refused, now + 1);

	if (last && now - last < REFUSED_QUIET)
		return;
	log_warn("cannot write to the cache '%s': %s; keeping new segments in "
		 "memory",
		 store->directory, strerror(-error));
}

void store_set_limits(struct store *store, const struct store_limits *limits)
{
	evict_set_limits(&store->evict, limits);
}
