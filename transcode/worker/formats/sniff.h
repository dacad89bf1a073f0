/*
 * What a file is, according to its first bytes. Names do not matter: a worker
 * does not know them.
 */
#ifndef WORKER_SNIFF_H
#define WORKER_SNIFF_H

#include "transcode/worker/input.h"

#include <stdbool.h>
#include <string.h>

struct sniff {
	const char *demuxer; /* FFmpeg's name for it; NULL: let FFmpeg probe */
	bool sndfile;	     /* libsndfile should try first */
	bool free_format;    /* MP3 that FFmpeg cannot read */
	uint64_t start;	     /* bytes of ID3v2 tags in front */
	uint64_t end;	     /* where other tags begin behind the audio */
	bool mended;	     /* set by source.c: it would be read wrongly */
	bool doubtful;	     /* set by source.c: perhaps not one whole stream */
	bool changes;	     /* set by source.c: FLAC of several formats */
	uint64_t first;	     /* set by source.c: FLAC, the number of its
				first sample: 0, unless it was cut out of
				another */
};

/* 0, or a negative errno: the file cannot be read. */
int sniff(struct input *input, struct sniff *found);

/* Whether this demuxer is the one. */
static inline bool sniff_is(const struct sniff *found, const char *demuxer)
{
	return found->demuxer && strcmp(found->demuxer, demuxer) == 0;
}

#endif
