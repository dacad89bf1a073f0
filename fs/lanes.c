#include "fs/lanes.h"

#include "fs/control.h"

#include <string.h>

static enum lane lane_of_lookup(enum node_kind kind,
				const struct fuse_in_header *in)
{
	const char *name = (const char *)(in + 1);

	if (kind == NODE_CONTROL_FOLDER ||
	    (kind == NODE_ROOT && strcmp(name, CONTROL_FOLDER) == 0))
		return LANE_NONE;
	return LANE_NAMES;
}

static bool is_control(enum node_kind kind)
{
	return kind == NODE_CONTROL_FOLDER || kind == NODE_CONTROL ||
	       kind == NODE_EVENTS;
}

/* The root has no record in the table, and what is not known is a folder. */
static enum node_kind kind_of(const struct node *node, uint64_t number)
{
	if (node)
		return node->kind;
	return number == NODE_ROOT_NUMBER ? NODE_ROOT : NODE_FOLDER;
}

enum lane lane_of(const struct node *node, const struct fuse_in_header *in)
{
	enum node_kind kind = kind_of(node, in->nodeid);

	switch (in->opcode) {
	case FUSE_LOOKUP:
		return lane_of_lookup(kind, in);
	case FUSE_READ:
	case FUSE_RELEASE:
		return kind == NODE_FILE    ? LANE_BYTES
		       : kind == NODE_ALBUM ? LANE_NAMES
					    : LANE_NONE;
	case FUSE_GETATTR:
	case FUSE_OPENDIR:
	case FUSE_READDIR:
	case FUSE_READDIRPLUS:
		return kind == NODE_FOLDER ? LANE_NAMES : LANE_NONE;
	case FUSE_OPEN:
	case FUSE_GETXATTR:
	case FUSE_STATFS:
		return is_control(kind) ? LANE_NONE : LANE_NAMES;
	default:
		return LANE_NONE;
	}
}
