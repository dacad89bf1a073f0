/* The pictures of a track: what they show, and their sizes. */
#ifndef ANALYSIS_PICTURES_H
#define ANALYSIS_PICTURES_H

/*
 * waveform.png: a track's amplitude from left to right. Light: the RMS around
 * zero; darker: from the least to the greatest sample, of all channels.
 *
 * The file's size is fixed. It compresses to 10 to 30 KiB; 64 KiB hold any
 * picture by construction, because the same silhouette in two colors fits
 * into them without compression.
 */

#define WAVEFORM_WIDTH 1800
#define WAVEFORM_HEIGHT 280
#define WAVEFORM_PNG_SIZE 65536

/*
 * spectrogram.png: frequency from bottom to top on a logarithmic axis, 20 Hz to
 * 20 kHz (or half the rate, if that is less); time from left to right; the mean
 * power of a pixel's time and frequency by color, in dB, where 0 dB is a
 * full-scale sine. All channels mixed to one.
 *
 * The file's size is fixed. The picture is made with as many shades as fit into
 * it; sixteen colors fit without compression, whatever the picture is.
 */

#define SPECTROGRAM_WIDTH 1200
#define SPECTROGRAM_HEIGHT 512
#define SPECTROGRAM_PNG_SIZE 327680

#endif
