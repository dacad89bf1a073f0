/*
 * Metadata blocks of FLAC and header packets of Ogg, which hold Vorbis comments
 * and pictures. All bytes come from the file: lengths are not to be trusted.
 */
#ifndef WORKER_HEADERS_H
#define WORKER_HEADERS_H

#include "transcode/worker/input.h"

/* RFC 9639, 8.1. Bits, for those that are wanted. */
enum header_kind {
	HEADER_COMMENTS = 1 << 4, /* from the vendor's length on */
	HEADER_PICTURE = 1 << 6,  /* a PICTURE block without its header */
};

/* What it gives ends the walk if it is not 0. */
typedef int header_fn(void *context, enum header_kind kind,
		      const uint8_t *bytes, size_t size);

/* `start` is where "fLaC" stands. What `fn` gave, or a read error. */
int headers_of_flac(struct input *input, uint64_t start, unsigned kinds,
		    header_fn *fn, void *context);

/* Of the first stream, whatever its codec. -EFBIG: one is over 24 MiB. */
int headers_of_ogg(struct input *input, uint64_t start, header_fn *fn,
		   void *context);

/* One comment, "NAME=value" without a NUL. */
typedef int header_comment_fn(void *context, const char *comment,
			      size_t length);

/* Walks over the bytes of HEADER_COMMENTS. */
int headers_walk_comments(const uint8_t *bytes, size_t size,
			  header_comment_fn *fn, void *context);

#endif
