/* Texts of Matroska's tags. */
#ifndef WORKER_TAGS_MATROSKA_H
#define WORKER_TAGS_MATROSKA_H

struct input;
struct matroska;
struct tags;

/*
 * Adds the tags of the audio track, from tags->source on. What cannot be read
 * is noted in tags->lost, a read error in input->error.
 */
void tags_of_matroska(struct input *input, const struct matroska *matroska,
		      struct tags *tags);

#endif
