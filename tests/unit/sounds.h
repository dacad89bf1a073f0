/* Small audio files for tests, made when they are needed. */
#ifndef TESTS_SOUNDS_H
#define TESTS_SOUNDS_H

#include "transcode/worker/input.h"

#include <stddef.h>
#include <stdint.h>

/* Sample `frame` of `channel`, always the same, full scale 32768. */
int16_t sound_sample(size_t frame, unsigned channel);

/*
 * Writes that many frames of it by libsndfile; `format` is one of its
 * SF_FORMAT_*. The path is made from the directory and the name and must be
 * freed.
 */
char *sound_write(const char *directory, const char *name, int format,
		  uint32_t rate, unsigned channels, size_t frames);

/*
 * Runs a program that makes `directory`/`name` of the file `from`: `command` is
 * for the shell and has $IN and $OUT. Gives the path, to be freed; NULL when
 * the program is not there or cannot do it.
 */
char *sound_encode(const char *directory, const char *name, const char *from,
		   const char *command);

/*
 * That many frames as libsndfile reads them, which are all that the file has;
 * to be freed.
 */
float *sound_read(const char *path, size_t frames, unsigned channels);

/* All of a file's bytes, to be freed. */
void *sound_load(const char *path, size_t *size);
void sound_store(const char *path, const void *bytes, size_t size);

/* Changes `size` bytes of a file at `offset` (negative: from its end). */
void sound_damage(const char *path, long offset, size_t size);
void sound_cut(const char *path, double part);

/* A directory for all tests of a program. */
extern char *sound_directory;
int sound_set_up(void **state);
int sound_tear_down(void **state);

/* An input on the file; its descriptor is for the caller to close. */
struct input sound_open(const char *path);

#endif
