/*
 * waveform.png: a track's amplitude from left to right. Light: the RMS around
 * zero; darker: from the least to the greatest sample, of all channels.
 *
 * The file's size is fixed. It compresses to 10 to 30 KiB; 64 KiB hold any
 * picture by construction, because the same silhouette in two colours fits
 * into them without compression.
 */
#ifndef ANALYSIS_WAVEFORM_H
#define ANALYSIS_WAVEFORM_H

#define WAVEFORM_WIDTH 1800
#define WAVEFORM_HEIGHT 280
#define WAVEFORM_PNG_SIZE 65536

#endif
