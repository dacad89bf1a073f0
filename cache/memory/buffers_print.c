/* The buffers as JSON. */
#include "cache/memory/buffer_metrics.h"

#include "base/cleanup.h"
#include "base/json.h"

#include <string.h>

static const char *const kinds[BUFFER_KINDS] = {
	[BUFFER_MEMORY] = "memory",
	[BUFFER_STREAMING] = "streaming",
	[BUFFER_RING] = "ring",
	[BUFFER_POOL] = "pool",
};

/* Three decimals of a number of thousandths divided by `by`; or null. */
static void put_ratio(struct json *json, const char *name, uint64_t thousandths,
		      uint64_t by)
{
	if (by == 0)
		json_null(json, name);
	else
		json_number(json, name, (double)(thousandths / by) / 1000, 3);
}

static void put_error(struct json *json, int error)
{
	char number[16];
	const char *name = error ? strerrorname_np(-error) : NULL;

	snprintf(number, sizeof(number), "%d", -error);
	json_word(json, "last_error", error && !name ? number : name);
}

static void put_buffer(struct json *json, const struct buffer_sums *sums)
{
	const uint64_t *counts = sums->counts;

	json_open_line(json, NULL, '{');
	json_word(json, "kind", kinds[sums->kind]);
	json_word(json, "name", sums->name);
	json_whole(json, "count", sums->count);
	json_word(json, "state", sums->state);
	json_whole(json, "size", sums->size);
	json_whole(json, "memory", sums->use.memory);
	json_whole(json, "disk", sums->use.disk);
	json_whole(json, "reads", counts[BUFFER_READS]);
	json_whole(json, "writes", counts[BUFFER_WRITES]);
	json_whole(json, "read_bytes", counts[BUFFER_READ_BYTES]);
	json_whole(json, "written_bytes", counts[BUFFER_WRITTEN_BYTES]);
	json_whole(json, "errors", counts[BUFFER_ERRORS]);
	put_ratio(json, "mean_read_us", counts[BUFFER_READ_NS],
		  counts[BUFFER_READS]);
	put_ratio(json, "mean_write_us", counts[BUFFER_WRITE_NS],
		  counts[BUFFER_WRITES]);
	put_ratio(json, "hit_rate", counts[BUFFER_HITS] * 1000,
		  counts[BUFFER_HITS] + counts[BUFFER_MISSES]);
	put_error(json, sums->last_error);
	json_close(json, '{');
}

/* A line of /proc/meminfo in bytes, 0 when there is none. */
static uint64_t meminfo(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	return line ? strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

static void read_text(const char *path, char *text, size_t size)
{
	auto_file FILE *file = fopen(path, "re");

	text[file ? fread(text, 1, size - 1, file) : 0] = '\0';
}

static uint64_t resident(void)
{
	unsigned long long size, pages;
	char text[128];

	read_text("/proc/self/statm", text, sizeof(text));
	if (sscanf(text, "%llu %llu", &size, &pages) != 2)
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void put_totals(struct json *json, const struct buffer_sums *sums,
		       size_t count)
{
	struct buffer_sums all = {0};
	char text[4096];

	for (size_t i = 0; i < count; i++) {
		all.use.memory += sums[i].use.memory;
		all.use.disk += sums[i].use.disk;
		for (unsigned k = 0; k < BUFFER_COUNTS; k++)
			all.counts[k] += sums[i].counts[k];
	}
	read_text("/proc/meminfo", text, sizeof(text));
	json_open_line(json, "totals", '{');
	json_whole(json, "memory", all.use.memory);
	json_whole(json, "disk", all.use.disk);
	json_whole(json, "reads", all.counts[BUFFER_READS]);
	json_whole(json, "writes", all.counts[BUFFER_WRITES]);
	json_whole(json, "errors", all.counts[BUFFER_ERRORS]);
	json_whole(json, "system_memory", meminfo(text, "MemTotal:"));
	json_whole(json, "system_available", meminfo(text, "MemAvailable:"));
	json_whole(json, "daemon_resident", resident());
	json_close(json, '{');
}

void buffers_print(FILE *out)
{
	auto_free struct buffer_sums *sums = NULL;
	struct json json;
	size_t count = 0;

	/* Without memory for it the list is empty, and still a list. */
	(void)buffer_sums(&sums, &count);
	json_begin_file(&json, out, '{');
	json_open(&json, "buffers", '[');
	for (size_t i = 0; i < count; i++)
		put_buffer(&json, &sums[i]);
	json_close(&json, '[');
	put_totals(&json, sums, count);
	json_end_file(&json);
}
