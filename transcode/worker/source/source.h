/*
 * Decoded audio of one file: any stretch of it, in any order.
 *
 * Backends with one interface: libsndfile for the plain formats, FFmpeg packet
 * by packet for the usual lossy ones, FFmpeg for the rest, libFLAC and
 * libwavpack for what these refuse; and one that plays several sources in a
 * row. A new one is a file with a const table.
 */
#ifndef WORKER_SOURCE_H
#define WORKER_SOURCE_H

#include "transcode/worker/formats/sniff.h"
#include "transcode/worker/input.h"
#include "transcode/worker/source/mix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SOURCE_MAX_CHANNELS MIX_MAX_INPUTS
/*
 * No audio has less; work is done by the second, and MP3s of it would be huge.
 */
#define SOURCE_MIN_RATE 1000	/* Hz */
#define SOURCE_MAX_RATE 6144000 /* Hz; DSD512 comes at 2,822,400 */

/* Samples a second in all channels: a second must fit into memory. */
#define SOURCE_MAX_WIDTH (24u << 20)

struct source_info {
	uint32_t kind; /* enum facts_kind */
	uint32_t rate; /* Hz */
	uint32_t channels;
	uint32_t bits;	  /* per sample, 0 where that means nothing */
	uint64_t samples; /* per channel; 0: the header does not tell */
	uint8_t speakers[SOURCE_MAX_CHANNELS]; /* enum speaker */

	/*
	 * 0, or how often the decoding of this very file was fixed. It is part
	 * of the audio's identity, so that what was made from wrong samples is
	 * never found in a cache again.
	 */
	uint32_t revision;
	char codec[16];
};

/* What a backend offers. `decoder` is its own object, at first all zeros. */
struct source_ops {
	const char *name;
	size_t size; /* of a decoder */
	/* What fails is closed, too. */
	int (*open)(void *decoder, struct input *input,
		    const struct sniff *sniff, struct source_info *info);

	/* The next read begins at sample `frame`. Fails if that is
	   impossible. */
	int (*seek)(void *decoder, uint64_t frame);

	/*
	 * Up to `count` interleaved frames within [-1, 1). Fewer than asked
	 * for, or none, at the end and at damage; *damaged says which. After
	 * damage the decoder can only be closed.
	 */
	size_t (*read)(void *decoder, float *frames, size_t count,
		       bool *damaged);

	/*
	 * How many of the frames read since the last call are silent because
	 * nothing could be decoded in their place. May be NULL.
	 */
	size_t (*silence)(void *decoder);

	/*
	 * Instead of seek and read: as source_read(), but gives how many frames
	 * are silent because nothing could be decoded.
	 */
	uint64_t (*span)(void *decoder, uint64_t frame, float *frames,
			 size_t count);

	/*
	 * Whether its beginning shows, without decoding it, that it can be
	 * decoded. Does not change what is read next. May be NULL.
	 */
	bool (*is_usual)(void *decoder);

	/*
	 * Instead of reading on: the number of samples up to the end. A seek
	 * comes next. May be NULL.
	 */
	uint64_t (*count)(void *decoder);
	void (*close)(void *decoder);
};

extern const struct source_ops source_chain;
extern const struct source_ops source_sndfile;
extern const struct source_ops source_packets;
extern const struct source_ops source_ffmpeg;
extern const struct source_ops source_flac;
extern const struct source_ops source_wavpack;

struct source {
	struct input input;
	struct sniff sniff;
	const struct source_ops *ops;
	void *decoder; /* NULL after damage, until it is opened anew */
	struct source_info info;
	uint64_t position; /* of the decoder, in frames */
	uint32_t restarts; /* decoders opened anew */
};

/*
 * Takes no ownership of input.fd, which must stay open. On failure fail_text()
 * has the reason.
 */
int source_open(const struct input *input, struct source **source);
void source_close(struct source *source); /* NULL is allowed */

/*
 * Fills `frames` with `count` frames from `frame` on, whatever happens: what
 * cannot be decoded is silence, and *silent counts it. The result depends only
 * on the file, `frame` and `count`, not on what was read before. Fails only if
 * the medium cannot be read.
 */
int source_read(struct source *source, uint64_t frame, float *frames,
		size_t count, size_t *silent);

/*
 * Counts the samples, if necessary by decoding everything; ignores
 * info.samples.
 */
int source_count(struct source *source, uint64_t *samples);

#endif
