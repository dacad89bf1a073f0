/* See packet_rules.h. */
#include "transcode/worker/source/packet_rules.h"

#include "transcode/worker/formats/mp4.h"
#include "transcode/worker/formats/xing.h"

#include <libavcodec/avcodec.h>
#include <string.h>

/*
 * MP3: up to 511 bytes of earlier frames and two frames' overlap. AAC: one
 * packet's overlap; SBR tells how to go on about every half second. Opus: RFC
 * 7845, 4.6, wants 80 ms, after which music is within -40 dB; after a second it
 * is exact. AC-3, DTS: filter banks' overlap.
 */
static const struct packet_rule rules[] = {
	{.id = AV_CODEC_ID_MP3, .warm_up = {32, 0, 511}, .goes_on = true},
	{.id = AV_CODEC_ID_MP2,
	 .warm_up = {4, 0},
	 .goes_on = true,
	 .name = "mp2float"},
	{.id = AV_CODEC_ID_MP1,
	 .warm_up = {4, 0},
	 .goes_on = true,
	 .name = "mp1float"},
	{.id = AV_CODEC_ID_AAC, .warm_up = {4, 0}},
	{.id = AV_CODEC_ID_AC3, .warm_up = {4, 0}},
	{.id = AV_CODEC_ID_EAC3, .warm_up = {4, 0}},
	{.id = AV_CODEC_ID_DTS, .warm_up = {8, 0}},
	{.id = AV_CODEC_ID_VORBIS,
	 .warm_up = {3, 0},
	 .overlaps = true,
	 .goes_on = true},
	{.id = AV_CODEC_ID_OPUS, .warm_up = {8, 48000}, .name = "libopus"},
};

static const struct warm_up sbr_warm_up = {24, 0};

/* SILK, Opus' codec for speech, never quite forgets; more does not help. */
static const struct warm_up silk_warm_up = {8, 96000};

/*
 * ISO 14496-3, 4.6.7 and 4.6.8: predictors of AAC Main and LTP (and so of Low
 * Delay) live on what was decoded before, without an end.
 */
static const struct packet_rule predicted = {
	.id = AV_CODEC_ID_AAC,
	.remembers = true,
};

static const char *const containers[] = {
	"mp3", "aac", "ac3", "eac3",
	"dts", "wav", "ogg", "mov,mp4,m4a,3gp,3g2,mj2",
};

static bool is_predicted(const AVCodecParameters *codec)
{
	return codec->codec_id == AV_CODEC_ID_AAC &&
	       (codec->profile == FF_PROFILE_AAC_MAIN ||
		codec->profile == FF_PROFILE_AAC_LTP ||
		codec->profile == FF_PROFILE_AAC_LD);
}

const struct packet_rule *packet_rule_find(const struct media *media)
{
	const char *name = media->format->iformat->name;
	bool fits = false;

	for (size_t i = 0; i < sizeof(containers) / sizeof(char *); i++)
		fits = fits || strcmp(name, containers[i]) == 0;
	if (fits && is_predicted(media->audio->codecpar))
		return &predicted;
	for (size_t i = 0; fits && i < sizeof(rules) / sizeof(*rules); i++) {
		if (rules[i].id == media->audio->codecpar->codec_id)
			return &rules[i];
	}
	return NULL;
}

/* RFC 6716, 3.1: the first five bits of an Opus packet are its mode. */
static bool is_silk(const AVPacket *data)
{
	return data->size > 0 && data->data[0] >> 3 < 16;
}

const struct warm_up *packet_rule_warm_up(const struct packet_rule *rule,
					  const struct packet *first)
{
	if (rule->id == AV_CODEC_ID_AAC && !rule->remembers &&
	    first->end - first->start > 1024)
		return &sbr_warm_up;
	if (rule->id == AV_CODEC_ID_OPUS && is_silk(first->data))
		return &silk_warm_up;
	return &rule->warm_up;
}

/*
 * Frames of MPEG-2 may be so small that more are needed than once were, and a
 * decoder of predicted AAC once did not begin with the file.
 */
uint32_t packet_rule_revision(const struct packet_rule *rule,
			      const struct packet *first)
{
	return rule->remembers ||
	       (rule->id == AV_CODEC_ID_MP3 &&
		xing_is_low(first->data->data, (size_t)first->data->size));
}

bool packet_rules_may_fit(struct input *input, const struct sniff *sniff)
{
	const char *name = sniff->demuxer;
	bool found = !name;

	for (size_t i = 0; !found && i < sizeof(containers) / sizeof(char *);
	     i++)
		found = strncmp(containers[i], name, strlen(name)) == 0;
	if (found && name && strcmp(name, "mov") == 0)
		found = !mp4_has_codec(input, sniff->start, "alac") &&
			!mp4_has_codec(input, sniff->start, "fLaC");
	return found;
}
