/*
 * Reading a rendition across its parts.
 *
 * A read checks whether all its bytes are there; if so, they are copied and the
 * reader is answered. If not, all missing segments are requested and the read
 * is parked at the first; when that one is there, it checks again. A read of
 * entries has no buffer while it is parked. A read of blocks copies what it
 * finds at once, since a block may be gone again when the last one comes.
 */
#include "transcode/engine/rendition.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/counters.h"
#include "transcode/engine/engine_private.h"

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
	bool made;	/* some of its bytes are cached ones: not only head
			   and tail */
	int64_t parked; /* since then, in ns; 0: never */
	uint8_t *bytes; /* for the whole request, while it copies blocks */
	size_t copied;	/* number of blocks that it needs */
};

/* A range [start, start + size) of the file. */
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

/* The part of [offset, offset + size) in a range, relative to its start. */
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

/*
 * Walks over the segments of an entry that hold `part` and requests those that
 * are missing. `first` is the first of them, and `need` how many of its bytes
 * are wanted. Returns whether one is missing.
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
		q->wait.need = to == stop || plan_is_slow(&q->rendition->plan)
				       ? UINT64_MAX
				       : to - start;
	}
	return found;
}

static struct block_id block_at(const struct rendition *r, uint64_t offset,
				size_t *within)
{
	const struct pcm_layout layout = plan_layout(&r->plan);
	size_t size = pcm_block_bytes(&layout);

	*within = (size_t)(offset % size);
	return (struct block_id){r->key, offset / size};
}

/* Copies as far as there are blocks. */
static void copy_blocks(struct request *q, struct piece part)
{
	struct rendition *r = q->rendition;
	uint64_t start = body_piece(r).start + part.start - q->offset;
	ssize_t n = 1;

	while (n > 0 && q->copied < part.size) {
		size_t within;
		struct block_id id =
			block_at(r, part.start + q->copied, &within);

		n = blocks_read(r->engine->config.blocks, &id, within,
				q->bytes + start + q->copied,
				part.size - q->copied);
		if (n > 0)
			q->copied += (size_t)n;
	}
}

/* Requests all blocks from where copying has arrived; gives the first. */
static void ask_blocks(struct request *q, struct piece part,
		       struct job_id *first)
{
	struct rendition *r = q->rendition;
	size_t within;
	uint64_t from = block_at(r, part.start + q->copied, &within).index;
	uint64_t last = block_at(r, part.start + part.size - 1, &within).index;

	/* a block that does not fit is gone when nobody waits for it: one at
	   a time */
	if (blocks_budget(r->engine->config.blocks) < part.size)
		last = from;

	for (uint64_t s = from; s <= last; s++) {
		struct job_id id = job_id_of(JOB_BLOCK, NULL, (uint32_t)s);

		id.stream = r->key;
		engine_demand(r->engine, &id, NULL, r, true);
		if (s == from)
			*first = id;
	}
	q->wait.need = UINT64_MAX;
}

static int find_missing_blocks(struct request *q, struct piece part,
			       struct job_id *first)
{
	if (!q->bytes)
		q->bytes = malloc(q->size);
	if (!q->bytes)
		return -ENOMEM;
	copy_blocks(q, part);
	if (q->copied == part.size)
		return 0;
	ask_blocks(q, part, first);
	return 1;
}

/* 1: something is missing, and `first` is the first of it; 0; -ENOMEM. */
static int find_missing(struct request *q, struct job_id *first)
{
	struct rendition *r = q->rendition;
	struct piece part;
	bool found = false;

	if (overlap(tag_piece(r), q->offset, q->size, &part)) {
		q->made = true;
		found = ask_missing(q, JOB_TAG, r->tag, part, first, found);
	}
	if (!overlap(body_piece(r), q->offset, q->size, &part))
		return found;
	q->made = true;
	if (r->body)
		return ask_missing(q, JOB_SEGMENT, r->body, part, first, found);
	return find_missing_blocks(q, part, first);
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

/* 0: all of it was there; -EAGAIN: some of it is not, after all. */
static int copy(const struct request *q, uint8_t *bytes)
{
	struct rendition *r = q->rendition;
	int err = -EAGAIN;

	if (!copy_entry(r->tag, tag_piece(r), q, bytes, &err))
		return err;
	if (r->body && !copy_entry(r->body, body_piece(r), q, bytes, &err))
		return err;
	copy_edge(head_piece(r), q, bytes, plan_head);
	copy_edge(tail_piece(r), q, bytes, plan_tail);
	return 0;
}

bool rendition_copy(struct rendition *r, uint64_t offset, void *bytes,
		    size_t size)
{
	struct request q = {.rendition = r, .offset = offset, .size = size};

	assert(r->body);
	return copy(&q, bytes) == 0;
}

static void answer_request(struct request *q, int err, const void *bytes)
{
	if (q->parked)
		count_n(reads_parked_us,
			(uint64_t)(clock_ns() - q->parked) / 1000);
	else if (q->made && !err)
		count(reads_ready);
	q->fn(q->arg, err, bytes, err ? 0 : q->size);
	rendition_unref(q->rendition);
	free(q->bytes);
	free(q);
}

static int try_copy(struct request *q)
{
	auto_free uint8_t *bytes = steal_ptr(q->bytes);
	int err;

	q->copied = 0; /* if it has to check again, it starts over */
	if (!bytes)
		bytes = malloc(q->size ? q->size : 1);
	if (!bytes)
		return -ENOMEM;
	err = copy(q, bytes);
	if (!err)
		answer_request(q, 0, bytes);
	return err;
}

static int park(struct request *q, const struct job_id *missing)
{
	if (!q->parked) {
		count(reads_parked);
		q->parked = clock_ns();
	}
	return engine_await(q->rendition->engine, &q->wait, missing, NULL,
			    q->rendition, true);
}

/* Answers the request or parks it; do not touch it afterwards. */
static void advance(struct request *q)
{
	struct job_id missing;
	int err = -EAGAIN;

	while (err == -EAGAIN) {
		err = find_missing(q, &missing);
		if (err == 0)
			err = try_copy(q);
		else if (err > 0)
			err = park(q, &missing);
		if (err == 0)
			return;
	}
	answer_request(q, err, NULL);
}

static void wake(struct wait *wait, int err, const struct facts *facts)
{
	struct request *q = (struct request *)wait;

	(void)facts;
	if (err && err != -EAGAIN)
		answer_request(q, err, NULL);
	else
		advance(q);
}

void rendition_read(struct rendition *r, uint64_t offset, size_t size,
		    const struct asker *asker, rendition_read_fn *fn, void *arg)
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
		.wait = {.rendition = r,
			 .asker = asker_of(asker),
			 .wake = wake},
		.rendition = rendition_ref(r),
		.offset = offset,
		.size = size,
		.fn = fn,
		.arg = arg,
	};
	advance(q);
}
