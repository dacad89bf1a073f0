/* Reading a source in several orders, which must not matter. */
#ifndef TESTS_ORDERS_H
#define TESTS_ORDERS_H

#include "transcode/worker/source/source.h"

#include <stddef.h>
#include <stdint.h>

/* One directory and one sound (a WAV) for all tests of a program. */
enum { RATE = 44100, FRAMES = 12 * RATE + 12345 };
extern char *orders_directory;
extern char *orders_wave;
extern size_t orders_frames; /* of the sound; to be set before it is made */

int orders_set_up(void **state);
int orders_tear_down(void **state);

struct opened {
	struct input input;
	struct source *source;
};

struct opened orders_open(const char *path);
void orders_close(struct opened *opened);

/* What a probe promises: as the header tells, or counted. */
uint64_t orders_length(const char *path);

/*
 * Reads all seconds in each order and asserts that they are the same. Gives
 * them, to be freed, and how many frames were silent.
 */
float *orders_read(const char *path, uint64_t samples, unsigned channels,
		   size_t *silent);

#endif
