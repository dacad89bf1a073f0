/*
 * From the channels of a source to one or two, by ITU-R BS.775-3, annex 4:
 *
 *   left  = L + 0.7071 C + 0.7071 Ls        right = R + 0.7071 C + 0.7071 Rs
 *
 * without the low-frequency channel. Each is divided by the sum of its
 * coefficients, so that full scale in every channel at once is full scale and
 * never more: an encoder would clip what lies above, and a loud film mix
 * clipped is worse than one played a few dB softer.
 */
#ifndef WORKER_MIX_H
#define WORKER_MIX_H

#include <stddef.h>
#include <stdint.h>

#define MIX_MAX_INPUTS 32

/* Numbered as the bits of WAVEFORMATEXTENSIBLE's dwChannelMask. */
enum speaker {
	SPEAKER_FRONT_LEFT,
	SPEAKER_FRONT_RIGHT,
	SPEAKER_FRONT_CENTER,
	SPEAKER_LOW_FREQUENCY,
	SPEAKER_BACK_LEFT,
	SPEAKER_BACK_RIGHT,
	SPEAKER_FRONT_LEFT_OF_CENTER,
	SPEAKER_FRONT_RIGHT_OF_CENTER,
	SPEAKER_BACK_CENTER,
	SPEAKER_SIDE_LEFT,
	SPEAKER_SIDE_RIGHT,
	SPEAKER_OTHER, /* heights and what is unknown: left out */
};

/*
 * Names the speakers of `channels` channels. `mask` has the bits of enum
 * speaker, lowest first; 0, or one that does not match the count, means the
 * usual order for that count (FLAC's and WAVE's: 3 is L R C, 4 is
 * quadraphonic).
 */
void mix_speakers(uint64_t mask, unsigned channels, uint8_t *speakers);

struct mix {
	unsigned inputs;
	unsigned outputs;
	float gains[2][MIX_MAX_INPUTS];
};

/*
 * outputs is 1 or 2, inputs 1 to MIX_MAX_INPUTS. One input for two outputs
 * gives both the same; equal counts pass through.
 */
void mix_init(struct mix *mix, const uint8_t *speakers, unsigned inputs,
	      unsigned outputs);

/* Interleaved on both sides; `to` and `from` may not overlap. */
void mix_run(const struct mix *mix, const float *from, float *to,
	     size_t frames);

#endif
