/* An array of counts. */
#include "analysis/histogram.h"

#include "base/cleanup.h"

struct histogram {
	double low;
	double width; /* of a bin */
	size_t bins;
	uint64_t count;
	uint32_t counts[];
};

int histogram_create(double low, double high, size_t bins,
		     struct histogram **created)
{
	struct histogram *histogram;

	histogram = calloc(1, sizeof(*histogram) + bins * sizeof(uint32_t));
	if (!histogram)
		return -ENOMEM;
	histogram->low = low;
	histogram->width = (high - low) / (double)bins;
	histogram->bins = bins;
	*created = histogram;
	return 0;
}

void histogram_free(struct histogram *histogram)
{
	free(histogram);
}

void histogram_add(struct histogram *histogram, double x)
{
	double place = (x - histogram->low) / histogram->width;
	size_t bin = 0;

	if (place >= (double)histogram->bins)
		bin = histogram->bins - 1;
	else if (place > 0)
		bin = (size_t)place;
	histogram->counts[bin]++;
	histogram->count++;
}

uint64_t histogram_count(const struct histogram *histogram)
{
	return histogram->count;
}

static double end_of(const struct histogram *histogram, size_t bin)
{
	return histogram->low + (double)(bin + 1) * histogram->width;
}

uint64_t histogram_count_below(const struct histogram *histogram, double x)
{
	uint64_t count = 0;

	for (size_t i = 0; i < histogram->bins; i++) {
		if (end_of(histogram, i) > x)
			break;
		count += histogram->counts[i];
	}
	return count;
}

double histogram_quantile(const struct histogram *histogram, double part)
{
	double wanted = part * (double)histogram->count;
	double below = 0;

	if (histogram->count == 0)
		return 0;
	for (size_t i = 0; i < histogram->bins; i++) {
		double here = histogram->counts[i];

		if (here > 0 && below + here >= wanted)
			return end_of(histogram, i) - (below + here - wanted) /
							      here *
							      histogram->width;
		below += here;
	}
	return end_of(histogram, histogram->bins - 1);
}
