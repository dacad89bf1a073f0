/*
 * The packets of a file's audio, each with its place in the track, undecoded.
 * Frame 0 is the first that is to be heard: what an encoder put before it
 * (its delay) has negative places.
 */
#ifndef WORKER_PACKETS_H
#define WORKER_PACKETS_H

#include "transcode/worker/source/media.h"
#include "transcode/worker/source/source.h"

#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* What a new decoder must be fed before its samples are right. */
struct warm_up {
	unsigned packets;
	unsigned frames;
	unsigned bytes; /* of MP3's main data */
};

struct packet {
	TAILQ_ENTRY(packet) link;
	AVPacket *data;
	int64_t start; /* of what a decoder makes of it, frames */
	int64_t end;
	int64_t bytes; /* of main data that lie before it */
	int64_t until; /* and before the one that is two earlier */
};

struct packets;

/* `input` must outlive the packets. Fills `info` as describe() does. */
int packets_open(struct input *input, const struct sniff *sniff,
		 struct source_info *info, struct packets **packets);

/*
 * Gives the first one; needed before anything below. `overlaps`: a new decoder
 * makes nothing of its first packet. NULL when there is none.
 */
const struct packet *packets_begin(struct packets *packets, bool overlaps);

void packets_set_warm_up(struct packets *packets,
			 const struct warm_up *warm_up);

void packets_close(struct packets *packets); /* NULL is allowed */

struct media *packets_media(const struct packets *packets);

/* Whether their positions used to be others; see source_info.revision. */
bool packets_are_mended(const struct packets *packets);

/* Frames that an encoder put before the first, as the container says. */
uint32_t packets_delay(const struct packets *packets);

/* The same, with what an overlapping decoder does not give. */
uint32_t packets_lead(const struct packets *packets);

/* The time stamp of frame 0, in frames. */
int64_t packets_zero(const struct packets *packets);

/* Starts over with the first one; NULL: there is none any more. */
const struct packet *packets_rewind(struct packets *packets);

/*
 * The packet a decoder begins with to warm up for `frame`; NULL behind the end
 * of the file.
 */
const struct packet *packets_seek(struct packets *packets, uint64_t frame);

/*
 * The one behind, NULL at the end. Packets before it become invalid, but for
 * those that the next packets_seek() wants if it goes on from there.
 */
const struct packet *packets_next(struct packets *packets,
				  const struct packet *packet);

/* Walks to the end of the file: where its last packet ends, in frames. */
uint64_t packets_walk(struct packets *packets);

#endif
