/*
 * Renditions: the four pieces of a virtual file, and reading across them.
 *
 * A read looks whether all its bytes are there; if so they are copied and the
 * reader is answered. If not, all missing segments are asked for and the read
 * is parked at the first; when that is there, it looks again. A read keeps no
 * buffer while it is parked.
 */
#include "transcode/rendition.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "transcode/engine_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct request {
	struct wait wait;
	struct rendition *rendition;
	uint64_t offset;
	size_t size;
	rendition_read_fn *fn;
	void *arg;
	bool parked; /* at least once */
};

/* A piece of the file in [start, start + size). */
struct piece {
	uint64_t start;
	uint64_t size;
};

static struct piece tag_piece(const struct rendition *r)
{
	return (struct piece){0, r->tag_size};
}

static struct piece head_piece(const struct rendition *r)
{
	return (struct piece){r->tag_size, r->plan.head_size};
}

static struct piece body_piece(const struct rendition *r)
{
	return (struct piece){(uint64_t)r->tag_size + r->plan.head_size,
			      r->plan.body_size};
}

static struct piece tail_piece(const struct rendition *r)
{
	struct piece body = body_piece(r);

	return (struct piece){body.start + body.size, r->plan.tail_size};
}

uint64_t rendition_size_of(const struct track *track, const struct plan *plan)
{
	return track_tag_size(track) + plan_size(plan);
}

static struct key tag_key(const struct rendition *r)
{
	struct key_part parts[] = {
		{"tag", 3},
		{r->engine->versions, strlen(r->engine->versions)},
		{&r->track->id, sizeof(r->track->id)},
		{&r->track->cover_id, sizeof(r->track->cover_id)},
		{&r->tag_size, sizeof(r->tag_size)},
	};

	return key_of(parts, sizeof(parts) / sizeof(*parts));
}

/* Tags, names and the profile's name are no part of it: see DESIGN, idea 4. */
static struct key body_key(const struct rendition *r)
{
	uint64_t numbers[] = {r->plan.profile.codec, r->plan.profile.effort,
			      r->plan.bit_rate,	     r->plan.source.samples,
			      r->plan.source.rate,   r->plan.source.channels,
			      r->plan.output.rate,   r->plan.output.channels};
	struct key_part parts[] = {
		{"body", 4},
		{r->engine->versions, strlen(r->engine->versions)},
		{&r->track->facts.identity, sizeof(r->track->facts.identity)},
		{numbers, sizeof(numbers)},
	};

	return key_of(parts, sizeof(parts) / sizeof(*parts));
}

static int open_tag(struct rendition *r)
{
	uint64_t starts[2] = {0, r->tag_size};
	struct entry_layout layout = {.count = 1, .starts = starts};
	struct key key = tag_key(r);

	if (r->tag_size == 0)
		return 0;
	return entry_open(r->engine->config.store, &key, &layout, &r->tag);
}

static int open_body(struct rendition *r)
{
	uint32_t count = r->plan.segments;
	auto_free uint64_t *starts = calloc(count + 1u, sizeof(*starts));
	struct entry_layout layout = {.count = count, .starts = starts};
	struct key key = body_key(r);

	if (!starts)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		starts[i + 1] = plan_segment(&r->plan, i).end;
	assert(starts[count] == r->plan.body_size);
	return entry_open(r->engine->config.store, &key, &layout, &r->body);
}

int rendition_open(struct engine *engine, struct track *track,
		   const struct plan *plan, struct rendition **rendition)
{
	struct rendition *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	atomic_init(&r->refs, 1);
	r->engine = engine;
	r->track = track_ref(track);
	r->plan = *plan;
	r->tag_size = track_tag_size(track);
	err = open_tag(r);
	if (!err)
		err = open_body(r);
	if (err) {
		rendition_unref(r);
		return err;
	}
	*rendition = r;
	return 0;
}

struct rendition *rendition_ref(struct rendition *r)
{
	atomic_fetch_add(&r->refs, 1);
	return r;
}

void rendition_unref(struct rendition *r)
{
	if (!r || atomic_fetch_sub(&r->refs, 1) > 1)
		return;
	assert(r->rank == FILL_NONE);
	entry_unref(r->tag);
	entry_unref(r->body);
	track_unref(r->track);
	free(r);
}

const struct track *rendition_track(const struct rendition *r)
{
	return r->track;
}

uint64_t rendition_size(const struct rendition *r)
{
	return r->tag_size + plan_size(&r->plan);
}

bool rendition_complete(struct rendition *r)
{
	return (!r->tag || entry_whole(r->tag)) && entry_whole(r->body);
}

/* The part of [offset, offset + size) in a piece, counted from its start. */
static bool overlap(struct piece piece, uint64_t offset, uint64_t size,
		    struct piece *part)
{
	uint64_t end = offset + size;
	uint64_t piece_end = piece.start + piece.size;
	uint64_t from = offset > piece.start ? offset : piece.start;
	uint64_t to = end < piece_end ? end : piece_end;

	if (from >= to)
		return false;
	*part = (struct piece){from - piece.start, to - from};
	return true;
}

static struct job_id job_id_of(enum job_kind kind, const struct entry *entry,
			       uint32_t segment)
{
	struct job_id id;

	memset(&id, 0, sizeof(id));
	id.kind = kind;
	id.entry = entry;
	id.segment = segment;
	return id;
}

