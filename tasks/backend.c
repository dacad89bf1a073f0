/* See backend.h. */
#include "tasks/backend.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "tasks/check.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>

/* Memory pressure leaves at least a sixteenth. */
enum { POOL_SHARE_MIN = 16 };

static void set_budget(void *blocks, uint64_t budget)
{
	blocks_set_budget(blocks, budget);
}

static int watch_pressure(struct backend *backend,
			  const struct backend_options *options)
{
	const struct pressure_config config = {
		.budget_max = options->pool_size,
		.budget_min = options->pool_size / POOL_SHARE_MIN,
		.set_budget = set_budget,
		.context = backend->blocks,
	};

	return pressure_start(&config, &backend->pressure);
}

/* A block's maker that is silent for longer loses it to somebody else. */
static int make_blocks(struct backend *backend,
		       const struct backend_options *options, const char *cache)
{
	const struct blocks_config config = {
		.budget = options->pool_size,
		.spill = options->spill,
		.min_free = options->limits.min_free,
		.directory = cache,
		.patience = 2 * options->worker_timeout,
	};
	int err = blocks_create(&config, &backend->blocks);

	if (!err)
		err = watch_pressure(backend, options);
	if (err)
		log_error("cannot allocate %llu bytes for decoded audio "
			  "(memory=): %s",
			  (unsigned long long)options->pool_size,
			  strerror(-err));
	return err;
}

/* Every file that is open in the mount takes up to four descriptors here. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_info("cannot raise the limit of descriptors: %s",
			 strerror(errno));
}

static int open_store(struct backend *backend,
		      const struct backend_options *options, const char *cache)
{
	auto_free char *real = NULL;
	int err = backend_trust_cache(cache);

	if (!err)
		err = check_cache_parents(cache);
	if (err)
		return err;
	/* SQLite follows no link; the links in this path were checked */
	real = realpath(cache, NULL);
	err = store_create(real ? real : cache, &options->limits,
			   &backend->store);
	if (err)
		log_error("cannot use the cache '%s': %s", cache,
			  strerror(-err));
	return err;
}

int backend_trust_cache(const char *cache)
{
	return check_cache_trust(cache);
}

char *backend_cache_path(const char *wanted)
{
	return check_cache_path(wanted);
}

int backend_open(struct backend *backend, const struct backend_options *options,
		 const char *library, const char *mountpoint)
{
	auto_free char *cache = backend_cache_path(options->cache);
	int err = 0;

	if (!cache) {
		log_error("no cache folder is known: set cache=, "
			  "XDG_CACHE_HOME or HOME");
		return -ENOENT;
	}
	raise_descriptor_limit();
	if (library)
		err = check_cache_place(cache, library, mountpoint);
	if (!err)
		err = open_store(backend, options, cache);
	if (!err)
		err = make_blocks(backend, options, cache);
	if (!err)
		err = resident_create(&options->resident, &backend->resident);
	return err;
}

/* In a build folder the worker is not where it is when installed. */
static char *find_worker(const char *wanted)
{
	static const char *const places[] = {
		"../transcode/worker/groovefs-worker",
		"groovefs-worker",
	};
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (wanted)
		return strdup(wanted);
	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	for (unsigned i = 0; slash && i < 2; i++) {
		char *path = NULL;

		slash[1] = '\0';
		if (asprintf(&path, "%s%s", self, places[i]) < 0)
			return NULL;
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return strdup(GROOVEFS_WORKER);
}

int backend_start(struct backend *backend,
		  const struct backend_options *options,
		  int (*open_source)(void *context, const char *path),
		  void *context)
{
	auto_free char *worker = find_worker(options->worker_path);
	struct engine_config config = {
		.store = backend->store,
		.blocks = backend->blocks,
		.resident = backend->resident,
		.workers = options->workers,
		.tag_style = options->tag_style,
		.timeout = options->worker_timeout,
		.cover_max = options->cover_max,
		.worker_path = worker,
		.open_source = open_source,
		.context = context,
		.progress = backend->progress,
		.progress_context = backend->progress_context,
	};

	return worker ? engine_create(&config, &backend->engine) : -ENOMEM;
}

void backend_stop(struct backend *backend)
{
	if (backend->engine)
		engine_stop(backend->engine);
}

void backend_close(struct backend *backend)
{
	if (engine_is_stuck(backend->engine))
		return; /* what hangs may still use all of it */
	engine_destroy(backend->engine);
	pressure_stop(backend->pressure);
	blocks_destroy(backend->blocks);
	resident_destroy(backend->resident);
	store_destroy(backend->store);
}
