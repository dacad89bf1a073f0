/*
 * Which row of the table takes which item, and which items of a row are chosen:
 * the best source's, and of those a frame itself before the row's names in
 * their order.
 */
#ifndef WORKER_TAG_CLAIMS_H
#define WORKER_TAG_CLAIMS_H

#include "transcode/worker/tags/tag_table.h"
#include "transcode/worker/tags/tags.h"

#include <stdbool.h>

enum { NO_ROW = -1, RANK_FRAME = 0 };

/* An item to be arranged. */
struct claim {
	const struct tag_item *item;
	int row;       /* NO_ROW: nobody's */
	unsigned rank; /* RANK_FRAME, or 1 + the index of its name */
	bool chosen;
	bool done; /* put, or not to be put */
};

struct arranger {
	struct claim *claims;
	size_t count;
	struct tags *to;
};

/* One for each item; the caller frees arranger->claims. -ENOMEM. */
int claims_make(struct arranger *arranger, const struct tags *from);

/* NULL: nothing claims the row. */
const struct claim *claims_best(const struct arranger *arranger, int row);

/* Marks as done what is chosen of a row, and what only repeats that. */
void claims_choose(struct arranger *arranger, int row,
		   const struct claim *best);

bool claims_equal(const struct tag_item *a, const struct tag_item *b);

#endif
