/*
 * Memory pressure: a thread checks about once a second whether the machine, or
 * the control group that this process is in, runs short of memory, and adjusts
 * a budget accordingly.
 *
 *    the machine  tasks stall for memory a tenth of the time: the kernel's
 *                 pressure stall information (psi.c)
 *    the group    it is near its limit, or held up at it (cgroup.c)
 *
 * Under pressure the budget shrinks by a quarter a second; after ten seconds
 * without, it grows by an eighth every ten seconds (pressure_next.c). It is
 * never more than half of what the group may use, from the start on.
 */
#ifndef CACHE_MEMORY_PRESSURE_H
#define CACHE_MEMORY_PRESSURE_H

#include <stdint.h>

struct pressure;

struct pressure_config {
	uint64_t budget_max; /* bytes: the initial budget */
	uint64_t budget_min; /* bytes: pressure leaves at least this much */

	/*
	 * Called for each change, by pressure_start() and then by the thread.
	 * It may take its time: nothing is watched meanwhile.
	 */
	void (*set_budget)(void *context, uint64_t budget);
	void *context;

	/* NULL: the kernel's. A missing file means no pressure. */
	const char *psi_path;
	const char *cgroup_dir; /* the group's directory, of version 1 or 2 */
};

/*
 * -ENOMEM; -errno: no thread. The group is the one that the process is in now;
 * moving it to another one later is not noticed.
 */
int pressure_start(const struct pressure_config *config,
		   struct pressure **pressure);

/* Returns when the thread has ended. NULL is allowed. */
void pressure_stop(struct pressure *pressure);

#endif
