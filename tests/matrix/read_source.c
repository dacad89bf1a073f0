/*
 * For test_matrix.py: reads a file as a worker does, second by second from its
 * beginning, then each second again in other orders: shuffled by one source,
 * and backward, with a new source every few seconds. All must be the same.
 *
 *   read-source FILE OUT SEED
 *
 * writes the samples (32-bit floats, interleaved) to OUT and prints
 *
 *   rate channels samples silent kind backend codec revision
 *
 * Ends with 1 when orders differ, with 2 when the file cannot be opened.
 */
#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/source/source.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MOST ((uint64_t)1 << 28) /* samples, in all channels */
enum { DIFFERS = 1, UNREADABLE = 2, FEW = 3 };

struct reading {
	struct input input;
	struct source *source;
	uint64_t samples;
	size_t silent;
	float *frames;
	float *again; /* a second */
};

static int open_file(struct reading *r, const char *path)
{
	struct stat st;

	r->input.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r->input.fd < 0 || fstat(r->input.fd, &st) < 0)
		return fail(-errno, "%s", strerror(errno));
	r->input.size = (uint64_t)st.st_size;
	return source_open(&r->input, &r->source);
}

/* As a probe counts. */
static int count_samples(struct reading *r)
{
	struct source *source = r->source;
	int error = 0;

	r->samples = source->info.samples;
	if (r->samples == 0)
		error = source_count(source, &r->samples);
	if (!error && r->samples > MOST / source->info.channels)
		error = fail(-EFBIG, "%" PRIu64 " samples", r->samples);
	if (error)
		return error;
	source_close(source);
	r->source = NULL;
	return source_open(&r->input, &r->source);
}

static uint64_t seconds_of(const struct reading *r)
{
	return (r->samples + r->source->info.rate - 1) / r->source->info.rate;
}

static size_t read_second(struct reading *r, uint64_t second, float *to,
			  size_t *silent)
{
	uint64_t rate = r->source->info.rate, start = second * rate;
	uint64_t rest = r->samples - start;
	size_t count = (size_t)(rest < rate ? rest : rate);

	if (source_read(r->source, start, to, count, silent) != 0)
		fprintf(stderr, "second %" PRIu64 ": %s\n", second,
			fail_text());
	return count * r->source->info.channels;
}

static float *place_of(const struct reading *r, uint64_t second)
{
	return r->frames +
	       second * r->source->info.rate * r->source->info.channels;
}

static int check_second(struct reading *r, uint64_t second, const char *order)
{
	const float *first = place_of(r, second);
	size_t silent = 0, n = read_second(r, second, r->again, &silent);

	if (memcmp(first, r->again, n * sizeof(float)) == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (memcmp(&first[i], &r->again[i], sizeof(float)) == 0)
			continue;
		printf("second %" PRIu64 " differs, %s, from sample %zu on\n",
		       second, order, i / r->source->info.channels);
		break;
	}
	return DIFFERS;
}

static int check_shuffled(struct reading *r, uint64_t seed)
{
	uint64_t seconds = seconds_of(r);

	for (uint64_t i = 0; i < 2 * seconds; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		if (check_second(r, (seed >> 33) % seconds, "shuffled") != 0)
			return DIFFERS;
	}
	return 0;
}

static int check_backward(struct reading *r)
{
	for (uint64_t s = seconds_of(r); s-- > 0;) {
		if (s % FEW == 0) {
			source_close(r->source);
			r->source = NULL;
			if (source_open(&r->input, &r->source) != 0)
				return UNREADABLE;
		}
		if (check_second(r, s, "backward") != 0)
			return DIFFERS;
	}
	return 0;
}

static int read_forward(struct reading *r, const char *path)
{
	size_t width = r->source->info.channels * sizeof(float);
	FILE *out = fopen(path, "w");
	size_t n;

	r->frames = calloc(r->samples + 1, width);
	r->again = calloc(r->source->info.rate, width);
	if (!out || !r->frames || !r->again)
		return fail(-errno, "cannot write '%s'", path);
	for (uint64_t s = 0; s < seconds_of(r); s++)
		read_second(r, s, place_of(r, s), &r->silent);
	n = fwrite(r->frames, width, r->samples, out);
	if (fclose(out) != 0 || n < r->samples)
		return fail(-EIO, "cannot write '%s'", path);
	return 0;
}

static int check(struct reading *r, uint64_t seed)
{
	const struct source_info *info = &r->source->info;
	int result;

	printf("%u %u %" PRIu64 " %zu %u '%s' %s %u\n", info->rate,
	       info->channels, r->samples, r->silent, info->kind,
	       r->source->ops->name, info->codec, info->revision);
	result = r->samples > 0 ? check_shuffled(r, seed) : 0;
	return result ? result : check_backward(r);
}

int main(int argc, char **argv)
{
	struct reading r = {0};
	int error;

	if (argc != 4)
		return UNREADABLE;
	media_setup();
	error = open_file(&r, argv[1]);
	if (!error)
		error = count_samples(&r);
	if (!error)
		error = read_forward(&r, argv[2]);
	if (error)
		printf("cannot read: %s\n", fail_text());
	error = error ? UNREADABLE : check(&r, strtoull(argv[3], NULL, 10));
	source_close(r.source);
	free(r.frames);
	free(r.again);
	return error;
}
