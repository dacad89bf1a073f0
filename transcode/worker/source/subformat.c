/*
 * A table of what libsndfile can read from anywhere. All others (GSM 6.10,
 * G.721, G.723, NMS, DWVW and MP3) have decoders that depend on what came
 * before.
 */
#include "transcode/worker/source/subformat.h"

#include "cache/disk/facts.h"

#include <stdio.h>

/* FLAC as a subformat is its bit depth. */
static const struct subformat subformats[] = {
	{.id = SF_FORMAT_PCM_S8, .bits = 8, .codec = "pcm"},
	{.id = SF_FORMAT_PCM_U8, .bits = 8, .codec = "pcm"},
	{.id = SF_FORMAT_PCM_16, .bits = 16, .codec = "pcm"},
	{.id = SF_FORMAT_PCM_24, .bits = 24, .codec = "pcm"},
	{.id = SF_FORMAT_PCM_32, .bits = 32, .codec = "pcm"},
	{.id = SF_FORMAT_FLOAT, .bits = 32, .codec = "pcm-float"},
	{.id = SF_FORMAT_DOUBLE, .bits = 64, .codec = "pcm-float"},
	{.id = SF_FORMAT_ULAW, .bits = 8, .codec = "other", .is_lossy = true},
	{.id = SF_FORMAT_ALAW, .bits = 8, .codec = "other", .is_lossy = true},
	{.id = SF_FORMAT_IMA_ADPCM,
	 .codec = "other",
	 .is_lossy = true,
	 .is_packed = true},
	{.id = SF_FORMAT_MS_ADPCM,
	 .codec = "other",
	 .is_lossy = true,
	 .is_packed = true},
	{.id = SF_FORMAT_MPEG_LAYER_III,
	 .codec = "mp3",
	 .is_lossy = true,
	 .is_packed = true,
	 .remembers = true},
	{SF_FORMAT_ALAC_16, 16, "alac", .is_packed = true},
	{SF_FORMAT_ALAC_20, 20, "alac", .is_packed = true},
	{SF_FORMAT_ALAC_24, 24, "alac", .is_packed = true},
	{SF_FORMAT_ALAC_32, 32, "alac", .is_packed = true},
};

static const struct subformat others = {.codec = "other",
					.is_lossy = true,
					.is_packed = true,
					.remembers = true};

bool subformat_is_flac(int format)
{
	return (format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC;
}

const struct subformat *subformat_of(int format)
{
	int id = format & SF_FORMAT_SUBMASK;

	for (size_t i = 0; i < sizeof(subformats) / sizeof(*subformats); i++) {
		if (subformats[i].id == id)
			return &subformats[i];
	}
	return &others;
}

void subformat_set_kind(struct source_info *info, int format)
{
	const struct subformat *sub = subformat_of(format);

	info->kind = sub->is_lossy ? FACTS_LOSSY : FACTS_LOSSLESS;
	info->bits = sub->is_lossy ? 0 : sub->bits;
	snprintf(info->codec, sizeof(info->codec), "%s",
		 subformat_is_flac(format) ? "flac" : sub->codec);
}

static uint8_t speaker_of(int place)
{
	switch (place) {
	case SF_CHANNEL_MAP_LEFT:
	case SF_CHANNEL_MAP_FRONT_LEFT:
		return SPEAKER_FRONT_LEFT;
	case SF_CHANNEL_MAP_RIGHT:
	case SF_CHANNEL_MAP_FRONT_RIGHT:
		return SPEAKER_FRONT_RIGHT;
	case SF_CHANNEL_MAP_MONO:
	case SF_CHANNEL_MAP_CENTER:
	case SF_CHANNEL_MAP_FRONT_CENTER:
		return SPEAKER_FRONT_CENTER;
	case SF_CHANNEL_MAP_LFE:
		return SPEAKER_LOW_FREQUENCY;
	case SF_CHANNEL_MAP_REAR_LEFT:
		return SPEAKER_BACK_LEFT;
	case SF_CHANNEL_MAP_REAR_RIGHT:
		return SPEAKER_BACK_RIGHT;
	case SF_CHANNEL_MAP_REAR_CENTER:
		return SPEAKER_BACK_CENTER;
	case SF_CHANNEL_MAP_FRONT_LEFT_OF_CENTER:
		return SPEAKER_FRONT_LEFT_OF_CENTER;
	case SF_CHANNEL_MAP_FRONT_RIGHT_OF_CENTER:
		return SPEAKER_FRONT_RIGHT_OF_CENTER;
	case SF_CHANNEL_MAP_SIDE_LEFT:
		return SPEAKER_SIDE_LEFT;
	case SF_CHANNEL_MAP_SIDE_RIGHT:
		return SPEAKER_SIDE_RIGHT;
	default:
		return SPEAKER_OTHER;
	}
}

/*
 * Of AIFF and CAF it copies more than it has where the chunk's tag counts fewer
 * channels than the file, as that for a mask does: see layout.c for these.
 */
static bool is_told_well(int format)
{
	int type = format & SF_FORMAT_TYPEMASK;

	return type != SF_FORMAT_AIFF && type != SF_FORMAT_CAF;
}

void subformat_set_speakers(struct source_info *info, SNDFILE *file, int format)
{
	int places[SOURCE_MAX_CHANNELS] = {0};

	mix_speakers(0, info->channels, info->speakers);
	if (!is_told_well(format) ||
	    !sf_command(file, SFC_GET_CHANNEL_MAP_INFO, places,
			(int)(info->channels * sizeof(*places))) ||
	    places[0] == SF_CHANNEL_MAP_INVALID) /* it did not understand */
		return;
	for (unsigned i = 0; i < info->channels; i++)
		info->speakers[i] = speaker_of(places[i]);
}

bool subformat_is_mpeg(int format)
{
	int sub = format & SF_FORMAT_SUBMASK;

	return sub >= SF_FORMAT_MPEG_LAYER_I && sub <= SF_FORMAT_MPEG_LAYER_III;
}

/* WAV's numbers are little-endian unless it says otherwise, AIFF's big. */
int subformat_endianness(int format)
{
	int said = format & SF_FORMAT_ENDMASK;

	if (said != SF_ENDIAN_FILE)
		return said;
	switch (format & SF_FORMAT_TYPEMASK) {
	case SF_FORMAT_AIFF:
	case SF_FORMAT_AU:
	case SF_FORMAT_CAF:
		return SF_ENDIAN_BIG;
	default:
		return SF_ENDIAN_LITTLE;
	}
}
