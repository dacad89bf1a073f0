/* What the reading of packets and the seeking among them share. */
#ifndef WORKER_PACKETS_PRIVATE_H
#define WORKER_PACKETS_PRIVATE_H

#include "transcode/worker/source/packets.h"

#include <libavcodec/vorbis_parser.h>

/* Packets from one note to the next. */
enum { NOTE_STEP = 32 };

#define UNKNOWN ((uint64_t)1 << 62)

enum way { WAY_WALK, WAY_NOTES, WAY_STAMPS };

struct note {
	int64_t start; /* frames */
	int64_t byte;
	int64_t main_data; /* bytes, before it */
};

TAILQ_HEAD(packet_list, packet);

struct packets {
	struct input *input;
	struct sniff sniff;
	struct warm_up warm_up;
	uint32_t rate;		      /* of the decoder, Hz */
	AVVorbisParseContext *vorbis; /* in Ogg; else NULL */
	bool overlaps;
	int header_rate; /* Hz, that the first frame tells; 0: none yet */
	int per_sample;	 /* frames that a sample of it becomes */

	struct media *media;
	enum way way;
	bool fragmented; /* an MP4, whose table comes piece by piece */
	AVPacket *ahead; /* the next one of such a file; or empty */
	uint32_t delay;	 /* frames */
	uint32_t lead;	 /* it, and what an overlapping decoder swallows */
	bool mended;	 /* places once were others */
	int64_t zero;	 /* the time stamp of frame 0, in frames */
	int64_t longest; /* packet so far, frames */

	struct packet_list kept;
	unsigned count;
	uint64_t number; /* of the next packet; UNKNOWN after a time stamp */
	int64_t next;	 /* where it begins if nothing is missing */
	int64_t bytes;	 /* of main data before the next packet */
	bool ended;
	bool no_jumps; /* one has failed */

	struct note *notes; /* of packets 0, NOTE_STEP, 2 * NOTE_STEP, ... */
	size_t noted;
};

/* Gives the next packet of the file, NULL at its end. */
struct packet *packets_read(struct packets *packets);

/* Fills all but `data`; called for each packet in its order. */
void packets_place(struct packets *packets, struct packet *packet);

/* The next packet is number `number`, and begins at `next`. */
void packets_forget(struct packets *packets, uint64_t number, int64_t next);

/*
 * Whether an MP4's table of packets is one stretch of audio whose packets
 * follow each other. Several edits and flipped bits make it something else.
 */
bool packets_index_is_sound(const struct media *media);

/* Whether an MP4's table comes piece by piece, so that nobody knows it whole.
 */
bool packets_is_fragmented(struct input *input, uint64_t start);

/* Opens the file anew and reads its first packet. */
bool packets_begin_again(struct packets *packets);

/*
 * Whether a decoder may begin with it to be warm at `frame`, which lies in the
 * packet `target` that is `before` packets later.
 */
bool packets_is_warm(const struct packets *packets, const struct packet *packet,
		     const struct packet *target, unsigned before,
		     int64_t frame);

#endif
