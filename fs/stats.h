/* What the mount did and holds, as numbers for people and for Prometheus. */
#ifndef FS_STATS_H
#define FS_STATS_H

#include <stdio.h>

struct fs;

/* One JSON object. A rate or a mean of nothing is null. */
void stats_print(struct fs *fs, FILE *out);

/*
 * All counters and gauges in Prometheus' text format, version 0.0.4 (to be
 * served as "text/plain; version=0.0.4"). Always the same number of bytes:
 * numbers stand in columns.
 */
void metrics_print(struct fs *fs, FILE *out);

#endif
