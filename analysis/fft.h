/*
 * Fourier transform of real samples. Not normalized: a full-scale sine in the
 * middle of a bin has the power (size / 2)^2 in it, (size / 4)^2 under a Hann
 * window.
 *
 * One object is for one thread; its calls do not allocate.
 */
#ifndef ANALYSIS_FFT_H
#define ANALYSIS_FFT_H

#include <stddef.h>

struct fft;

struct fft_bin {
	float re;
	float im;
};

/* A power of two, 16 to 2^17. 0, -EINVAL or -ENOMEM. */
int fft_create(size_t size, struct fft **fft);
void fft_free(struct fft *fft);

/*
 * `samples` has `size` entries and is not changed, `power` and `bins` have
 * size / 2 + 1: bin k is k * rate / size Hz. Any alignment will do.
 */
void fft_power(struct fft *fft, const float *samples, float *power);
void fft_bins(struct fft *fft, const float *samples, struct fft_bin *bins);

/* The same under a periodic Hann window (mean 1/2, mean of squares 3/8). */
void fft_power_hann(struct fft *fft, const float *samples, float *power);

/* The inverse transform, divided by size: restores the input of fft_bins. */
void fft_samples(struct fft *fft, const struct fft_bin *bins, float *samples);

#endif
