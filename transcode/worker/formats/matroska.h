/* Finds the parts of a Matroska file (including WebM) that are not audio. */
#ifndef WORKER_MATROSKA_H
#define WORKER_MATROSKA_H

#include "transcode/worker/formats/ebml.h"

#define MATROSKA_PARTS_MAX 16

enum matroska_id {
	MATROSKA_INFO = 0x1549a966,
	MATROSKA_TRACKS = 0x1654ae6b,
	MATROSKA_TAGS = 0x1254c367,
	MATROSKA_ATTACHMENTS = 0x1941a469,
};

struct matroska {
	unsigned count;
	struct ebml parts[MATROSKA_PARTS_MAX];
};

/*
 * Finds those parts as players do: before the first cluster, or by the
 * SeekHead. `start` is where the file's first element is.
 */
void matroska_look(struct input *input, uint64_t start,
		   struct matroska *matroska);

/* The UID of the first audio track. 0: there is none. */
uint64_t matroska_track(struct input *input, const struct matroska *matroska);

#endif
