/* Signals for tests of measures, and their measuring. */
#ifndef TESTS_MEASURING_H
#define TESTS_MEASURING_H

#include "analysis/measures.h"

#include <stddef.h>
#include <stdint.h>

/* Interleaved; grows as parts are added. {.rate, .channels} is an empty one. */
struct signal {
	uint32_t rate;
	uint32_t channels;
	size_t frames;
	float *samples;
};

void signal_free(struct signal *signal);

/* Adds so many frames of silence and gives the first of them. */
float *signal_add(struct signal *signal, size_t frames);

/* Adds a sine in all channels; `level` is of its peak, in dBFS. */
void signal_add_sine(struct signal *signal, double hz, double level,
		     double seconds);

/* Adds noise of uniform samples within +-1, other ones in every channel. */
void signal_add_noise(struct signal *signal, double seconds);

uint32_t random_number(void);

/*
 * All of loudness, spectrum, dynamics and stereo, and timbre if the signal is
 * what that takes; fed `chunk` frames at a time, 0: in pieces of random sizes.
 */
void measure(const struct signal *signal, size_t chunk,
	     struct measures *measures);

#endif
