/*
 * spectrogram.png: frequency from bottom to top on a logarithmic axis, 20 Hz to
 * 20 kHz (or half the rate, if that is less); time from left to right; the mean
 * power of a pixel's time and frequency by colour, in dB, where 0 dB is a
 * full-scale sine. All channels mixed to one.
 *
 * The file's size is fixed. The picture is made with as many shades as fit into
 * it; sixteen colours fit without compression, whatever the picture is.
 */
#ifndef ANALYSIS_SPECTROGRAM_H
#define ANALYSIS_SPECTROGRAM_H

#define SPECTROGRAM_WIDTH 1200
#define SPECTROGRAM_HEIGHT 512
#define SPECTROGRAM_PNG_SIZE 327680

#endif
