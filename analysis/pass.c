/* See pass.h. */
#include "analysis/pass.h"

#include "analysis/acoustid.h"
#include "analysis/beats.h"
#include "analysis/chroma.h"
#include "analysis/dynamics.h"
#include "analysis/harmonic.h"
#include "analysis/key.h"
#include "analysis/loudness.h"
#include "analysis/onsets.h"
#include "analysis/pitch.h"
#include "analysis/spectrogram.h"
#include "analysis/spectrum.h"
#include "analysis/stereo.h"
#include "analysis/tempo.h"
#include "analysis/timbre.h"
#include "analysis/waveform.h"
#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct pass {
	struct pass_config config;

	/* of the native rate */
	struct loudness *loudness;
	struct spectrum *spectrum;
	struct dynamics *dynamics;
	struct stereo *stereo;
	struct acoustid *acoustid;
	struct peaks *peaks;
	struct waveform *waveform;
	struct spectrogram *spectrogram;

	/* of one channel at PASS_MONO_RATE */
	struct timbre *timbre;
	struct onsets *onsets;
	struct harmonic *harmonic;
	struct pitch *pitch;
	struct chroma *chroma;

	int64_t since; /* when the present stage began */
	uint64_t measure_ns;
	uint64_t draw_ns;
};

static int create_native(struct pass *p)
{
	const struct pass_config *c = &p->config;
	int err = loudness_create(c->rate, c->channels, &p->loudness);

	if (!err)
		err = spectrum_create(c->rate, c->channels, &p->spectrum);
	if (!err)
		err = dynamics_create(c->rate, c->channels, &p->dynamics);
	if (!err)
		err = stereo_create(c->rate, c->channels, &p->stereo);
	if (!err)
		err = acoustid_create(c->rate, c->channels, c->bits,
				      &p->acoustid);
	return err;
}

static int create_drawn(struct pass *p)
{
	const struct pass_config *c = &p->config;
	int err = peaks_create(c->rate, c->channels, c->samples, c->write_peaks,
			       c->context, &p->peaks);

	if (!err)
		err = waveform_create(c->channels, c->samples, &p->waveform);
	if (!err)
		err = spectrogram_create(c->rate, c->channels, c->samples,
					 &p->spectrogram);
	return err;
}

static int create_mono(struct pass *p)
{
	int err = timbre_create(PASS_MONO_RATE, 1, &p->timbre);

	if (!err)
		err = onsets_create(&p->onsets);
	if (!err)
		err = harmonic_create(&p->harmonic);
	if (!err)
		err = pitch_create(&p->pitch);
	if (!err)
		err = chroma_create(&p->chroma);
	return err;
}

int pass_create(const struct pass_config *config, struct pass **pass)
{
	struct pass *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->config = *config;
	err = create_native(p);
	if (!err)
		err = create_drawn(p);
	if (!err)
		err = create_mono(p);
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
	loudness_free(pass->loudness);
	spectrum_free(pass->spectrum);
	dynamics_free(pass->dynamics);
	stereo_free(pass->stereo);
	acoustid_free(pass->acoustid);
	peaks_free(pass->peaks);
	waveform_free(pass->waveform);
	spectrogram_free(pass->spectrogram);
	timbre_free(pass->timbre);
	onsets_free(pass->onsets);
	harmonic_free(pass->harmonic);
	pitch_free(pass->pitch);
	chroma_free(pass->chroma);
	free(pass);
}

static void begin_stage(struct pass *p)
{
	p->since = clock_ns();
}

/* The next stage begins where this one ends. */
static void end_stage(struct pass *p, uint64_t *spent)
{
	int64_t now = clock_ns();

	*spent += (uint64_t)(now - p->since);
	p->since = now;
}

