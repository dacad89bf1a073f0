/*
 * The peaks of a track in the BBC's audiowaveform format, version 2: 8 bits,
 * one channel, 256 samples a pixel. Source: bbc/audiowaveform,
 * doc/DataFormat.md.
 *
 *   0  int32   version: 2
 *   4  uint32  flags: 1 (8 bits)
 *   8  int32   rate, Hz
 *   12 int32   samples a pixel: 256
 *   16 uint32  length: pixels
 *   20 int32   channels: 1
 *   24 int8    least, greatest value of pixel 0, of pixel 1, ...
 *
 * All numbers are little-endian. The values are the ones that audiowaveform
 * itself gives without --split-channels: samples are taken as 16 bits (floats
 * times 32767, cut towards 0), a frame's are added and divided by the number of
 * channels, what is the least and the greatest of 256 frames is divided by 256;
 * both divisions cut towards 0.
 */
#ifndef ANALYSIS_PEAKS_H
#define ANALYSIS_PEAKS_H

#include <stddef.h>
#include <stdint.h>

enum {
	PEAKS_HEAD = 24,
	PEAKS_PER_PIXEL = 256,
};

static inline uint64_t peaks_pixels(uint64_t samples)
{
	return samples / PEAKS_PER_PIXEL + (samples % PEAKS_PER_PIXEL > 0);
}

/* Bytes of the whole file, known from the samples per channel. */
static inline uint64_t peaks_size(uint64_t samples)
{
	return PEAKS_HEAD + 2 * peaks_pixels(samples);
}

#endif
