/*
 * The identity of a track's audio, independent of the file's name and tags:
 * part of the key of everything made from it.
 */
#ifndef WORKER_IDENTITY_H
#define WORKER_IDENTITY_H

#include "base/file_id.h"
#include "cache/key.h"
#include "transcode/worker/input.h"
#include "transcode/worker/source/flac.h"

/*
 * FLAC: STREAMINFO, the length of the audio in bytes, and the audio's first,
 * middle and last 64 KiB. A change far from all three is not seen, but it
 * changes STREAMINFO's MD5 in every file that an encoder wrote. 0 or a negative
 * errno of the medium.
 */
int identity_of_flac(struct input *input, const struct flac_header *header,
		     struct key *identity);

/* Everything else: which version of which file it is. */
struct key identity_of_file(const struct file_id *id);

/*
 * For the same audio, decoded differently than before; see struct source_info.
 */
struct key identity_revised(const struct key *identity, uint32_t revision);

#endif
