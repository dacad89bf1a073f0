/*
 * Two statements that get lost on their way through the libraries:
 *
 *   FLAC  a comment with WAVE's mask (RFC 9639, 8.6.2): libsndfile ignores it,
 *         and so does FFmpeg in Ogg and MP4. Without it, the order is FLAC's.
 *   chan  Apple's chunk of AIFF, CAF and QuickTime: libsndfile knows only tags,
 *         and not before COMM; FFmpeg makes a mask of it, without the order.
 */
#include "transcode/worker/source/layout.h"

#include "base/bytes.h"
#include "transcode/worker/formats/chunks.h"
#include "transcode/worker/formats/mp4.h"
#include "transcode/worker/source/flac.h"

#include <string.h>

/*
 * Core Audio's channel layouts (CoreAudioBaseTypes.h): the tag's upper half,
 * and a letter a channel, which stands for the labels 1 to 11 in this order.
 */
static const char labels[] = "LRCwlr<>cSs";

static const struct {
	uint16_t tag;
	const char *channels;
} tags[] = {
	{108, "LRlr"},	   {109, "LRlrC"},    {110, "LRlrCc"},
	{113, "LRC"},	   {114, "CLR"},      {115, "LRCc"},
	{116, "CLRc"},	   {117, "LRClr"},    {118, "LRlrC"},
	{119, "LCRlr"},	   {120, "CLRlr"},    {121, "LRCwlr"},
	{122, "LRlrCw"},   {123, "LCRlrw"},   {124, "CLRlrw"},
	{125, "LRCwlrc"},  {126, "LRCwlr<>"}, {127, "C<>LRlrw"},
	{128, "LRCwSslr"}, {129, "LRlrCw<>"}, {131, "LRc"},
	{132, "LRlr"},	   {133, "LRw"},      {134, "LRwc"},
	{135, "LRwlr"},	   {136, "LRCw"},     {137, "LRCwc"},
	{138, "LRlrw"},	   {139, "LRlrCc"},   {140, "LRSsClr"},
	{141, "CLRlrc"},   {142, "CLRlrcw"},  {143, "CLRSslr"},
	{148, "LRlrC<>"},  {150, "LCR"},      {151, "LCRc"},
	{152, "LCRw"},	   {153, "LRcw"},     {154, "LCRcw"},
};

enum { CHAN_HEAD = 12, CHAN_LABEL = 20, BY_LABELS = 0, BY_MASK = 1 };

static uint8_t speaker_of(uint32_t label)
{
	enum { REAR_LEFT = 33, REAR_RIGHT = 34 };

	if (label == REAR_LEFT)
		return SPEAKER_BACK_LEFT;
	if (label == REAR_RIGHT)
		return SPEAKER_BACK_RIGHT;
	return label >= 1 && label <= SPEAKER_OTHER ? (uint8_t)(label - 1)
						    : SPEAKER_OTHER;
}

static bool take_tag(uint32_t tag, unsigned channels, uint8_t *speakers)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		if (tags[i].tag != tag || strlen(tags[i].channels) != channels)
			continue;
		for (unsigned c = 0; c < channels; c++)
			speakers[c] =
				(uint8_t)(strchr(labels, tags[i].channels[c]) -
					  labels);
		return true;
	}
	return false;
}

/* A tag, a mask, a number of descriptions, and these. */
static bool read_chan(struct input *input, uint64_t at, unsigned channels,
		      uint8_t *speakers)
{
	uint8_t bytes[CHAN_HEAD + SOURCE_MAX_CHANNELS * CHAN_LABEL];
	size_t size = CHAN_HEAD + channels * CHAN_LABEL;
	ssize_t n = input_read(input, at, bytes, size);
	uint32_t tag, mask;

	if (n < CHAN_HEAD)
		return false;
	tag = bytes_big32(bytes) >> 16;
	mask = bytes_big32(bytes + 4);
	if (tag == BY_MASK && (unsigned)__builtin_popcount(mask) == channels) {
		mix_speakers(mask, channels, speakers);
		return true;
	}
	if (tag != BY_LABELS)
		return take_tag(tag, channels, speakers);
	if (n < (ssize_t)size || bytes_big32(bytes + 8) != channels)
		return false;
	for (unsigned c = 0; c < channels; c++)
		speakers[c] = speaker_of(
			bytes_big32(bytes + CHAN_HEAD + c * CHAN_LABEL));
	return true;
}

static bool find_chan(struct input *input, const struct sniff *sniff,
		      uint64_t *at)
{
	if (sniff_is(sniff, "aiff"))
		return chunks_find(input, "CHAN", at);
	if (sniff_is(sniff, "caf"))
		return chunks_find(input, "chan", at);
	if (!sniff_is(sniff, "mov") ||
	    !mp4_find_in_entry(input, sniff->start, "chan", at))
		return false;
	*at += 4; /* version and flags */
	return true;
}

/* FFmpeg finds Matroska's comment. */
static bool find_mask(struct input *input, const struct sniff *sniff,
		      uint32_t *mask)
{
	uint64_t at;

	*mask = 0;
	if (sniff_is(sniff, "flac"))
		*mask = flac_mask_in_blocks(input, sniff->start);
	else if (sniff_is(sniff, "ogg"))
		*mask = flac_mask_in_ogg(input, sniff->start);
	else if (!sniff_is(sniff, "mov"))
		return false;
	else if (mp4_find_in_entry(input, sniff->start, "dfLa", &at))
		*mask = flac_mask_in_blocks(input, at);
	return true;
}

bool layout_find(struct input *input, const struct sniff *sniff,
		 const struct source_info *info, uint8_t *speakers)
{
	uint32_t mask;
	uint64_t at;

	if (info->channels < 3 || !sniff->demuxer)
		return false;
	if (strncmp(info->codec, "pcm", 3) == 0 || sniff_is(sniff, "aiff") ||
	    sniff_is(sniff, "caf"))
		return find_chan(input, sniff, &at) &&
		       read_chan(input, at, info->channels, speakers);
	if (strcmp(info->codec, "flac") != 0 || !find_mask(input, sniff, &mask))
		return false;
	mix_speakers(mask, info->channels, speakers);
	return true;
}
