/*
 * Windows overlap by half. Each is made free of its mean and transformed; its
 * magnitudes are taken to the power 0.8, and transformed back.
 */
#include "analysis/recurrence.h"

#include "analysis/fft.h"
#include "base/cleanup.h"

#include <math.h>
#include <string.h>

enum { WINDOW = RECURRENCE_WINDOW, HOP = WINDOW / 2, PADDED = 2 * WINDOW };

#define EXPONENT 0.4f /* of the power */
#define SILENT 1e-2   /* sum of a window */
#define LEAST 0.05    /* of the values: lags that have fewer count as these */

struct recurrence {
	struct fft *fft;
	size_t windows;
	double sums[WINDOW];
	float padded[PADDED];
	float power[PADDED / 2 + 1];
	struct fft_bin bins[PADDED / 2 + 1];
};

/* Without their mean, then zeros. Gives their sum. */
static double unroll(struct recurrence *recurrence, const float *values,
		     size_t count)
{
	double sum = 0;
	float mean;

	for (size_t i = 0; i < count; i++)
		sum += (double)values[i];
	mean = (float)(sum / (double)count);
	for (size_t i = 0; i < count; i++)
		recurrence->padded[i] = values[i] - mean;
	memset(recurrence->padded + count, 0,
	       (PADDED - count) * sizeof(*recurrence->padded));
	return sum;
}

static void correlate(struct recurrence *recurrence)
{
	fft_power(recurrence->fft, recurrence->padded, recurrence->power);
	for (size_t k = 0; k <= PADDED / 2; k++) {
		recurrence->bins[k].re = powf(recurrence->power[k], EXPONENT);
		recurrence->bins[k].im = 0;
	}
	fft_samples(recurrence->fft, recurrence->bins, recurrence->padded);
}

static void add_window(struct recurrence *recurrence, const float *values,
		       size_t count)
{
	const float *lags = recurrence->padded;

	if (unroll(recurrence, values, count) < SILENT)
		return;
	correlate(recurrence);
	if (!(lags[0] > 0))
		return;
	for (size_t i = 0; i < count; i++) {
		double share = 1 - (double)i / (double)count;

		recurrence->sums[i] +=
			(double)(lags[i] / lags[0]) / fmax(LEAST, share);
	}
	recurrence->windows++;
}

int recurrence_create(const float *strength, size_t count,
		      struct recurrence **created)
{
	struct recurrence *recurrence = calloc(1, sizeof(*recurrence));
	size_t length = count < WINDOW ? count : WINDOW;
	int error;

	if (!recurrence)
		return -ENOMEM;
	error = fft_create(PADDED, &recurrence->fft);
	if (error) {
		free(recurrence);
		return error;
	}
	for (size_t begin = 0; length > 0 && begin + length <= count;
	     begin += HOP)
		add_window(recurrence, strength + begin, length);
	*created = recurrence;
	return 0;
}

void recurrence_free(struct recurrence *recurrence)
{
	if (!recurrence)
		return;
	fft_free(recurrence->fft);
	free(recurrence);
}

double recurrence_at(const struct recurrence *recurrence, double lag)
{
	int middle = (int)lround(lag);
	int reach = (int)fmin(2, fmax(1, 0.04 * lag));
	double best = -INFINITY;

	if (middle + reach >= WINDOW || recurrence->windows == 0)
		return 0;
	for (int i = middle - reach; i <= middle + reach; i++)
		best = fmax(best, recurrence->sums[i]);
	return best / (double)recurrence->windows;
}
