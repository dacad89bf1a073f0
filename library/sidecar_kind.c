/* See sidecar_kind.h. */
#include "library/sidecar_kind.h"

#include "analysis/analysis.h"

static const struct kind {
	const char *suffix;
	uint64_t size; /* 0: depends on the samples */
} kinds[SIDECARS] = {
	[SIDECAR_JSON] = {".json", SIDECAR_JSON_SIZE},
	[SIDECAR_25D] = {".25d", SIDECAR_25D_SIZE},
	[SIDECAR_PEAKS] = {".peaks.dat", 0},
	[SIDECAR_PEAKS_JSON] = {".peaks.json", 0},
	[SIDECAR_WAVEFORM] = {".waveform.png", WAVEFORM_PNG_SIZE},
	[SIDECAR_SPECTROGRAM] = {".spectrogram.png", SPECTROGRAM_PNG_SIZE},
};

const char *sidecar_suffix(enum sidecar sidecar)
{
	return kinds[sidecar].suffix;
}

uint64_t sidecar_size(enum sidecar sidecar, uint64_t samples)
{
	if (sidecar == SIDECAR_PEAKS)
		return peaks_size(samples);
	if (sidecar == SIDECAR_PEAKS_JSON)
		return sidecar_peaks_json_size(samples);
	return kinds[sidecar].size;
}
