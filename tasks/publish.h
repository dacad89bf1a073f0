/* Publishes what the engine does, as events. */
#ifndef TASKS_PUBLISH_H
#define TASKS_PUBLISH_H

#include "transcode/transcode.h"

/*
 * A rendition_progress_fn; `events` is a struct events. Steps are "analysis"
 * and "rendering"; a task is named by its quality and its key in the cache.
 */
void publish_progress(void *events, const struct rendition_progress *progress);

#endif
