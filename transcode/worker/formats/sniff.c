/*
 * A table of magic bytes, which decides who decodes: libsndfile reads the plain
 * formats (its FLAC is the fastest and its seeks are exact), FFmpeg the rest.
 * Telling FFmpeg the demuxer saves its probing, which tries all of them.
 */
#include "transcode/worker/formats/sniff.h"

#include "transcode/worker/formats/trailer.h"

#include <string.h>

#define HEAD_SIZE 96
#define MAX_ID3_TAGS 8

struct magic {
	const char *bytes;
	size_t size;
	size_t offset;
	const char *demuxer;
	bool sndfile;
};

#define AT(offset_, text, name, first)                                         \
	{                                                                      \
		.bytes = (text), .size = sizeof(text) - 1,                     \
		.offset = (offset_), .demuxer = (name), .sndfile = (first)     \
	}

static const struct magic table[] = {
	AT(0, "fLaC", "flac", true),
	AT(8, "WAVE", "wav", true),
	AT(0, "riff\x2e\x91\xcf\x11", "w64", true),
	AT(8, "AIFF", "aiff", true),
	AT(8, "AIFC", "aiff", true),
	AT(0, ".snd", "au", true),
	AT(0, "dns.", "au", true),
	AT(0, "caff", "caf", true),
	AT(0, "OggS", "ogg", false),
	AT(0, "MAC ", "ape", false),
	AT(0, "wvpk", "wv", false),
	AT(0, "TTA1", "tta", false),
	AT(0, "tBaK", "tak", false),
	AT(0, "DSD ", "dsf", false),
	AT(0, "FRM8", "iff", false),
	AT(0, "ajkg", "shn", false),
	AT(0, "MPCK", "mpc8", false),
	AT(0, "MP+", "mpc", false),
	AT(4, "ftyp", "mov", false),
	AT(4, "\xf8\x72\x6f\xba", "truehd", false),
	AT(4, "\xf8\x72\x6f\xbb", "mlp", false),
	AT(0, "\x1a\x45\xdf\xa3", "matroska", false),
	AT(0, "\x7f\xfe\x80\x01", "dts", false),
	AT(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", false),
};

static bool matches(const struct magic *magic, const uint8_t *head, size_t size)
{
	return magic->offset + magic->size <= size &&
	       memcmp(head + magic->offset, magic->bytes, magic->size) == 0;
}

/*
 * Behind W64's first 64 bytes is a WAVEFORMATEXTENSIBLE, in which libsndfile
 * takes floats (subformat 3) for integers.
 */
static bool is_float_w64(const uint8_t *head, size_t size)
{
	return size >= 90 && memcmp(head, "riff\x2e\x91\xcf\x11", 8) == 0 &&
	       memcmp(head + 40, "fmt ", 4) == 0 &&
	       memcmp(head + 64, "\xfe\xff", 2) == 0 &&
	       memcmp(head + 88, "\3\0", 2) == 0;
}

/*
 * ATSC A/52, 5.3 and E.1.2: both begin alike; from one frame FFmpeg cannot tell
 * which.
 */
static const char *dolby(const uint8_t *head, size_t size)
{
	enum { SYNC = 0x0b77, LAST_AC3 = 10, LAST_EAC3 = 16 };
	unsigned version = head[5] >> 3;

	if (size < 6 || (head[0] << 8 | head[1]) != SYNC)
		return NULL;
	if (version <= LAST_AC3)
		return "ac3";
	return version <= LAST_EAC3 ? "eac3" : NULL;
}

/*
 * ISO 11172-3, 2.4.2.3: layer III with bit rate index 0, which the table does
 * not have. Its frames extend from one sync word to the next.
 */
static bool is_free_format(const uint8_t *head, size_t size)
{
	enum { LAYER_III = 1, RESERVED_VERSION = 1, RESERVED_RATE = 3 };

	return size >= 4 && head[0] == 0xff && (head[1] & 0xe0) == 0xe0 &&
	       (head[1] >> 3 & 3) != RESERVED_VERSION &&
	       (head[1] >> 1 & 3) == LAYER_III && head[2] >> 4 == 0 &&
	       (head[2] >> 2 & 3) != RESERVED_RATE;
}

static void name_frames(struct sniff *sniff, const uint8_t *head, size_t size)
{
	sniff->demuxer = dolby(head, size);
	sniff->free_format = is_free_format(head, size);
	if (!sniff->free_format)
		return;
	sniff->demuxer = "mp3";
	sniff->sndfile = true;
}

/* FFmpeg skips what follows there, or a header says where it is. */
static bool has_end(const struct sniff *sniff)
{
	static const char *const names[] = {"mov", "matroska", "asf",
					    "ogg", "dsf",      "iff"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (sniff->demuxer && strcmp(sniff->demuxer, names[i]) == 0)
			return true;
	}
	return false;
}

/* ID3v2.4.0 structure, 3.1: the size of a tag, 28 bits in four bytes. */
static uint64_t id3_size(const uint8_t *head, ssize_t size)
{
	if (size < 10 || memcmp(head, "ID3", 3) != 0)
		return 0;
	return 10 + ((uint64_t)(head[6] & 0x7f) << 21) +
	       ((uint64_t)(head[7] & 0x7f) << 14) +
	       ((uint64_t)(head[8] & 0x7f) << 7) + (head[9] & 0x7f) +
	       (head[5] & 0x10 ? 10 : 0);
}

int sniff(struct input *input, struct sniff *found)
{
	uint8_t head[HEAD_SIZE];
	struct sniff result = {0};
	ssize_t size = 0;

	for (int i = 0; i < MAX_ID3_TAGS; i++) {
		uint64_t tag;

		size = input_read(input, result.start, head, sizeof(head));
		if (size < 0)
			return (int)size;
		tag = id3_size(head, size);
		if (tag == 0)
			break;
		result.start += tag;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!matches(&table[i], head, (size_t)size))
			continue;
		result.demuxer = table[i].demuxer;
		result.sndfile =
			table[i].sndfile && !is_float_w64(head, (size_t)size);
		break;
	}
	if (!result.demuxer)
		name_frames(&result, head, (size_t)size);
	result.end = input->size;
	if (!has_end(&result))
		result.end = trailer_start(input, result.start);
	if (input->error)
		return input->error;
	*found = result;
	return 0;
}
