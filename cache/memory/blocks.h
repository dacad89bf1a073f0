/*
 * Blocks that are made once and shared: by the processes that fill and read
 * them in place, and by whoever copies from them here. A block is named by its
 * content; it is in the pool while there is room, is moved to the stream when
 * there is not, and is forgotten when there is no room there.
 *
 *    ABSENT  -> FILLING          blocks_acquire() says BLOCK_FILL, to one asker
 *    FILLING -> READY            blocks_filled()
 *    FILLING -> ABSENT           blocks_release() by whoever should have filled
 * it READY   -> MOVING -> READY  from the pool to disk, or back READY   ->
 * ABSENT           evicted
 *
 * A block that somebody holds is not evicted. The least recently used goes
 * first, and blocks of large tracks before all others, as soon as they take
 * more than a quarter of the budget. Any thread.
 */
#ifndef CACHE_MEMORY_BLOCKS_H
#define CACHE_MEMORY_BLOCKS_H

#include "cache/key.h"
#include "cache/memory/buffer.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct blocks;
struct block;

struct block_id {
	struct key stream; /* what it is a part of */
	uint64_t index;	   /* of its blocks, from 0 */
};

static inline bool block_id_equal(const struct block_id *a,
				  const struct block_id *b)
{
	return a->index == b->index &&
	       memcmp(&a->stream, &b->stream, sizeof(a->stream)) == 0;
}

struct blocks_config {
	uint64_t budget;       /* bytes of the pool, 0: none */
	uint64_t spill;	       /* bytes of the stream on disk, 0: none */
	uint64_t min_free;     /* bytes to leave free on that disk */
	const char *directory; /* for the stream; copied */
	unsigned patience;     /* seconds to wait for another one's filling */
};

/*
 * -ENOMEM; -EINVAL: a budget that no address space holds; -errno of the shared
 * memory or the directory.
 */
int blocks_create(const struct blocks_config *config, struct blocks **blocks);

/* Nobody may hold a block. NULL is allowed. */
void blocks_destroy(struct blocks *blocks);

/* The shared memory that block_offset() refers to. */
int blocks_fd(const struct blocks *blocks);

enum block_answer {
	BLOCK_READY, /* hold it: its bytes are right */
	BLOCK_FILL,  /* hold it: make its bytes, then blocks_filled() */
	BLOCK_NONE,  /* no room, no memory, or it took too long: nothing is
			held */
};

/* Who fills a block; called when somebody urgent waits for it. */
struct block_filler {
	atomic_bool urgent; /* the filler's own urgency; may change at any
			       time */
	void (*promote)(struct block_filler *filler);
};

/* How a block will be used. */
enum block_priority {
	BLOCK_OF_FEW,
	BLOCK_OF_MANY, /* gives way before those of small tracks */
	BLOCK_PASSING, /* the same, and is forgotten rather than written to
			  disk */
};

/*
 * The block of `size` bytes, held until blocks_release(). Waits while somebody
 * else fills it. A filler may only wait for blocks that are made without
 * waiting for its own.
 */
enum block_answer blocks_acquire(struct blocks *blocks,
				 const struct block_id *id, size_t size,
				 enum block_priority priority,
				 struct block_filler *filler,
				 struct block **block);

/* For a held block: its offset in the shared memory, if it is there. */
bool block_in_pool(const struct block *block);
uint64_t block_offset(const struct block *block);

/* Its holder has still to make it. */
bool block_is_filling(const struct block *block);
const struct block_id *block_id_of(const struct block *block);

/*
 * A waiting asker has become urgent: those who fill what it waits for are told.
 */
void blocks_look_again(struct blocks *blocks);

/* From now on nobody waits: whoever would gets BLOCK_NONE. */
void blocks_stop(struct blocks *blocks);

/*
 * The bytes are made. With `keep` false (the source was damaged) they can be
 * copied as long as they are held; everybody else who wants to hold them gets
 * BLOCK_NONE and makes his own.
 */
void blocks_filled(struct blocks *blocks, struct block *block, bool keep);
void blocks_release(struct blocks *blocks, struct block *block);

/* A held block cannot be trusted: nobody finds it any more. */
void blocks_forget(struct blocks *blocks, struct block *block);

/*
 * Takes a block that did not fit into the pool, READY and held, outside of the
 * budget. It ends with its last holder, and replaces one that is still being
 * made. -ENOMEM; -EEXIST: there is one by now.
 */
int blocks_add_loose(struct blocks *blocks, const struct block_id *id,
		     struct buffer *bytes, struct block **block);

/* READY, wherever it is. */
bool blocks_has(struct blocks *blocks, const struct block_id *id);

/* Copies from a block: bytes; 0: it is not there; never waits for a filler. */
ssize_t blocks_read(struct blocks *blocks, const struct block_id *id,
		    uint64_t offset, void *bytes, size_t size);

/*
 * The part of the configured budget that may be used from now on; evicts down
 * to it. What is held goes when it is released.
 */
void blocks_set_budget(struct blocks *blocks, uint64_t budget);
uint64_t blocks_budget(struct blocks *blocks);
uint64_t blocks_used(struct blocks *blocks);

#endif
