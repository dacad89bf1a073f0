/* What workers do that hostile files took over. For worker_taken.c. */
#ifndef DEEDS_H
#define DEEDS_H

#include "transcode/worker/tasks.h"

#include <stdbool.h>

struct deed {
	const char *name;
	int (*act)(struct link *link, const struct worker_task *task);
};

extern uint8_t *deeds_ring; /* the ring's memory, to lie in */
extern bool deeds_hoard;    /* every descriptor is kept */

/*
 * The deed that a file asks for at this task: "takeover=TASK:DEED;" in its
 * first bytes. NULL: none.
 */
const struct deed *find_deed(int source, const struct worker_task *task);

#endif
