/*
 * The inside of the blocks, for the files that find, hold and move them.
 * Internal to cache/.
 */
#ifndef CACHE_MEMORY_BLOCKS_PRIVATE_H
#define CACHE_MEMORY_BLOCKS_PRIVATE_H

#include "cache/memory/blocks.h"

#include <pthread.h>
#include <sys/queue.h>

#define BLOCKS_BUCKETS 8192

enum block_state { BLOCK_IS_FILLING, BLOCK_IS_MOVING, BLOCK_IS_READY };

struct block {
	/* immutable */
	struct block_id id;
	size_t size;	      /* bytes */
	bool large;	      /* of a large track */
	struct buffer *loose; /* its bytes, outside of pool and stream */

	int64_t began_ns; /* the filler's */

	/*
	 * Protected by the lock. A former place is not given back while
	 * somebody holds the block, so a holder may go on reading there.
	 */
	bool in_pool;
	bool in_stream;
	uint64_t pool_offset;
	uint64_t stream_offset;
	enum block_state state;
	unsigned holders;
	bool listed;  /* others can find it */
	bool for_now; /* for now: it ends with its last holder */
	bool passing; /* all who asked for it were passing */
	struct block_filler *filler;
	uint64_t used; /* the clock of the last release */
	LIST_ENTRY(block) link;
	TAILQ_ENTRY(block) order; /* while nobody holds it */
};

LIST_HEAD(block_list, block);
TAILQ_HEAD(block_queue, block);

struct blocks {
	/* immutable */
	struct pool *pool;
	struct stream *stream;
	unsigned patience;
	int directory; /* of the stream's disk */
	uint64_t min_free;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* signaled: a block is READY, or gone */
	bool stopping;		/* nobody waits any more */
	uint64_t clock;
	uint64_t large_bytes; /* in the queue of large ones */
	struct block_queue small;
	struct block_queue large;
	struct block_queue pushed; /* only on disk */
	struct block_list buckets[BLOCKS_BUCKETS];
};

/* blocks.c */
struct block *blocks_find_locked(struct blocks *blocks,
				 const struct block_id *id);
void blocks_list_locked(struct blocks *blocks, struct block *block);
void blocks_unlist_locked(struct block *block);
void blocks_hold_locked(struct blocks *blocks, struct block *block);
void blocks_free(struct blocks *blocks, struct block *block);

/* blocks_release() without applying the budget. */
void blocks_let_go(struct blocks *blocks, struct block *block);

/* blocks_move.c */

/* Makes room in the pool by moving out what nobody holds: 0 or -errno. */
int blocks_make_room(struct blocks *blocks, size_t size, uint64_t *offset);

/* Brings a held block into the pool; false: there is no room for it. */
bool blocks_bring_back(struct blocks *blocks, struct block *block);

/* Moves blocks out, down to the budget. */
void blocks_trim(struct blocks *blocks);

#endif
