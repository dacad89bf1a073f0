/* What the engine does, as events. */
#ifndef FS_PUBLISH_H
#define FS_PUBLISH_H

#include "transcode/transcode.h"

/*
 * A rendition_progress_fn; `events` is a struct events. Steps are "analysis"
 * and "rendering"; a task is called by its quality and its key in the cache.
 */
void publish_progress(void *events, const struct rendition_progress *progress);

#endif
