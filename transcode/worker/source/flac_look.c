/*
 * Frames have numbers, so the last one tells how long the stream is, and those
 * in between must grow. If they do, have STREAMINFO's format, and there are no
 * more bytes than the largest frames could fill, it is one stream. Checking
 * that costs a look at the middle and the end, which the file's identity is
 * made from as well. Whatever looks different (a truncated file does, too) is
 * searched.
 *
 * Programs that cut a piece out of a file leave its frames their numbers, and
 * STREAMINFO the length of the whole. The first sample of such a piece is its
 * sample 0 nevertheless.
 */
#include "transcode/worker/source/flac_look.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/flac.h"

#include <string.h>

enum { WINDOW = 65536, PLACES = 32 };

struct look {
	struct input *input;
	struct flac_header header;
	uint64_t size;	    /* bytes of frames */
	uint32_t per_frame; /* samples, if all have the same number */
	uint64_t first;	    /* sample, by the number of its frame */
	uint8_t *window;

	uint64_t reached; /* samples: none that follows begins before */
	bool changes;
	struct flac_frame other; /* of another format; or no channels */
};

static uint64_t place_of(const struct look *look,
			 const struct flac_frame *frame)
{
	return frame->fixed ? frame->number * look->per_frame : frame->number;
}

/* In the order in which they are in the file. */
static void judge(struct look *look, const struct flac_frame *frame)
{
	uint64_t place = place_of(look, frame);

	if (!flac_is_as_announced(frame, &look->header))
		look->other = *frame;
	if (look->other.channels > 0 || place < look->reached)
		look->changes = true;
	look->reached = place;
}

/* Gives how many bytes of frames are in the window from `at` on. */
static size_t read_window(struct look *look, uint64_t at)
{
	uint64_t rest = look->size - at;
	ssize_t n = input_read(look->input, look->header.audio + at,
			       look->window, rest < WINDOW ? rest : WINDOW);

	return n > 0 ? (size_t)n : 0;
}

/* False: nothing is known about this position. */
static bool look_at(struct look *look, uint64_t at)
{
	size_t n = read_window(look, at);
	struct flac_frame frame;

	if (!flac_find_frame(look->window, n, &frame) ||
	    memmem(look->window, n, "fLaC", 4))
		return false;
	judge(look, &frame);
	return true;
}

static bool look_at_end(struct look *look)
{
	uint64_t at = look->size > WINDOW ? look->size - WINDOW : 0;
	size_t n = read_window(look, at);
	struct flac_frame frame;

	if (!flac_find_last_frame(look->window, n, &frame))
		return false;
	judge(look, &frame);
	look->reached += frame.samples;
	return true;
}

/* STREAMINFO has the size of the largest frame (RFC 9639, 8.2), or 0. */
static bool has_room(const struct look *look)
{
	const uint8_t *info = look->header.streaminfo;
	uint64_t largest = (uint64_t)info[7] << 16 | info[8] << 8 | info[9];
	uint64_t frames = look->header.samples / look->per_frame + 1;

	return largest == 0 || look->size / largest <= frames;
}

/* False: it is unknown whether this is a FLAC file. */
static bool begin_look(struct look *look, struct input *input, uint64_t start)
{
	struct flac_frame first;

	*look = (struct look){.input = input};
	if (flac_read_header(input, start, &look->header) != 0 ||
	    input->size <= look->header.audio ||
	    !flac_first_frame(input, &look->header, &first))
		return false;
	look->size = input->size - look->header.audio;
	look->per_frame = first.samples;
	look->first = place_of(look, &first);
	look->window = malloc(WINDOW);
	return look->window && look->per_frame > 0;
}

static bool is_one_stream(struct look *look)
{
	return look->first == 0 && look->size > 2 * WINDOW &&
	       look_at(look, (look->size - WINDOW) / 2) && look_at_end(look) &&
	       look->reached == look->header.samples && has_room(look) &&
	       !look->changes;
}

