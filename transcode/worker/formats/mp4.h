/* Where an MP4 file keeps its covers, and what FFmpeg does not tell of. */
#ifndef WORKER_MP4_H
#define WORKER_MP4_H

#include "transcode/worker/input.h"

#include <stdbool.h>

#define MP4_COVERS_MAX 4

struct mp4_covers {
	unsigned count;
	struct mp4_cover {
		uint64_t name_at;    /* bytes */
		uint64_t start, end; /* of what is in the atom */
	} items[MP4_COVERS_MAX];
};

/* None where nothing is found. Reads the heads of atoms only. */
void mp4_find_covers(struct input *input, uint64_t start,
		     struct mp4_covers *covers);

/* The next "data" atom of a cover: what is in it. False: there is none. */
bool mp4_next_image(struct input *input, struct mp4_cover *cover,
		    struct mp4_cover *image);

/* Has it read as a "free" atom. */
struct input_patch mp4_hide(const struct mp4_cover *cover);

/*
 * Where an atom of that name has its bytes, in what describes the samples of
 * the first track with sound. `start` is where the file's first atom is.
 */
bool mp4_find_in_entry(struct input *input, uint64_t start, const char *name,
		       uint64_t *at);

/* Whether the first track with sound is of the codec with these four letters.
 */
bool mp4_has_codec(struct input *input, uint64_t start, const char *name);

#endif
