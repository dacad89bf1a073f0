/* See outcomes.h. */
#include "tasks/outcomes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTCOMES_MAX = 10000 };

void outcomes_init(struct outcomes *outcomes)
{
	STAILQ_INIT(&outcomes->list);
	outcomes->count = 0;
}

static void drop_first(struct outcomes *outcomes)
{
	struct outcome *first = STAILQ_FIRST(&outcomes->list);

	STAILQ_REMOVE_HEAD(&outcomes->list, link);
	outcomes->count--;
	free(first);
}

void outcomes_release(struct outcomes *outcomes)
{
	while (!STAILQ_EMPTY(&outcomes->list))
		drop_first(outcomes);
}

void outcomes_add(struct outcomes *outcomes, const struct outcome *outcome)
{
	size_t quality = strlen(outcome->quality) + 1;
	size_t path = strlen(outcome->path) + 1;
	size_t reason = strlen(outcome->reason) + 1;
	struct outcome *added =
		malloc(sizeof(*added) + quality + path + reason);
	char *text = (char *)(added + 1);

	if (!added)
		return;
	added->status = outcome->status;
	added->quality = memcpy(text, outcome->quality, quality);
	added->path = memcpy(text + quality, outcome->path, path);
	added->reason = memcpy(text + quality + path, outcome->reason, reason);
	STAILQ_INSERT_TAIL(&outcomes->list, added, link);
	if (++outcomes->count > OUTCOMES_MAX)
		drop_first(outcomes);
}

void outcomes_take(struct outcomes *outcomes, struct control_task *look)
{
	const struct outcome *first = STAILQ_FIRST(&outcomes->list);

	if (!first)
		return;
	look->over = 0; /* where there is one, there may be more */
	look->outcome = 1 + (uint32_t)first->status;
	snprintf(look->quality, sizeof(look->quality), "%s", first->quality);
	snprintf(look->reason, sizeof(look->reason), "%s", first->reason);
	snprintf(look->path, sizeof(look->path), "%s", first->path);
	drop_first(outcomes);
}
