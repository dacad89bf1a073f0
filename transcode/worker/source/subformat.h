/* What libsndfile's format numbers mean. */
#ifndef WORKER_SUBFORMAT_H
#define WORKER_SUBFORMAT_H

#include "transcode/worker/source/source.h"

#include <sndfile.h>
#include <stdbool.h>
#include <stdint.h>

struct subformat {
	int id;	       /* SF_FORMAT_*; 0: any other */
	uint32_t bits; /* per sample, 0 where that means nothing */
	const char *codec;
	bool is_lossy;
	bool is_packed; /* samples have no positions of their own */
	bool remembers; /* samples depend on all that was decoded before */
};

const struct subformat *subformat_of(int format);
bool subformat_is_flac(int format);
bool subformat_is_mpeg(int format);

/* SF_ENDIAN_LITTLE or SF_ENDIAN_BIG. */
int subformat_endianness(int format);

void subformat_set_kind(struct source_info *info, int format);

/* info->channels must be known, and not more than SOURCE_MAX_CHANNELS. */
void subformat_set_speakers(struct source_info *info, SNDFILE *file,
			    int format);

#endif
