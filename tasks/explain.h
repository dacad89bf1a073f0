/*
 * Explains what happens to a file of the library, and why: its source, how each
 * folder of a mount shows it, how much of that is cached, and what failed last.
 */
#ifndef TASKS_EXPLAIN_H
#define TASKS_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

struct core_options;
struct explainer;

/* Sets up everything. -errno after a log line. */
int explainer_open(const struct core_options *options,
		   struct explainer **explainer);
void explainer_close(struct explainer *explainer); /* NULL is allowed */

/*
 * Explains a file, by its path in the library, for the folder `view` of a mount
 * or for all of them (NULL). As text for people, or as one line of JSON. 0;
 * -ENOENT: there is no such file, -EINVAL: no such view, and other -errno.
 */
int explain(struct explainer *explainer, const char *path, const char *view,
	    bool json, FILE *out);

#endif