static void show_life(const struct pass *p)
{
	if (p->config.alive)
		p->config.alive(p->config.alive_context);
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

static int measure_native(struct pass *p, const float *frames, size_t count)
{
	int err = loudness_feed(p->loudness, frames, count);

	if (!err)
		err = spectrum_feed(p->spectrum, frames, count);
	if (!err)
		err = dynamics_feed(p->dynamics, frames, count);
	if (!err)
		err = stereo_feed(p->stereo, frames, count);
	if (!err)
		err = acoustid_feed(p->acoustid, frames, count);
	return err;
}

static int draw_native(struct pass *p, const float *frames, size_t count)
{
	int err = peaks_feed(p->peaks, frames, count);

	if (!err)
		err = spectrogram_feed(p->spectrogram, frames, count);
	if (!err)
		waveform_feed(p->waveform, frames, count);
	return err;
}

int pass_native(struct pass *p, const float *frames, size_t count)
{
	auto_free float *copy = NULL;
	int err;

	begin_stage(p);
	frames = finite_samples(frames, count * p->config.channels, &copy);
	if (!frames)
		return -ENOMEM;
	err = measure_native(p, frames, count);
	end_stage(p, &p->measure_ns);
	if (err)
		return err;
	err = draw_native(p, frames, count);
	end_stage(p, &p->draw_ns);
	return err;
}

int pass_mono(struct pass *p, const float *samples, size_t count)
{
	auto_free float *copy = NULL;
	int err;

	begin_stage(p);
	samples = finite_samples(samples, count, &copy);
	if (!samples)
		return -ENOMEM;
	err = timbre_feed(p->timbre, samples, count);
	if (!err)
		err = onsets_feed(p->onsets, samples, count);
	if (!err)
		err = harmonic_feed(p->harmonic, samples, count);
	if (!err)
		err = pitch_feed(p->pitch, samples, count);
	if (!err)
		err = chroma_feed(p->chroma, samples, count);
	end_stage(p, &p->measure_ns);
	return err;
}

static int find_rhythm(struct pass *p, struct measures *measures)
{
	const float *strength;
	size_t count;
	int err;

	onsets_finish(p->onsets, measures);
	strength = onsets_strength(p->onsets, &count);
	show_life(p);
	err = tempo_find(strength, count, measures);
	show_life(p);
	return err ? err : beats_find(strength, count, measures);
}

static void find_key(struct pass *p, struct measures *measures)
{
	float mean[12];

	chroma_finish(p->chroma, measures);
	chroma_mean(p->chroma, mean);
	key_find(mean, measures);
}

int pass_measure(struct pass *p, struct measures *measures)
{
	int err;

	memset(measures, 0, sizeof(*measures));
	measures->version = MEASURES_VERSION;
	measures->rate = p->config.rate;
	measures->channels = p->config.channels;
	measures->samples = p->config.samples;
	begin_stage(p);
	loudness_finish(p->loudness, measures);
	spectrum_finish(p->spectrum, measures);
	dynamics_finish(p->dynamics, measures);
	stereo_finish(p->stereo, measures);
	timbre_finish(p->timbre, measures);
	harmonic_finish(p->harmonic, measures);
	pitch_finish(p->pitch, measures);
	show_life(p);
	find_key(p, measures);
	err = find_rhythm(p, measures);
	show_life(p);
	if (!err)
		err = acoustid_finish(p->acoustid, measures->acoustid,
				      sizeof(measures->acoustid));
	end_stage(p, &p->measure_ns);
	return err ? err : peaks_finish(p->peaks);
}

int pass_draw(struct pass *p, uint8_t *waveform, uint8_t *spectrogram)
{
	int err;

	begin_stage(p);
	err = waveform_finish(p->waveform, waveform);
	if (!err)
		err = spectrogram_finish(p->spectrogram, spectrogram);
	end_stage(p, &p->draw_ns);
	return err;
}

void pass_times(const struct pass *p, uint64_t *measure_ns, uint64_t *draw_ns)
{
	*measure_ns = p->measure_ns;
	*draw_ns = p->draw_ns;
}
