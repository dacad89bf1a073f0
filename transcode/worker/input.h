/*
 * A source file as the decoders see it: bytes at offsets, through pread() on a
 * descriptor, so that no file offset is shared. Read errors are remembered: a
 * decoder turns one into its own "broken file", and a broken disk must not be
 * mistaken for broken music.
 */
#ifndef WORKER_INPUT_H
#define WORKER_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes that replace those at an offset. */
struct input_patch {
	uint64_t at;
	size_t size; /* 0: none */
	uint8_t bytes[8];
};

/* Writes its bytes over those read at `offset`. */
void input_put_patch(const struct input_patch *patch, uint64_t offset,
		     uint8_t *bytes, size_t size);

struct input {
	int fd;	       /* not owned */
	uint64_t base; /* where byte 0 is in the file: 0, or the start of a
			  part */
	uint64_t size; /* bytes */
	struct input_patch patch; /* what a header should state */
	int error; /* 0, -EIO once a read has failed, or -ENOMEM */

	/* Called so that a long task shows life. May be NULL. */
	void (*alive)(void *context);
	void *context;
};

/* One of several parts of a file that follow each other. */
struct input_part {
	uint64_t start; /* bytes */
	uint64_t end;
};

/* Restricts it to `size` bytes from `start` on. */
void input_narrow(struct input *input, uint64_t start, uint64_t size);

/*
 * Reads up to `size` bytes; fewer only at the end. Gives the number of bytes,
 * or -EIO, which also stays in input->error; fail_text() says what it was.
 */
ssize_t input_read(struct input *input, uint64_t offset, void *bytes,
		   size_t size);

/*
 * The same for a library that searches for something, and would do so for hours
 * in a file of holes: every read uses up `patience`, and when that is gone the
 * file seems to end. Reset it when something was found.
 */
#define INPUT_PATIENCE ((uint64_t)512 << 20)

ssize_t input_read_patiently(struct input *input, uint64_t *patience,
			     uint64_t offset, void *bytes, size_t size);

/* Called at every read, and at every packet, as not every packet is read. */
void input_show_life(const struct input *input);

#endif