static void tell_flac_look(const struct flac_header *header,
			   const struct flac_frame *other)
{
	remark("%u Hz, %u channels and %u bits on the way are converted to "
	       "%u Hz, %u and %u",
	       other->rate ? other->rate : header->rate, other->channels,
	       other->bits ? other->bits : header->bits, header->rate,
	       header->channels, header->bits);
}

static void look_everywhere(struct look *look)
{
	look->changes = false;
	look->reached = look->first;
	for (uint64_t i = 0; i < PLACES && look->size > WINDOW; i++)
		look_at(look, (look->size - WINDOW) / PLACES * i);
	look_at_end(look);
}

bool flac_is_doubtful(struct input *input, uint64_t start)
{
	struct look look;
	bool doubtful =
		begin_look(&look, input, start) && !is_one_stream(&look);

	free(look.window);
	return doubtful;
}

/* libFLAC finds no sample behind the end that STREAMINFO gives. */
static bool is_out_of_reach(const struct look *look)
{
	return look->first > 0 && look->header.samples > 0 &&
	       look->header.samples < look->reached;
}

bool flac_changes(struct input *input, uint64_t start, uint64_t *first)
{
	struct look look;

	if (begin_look(&look, input, start))
		look_everywhere(&look);
	free(look.window);
	*first = look.first;
	look.changes = look.changes || is_out_of_reach(&look);
	if (look.other.channels > 0)
		tell_flac_look(&look.header, &look.other);
	return look.changes;
}

/*
 * STREAMINFO has the size of the smallest frame (RFC 9639, 8.2), or 0, and that
 * of the largest block, which may be wrong.
 */
static uint64_t most_samples(const struct look *look)
{
	enum { SMALLEST = 10 };
	const uint8_t *info = look->header.streaminfo;
	uint64_t smallest = (uint64_t)info[4] << 16 | info[5] << 8 | info[6];
	uint64_t largest = (uint64_t)info[2] << 8 | info[3];

	if (smallest < SMALLEST)
		smallest = SMALLEST;
	if (largest < look->per_frame)
		largest = look->per_frame;
	return (look->size / smallest + 1) * largest;
}

uint64_t flac_end(struct input *input, uint64_t start, uint64_t *most)
{
	struct look look;
	uint64_t end = 0;

	*most = 0;
	if (begin_look(&look, input, start)) {
		*most = most_samples(&look);
		if (look_at_end(&look) && !look.changes)
			end = look.reached - look.first;
	}
	free(look.window);
	return end;
}

static bool is_header(struct input *input, uint64_t at)
{
	struct flac_header header;

	return flac_read_header(input, at, &header) == 0 && header.rate > 0;
}

/* Where the next file begins in this one; its end: there is none. */
static uint64_t find_header(struct input *input, uint64_t at,
			    uint64_t *patience)
{
	enum { STEP = 1 << 20, OVERLAP = 3 };
	auto_free uint8_t *bytes = malloc(STEP);
	ssize_t n = 0;

	while (bytes && (n = input_read_patiently(input, patience, at, bytes,
						  STEP)) > OVERLAP) {
		const uint8_t *found = bytes;
		const uint8_t *end = bytes + n;

		while ((found = memmem(found, (size_t)(end - found), "fLaC",
				       4))) {
			if (is_header(input, at + (uint64_t)(found - bytes)))
				return at + (uint64_t)(found - bytes);
			found += 4;
		}
		at += (uint64_t)n - OVERLAP;
	}
	return input->size;
}

size_t flac_links(struct input *input, uint64_t start, struct input_part *links,
		  size_t most)
{
	uint64_t patience = INPUT_PATIENCE;
	struct flac_header header;
	size_t n = 0;

	while (n < most && flac_read_header(input, start, &header) == 0) {
		uint64_t next = find_header(input, header.audio, &patience);

		links[n++] = (struct input_part){start, next};
		start = next;
	}
	return n;
}
