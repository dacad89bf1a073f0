/*
 * The buffers as JSON. Numbers with a fraction are put together from integers:
 * printf(3) would write the locale's comma.
 */
#include "cache/memory/buffer_metrics.h"

#include "base/cleanup.h"

#include <inttypes.h>
#include <string.h>

static const char *const kinds[BUFFER_KINDS] = {
	[BUFFER_MEMORY] = "memory",
	[BUFFER_STREAMING] = "streaming",
	[BUFFER_RING] = "ring",
	[BUFFER_POOL] = "pool",
};

struct number {
	const char *name;
	uint64_t value;
};

static void print_numbers(FILE *out, const struct number *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\"%s\": %" PRIu64, i ? ", " : "",
			numbers[i].name, numbers[i].value);
}

/* `thousandths` divided by `by`, with three decimals; null when that is 0. */
static void print_ratio(FILE *out, const char *name, uint64_t thousandths,
			uint64_t by)
{
	if (by == 0) {
		fprintf(out, ", \"%s\": null", name);
		return;
	}
	thousandths /= by;
	fprintf(out, ", \"%s\": %" PRIu64 ".%03u", name, thousandths / 1000,
		(unsigned)(thousandths % 1000));
}

static void print_error(FILE *out, int error)
{
	const char *name = error ? strerrorname_np(-error) : NULL;

	if (error && !name)
		fprintf(out, ", \"last_error\": \"%d\"", -error);
	else if (error)
		fprintf(out, ", \"last_error\": \"%s\"", name);
	else
		fprintf(out, ", \"last_error\": null");
}

static void print_buffer(FILE *out, const struct buffer_sums *sums)
{
	const uint64_t *counts = sums->counts;
	const struct number numbers[] = {
		{"size", sums->size},
		{"memory", sums->use.memory},
		{"disk", sums->use.disk},
		{"reads", counts[BUFFER_READS]},
		{"writes", counts[BUFFER_WRITES]},
		{"read_bytes", counts[BUFFER_READ_BYTES]},
		{"written_bytes", counts[BUFFER_WRITTEN_BYTES]},
		{"errors", counts[BUFFER_ERRORS]},
	};

	fprintf(out,
		"{\"kind\": \"%s\", \"name\": \"%s\", \"count\": %u"
		", \"state\": \"%s\", ",
		kinds[sums->kind], sums->name, sums->count, sums->state);
	print_numbers(out, numbers, sizeof(numbers) / sizeof(*numbers));
	print_ratio(out, "mean_read_us", counts[BUFFER_READ_NS],
		    counts[BUFFER_READS]);
	print_ratio(out, "mean_write_us", counts[BUFFER_WRITE_NS],
		    counts[BUFFER_WRITES]);
	print_ratio(out, "hit_rate", counts[BUFFER_HITS] * 1000,
		    counts[BUFFER_HITS] + counts[BUFFER_MISSES]);
	print_error(out, sums->last_error);
	fprintf(out, "}");
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

static void print_totals(FILE *out, const struct buffer_sums *sums,
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
	print_numbers(
		out,
		(const struct number[]){
			{"memory", all.use.memory},
			{"disk", all.use.disk},
			{"reads", all.counts[BUFFER_READS]},
			{"writes", all.counts[BUFFER_WRITES]},
			{"errors", all.counts[BUFFER_ERRORS]},
			{"system_memory", meminfo(text, "MemTotal:")},
			{"system_available", meminfo(text, "MemAvailable:")},
			{"daemon_resident", resident()},
		},
		8);
}

void buffers_print(FILE *out)
{
	auto_free struct buffer_sums *sums = NULL;
	size_t count = 0;

	/* Without memory for it the list is empty, and still a list. */
	(void)buffer_sums(&sums, &count);
	fprintf(out, "\"buffers\": [");
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s\n", i ? "," : "");
		print_buffer(out, &sums[i]);
	}
	fprintf(out, "],\n\"totals\": {");
	print_totals(out, sums, count);
	fprintf(out, "}");
}