/*
 * Walks over the segments of an entry that hold `part` and asks for all that
 * are missing. The first of them is given in `first`, with `need`, the bytes of
 * it that are wanted. Returns whether one is missing.
 */
static bool ask_missing(struct request *q, enum job_kind kind,
			struct entry *entry, struct piece part,
			struct job_id *first, bool found)
{
	uint64_t end = part.start + part.size;

	for (uint32_t s = entry_segment_at(entry, part.start);
	     s < entry_count(entry) && entry_segment_start(entry, s) < end;
	     s++) {
		uint64_t start = entry_segment_start(entry, s);
		uint64_t stop = entry_segment_start(entry, s + 1);
		uint64_t from = part.start > start ? part.start : start;
		uint64_t to = end < stop ? end : stop;
		struct job_id id = job_id_of(kind, entry, s);

		if (entry_covers(entry, from, to - from))
			continue;
		engine_demand(q->rendition->engine, &id, NULL, q->rendition,
			      true);
		if (found)
			continue;
		found = true;
		*first = id;
		q->wait.need = to == stop ? UINT64_MAX : to - start;
	}
	return found;
}

static bool find_missing(struct request *q, struct job_id *first)
{
	struct rendition *r = q->rendition;
	struct piece part;
	bool found = false;

	if (overlap(tag_piece(r), q->offset, q->size, &part))
		found = ask_missing(q, JOB_TAG, r->tag, part, first, found);
	if (overlap(body_piece(r), q->offset, q->size, &part))
		found = ask_missing(q, JOB_SEGMENT, r->body, part, first,
				    found);
	return found;
}

static bool copy_entry(struct entry *entry, struct piece piece,
		       const struct request *q, uint8_t *bytes, int *err)
{
	struct piece part;
	ssize_t n;

	if (!overlap(piece, q->offset, q->size, &part))
		return true;
	n = entry_read(entry, part.start,
		       bytes + (piece.start + part.start - q->offset),
		       part.size);
	if (n < 0)
		*err = (int)n;
	return n == (ssize_t)part.size;
}

static void copy_edge(struct piece piece, const struct request *q,
		      uint8_t *bytes,
		      void (*make)(const struct plan *, uint8_t *))
{
	uint8_t edge[PLAN_EDGE_MAX];
	struct piece part;

	if (!overlap(piece, q->offset, q->size, &part))
		return;
	assert(piece.size <= sizeof(edge));
	make(&q->rendition->plan, edge);
	memcpy(bytes + (piece.start + part.start - q->offset),
	       edge + part.start, part.size);
}

/* 0 when all was there; -EAGAIN when some of it is not, after all. */
static int copy(const struct request *q, uint8_t *bytes)
{
	struct rendition *r = q->rendition;
	int err = -EAGAIN;

	if (!copy_entry(r->tag, tag_piece(r), q, bytes, &err) ||
	    !copy_entry(r->body, body_piece(r), q, bytes, &err))
		return err;
	copy_edge(head_piece(r), q, bytes, plan_head);
	copy_edge(tail_piece(r), q, bytes, plan_tail);
	return 0;
}

bool rendition_copy(struct rendition *r, uint64_t offset, void *bytes,
		    size_t size)
{
	struct request q = {.rendition = r, .offset = offset, .size = size};

	return copy(&q, bytes) == 0;
}

static void answer(struct request *q, int err, const void *bytes)
{
	q->fn(q->arg, err, bytes, err ? 0 : q->size);
	rendition_unref(q->rendition);
	free(q);
}

static int try_copy(struct request *q)
{
	auto_free uint8_t *bytes = malloc(q->size ? q->size : 1);
	int err;

	if (!bytes)
		return -ENOMEM;
	err = copy(q, bytes);
	if (!err)
		answer(q, 0, bytes);
	return err;
}

static int park(struct request *q, const struct job_id *missing)
{
	if (!q->parked)
		count(reads_parked);
	q->parked = true;
	return engine_await(q->rendition->engine, &q->wait, missing, NULL,
			    q->rendition);
}

/* Answers the request or parks it; after this it must not be touched. */
static void advance(struct request *q)
{
	struct job_id missing;
	int err = -EAGAIN;

	while (err == -EAGAIN) {
		if (find_missing(q, &missing))
			err = park(q, &missing);
		else
			err = try_copy(q);
		if (err == 0)
			return;
	}
	answer(q, err, NULL);
}

static void wake(struct wait *wait, int err, const struct facts *facts)
{
	struct request *q = (struct request *)wait;

	(void)facts;
	if (err && err != -EAGAIN)
		answer(q, err, NULL);
	else
		advance(q);
}

void rendition_read(struct rendition *r, uint64_t offset, size_t size,
		    rendition_read_fn *fn, void *arg)
{
	uint64_t file_size = rendition_size(r);
	struct request *q = calloc(1, sizeof(*q));

	if (!q) {
		fn(arg, -ENOMEM, NULL, 0);
		return;
	}
	if (offset > file_size)
		offset = file_size;
	if (size > file_size - offset)
		size = (size_t)(file_size - offset);
	*q = (struct request){
		.wait = {.rendition = r, .wake = wake},
		.rendition = rendition_ref(r),
		.offset = offset,
		.size = size,
		.fn = fn,
		.arg = arg,
	};
	advance(q);
}
