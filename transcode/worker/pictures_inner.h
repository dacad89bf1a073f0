/*
 * Shared by pictures.c and the files that know where a format keeps its
 * pictures. All bytes come from the file: lengths are not to be trusted.
 */
#ifndef WORKER_PICTURES_INNER_H
#define WORKER_PICTURES_INNER_H

#include "transcode/worker/input.h"
#include "transcode/worker/pictures.h"

/*
 * Copies a picture as the file has it. `description` has `length` bytes. What
 * is too large or one too many is left out, and said to be.
 */
int pictures_add(struct pictures *pictures, uint32_t type,
		 const char *description, size_t length, const uint8_t *bytes,
		 size_t size);

/* FLAC's PICTURE block without its header (RFC 9639, 8.8). */
int pictures_add_block(struct pictures *pictures, const uint8_t *block,
		       size_t size);

/*
 * Those in Vorbis comments, from the vendor's length on: as PICTURE blocks in
 * base64 (METADATA_BLOCK_PICTURE), or as they were before those (COVERART).
 */
int pictures_add_comments(struct pictures *pictures, const uint8_t *comments,
			  size_t size);

/* `start` is where "fLaC" stands. */
int pictures_of_flac(struct input *input, uint64_t start,
		     struct pictures *pictures);

/* Of the first stream, whatever its codec. */
int pictures_of_ogg(struct input *input, uint64_t start,
		    struct pictures *pictures);

/* What FFmpeg found. */
int pictures_of_media(const struct media *media, struct pictures *pictures);

#endif
