/*
 * The buffers as JSON. Numbers with a fraction are put together from integers:
 * printf(3) would write the locale's comma.
 */
#include "cache/memory/buffer_inner.h"

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
	const struct buffer_metrics *m = &sums->metrics;
	const struct number numbers[] = {
		{"size", m->size},
		{"memory", m->memory},
		{"disk", m->disk},
		{"reads", m->reads},
		{"writes", m->writes},
		{"read_bytes", m->read_bytes},
		{"written_bytes", m->written_bytes},
		{"errors", m->errors},
	};

	fprintf(out,
		"{\"kind\": \"%s\", \"name\": \"%s\", \"count\": %" PRIu64
		", \"state\": \"%s\", ",
		kinds[m->kind], sums->name, sums->count, m->state);
	print_numbers(out, numbers, sizeof(numbers) / sizeof(*numbers));
	print_ratio(out, "mean_read_us", m->read_ns, m->reads);
	print_ratio(out, "mean_write_us", m->write_ns, m->writes);
	print_ratio(out, "hit_rate", m->hits * 1000, m->hits + m->misses);
	print_error(out, m->last_error);
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
	struct buffer_metrics all = {0};
	char text[4096];

	for (size_t i = 0; i < count; i++) {
		all.memory += sums[i].metrics.memory;
		all.disk += sums[i].metrics.disk;
		all.reads += sums[i].metrics.reads;
		all.writes += sums[i].metrics.writes;
		all.errors += sums[i].metrics.errors;
	}
	read_text("/proc/meminfo", text, sizeof(text));
	print_numbers(
		out,
		(const struct number[]){
			{"memory", all.memory},
			{"disk", all.disk},
			{"reads", all.reads},
			{"writes", all.writes},
			{"errors", all.errors},
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
	(void)buffer_groups(&sums, &count);
	fprintf(out, "\"buffers\": [");
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s\n", i ? "," : "");
		print_buffer(out, &sums[i]);
	}
	fprintf(out, "],\n\"totals\": {");
	print_totals(out, sums, count);
	fprintf(out, "}");
}
