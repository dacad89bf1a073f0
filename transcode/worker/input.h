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

/* Puts what it has for the `size` bytes at `offset`. */
void input_put_patch(const struct input_patch *patch, uint64_t offset,
		     uint8_t *bytes, size_t size);

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

/* Of a file that has several of something one behind the other. */
struct input_part {
	uint64_t start; /* bytes */
	uint64_t end;
};

/* Only `size` bytes from `start` on are left. */
void input_narrow(struct input *input, uint64_t start, uint64_t size);

/*
 * Reads up to `size` bytes; fewer only at the end. Gives the number of bytes,
 * or -EIO, which also stays in input->error; fail_text() says what it was.
 */
ssize_t input_read(struct input *input, uint64_t offset, void *bytes,
		   size_t size);

/*
 * The same for a library that looks for something, and would do so for hours in
 * a file of holes: every read takes from `patience`, and when that is used up
 * the file ends. Give it anew when something was found.
 */
#define INPUT_PATIENCE ((uint64_t)512 << 20)

ssize_t input_read_patiently(struct input *input, uint64_t *patience,
			     uint64_t offset, void *bytes, size_t size);

/* At every read; and at every packet, for not every one of them is read. */
void input_show_life(const struct input *input);

#endif
