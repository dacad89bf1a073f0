/*
 * Reads analyses: resident parts at once, others from the cache's entry, which
 * renders what is missing. A part that is small enough is read as a whole and
 * becomes resident, so that its next reader, or the next read of this one, only
 * costs a copy.
 */
#include "transcode/engine/analysis.h"

#include "base/counters.h"
#include "transcode/engine/engine_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { REASON_MAX = 200, TIMES_BELIEVED = 2 };

struct failure {
	unsigned times; /* each with a second try */
	char reason[REASON_MAX];
};

struct part_request {
	struct rendition *rendition;
	enum analysis_part part;
	uint64_t offset; /* of what is wanted, in the part */
	size_t size;
	bool whole; /* the whole part is being read */
	rendition_read_fn *fn;
	void *arg;
};

static struct resident *resident_of(const struct rendition *r)
{
	return r->engine->config.resident;
}

/*
 * Silence in place of damage ends with this file's last reader, as everywhere.
 */
static void keep(const struct part_request *q, const void *bytes, size_t size)
{
	const struct rendition *r = q->rendition;

	if (q->whole && entry_has(r->body, 0) && !entry_is_for_now(r->body))
		resident_put(resident_of(r), &r->key, q->part, bytes, size);
}

static void on_bytes(void *arg, int err, const void *bytes, size_t size)
{
	struct part_request *q = arg;

	if (err) {
		q->fn(q->arg, err, NULL, 0);
	} else {
		keep(q, bytes, size);
		q->fn(q->arg, 0,
		      (const uint8_t *)bytes + (q->whole ? q->offset : 0),
		      q->size);
	}
	rendition_unref(q->rendition);
	free(q);
}

/* The name of a resident failure of a file: for this version of it only. */
static struct key failure_key(const struct rendition *r)
{
	struct key_part parts[] = {
		{"failed analysis", 15},
		{&r->track->id, sizeof(r->track->id)},
	};

	return key_of(parts, sizeof(parts) / sizeof(*parts));
}

static bool find_failure(struct rendition *r, struct failure *failure)
{
	struct key key = failure_key(r);

	return resident_read(resident_of(r), &key, ANALYSIS_RECORD, 0, failure,
			     sizeof(*failure));
}

void analysis_failed(struct rendition *r, const char *reason)
{
	struct key key = failure_key(r);
	struct failure failure = {0};

	find_failure(r, &failure);
	failure.times++;
	snprintf(failure.reason, sizeof(failure.reason), "%s", reason);
	resident_put(resident_of(r), &key, ANALYSIS_RECORD, &failure,
		     sizeof(failure));
}

/* It has failed twice and would again, though another mount may have luck. */
static bool has_failed(struct rendition *r)
{
	struct failure failure;

	if (rendition_complete(r) || !find_failure(r, &failure) ||
	    failure.times < TIMES_BELIEVED)
		return false;
	rendition_set_failure(r, failure.reason);
	return true;
}

static bool read_resident(struct rendition *r, enum analysis_part part,
			  uint64_t offset, size_t size, rendition_read_fn *fn,
			  void *arg)
{
	uint8_t *bytes = malloc(size ? size : 1);
	bool found = bytes && resident_read(resident_of(r), &r->key, part,
					    offset, bytes, size);

	if (found)
		count(analysis_hits);
	else
		count(analysis_misses);
	if (found)
		fn(arg, 0, bytes, size);
	free(bytes);
	return found;
}

void analysis_count(struct rendition *r)
{
	struct analysis_record record;

	count(analyses);
	if (entry_read(r->body, 0, &record, sizeof(record)) != sizeof(record))
		return;
	count_n(analysis_decode_us, record.stage_us[STAGE_DECODE]);
	count_n(analysis_measure_us, record.stage_us[STAGE_MEASURE]);
	count_n(analysis_draw_us, record.stage_us[STAGE_DRAW]);
}

void analysis_read(struct rendition *r, enum analysis_part part,
		   uint64_t offset, size_t size, const struct asker *asker,
		   rendition_read_fn *fn, void *arg)
{
	struct analysis_span span = analysis_span(part, r->plan.source.samples);
	struct part_request *q;

	assert(offset + size <= span.size);
	if (read_resident(r, part, offset, size, fn, arg))
		return;
	if (has_failed(r)) {
		fn(arg, -EIO, NULL, 0);
		return;
	}
	q = malloc(sizeof(*q));
	if (!q) {
		fn(arg, -ENOMEM, NULL, 0);
		return;
	}
	*q = (struct part_request){
		.rendition = rendition_ref(r),
		.part = part,
		.offset = offset,
		.size = size,
		.whole = resident_takes(resident_of(r), (size_t)span.size),
		.fn = fn,
		.arg = arg,
	};
	if (q->whole)
		rendition_read(r, span.start, (size_t)span.size, asker,
			       on_bytes, q);
	else
		rendition_read(r, span.start + offset, size, asker, on_bytes,
			       q);
}
