/* stats.json. */
#include "fs/stats.h"

#include "base/counters.h"
#include "base/json.h"
#include "fs/fs_private.h"

#include <unistd.h>

/* `part` of `whole` times `scale`, or null. */
static void put_ratio(struct json *json, const char *name, uint64_t part,
		      uint64_t whole, double scale)
{
	if (whole == 0)
		json_null(json, name);
	else
		json_number(json, name, scale * (double)part / (double)whole,
			    4);
}

static void put_daemon(struct fs *fs, struct json *json)
{
	json_open_line(json, "daemon", '{');
	json_whole(json, "pid", (uint64_t)getpid());
	json_whole(json, "started", (uint64_t)fs->started);
	json_whole(json, "nodes", nodes_count(fs->nodes));
	json_whole(json, "event_readers", events_readers(fs->events));
	json_close(json, '{');
}

/*
 * A hit is a read request for rendered bytes (tags, segments, decoded blocks,
 * analyses) that were all there when it came; a miss had to wait for some of
 * them. What the kernel answers from its own cache is neither.
 */
static void put_cache(struct fs *fs, struct json *json)
{
	uint64_t hits = counter_get(COUNTER_reads_ready);
	uint64_t misses = counter_get(COUNTER_reads_parked);
	uint64_t used;

	json_open_line(json, "cache", '{');
	if (store_used(fs->core.backend.store, &used))
		json_whole(json, "used_bytes", used);
	else
		json_null(json, "used_bytes");
	json_whole(json, "hits", hits);
	json_whole(json, "misses", misses);
	put_ratio(json, "hit_rate", hits, hits + misses, 1);
	json_whole(json, "renders", counter_get(COUNTER_segments_rendered));
	json_whole(json, "evictions", counter_get(COUNTER_entries_evicted));
	json_whole(json, "evicted_bytes", counter_get(COUNTER_evicted_bytes));
	json_close(json, '{');
}

static void put_pool(struct fs *fs, struct json *json)
{
	unsigned tracks;
	uint64_t bytes;

	json_open_line(json, "memory", '{');
	json_whole(json, "budget_bytes",
		   blocks_budget(fs->core.backend.blocks));
	json_whole(json, "used_bytes", blocks_used(fs->core.backend.blocks));
	json_close(json, '{');
	resident_used(fs->core.backend.resident, &tracks, &bytes);
	json_open_line(json, "analysis", '{');
	json_whole(json, "resident_tracks", tracks);
	json_whole(json, "resident_bytes", bytes);
	json_close(json, '{');
}

/* Times of tasks that succeeded, from opening the source to the last byte. */
static void put_times(struct json *json)
{
	static const struct {
		const char *name;
		enum counter tasks, us;
	} kinds[] = {
		{"probe", COUNTER_probe_tasks, COUNTER_probe_us},
		{"tag", COUNTER_tag_tasks, COUNTER_tag_us},
		{"segment", COUNTER_segment_tasks, COUNTER_segment_us},
		{"analysis", COUNTER_analysis_tasks, COUNTER_analysis_us},
		{"block", COUNTER_block_tasks, COUNTER_block_us},
		{"wait", COUNTER_reads_parked, COUNTER_reads_parked_us},
	};

	json_open_line(json, "times", '{');
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		uint64_t tasks = counter_get(kinds[i].tasks);

		json_open(json, kinds[i].name, '{');
		json_whole(json, "count", tasks);
		put_ratio(json, "mean_ms", counter_get(kinds[i].us), tasks,
			  1e-3);
		json_close(json, '{');
	}
	json_close(json, '{');
}

static void put_counters(struct json *json)
{
	json_open(json, "counters", '{');
	for (enum counter c = 0; c < COUNTER_MAX; c++)
		json_whole(json, counter_name(c), counter_get(c));
	json_close(json, '{');
}

void stats_print(struct fs *fs, FILE *out)
{
	struct json json;

	json_begin_file(&json, out, '{');
	put_daemon(fs, &json);
	put_cache(fs, &json);
	put_pool(fs, &json);
	put_times(&json);
	engine_put_status(fs->core.backend.engine, &json);
	put_counters(&json);
	json_end_file(&json);
}
