/*
 * What is measured of a track's audio: plain numbers, a function of the samples
 * alone. Path, tags and time are no part of it.
 *
 * Every number is finite and within its range, whatever the audio is (silence,
 * one sample, full-scale noise).
 */
#ifndef ANALYSIS_MEASURES_H
#define ANALYSIS_MEASURES_H

#include <stdint.h>

/* Raise it when the same samples are to give other numbers. */
#define MEASURES_VERSION 5

/* Hz: what is measured at one rate only, of one channel. */
#define MEASURES_MONO_RATE 22050

/* The 25 dimensions, in the order in which they are always written. */
enum dimension {
	/* shares of the power between 20 Hz and 20 kHz: 0 to 1, sum 1 (or all 0
	   where there is no power) */
	DIM_SUB_BASS_PCT,   /* 20-60 Hz */
	DIM_BASS_PCT,	    /* 60-250 */
	DIM_LOW_MID_PCT,    /* 250-500 */
	DIM_MID_PCT,	    /* 500-2000 */
	DIM_UPPER_MID_PCT,  /* 2000-4000 */
	DIM_PRESENCE_PCT,   /* 4000-8000 */
	DIM_AIR_PCT,	    /* 8000-20000 */
	DIM_LUFS,	    /* ITU-R BS.1770 integrated, -70 to 10 */
	DIM_CREST_DB,	    /* 20 log10(peak / RMS), 0 to 100 */
	DIM_BASS_MID_RATIO, /* 10 log10(E 60-250 / E 250-2000), -100 to 100 dB
			     */
	DIM_TEMPO_BPM,	    /* 0: none found */
	DIM_RHYTHM_STABILITY,
	DIM_TRANSIENT_DENSITY,
	DIM_SILENCE_RATIO,
	DIM_SPECTRAL_CENTROID,
	DIM_SPECTRAL_ROLLOFF,
	DIM_SPECTRAL_FLATNESS,
	DIM_HARMONIC_RATIO,
	DIM_PITCH_STABILITY,
	DIM_CHROMA_ENERGY,
	DIM_DYNAMIC_RANGE_VARIATION,
	DIM_LOUDNESS_VARIATION_STD, /* dB, 0 to 10 */
	DIM_PEAK_CONSISTENCY,
	DIM_STEREO_WIDTH,
	DIM_PHASE_CORRELATION, /* -1 to 1 */
	DIMENSIONS
};

/* Blocks of 400 ms by loudness, as in BS.1770's gating: for albums. */
#define LOUDNESS_BINS 1000

/* Chromaprint of the first 120 s, as fpcalc prints it. */
#define ACOUSTID_MAX 4096

/* No pointers and no significant padding: it is stored as it is. */
struct measures {
	uint32_t version;
	uint32_t rate;	   /* Hz, of the source */
	uint32_t channels; /* of the source */
	uint32_t reserved;
	uint64_t samples; /* per channel */
	uint64_t silent;  /* of these, what could not be decoded: silence */

	float dimensions[DIMENSIONS];

	/* loudness (LUFS; silence is -70) */
	float integrated;
	float range; /* LU */
	float short_term_max;
	float momentary_max;
	float true_peak;   /* dBTP, silence is -100 */
	float sample_peak; /* dBFS, silence is -100 */

	/* content profile */
	float rms; /* 0 to 1 */
	float peak;
	float spectral_centroid_hz;
	float spectral_rolloff_hz;
	float zero_crossing_rate; /* crossings a sample, 0 to 1 */
	float energy_level;	  /* 0 to 1 */
	float dynamic_range_db;

	/* tempo; bpm 0: none found */
	float bpm;
	float bpm_confidence; /* 0 to 1 */
	float first_beat;     /* seconds */
	uint32_t beats;

	/* key */
	uint32_t tonic;	      /* 0: C, 1: C sharp, ... 11: B */
	uint32_t minor;	      /* 1: minor, 0: major */
	float key_confidence; /* 0: none found */

	uint32_t loudness_bins[LOUDNESS_BINS]; /* counts; see loudness_bins.h */
	char acoustid[ACOUSTID_MAX];	       /* ends with a NUL */
};

#endif
