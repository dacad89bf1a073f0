/* stats.json. */
#include "fs/stats.h"

#include "base/counters.h"
#include "fs/fs_private.h"

#include <unistd.h>

/* `part` of `whole` times `scale`, or null. */
static void print_ratio(FILE *out, const char *name, uint64_t part,
			uint64_t whole, double scale)
{
	if (whole == 0)
		fprintf(out, "\"%s\": null", name);
	else
		fprintf(out, "\"%s\": %.4f", name,
			scale * (double)part / (double)whole);
}

/*
 * A hit is a read request for made bytes (tags, segments, decoded blocks,
 * analyses) that were all there when it came; a miss one that had to wait for
 * some of them. What the kernel answers from its own cache is neither.
 */
static void print_cache(struct fs *fs, FILE *out)
{
	uint64_t hits = counter_get(COUNTER_reads_ready);
	uint64_t misses = counter_get(COUNTER_reads_parked);
	uint64_t used;

	fprintf(out, "\"cache\": {\"used_bytes\": ");
	if (store_used(fs->core.backend.store, &used))
		fprintf(out, "%llu", (unsigned long long)used);
	else
		fprintf(out, "null");
	fprintf(out, ", \"hits\": %llu, \"misses\": %llu, ",
		(unsigned long long)hits, (unsigned long long)misses);
	print_ratio(out, "hit_rate", hits, hits + misses, 1);
	fprintf(out,
		", \"renders\": %llu, \"evictions\": %llu, "
		"\"evicted_bytes\": %llu},\n",
		(unsigned long long)counter_get(COUNTER_segments_rendered),
		(unsigned long long)counter_get(COUNTER_entries_evicted),
		(unsigned long long)counter_get(COUNTER_evicted_bytes));
}

/* Times of tasks that went well, from opening the source to the last byte. */
static void print_times(FILE *out)
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

	fprintf(out, "\"times\": {");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		uint64_t tasks = counter_get(kinds[i].tasks);

		fprintf(out, "%s\"%s\": {\"count\": %llu, ", i ? ", " : "",
			kinds[i].name, (unsigned long long)tasks);
		print_ratio(out, "mean_ms", counter_get(kinds[i].us), tasks,
			    1e-3);
		fprintf(out, "}");
	}
	fprintf(out, "},\n");
}

static void print_resident(struct fs *fs, FILE *out)
{
	unsigned tracks;
	uint64_t bytes;

	resident_used(fs->core.backend.resident, &tracks, &bytes);
	fprintf(out,
		"\"analysis\": {\"resident_tracks\": %u, "
		"\"resident_bytes\": %llu},\n",
		tracks, (unsigned long long)bytes);
}

static void print_counters(FILE *out)
{
	fprintf(out, "\"counters\": {");
	for (enum counter c = 0; c < COUNTER_MAX; c++)
		fprintf(out, "%s\n  \"%s\": %llu", c ? "," : "",
			counter_name(c), (unsigned long long)counter_get(c));
	fprintf(out, "\n}");
}

void stats_print(struct fs *fs, FILE *out)
{
	fprintf(out,
		"{\"daemon\": {\"pid\": %d, \"started\": %lld, "
		"\"nodes\": %llu, \"event_readers\": %u},\n",
		(int)getpid(), (long long)fs->started,
		(unsigned long long)nodes_count(fs->nodes),
		events_readers(fs->events));
	print_cache(fs, out);
	fprintf(out,
		"\"memory\": {\"budget_bytes\": %llu, \"used_bytes\": "
		"%llu},\n",
		(unsigned long long)blocks_budget(fs->core.backend.blocks),
		(unsigned long long)blocks_used(fs->core.backend.blocks));
	print_resident(fs, out);
	print_times(out);
	engine_print_status(fs->core.backend.engine, out);
	fprintf(out, ",\n");
	print_counters(out);
	fprintf(out, "}\n");
}
