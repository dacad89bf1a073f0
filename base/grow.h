/* Lists on the heap, as an array and a count. */
#ifndef BASE_GROW_H
#define BASE_GROW_H

#include <stdlib.h>

/*
 * Makes room for one more; false: no memory, and nothing has changed. An array
 * has room for a power of two, so that nobody needs to remember for how many.
 */
#define grow(items, count)                                                     \
	({                                                                     \
		__typeof__(items) grown_ = (items);                            \
		if (((count) & ((count)-1)) == 0)                              \
			grown_ = reallocarray(grown_,                          \
					      (count) ? 2 * (count) : 1,       \
					      sizeof(*grown_));                \
		if (grown_)                                                    \
			(items) = grown_;                                      \
		grown_ != NULL;                                                \
	})

#endif
