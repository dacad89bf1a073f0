/*
 * The facts of a file's audio from its header, as FFmpeg reads it, without
 * decoding.
 */
#ifndef WORKER_DESCRIBE_H
#define WORKER_DESCRIBE_H

#include "transcode/worker/source/media.h"
#include "transcode/worker/source/source.h"

#include <stdbool.h>

/*
 * Whether time stamps name samples and a decoder may begin anywhere, so that a
 * length can be trusted and a seek leads to the right place.
 */
bool describe_is_exact(const struct media *media);

/*
 * Fills `info`; media->audio must not be NULL. info->samples is 0 if the
 * header's length is not exact. Looks closer if rate, channels or codec are not
 * in the header.
 */
int describe(struct media *media, const struct sniff *sniff,
	     struct source_info *info);

/* Names info->speakers by a layout of as many channels. */
void describe_speakers(const AVChannelLayout *layout, struct source_info *info);

/* Opens the media, too. -EINVAL also if it contains no audio. */
int describe_open(struct input *input, const struct sniff *sniff,
		  struct media **media, struct source_info *info);

#endif
