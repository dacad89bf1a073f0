/*
 * Chromaprint of a track's first 120 seconds, as text: what `fpcalc -plain`
 * prints of the same file (chromaprint 1.5, src/cmd/fpcalc.cpp).
 */
#ifndef ANALYSIS_ACOUSTID_H
#define ANALYSIS_ACOUSTID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct acoustid;

/*
 * `bits`: of the source's whole samples, as FLAC has; 0: they are floats, as
 * those of MP3. Up to 16 bits, fpcalc converts in 16 bits, else in floats.
 *
 * 0 or -ENOMEM. What Chromaprint cannot take (a rate below 1 kHz, a number of
 * channels that no layout is known for) gives an empty text, not an error.
 */
int acoustid_create(uint32_t rate, unsigned channels, unsigned bits,
		    struct acoustid **acoustid);
void acoustid_free(struct acoustid *acoustid);

/* Whether it has heard enough; more may be fed. */
bool acoustid_is_done(const struct acoustid *acoustid);

/* Interleaved, full scale 1. 0 or -ENOMEM. */
int acoustid_feed(struct acoustid *acoustid, const float *frames, size_t count);

/*
 * Writes at most `room` bytes with the NUL; a text that does not fit (it has
 * some 2,600 bytes) is left empty, as that of too short a track. 0 or -ENOMEM.
 */
int acoustid_finish(struct acoustid *acoustid, char *text, size_t room);

#endif
