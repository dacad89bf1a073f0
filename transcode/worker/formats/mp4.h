/* Finds the covers in an MP4 file, and what FFmpeg does not report. */
#ifndef WORKER_MP4_H
#define WORKER_MP4_H

#include "transcode/worker/input.h"

#include <stdbool.h>

#define MP4_COVERS_MAX 4

struct mp4_covers {
	unsigned count;
	struct mp4_cover {
		uint64_t name_at;    /* bytes */
		uint64_t start, end; /* of the atom's content */
	} items[MP4_COVERS_MAX];
};

/* Empty if nothing is found. Reads only the headers of atoms. */
void mp4_find_covers(struct input *input, uint64_t start,
		     struct mp4_covers *covers);

/* The content of a cover's next "data" atom. False: there is none. */
bool mp4_next_image(struct input *input, struct mp4_cover *cover,
		    struct mp4_cover *image);

/* Makes it read as a "free" atom. */
struct input_patch mp4_hide(const struct mp4_cover *cover);

/*
 * Where the content of an atom with that name is, in the sample description of
 * the first audio track. `start` is where the file's first atom is.
 */
bool mp4_find_in_entry(struct input *input, uint64_t start, const char *name,
		       uint64_t *at);

/* Whether the first audio track has the codec with these four letters. */
bool mp4_has_codec(struct input *input, uint64_t start, const char *name);

#endif
