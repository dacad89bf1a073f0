/*
 * Metadata blocks of FLAC and header packets of Ogg, which contain Vorbis
 * comments and pictures. All bytes come from the file: lengths cannot be
 * trusted.
 */
#ifndef WORKER_HEADERS_H
#define WORKER_HEADERS_H

#include "transcode/worker/input.h"

/* RFC 9639, 8.1. As bits, to select those that are wanted. */
enum header_kind {
	HEADER_COMMENTS = 1 << 4, /* from the vendor's length on */
	HEADER_PICTURE = 1 << 6,  /* a PICTURE block without its header */
};

/* A result other than 0 ends the walk. */
typedef int header_fn(void *context, enum header_kind kind,
		      const uint8_t *bytes, size_t size);

/* `start` is where "fLaC" is. Gives what `fn` gave, or a read error. */
int headers_of_flac(struct input *input, uint64_t start, unsigned kinds,
		    header_fn *fn, void *context);

/*
 * For the first stream, whatever its codec. -EFBIG: a packet has over 24 MiB.
 */
int headers_of_ogg(struct input *input, uint64_t start, header_fn *fn,
		   void *context);

/* One comment, "NAME=value" without a NUL. */
typedef int header_comment_fn(void *context, const char *comment,
			      size_t length);

/* Walks over the comments in a HEADER_COMMENTS. */
int headers_walk_comments(const uint8_t *bytes, size_t size,
			  header_comment_fn *fn, void *context);

#endif
