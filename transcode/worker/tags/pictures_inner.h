/*
 * Shared by pictures.c and the files that know where a format keeps its
 * pictures. All bytes come from the file: lengths are not to be trusted.
 */
#ifndef WORKER_PICTURES_INNER_H
#define WORKER_PICTURES_INNER_H

#include "transcode/worker/source/headers.h"
#include "transcode/worker/tags/pictures.h"

/*
 * Copies a picture as the file has it. `description` has `length` bytes. What
 * is too large or one too many is left out, and said to be.
 */
int pictures_add(struct pictures *pictures, uint32_t type,
		 const char *description, size_t length, const uint8_t *bytes,
		 size_t size);

/*
 * A header_fn (headers.h). In Vorbis comments, pictures are PICTURE blocks in
 * base64 (METADATA_BLOCK_PICTURE), or as they were before those (COVERART).
 */
int pictures_add_header(void *pictures, enum header_kind kind,
			const uint8_t *bytes, size_t size);

/* What FFmpeg found. */
int pictures_of_media(const struct media *media, struct pictures *pictures);

#endif
