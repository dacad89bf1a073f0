/*
 * WAV and AIFF have 32 bits for the size of their samples, and a program that
 * writes to a pipe, or dies, leaves there what it began with. So the size in
 * the header is one of
 *
 *   right    what follows are chunks up to the end, or nothing
 *   unknown  0, nearly 2 GiB or nearly 4 GiB: the samples end with the file
 *   wrapped  the file is longer by a multiple of 4 GiB
 *   cut      the file ends earlier: so do the samples
 *
 * Appended tags are not samples.
 */
#include "transcode/worker/formats/chunks.h"

#include "transcode/worker/fail.h"
#include "transcode/worker/formats/trailer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { MAX_CHUNKS = 4096, HEAD = 28 };

#define UNKNOWN UINT64_MAX

/* How a format writes its chunks. */
struct chunk_format {
	const char *magic; /* at 0 */
	const char *type;  /* at `type_at` */
	uint8_t type_at;
	uint8_t first;	     /* where its first chunk is */
	uint8_t id;	     /* bytes of a chunk's name */
	uint8_t width;	     /* bytes of its size, which follows */
	uint8_t align;	     /* chunks begin at multiples of it */
	bool big;	     /* its numbers are big-endian */
	bool whole;	     /* the size counts name and size as well */
	const char *samples; /* the name of the chunk with the samples */
	uint8_t skip;	     /* bytes in it before the samples */
};

#define W64_DATA "data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"

static const struct chunk_format formats[] = {
	{"RIFF", "WAVE", 8, 12, 4, 4, 2, false, false, "data", 0},
	{"RIFX", "WAVE", 8, 12, 4, 4, 2, true, false, "data", 0},
	{"RF64", "WAVE", 8, 12, 4, 4, 2, false, false, "data", 0},
	{"BW64", "WAVE", 8, 12, 4, 4, 2, false, false, "data", 0},
	{"FORM", "AIFF", 8, 12, 4, 4, 2, true, false, "SSND", 8},
	{"FORM", "AIFC", 8, 12, 4, 4, 2, true, false, "SSND", 8},
	{"riff", "wave", 24, 40, 16, 8, 8, false, true, W64_DATA, 0},
	{"FRM8", "DSD ", 12, 16, 4, 8, 2, true, false, "DSD ", 0},
	{"caff", "", 0, 8, 4, 8, 1, true, false, "data", 4},
};

struct chunk_walk {
	struct input *input;
	const struct chunk_format *format;
	uint64_t end;  /* where tags begin */
	uint64_t ds64; /* RF64: where the 64-bit size is, or 0 */

	/* The current chunk. */
	uint8_t name[16];
	uint64_t start; /* of its content */
	uint64_t size;	/* of its content, as stated */

	/* What states the size of the samples. */
	uint64_t told_at;
	uint8_t told_width; /* bytes */
	uint64_t overhead;  /* what that counts besides the samples */
};

static uint64_t number(const uint8_t *bytes, unsigned width, bool big)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < width; i++)
		value = value << 8 | bytes[big ? i : width - 1 - i];
	return value;
}

static bool read_chunk(struct chunk_walk *walk, uint64_t at)
{
	const struct chunk_format *format = walk->format;
	size_t head = (size_t)format->id + format->width;
	uint8_t bytes[HEAD];

	if (input_read(walk->input, at, bytes, head) != (ssize_t)head)
		return false;
	memcpy(walk->name, bytes, format->id);
	walk->start = at + head;
	walk->size = number(bytes + format->id, format->width, format->big);
	if (format->whole)
		walk->size = walk->size < head ? 0 : walk->size - head;
	return true;
}

static bool is_named(const struct chunk_walk *walk, const char *name)
{
	return memcmp(walk->name, name, walk->format->id) == 0;
}

/* Where the next chunk is if this one has this many bytes; or UNKNOWN. */
static uint64_t behind(const struct chunk_walk *walk, uint64_t size)
{
	uint64_t align = walk->format->align;

	if (size > INT64_MAX - walk->start)
		return UNKNOWN;
	return (walk->start + size + align - 1) / align * align;
}

