/*
 * Decoders ask for a few kilobytes at a time; the page cache is the buffer.
 * Loops around pread(), because a signal or a network file system may give less
 * than was asked for.
 */
#include "transcode/worker/input.h"

#include "transcode/worker/fail.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void input_show_life(const struct input *input)
{
	if (input->alive)
		input->alive(input->context);
}

void input_narrow(struct input *input, uint64_t start, uint64_t size)
{
	input->base += start;
	input->size = size;
}

void input_put_patch(const struct input_patch *patch, uint64_t offset,
		     uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < patch->size; i++) {
		uint64_t at = patch->at + i;

		if (at >= offset && at - offset < size)
			bytes[at - offset] = patch->bytes[i];
	}
}

ssize_t input_read(struct input *input, uint64_t offset, void *bytes,
		   size_t size)
{
	size_t done = 0;

	input_show_life(input);
	if (offset >= input->size) /* behind a part there is more of the file */
		return 0;
	if (size > input->size - offset)
		size = (size_t)(input->size - offset);
	while (done < size) {
		ssize_t n = pread(input->fd, (char *)bytes + done, size - done,
				  (off_t)(input->base + offset + done));

		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			/* whatever it is, the medium is to blame, not the
			   music */
			input->error = -EIO;
			return fail(-EIO, "cannot read the file: %s",
				    strerror(errno));
		}
		done += (size_t)n;
	}
	input_put_patch(&input->patch, offset, bytes, done);
	return (ssize_t)done;
}

/* Many small reads cost as much as a few large ones. */
ssize_t input_read_patiently(struct input *input, uint64_t *patience,
			     uint64_t offset, void *bytes, size_t size)
{
	uint64_t effort = size + 4096;

	if (*patience < effort)
		return 0;
	*patience -= effort;
	return input_read(input, offset, bytes, size);
}
