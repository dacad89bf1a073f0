/*
 * What a file is by its first bytes. Names are never looked at: a worker does
 * not know them.
 */
#ifndef WORKER_SNIFF_H
#define WORKER_SNIFF_H

#include "transcode/worker/input.h"

#include <stdbool.h>
#include <string.h>

struct sniff {
	const char *demuxer; /* FFmpeg's name for it; NULL: let FFmpeg look */
	bool sndfile;	     /* libsndfile is to try first */
	bool free_format;    /* MP3 that FFmpeg does not read */
	uint64_t start;	     /* bytes of ID3v2 tags in front */
	uint64_t end;	     /* where other tags begin behind the audio */
	bool mended;	     /* by source.c: it would be read wrongly */
	bool doubtful;	     /* by source.c: not surely one whole stream */
	bool changes;	     /* by source.c: FLAC, of several formats */
	uint64_t first;	     /* by source.c: FLAC, what its first sample is
				called: 0, unless it was cut out of more */
};

/* 0, or a negative errno when the file cannot be read. */
int sniff(struct input *input, struct sniff *found);

/* Whether this demuxer is the one. */
static inline bool sniff_is(const struct sniff *found, const char *demuxer)
{
	return found->demuxer && strcmp(found->demuxer, demuxer) == 0;
}

#endif