static bool has_plain_name(const struct chunk_walk *walk)
{
	for (int i = 0; i < 4; i++) {
		if (walk->name[i] < ' ' || walk->name[i] > '~')
			return false;
	}
	return true;
}

/* From `at` on there are whole chunks up to the end, or nothing. */
static bool chunks_follow(struct chunk_walk walk, uint64_t at)
{
	for (int i = 0; i < MAX_CHUNKS; i++) {
		if (at >= walk.end) /* a last one may lack its padding */
			return at <= walk.end + walk.format->align;
		if (!read_chunk(&walk, at) || !has_plain_name(&walk))
			return false;
		at = behind(&walk, walk.size);
	}
	return false;
}

static bool find_chunk(struct chunk_walk *walk, const char *name)
{
	uint64_t at = walk->format->first;

	for (int i = 0; i < MAX_CHUNKS && at < walk->input->size; i++) {
		if (!read_chunk(walk, at))
			return false;
		if (is_named(walk, name))
			return true;
		if (walk->format->id == 4 && is_named(walk, "ds64"))
			walk->ds64 = walk->start;
		at = behind(walk, walk->size);
	}
	return false;
}

/* What programs write that will never know the size. */
static bool is_placeholder(uint64_t size)
{
	return size == 0 || (size >= 0x7fff0000 && size <= 0x80000000) ||
	       (size >= 0xffff0000 && size <= 0xffffffff);
}

/* See above; `room` is what the file has. */
static uint64_t true_size(const struct chunk_walk *walk, uint64_t told,
			  uint64_t room, bool is_followed)
{
	if (told >= room)
		return room;
	if (is_followed)
		return told;
	if (is_placeholder(told))
		return room;
	if (walk->told_width == 4)
		return told + ((room - told) >> 32 << 32);
	return told;
}

/* As much of it as fits into the header. */
static struct input_patch patch_of(const struct chunk_walk *walk, uint64_t size)
{
	struct input_patch patch = {.at = walk->told_at,
				    .size = walk->told_width};

	size += walk->overhead;
	if (patch.size == 4 && size > UINT32_MAX)
		size = UINT32_MAX;
	for (unsigned i = 0; i < patch.size; i++)
		patch.bytes[walk->format->big ? patch.size - 1 - i : i] =
			(uint8_t)(size >> 8 * i);
	return patch;
}

/* A size that was never stated promises nothing. */
static void tell_cut(uint64_t told, uint64_t room)
{
	if (told > room && told < INT64_MAX && !is_placeholder(told))
		remark("the header promises %" PRIu64 " bytes of samples, and "
		       "the file has %" PRIu64,
		       told, room);
}

static void measure(struct chunk_walk *walk, struct chunks_samples *samples)
{
	uint64_t start = walk->start, room, size;
	bool followed;

	walk->end = trailer_start(walk->input, start);
	room = walk->end > start ? walk->end - start : 0;
	tell_cut(walk->size, room);
	followed = walk->size < room &&
		   chunks_follow(*walk, behind(walk, walk->size));
	size = true_size(walk, walk->size, room, followed);
	room = walk->input->size - start;
	*samples = (struct chunks_samples){
		.start = start,
		.size = size,
		.misstated = size != (walk->size < room ? walk->size : room),
	};
	if (size != walk->size)
		samples->patch = patch_of(walk, size);
}

/* SSND's samples may begin later, to align them to a disk's blocks. */
static uint64_t skip_of(struct chunk_walk *walk)
{
	uint8_t offset[4];

	if (strcmp(walk->format->samples, "SSND") != 0 ||
	    input_read(walk->input, walk->start, offset, 4) != 4)
		return walk->format->skip;
	return walk->format->skip + number(offset, 4, true);
}

/* EBU Tech 3306: 64 bits each for RIFF, data and samples. */
static void read_ds64(struct chunk_walk *walk)
{
	uint8_t size[8];

	if (walk->ds64 == 0 || walk->size != 0xffffffff ||
	    input_read(walk->input, walk->ds64 + 8, size, 8) != 8)
		return;
	walk->size = number(size, 8, false);
	walk->told_at = walk->ds64 + 8;
	walk->told_width = 8;
}

