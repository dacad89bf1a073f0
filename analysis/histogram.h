/*
 * Percentiles of a stream of numbers in constant memory: counts how many fall
 * into each of `bins` equal parts of low to high.
 */
#ifndef ANALYSIS_HISTOGRAM_H
#define ANALYSIS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

struct histogram;

/* 0 or -ENOMEM. */
int histogram_create(double low, double high, size_t bins,
		     struct histogram **histogram);
void histogram_free(struct histogram *histogram);

/* What is outside counts in the nearest bin, NaN in the lowest. */
void histogram_add(struct histogram *histogram, double x);

uint64_t histogram_count(const struct histogram *histogram);

/* Of those in bins that end at or below x. */
uint64_t histogram_count_below(const struct histogram *histogram, double x);

/*
 * The number that `part` (0 to 1) of all lie below, interpolated within its
 * bin: within a bin's width of the exact one. 0 when there are none.
 */
double histogram_quantile(const struct histogram *histogram, double part);

#endif
