/*
 * How much of what happens in music comes again after each lag: the mean
 * generalised autocorrelation (T. Tolonen and M. Karjalainen, "A
 * computationally efficient multipitch analysis model", IEEE TSAP 8(6), 2000:
 * the spectrum's magnitude to a power below 2) of an onset strength signal,
 * over windows of 12 s.
 */
#ifndef ANALYSIS_RECURRENCE_H
#define ANALYSIS_RECURRENCE_H

#include <stddef.h>

struct recurrence;

/* In values of the signal: lags are below it. */
enum { RECURRENCE_WINDOW = 2048 };

/* Of a signal (see rhythm.h). 0 or -ENOMEM. */
int recurrence_create(const float *strength, size_t count,
		      struct recurrence **recurrence);
void recurrence_free(struct recurrence *recurrence);

/*
 * The largest near a lag (at least 1), within 4 % and two values: 1 at lag 0,
 * about 0 for what is unrelated, as if all lags were measured over as many
 * values. 0 for lags out of the window.
 */
double recurrence_at(const struct recurrence *recurrence, double lag);

#endif
