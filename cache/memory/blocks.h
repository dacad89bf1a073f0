/*
 * Blocks that are made once and shared: by the processes that fill and read
 * them in place, and by whoever copies from them here. A block is named by what
 * is in it; it lies in the pool while there is room, is pushed out to the
 * stream when there is not, and is forgotten when there is no room there.
 *
 *   ABSENT  -> FILLING  blocks_acquire() says BLOCK_FILL, to one asker only
 *   FILLING -> READY    blocks_filled()
 *   FILLING -> ABSENT   blocks_release() by the one who should have filled it
 *   READY   -> MOVING -> READY    from memory to disk, or back
 *   READY   -> ABSENT   evicted
 *
 * A block that somebody holds is not evicted. Least recently used goes first,
 * and blocks of large things before all others, as soon as they take more than
 * a quarter of the budget. Any thread.
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
	uint64_t budget;       /* bytes of memory, 0: none */
	uint64_t spill;	       /* bytes of disk, 0: none */
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

/* Of the shared memory that block_offset() counts in. */
int blocks_fd(const struct blocks *blocks);

enum block_answer {
	BLOCK_READY, /* hold it: its bytes are right */
	BLOCK_FILL,  /* hold it: make its bytes, then blocks_filled() */
	BLOCK_NONE,  /* no room, no memory, no patience: nothing is held */
};

/* Who fills a block; told when somebody urgent waits for it. */
struct block_filler {
	atomic_bool urgent; /* what itself is, may change at any time */
	void (*promote)(struct block_filler *filler);
};

/* What may be expected of a block. */
enum block_priority {
	BLOCK_OF_FEW,
	BLOCK_OF_MANY, /* gives way before those of few */
	BLOCK_PASSING, /* the same, and is forgotten rather than put on disk */
};

/*
 * The block of `size` bytes, held until blocks_release(). Waits while another
 * one fills it. A filler that waits for blocks itself may only wait for such
 * that are made without waiting for its own.
 */
enum block_answer blocks_acquire(struct blocks *blocks,
				 const struct block_id *id, size_t size,
				 enum block_priority priority,
				 struct block_filler *filler,
				 struct block **block);

/* Of a block that is held. Where it lies in the shared memory, if it does. */
bool block_in_pool(const struct block *block);
uint64_t block_offset(const struct block *block);

/* Still to be made by its holder. */
bool block_is_filling(const struct block *block);
const struct block_id *block_id_of(const struct block *block);

/* An asker that waits has become urgent: those whom it waits for are told. */
void blocks_look_again(struct blocks *blocks);

/* From now on nobody waits: who would is told BLOCK_NONE. */
void blocks_stop(struct blocks *blocks);

/*
 * The bytes are made. `keep` false (the source was damaged): they can be copied
 * as long as they are held; everybody else who wants to hold them is told
 * BLOCK_NONE and makes his own.
 */
void blocks_filled(struct blocks *blocks, struct block *block, bool keep);
void blocks_release(struct blocks *blocks, struct block *block);

/* A held block that is not to be trusted: nobody finds it any more. */
void blocks_forget(struct blocks *blocks, struct block *block);

/*
 * Takes a block that found no room, READY and held, outside of the budget. It
 * ends with its last holder. One that is still being made gives way to it.
 * -ENOMEM; -EEXIST: by now there is one.
 */
int blocks_add_loose(struct blocks *blocks, const struct block_id *id,
		     struct buffer *bytes, struct block **block);

/* READY, wherever it lies. */
bool blocks_has(struct blocks *blocks, const struct block_id *id);

/* Copies from a block: bytes; 0: it is not there; never waits for a filler. */
ssize_t blocks_read(struct blocks *blocks, const struct block_id *id,
		    uint64_t offset, void *bytes, size_t size);

/*
 * The share of the configured budget that may be used from now on; evicts down
 * to it. What is held goes when it is released.
 */
void blocks_set_budget(struct blocks *blocks, uint64_t budget);
uint64_t blocks_budget(struct blocks *blocks);
uint64_t blocks_used(struct blocks *blocks);

#endif
