/*
 * A source file as the decoders see it: bytes at offsets, through pread() on a
 * descriptor, so that no file offset is shared with anybody. What the medium
 * refuses is remembered: a decoder turns a read error into its own "broken
 * file", and a broken disk must not be mistaken for broken music.
 */
#ifndef WORKER_INPUT_H
#define WORKER_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes that are read in place of those at an offset. */
struct input_patch {
	uint64_t at;
	size_t size; /* 0: none */
	uint8_t bytes[8];
};

struct input {
	int fd;	       /* not owned */
	uint64_t base; /* where byte 0 lies in the file: 0, or that of a part */
	uint64_t size; /* bytes */
	struct input_patch patch; /* what a header should say */
	int error; /* 0, -EIO once a read has failed, or -ENOMEM */

	/* So that a long task shows life. May be NULL. */
	void (*alive)(void *context);
	void *context;
};

/*
 * Reads up to `size` bytes; fewer only at the end of the file. Gives the
 * number of bytes, or -EIO, which also stays in input->error; fail_text() says
 * what it was.
 */
ssize_t input_read(struct input *input, uint64_t offset, void *bytes,
		   size_t size);

/* At every read; and at every packet, for not every one of them is read. */
void input_show_life(const struct input *input);

#endif
