/*
 * .groovefs/metrics: Prometheus' text format 0.0.4. Its convention is that
 * counters end in _total and times are in seconds, so a counter of
 * microseconds, "probe_us", is "groovefs_probe_seconds_total" here. A number
 * may follow any number of blanks: each is as wide as the longest, which fixes
 * the file's size.
 */
#include "base/counters.h"
#include "fs/fs_private.h"
#include "fs/stats.h"

#include <string.h>

/* Room for a number: the digits of 2^64, a point and a sign. */
enum { NUMBER_WIDTH = 22 };

static void print_head(FILE *out, const char *name, const char *suffix,
		       const char *text, const char *type)
{
	fprintf(out,
		"# HELP groovefs_%s%s %s\n"
		"# TYPE groovefs_%s%s %s\n",
		name, suffix, text, name, suffix, type);
}

static void print_value(FILE *out, const char *name, const char *suffix,
			uint64_t value)
{
	fprintf(out, "groovefs_%s%s %*llu\n", name, suffix, NUMBER_WIDTH,
		(unsigned long long)value);
}

/* As a decimal with a point, whatever the locale. */
static void print_seconds(FILE *out, const char *name, const char *suffix,
			  uint64_t us)
{
	fprintf(out, "groovefs_%s%s %*llu.%06llu\n", name, suffix,
		NUMBER_WIDTH - 7, (unsigned long long)(us / 1000000),
		(unsigned long long)(us % 1000000));
}

static bool is_time(const char *name, size_t *stem)
{
	*stem = strlen(name);
	if (*stem < 3 || strcmp(name + *stem - 3, "_us") != 0)
		return false;
	*stem -= 3;
	return true;
}

static void print_counter(FILE *out, enum counter counter)
{
	static const char micro[] = "micro";
	const char *text = counter_text(counter);
	char name[64];
	size_t stem;
	bool time = is_time(counter_name(counter), &stem);
	const char *suffix = time ? "_seconds_total" : "_total";

	snprintf(name, sizeof(name), "%.*s", (int)stem, counter_name(counter));
	if (time && strncmp(text, micro, strlen(micro)) == 0)
		text += strlen(micro);
	print_head(out, name, suffix, text, "counter");
	(time ? print_seconds : print_value)(out, name, suffix,
					     counter_get(counter));
}

static void print_gauge(FILE *out, const char *name, const char *text,
			uint64_t value)
{
	print_head(out, name, "", text, "gauge");
	print_value(out, name, "", value);
}

/* Nobody knows while the cache is being scanned after a start. */
static void print_cache(struct fs *fs, FILE *out)
{
	uint64_t used;

	if (store_used(fs->core.backend.store, &used)) {
		print_gauge(out, "cache_used_bytes",
			    "bytes on the cache's disk", used);
		return;
	}
	print_head(out, "cache_used_bytes", "", "bytes on the cache's disk",
		   "gauge");
	fprintf(out, "groovefs_cache_used_bytes %*s\n", NUMBER_WIDTH, "NaN");
}

static void print_memory(struct fs *fs, FILE *out)
{
	unsigned tracks;
	uint64_t bytes;

	print_cache(fs, out);
	print_gauge(out, "memory_budget_bytes",
		    "memory that decoded audio may take",
		    blocks_budget(fs->core.backend.blocks));
	print_gauge(out, "memory_used_bytes", "memory that it takes",
		    blocks_used(fs->core.backend.blocks));
	resident_used(fs->core.backend.resident, &tracks, &bytes);
	print_gauge(out, "resident_tracks", "tracks with analyses in memory",
		    tracks);
	print_gauge(out, "resident_bytes", "memory that they take", bytes);
}

static void print_queue(const struct engine_status *status, FILE *out)
{
	print_head(out, "queue_jobs", "", "jobs that no worker has in hand yet",
		   "gauge");
	print_value(out, "queue_jobs", "{queue=\"urgent\"}", status->urgent);
	print_value(out, "queue_jobs", "{queue=\"slow\"}", status->slow);
	print_value(out, "queue_jobs", "{queue=\"last\"}", status->last);
	print_value(out, "queue_jobs", "{queue=\"background\"}",
		    status->background);
}

void metrics_print(struct fs *fs, FILE *out)
{
	struct engine_status status = engine_status(fs->core.backend.engine);

	for (enum counter c = 0; c < COUNTER_MAX; c++)
		print_counter(out, c);
	print_memory(fs, out);
	print_queue(&status, out);
	print_gauge(out, "workers", "worker processes", status.workers);
	print_gauge(out, "workers_busy", "of them have a job in hand",
		    status.busy);
	print_gauge(out, "nodes", "files and folders that the kernel knows",
		    nodes_count(fs->nodes));
	print_gauge(out, "event_readers", "readers of the stream of events",
		    events_readers(fs->events));
	print_gauge(out, "start_time_seconds",
		    "when it was mounted, seconds since 1970",
		    (uint64_t)fs->started);
}
