/*
 * The layout of a block of decoded audio: one second of interleaved samples.
 * Together with the audio's identity and the number of the second it names a
 * block.
 */
#ifndef TRANSCODE_PLAN_PCM_LAYOUT_H
#define TRANSCODE_PLAN_PCM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Size limit of a block in bytes, larger than a second of anything that is
 * decoded.
 */
#define PCM_BLOCK_MAX ((size_t)128 << 20)

enum pcm_format {
	PCM_FLOAT = 1, /* 32 bits, full scale is 1 */
	PCM_S16,       /* 16 bits */
};

struct pcm_layout {
	uint32_t rate; /* Hz: frames in a block */
	uint32_t channels;
	uint32_t format; /* enum pcm_format */
};

static inline size_t pcm_frame_bytes(const struct pcm_layout *layout)
{
	return layout->channels * (layout->format == PCM_S16 ? 2u : 4u);
}

static inline size_t pcm_block_bytes(const struct pcm_layout *layout)
{
	return layout->rate * pcm_frame_bytes(layout);
}

static inline bool pcm_layout_equal(const struct pcm_layout *a,
				    const struct pcm_layout *b)
{
	return a->rate == b->rate && a->channels == b->channels &&
	       a->format == b->format;
}

#endif
