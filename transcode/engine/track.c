/* Tracks: plain shared values. */
#include "transcode/engine/track.h"

#include <stdlib.h>
#include <string.h>

static bool copy_texts(struct track *track, const char *path,
		       const struct facts *facts,
		       const struct track_cover *cover)
{
	track->path = strdup(path);
	if (*facts->genre)
		track->facts.genre = strdup(facts->genre);
	if (cover)
		track->cover_path = strdup(cover->path);
	return track->path && (!*facts->genre || track->facts.genre) &&
	       (!cover || track->cover_path);
}

static struct track_facts numbers_of(const struct facts *facts)
{
	struct track_facts numbers = {
		.kind = facts->kind,
		.rate = facts->rate,
		.channels = facts->channels,
		.bits = facts->bits,
		.samples = facts->samples,
		.identity = facts->identity,
		.tag_size = facts->tag_size,
		.picture_side = facts->picture_side,
		.probed = facts->probed,
	};

	memcpy(numbers.codec, facts->codec, sizeof(numbers.codec));
	return numbers;
}

struct track *track_create(const char *path, const struct file_id *id,
			   const struct facts *facts,
			   const struct track_cover *cover)
{
	struct track *track = calloc(1, sizeof(*track));

	if (!track)
		return NULL;
	atomic_init(&track->refs, 1);
	track->id = *id;
	track->facts = numbers_of(facts);
	if (cover) {
		track->cover_id = cover->id;
		track->cover_size = cover->size;
	}
	if (copy_texts(track, path, facts, cover))
		return track;
	track_unref(track);
	return NULL;
}

struct track *track_ref(struct track *track)
{
	atomic_fetch_add(&track->refs, 1);
	return track;
}

void track_unref(struct track *track)
{
	if (!track || atomic_fetch_sub(&track->refs, 1) > 1)
		return;
	free(track->path);
	free(track->shown);
	free(track->cover_path);
	free(track->facts.genre);
	free(track);
}

struct facts track_facts(const struct track *track)
{
	const struct track_facts *numbers = &track->facts;
	struct facts facts = {
		.kind = numbers->kind,
		.rate = numbers->rate,
		.channels = numbers->channels,
		.bits = numbers->bits,
		.samples = numbers->samples,
		.identity = numbers->identity,
		.tag_size = numbers->tag_size,
		.picture_side = numbers->picture_side,
		.probed = numbers->probed,
	};

	memcpy(facts.codec, numbers->codec, sizeof(facts.codec));
	if (numbers->genre)
		strcpy(facts.genre, numbers->genre);
	return facts;
}

int track_plan(const struct track *track, const struct profile *profile,
	       struct plan *plan)
{
	const struct track_facts *facts = &track->facts;
	const struct shape shape = {facts->samples, facts->rate,
				    facts->channels};

	return plan_make(profile, &shape, plan);
}

uint32_t track_tag_size(const struct track *track)
{
	return track->facts.tag_size + track->cover_size;
}

struct key track_stream(const struct track *track,
			const struct pcm_layout *layout)
{
	const struct track_facts *facts = &track->facts;
	uint64_t numbers[] = {facts->samples, facts->rate,	facts->channels,
			      layout->rate,   layout->channels, layout->format};
	struct key_part parts[] = {
		{"decoded", 7},
		{&facts->identity, sizeof(facts->identity)},
		{numbers, sizeof(numbers)},
	};

	return key_of(parts, sizeof(parts) / sizeof(*parts));
}

uint64_t track_stream_bytes(const struct track *track,
			    const struct pcm_layout *layout)
{
	uint64_t seconds = track->facts.samples / track->facts.rate + 1;

	return seconds * pcm_block_bytes(layout);
}
