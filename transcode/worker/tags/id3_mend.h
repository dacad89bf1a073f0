/*
 * Repairs ID3v2 tags that some programs write incorrectly, where TagLib would
 * lose a frame or read nonsense. In place: no size changes.
 */
#ifndef WORKER_ID3_MEND_H
#define WORKER_ID3_MEND_H

#include <stddef.h>
#include <stdint.h>

#define ID3_HEADER_SIZE 10

/* A header: TagLib takes a footer's size twice. */
void id3_mend_header(uint8_t header[ID3_HEADER_SIZE]);

/* What stands behind that header, or the beginning of it. */
void id3_mend_frames(const uint8_t header[ID3_HEADER_SIZE], uint8_t *bytes,
		     size_t size);

#endif
