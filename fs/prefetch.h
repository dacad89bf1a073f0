/*
 * Makes what a reader will want next, at lower priority than anything that
 * somebody waits for or plays.
 */
#ifndef FS_PREFETCH_H
#define FS_PREFETCH_H

#include "library/library.h"

struct fs;

/* The track after this one in its folder, as the node's view shows it. */
void prefetch_next_track(struct fs *fs, const struct node *node);

/*
 * Somebody reads this sidecar: the same, if it belongs to the track after the
 * last one, or to the folder's first.
 */
void prefetch_in_order(struct fs *fs, struct node *node);

/* Somebody plays this track: analyze it along the way. Once for a node. */
void prefetch_analysis(struct fs *fs, struct node *node);

#endif
