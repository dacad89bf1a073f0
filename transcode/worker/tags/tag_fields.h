/*
 * Which frame of ID3v2.4 a field of any tag format becomes. The names are those
 * that MusicBrainz Picard writes and beets reads, and FFmpeg's; the frames are
 * those of id3v2.4.0-frames (Nilsson 2000) and iTunes.
 */
#ifndef WORKER_TAG_FIELDS_H
#define WORKER_TAG_FIELDS_H

struct tags;

/*
 * Fills `to`, which must be empty, with frames: each item has an id. Items of
 * the same frame (id, language and name) are adjacent. For each field, only the
 * best source counts. 0 or -ENOMEM.
 */
int tag_fields_arrange(const struct tags *from, struct tags *to);

#endif
