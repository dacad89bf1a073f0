/*
 * A pass is the list of measures, each with its state. Those that are fed the
 * native rate are fed all of a second, then the next of them; so are those of
 * one channel at MEASURES_MONO_RATE.
 */
#include "analysis/pass.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Finished in this order. */
static const struct measure *const all[] = {
	&measure_loudness,    &measure_spectrum, &measure_dynamics,
	&measure_stereo,      &measure_timbre,	 &measure_harmonic,
	&measure_pitch,	      &measure_chroma,	 &measure_onsets,
	&measure_acoustid,    &measure_peaks,	 &measure_waveform,
	&measure_spectrogram,
};

enum { MEASURES = sizeof(all) / sizeof(*all) };

struct pass {
	struct pass_config config;
	void *states[MEASURES];
	uint64_t measure_ns;
	uint64_t draw_ns;
};

int pass_create(const struct pass_config *config, struct pass **pass)
{
	struct pass *p = calloc(1, sizeof(*p));
	int err = 0;

	if (!p)
		return -ENOMEM;
	p->config = *config;
	for (int i = 0; i < MEASURES && !err; i++)
		err = all[i]->create(&p->config, &p->states[i]);
	if (err) {
		pass_free(p);
		return err;
	}
	*pass = p;
	return 0;
}

void pass_free(struct pass *pass)
{
	if (!pass)
		return;
	for (int i = 0; i < MEASURES; i++)
		all[i]->free(pass->states[i]);
	free(pass);
}

static void add_time(struct pass *p, const struct measure *measure,
		     int64_t since)
{
	*(measure->draws ? &p->draw_ns : &p->measure_ns) +=
		(uint64_t)(clock_ns() - since);
}

/* x - x is 0, but for infinities and what is no number. */
static bool is_finite(const float *samples, size_t count)
{
	float sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += samples[i] - samples[i];
	return sum == 0;
}

/* The samples, or a copy of them in *copy. NULL: no memory. */
static const float *finite_samples(const float *samples, size_t count,
				   float **copy)
{
	if (is_finite(samples, count))
		return samples;
	*copy = malloc(count * sizeof(float));
	if (!*copy)
		return NULL;
	for (size_t i = 0; i < count; i++)
		(*copy)[i] = isfinite(samples[i]) ? samples[i] : 0;
	return *copy;
}

static int feed(struct pass *p, bool mono, const float *frames, size_t count)
{
	uint32_t channels = mono ? 1 : p->config.channels;
	auto_free float *copy = NULL;
	int err = 0;

	frames = finite_samples(frames, count * channels, &copy);
	if (!frames)
		return -ENOMEM;
	for (int i = 0; i < MEASURES && !err; i++) {
		int64_t began = clock_ns();

		if (all[i]->mono != mono)
			continue;
		err = all[i]->feed(p->states[i], frames, count);
		add_time(p, all[i], began);
	}
	return err;
}

int pass_native(struct pass *pass, const float *frames, size_t count)
{
	return feed(pass, false, frames, count);
}

int pass_mono(struct pass *pass, const float *samples, size_t count)
{
	return feed(pass, true, samples, count);
}

int pass_finish(struct pass *p, struct measures *measures, uint8_t *waveform,
		uint8_t *spectrogram)
{
	const struct findings findings = {measures, waveform, spectrogram};
	int err = 0;

	memset(measures, 0, sizeof(*measures));
	measures->version = MEASURES_VERSION;
	measures->rate = p->config.rate;
	measures->channels = p->config.channels;
	measures->samples = p->config.samples;
	for (int i = 0; i < MEASURES && !err; i++) {
		int64_t began = clock_ns();

		err = all[i]->finish(p->states[i], &findings);
		add_time(p, all[i], began);
		measure_alive(&p->config);
	}
	return err;
}

void pass_times(const struct pass *p, uint64_t *measure_ns, uint64_t *draw_ns)
{
	*measure_ns = p->measure_ns;
	*draw_ns = p->draw_ns;
}
