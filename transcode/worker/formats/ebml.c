/*
 * An element is an ID, a size and its content. The leading zeros of ID and size
 * tell how many bytes they have; an ID keeps its marker bit, a size does not,
 * and a size of all ones is unknown.
 */
#include "transcode/worker/formats/ebml.h"

#include <errno.h>
#include <stdlib.h>

enum { ID_MAX = 4, SIZE_MAX_BYTES = 8, MAX_ELEMENTS = 256, VOID = 0xec };

/* How many bytes a number has; 9: it is not one. */
static unsigned width_of(uint8_t first)
{
	unsigned width = 1;

	while (width <= SIZE_MAX_BYTES && !(first & (0x100u >> width)))
		width++;
	return width;
}

static uint64_t number_of(const uint8_t *bytes, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

bool ebml_next(struct input *input, uint64_t *at, uint64_t end,
	       struct ebml *element)
{
	uint8_t head[ID_MAX + SIZE_MAX_BYTES] = {0};
	unsigned id_width, width;
	uint64_t start, size, unknown;

	if (*at >= end || input_read(input, *at, head, sizeof(head)) < 2)
		return false;
	id_width = width_of(head[0]);
	if (id_width > ID_MAX)
		return false;
	width = width_of(head[id_width]);
	start = *at + id_width + width;
	if (width > SIZE_MAX_BYTES || start > end)
		return false;
	unknown = (1ull << 7 * width) - 1;
	size = number_of(head + id_width, width) & unknown;
	if (size == unknown)
		size = end - start;
	if (size > end - start)
		return false;
	*element = (struct ebml){(uint32_t)number_of(head, id_width), *at,
				 start, start + size};
	*at = element->end;
	return true;
}

bool ebml_find(struct input *input, const struct ebml *in, uint32_t id,
	       struct ebml *element)
{
	struct ebml child;
	uint64_t at = in->start;

	for (int i = 0; i < MAX_ELEMENTS; i++) {
		if (!ebml_next(input, &at, in->end, &child))
			return false;
		if (child.id == id) {
			*element = child;
			return true;
		}
	}
	return false;
}

uint64_t ebml_number(struct input *input, const struct ebml *element)
{
	uint8_t bytes[8];
	uint64_t size = element->end - element->start;

	if (size > sizeof(bytes) || input_read(input, element->start, bytes,
					       (size_t)size) != (ssize_t)size)
		return 0;
	return number_of(bytes, (size_t)size);
}

char *ebml_bytes(struct input *input, const struct ebml *element,
		 size_t size_max)
{
	uint64_t size = element->end - element->start;
	char *bytes;

	errno = 0;
	if (size > size_max)
		return NULL;
	bytes = malloc((size_t)size + 1);
	if (!bytes)
		return NULL;
	if (input_read(input, element->start, bytes, (size_t)size) !=
	    (ssize_t)size) {
		free(bytes);
		errno = 0;
		return NULL;
	}
	bytes[size] = '\0';
	return bytes;
}

struct input_patch ebml_hide(const struct ebml *element)
{
	struct input_patch patch = {
		.at = element->at, .size = 8, .bytes = {VOID, 0x02}};
	uint64_t size = element->end - element->at - 8;

	for (int i = 7; i >= 2; i--) {
		patch.bytes[i] = (uint8_t)size;
		size >>= 8;
	}
	return patch;
}
