/*
 * Texts of tags by TagLib: ID3v2 (in front, in WAV, AIFF, DSF and DSDIFF),
 * APEv2, MP4, ASF, ID3v1. Its C++ stays behind this header.
 */
#ifndef WORKER_TAGLIB_H
#define WORKER_TAGLIB_H

#ifdef __cplusplus
extern "C" {
#endif

struct input;
struct sniff;
struct tags;

/*
 * Adds what is there, from tags->source on; nothing if there is none. Limited
 * in time and memory by the bytes that it reads; what cannot be read is noted
 * in tags->lost, a read error in input->error.
 */
void taglib_read(struct input *input, const struct sniff *sniff,
		 struct tags *tags);

#ifdef __cplusplus
}
#endif

#endif
