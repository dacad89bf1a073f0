/* What every measure does to its numbers before it hands them out. */
#ifndef ANALYSIS_NUMBER_H
#define ANALYSIS_NUMBER_H

#include <math.h>

/* Not a number is `low`. */
static inline float bounded(double x, double low, double high)
{
	if (!(x > low))
		return (float)low;
	return (float)(x < high ? x : high);
}

/* 10 log10, no less than `lowest`. */
static inline double decibels(double power, double lowest)
{
	double level = power > 0 ? 10 * log10(power) : lowest;

	return level > lowest ? level : lowest;
}

#endif
