/*
 * Silence takes next to nothing in most codecs, so each one's limit follows
 * from its smallest packet and the most samples that a packet can have. This
 * rejects what is impossible; what is possible but untrue shows when it is
 * decoded.
 */
#include "transcode/worker/source/plausible.h"

#include "transcode/worker/fail.h"
#include "transcode/worker/formats/wavpack.h"
#include "transcode/worker/source/flac_look.h"

#include <inttypes.h>
#include <string.h>

static const struct limit {
	const char *codec;
	uint32_t samples; /* of a packet, at most */
	uint32_t bytes;	  /* of it, at least */
} limits[] = {
	/* RFC 9639, 9: header 6, constant subframe 2, checksum 2 */
	{"flac", 65535, 10},
	/* WavPack 4 & 5 Binary File / Block Format: a block's header */
	{"wavpack", 131072, 32},
	/* the frames of Monkey's Audio's highest level; its place, checksum */
	{"ape", 16 * 73728, 8},
	/* Apple's ALAC has 4,096 in a packet; tag, header and predictor */
	{"alac", 16384, 8},
	/* TAK: 250 ms at 192 kHz; sync, header, checksum */
	{"tak", 48000, 8},
	/* Shorten: 2 bits for a block of silence */
	{"shorten", 65535, 1},
	/* ISO/IEC 14496-3, DST: 1/75 s of DSD512; head of its chunk */
	{"dst", 37632, 12},
	/* ISO/IEC 11172-3, 2.4: 8 kbit/s at 24 kHz */
	{"mp3", 1152, 24},
	{"mp2", 1152, 24},
	{"mp1", 384, 16},
	/* ISO/IEC 14496-3, 4.4.2: the end of a block, doubled by SBR */
	{"aac", 2048, 2},
	/* ATSC A/52, 5.3 and E.1: 32 kbit/s; three words */
	{"ac3", 1536, 128},
	{"eac3", 1536, 6},
	/* ETSI TS 102 114, 5.3: FSIZE of 95, NBLKS of 127 */
	{"dts", 4096, 96},
	/* Vorbis I, 4.2.2: the longest block; RFC 6716, 3.1: 120 ms */
	{"vorbis", 8192, 1},
	{"opus", 5760, 1},
	/* Musepack: SV7 has 20 bits a frame, SV8 two of a silent one */
	{"musepack7", 1152, 2},
	{"musepack8", 4608, 1},
};

/* Per byte, for codecs that nobody has studied: the same as FLAC. */
enum { UNKNOWN = 6553 };

/* Of those whose samples all take bits, in eighths of a byte; or 0. */
static uint32_t bits_of_sample(const char *codec, uint32_t bits)
{
	if (strncmp(codec, "pcm", 3) == 0)
		return bits;
	/* the end of a number in unary takes one */
	if (strcmp(codec, "tta") == 0)
		return 1;
	/* eight bits become a sample */
	return strncmp(codec, "dsd", 3) == 0 ? 8 : 0;
}

uint64_t plausible_samples(const char *codec, uint32_t bits, uint32_t channels,
			   uint64_t bytes)
{
	uint64_t width = (uint64_t)bits_of_sample(codec, bits) * channels;

	if (width > 0)
		return bytes / width * 8 + bytes % width * 8 / width;
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		const struct limit *limit = &limits[i];

		if (strcmp(codec, limit->codec) == 0)
			return (bytes / limit->bytes + 1) * limit->samples;
	}
	return bytes > UINT64_MAX / UNKNOWN ? UINT64_MAX : bytes * UNKNOWN;
}

void plausible_weigh(struct source_info *info, uint64_t most)
{
	if (info->samples <= most)
		return;
	remark("the header promises %" PRIu64 " samples, at most %" PRIu64
	       " have room",
	       info->samples, most);
	info->samples = 0;
}

void plausible_cut(struct source_info *info, uint64_t samples)
{
	if (samples == 0 || info->samples <= samples)
		return;
	remark("the header promises %" PRIu64 " samples, and the file has "
	       "%" PRIu64,
	       info->samples, samples);
	info->samples = samples;
}

void plausible_mend(struct source *source)
{
	struct source_info *info = &source->info;
	struct input *input = &source->input;
	uint64_t most = plausible_samples(info->codec, info->bits,
					  info->channels, input->size);
	uint64_t end = 0;

	if (source->sniff.demuxer && strcmp(source->sniff.demuxer, "wv") == 0) {
		end = wavpack_end(input, source->sniff.start);
		source->sniff.doubtful = end == 0;
	} else if (source->sniff.doubtful && !source->sniff.changes &&
		   source->ops != &source_chain) {
		end = flac_end(input, source->sniff.start, &most);
	}
	if (end > 0)
		plausible_cut(info, end);
	else
		plausible_weigh(info, most);
}