static int find_in_chunks(struct input *input,
			  const struct chunk_format *format,
			  struct chunks_samples *samples)
{
	struct chunk_walk walk = {.input = input, .format = format};
	uint64_t skip;

	if (!find_chunk(&walk, format->samples))
		return -ENOENT;
	walk.told_at = walk.start - format->width;
	walk.told_width = format->width;
	read_ds64(&walk);
	skip = skip_of(&walk);
	walk.overhead = skip + (format->whole ? format->id + format->width : 0);
	walk.start += skip;
	walk.size -= walk.size < skip ? walk.size : skip;
	if (walk.start > input->size)
		return -ENOENT;
	measure(&walk, samples);
	return 0;
}

/* AU has no chunks: where the samples begin, and how many bytes there are. */
static int find_in_au(struct input *input, const uint8_t *head, bool big,
		      struct chunks_samples *samples)
{
	struct chunk_format format = {.width = 4, .align = 1, .big = big};
	struct chunk_walk walk = {
		.input = input,
		.format = &format,
		.start = number(head + 4, 4, big),
		.size = number(head + 8, 4, big),
		.told_at = 8,
		.told_width = 4,
	};

	if (walk.start > input->size)
		return -ENOENT;
	measure(&walk, samples);
	return 0;
}

/* NULL: none of these. */
static const struct chunk_format *format_of(const uint8_t head[HEAD])
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		const struct chunk_format *format = &formats[i];

		if (memcmp(head, format->magic, 4) == 0 &&
		    memcmp(head + format->type_at, format->type,
			   strlen(format->type)) == 0)
			return format;
	}
	return NULL;
}

int chunks_find_samples(struct input *input, struct chunks_samples *samples)
{
	const struct chunk_format *format;
	uint8_t head[HEAD];

	if (input_read(input, 0, head, sizeof(head)) != sizeof(head))
		return -ENOENT;
	if (memcmp(head, ".snd", 4) == 0 || memcmp(head, "dns.", 4) == 0)
		return find_in_au(input, head, head[0] == '.', samples);
	format = format_of(head);
	return format ? find_in_chunks(input, format, samples) : -ENOENT;
}

/* Some programs leave out the padding between chunks. */
static uint64_t behind_chunk(struct chunk_walk *walk)
{
	uint64_t at = behind(walk, walk->size);
	uint8_t padding;

	if (walk->format->align != 2 || walk->size % 2 == 0 || at == UNKNOWN ||
	    input_read(walk->input, at - 1, &padding, 1) != 1 || padding == 0)
		return at;
	return at - 1;
}

static bool is_id3(const struct chunk_walk *walk)
{
	uint8_t magic[3];

	return walk->format->id == 4 &&
	       (is_named(walk, "id3 ") || is_named(walk, "ID3 ")) &&
	       input_read(walk->input, walk->start, magic, 3) == 3 &&
	       memcmp(magic, "ID3", 3) == 0;
}

int chunks_find_id3(struct input *input, uint64_t *start)
{
	struct chunk_walk walk = {.input = input};
	struct chunks_samples samples;
	uint8_t head[HEAD];
	uint64_t at;

	if (input_read(input, 0, head, sizeof(head)) != sizeof(head))
		return -ENOENT;
	walk.format = format_of(head);
	if (!walk.format)
		return -ENOENT;
	at = walk.format->first;
	for (int i = 0; i < MAX_CHUNKS && read_chunk(&walk, at); i++) {
		if (is_id3(&walk)) {
			*start = walk.start;
			return 0;
		}
		if (is_named(&walk, walk.format->samples) &&
		    chunks_find_samples(input, &samples) == 0)
			walk.size = samples.start + samples.size - walk.start;
		at = behind_chunk(&walk);
	}
	return -ENOENT;
}

bool chunks_find(struct input *input, const char *name, uint64_t *at)
{
	struct chunk_walk walk = {.input = input};
	uint8_t head[HEAD];

	if (input_read(input, 0, head, sizeof(head)) != sizeof(head))
		return false;
	walk.format = format_of(head);
	if (!walk.format || walk.format->id != strlen(name) ||
	    !find_chunk(&walk, name))
		return false;
	*at = walk.start;
	return true;
}
