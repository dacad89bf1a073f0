/*
 * Lanes: requests that ask the library, which may hang. Requests that need
 * nothing from it (statistics, cached tracks) are in no lane.
 */
#ifndef FS_LANES_H
#define FS_LANES_H

#include "fs/ops.h"

#include <linux/fuse.h>

enum lane {
	LANE_NAMES, /* names, attributes, opening */
	LANE_BYTES, /* reading files that pass through */
	LANES,
	LANE_NONE = LANES
};

/* `node`: the node that it is about; NULL: none is known. */
enum lane lane_of(const struct node *node, const struct fuse_in_header *in);

#endif
