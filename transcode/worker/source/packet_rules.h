/*
 * Which lossy codecs are decoded packet by packet, in which containers, and
 * what a new decoder has to hear before it gives the right samples.
 */
#ifndef WORKER_PACKET_RULES_H
#define WORKER_PACKET_RULES_H

#include "transcode/worker/formats/sniff.h"
#include "transcode/worker/source/packets.h"

struct packet_rule {
	enum AVCodecID id;
	struct warm_up warm_up;
	bool overlaps;	  /* the first packet gives nothing */
	bool goes_on;	  /* as good as beginning anew, bit by bit */
	bool remembers;	  /* for ever: it has to begin with the file */
	const char *name; /* of the decoder to prefer */
};

/*
 * One look at the container saves opening the file twice. What is in it is
 * looked at later; here only what surely has no rule is turned away.
 */
bool packet_rules_may_fit(struct input *input, const struct sniff *sniff);

/* NULL: there is none for it. */
const struct packet_rule *packet_rule_find(const struct media *media);

const struct warm_up *packet_rule_warm_up(const struct packet_rule *rule,
					  const struct packet *first);

/* See source.h. */
uint32_t packet_rule_revision(const struct packet_rule *rule,
			      const struct packet *first);

#endif
