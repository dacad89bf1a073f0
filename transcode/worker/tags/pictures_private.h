/*
 * Shared by pictures.c and the files that know where a format keeps its
 * pictures. All bytes come from the file: lengths cannot be trusted.
 */
#ifndef WORKER_PICTURES_PRIVATE_H
#define WORKER_PICTURES_PRIVATE_H

#include "transcode/worker/formats/headers.h"
#include "transcode/worker/tags/pictures.h"

/*
 * Copies a picture as the file has it. `description` has `length` bytes. A
 * picture that is too large, or one too many, is left out, and that is noted.
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

/* Notes why one is left out. */
void pictures_lose(struct pictures *pictures, const char *problem);

/* An APE item whose key is "Cover Art (...)". */
int pictures_add_ape(struct pictures *pictures, const char *key,
		     const uint8_t *bytes, size_t size);

/* `start` is where its first atom begins. */
int pictures_of_mp4(struct input *input, uint64_t start,
		    struct pictures *pictures);

struct matroska;

int pictures_of_matroska(struct input *input, const struct matroska *matroska,
			 struct pictures *pictures);

struct media;

enum picture_words { PICTURE_WORDS_ID3, PICTURE_WORDS_APE };

/* A type named in words; -1: there is none of this name. */
int picture_type(const char *name, size_t length, enum picture_words words);

/* What FFmpeg found. */
int pictures_of_media(const struct media *media, struct pictures *pictures);

#endif
