/* Tracks: plain shared values. */
#include "transcode/track.h"

#include "transcode/cover.h"

#include <stdlib.h>
#include <string.h>

static struct track *fill(struct track *track, const char *path,
			  const char *cover_path)
{
	track->path = strdup(path);
	if (cover_path)
		track->cover_path = strdup(cover_path);
	if (track->path && !track->cover_path == !cover_path)
		return track;
	track_unref(track);
	return NULL;
}

struct track *track_create(const char *path, const struct file_id *id,
			   const struct facts *facts, const char *cover_path,
			   const struct file_id *cover_id)
{
	struct track *track = calloc(1, sizeof(*track));

	if (!track)
		return NULL;
	atomic_init(&track->refs, 1);
	track->id = *id;
	track->facts = *facts;
	if (cover_path)
		track->cover_id = *cover_id;
	return fill(track, path, cover_path);
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
	free(track->cover_path);
	free(track);
}

uint32_t track_tag_size(const struct track *track)
{
	uint32_t size = track->facts.tag_size;

	if (track->cover_path)
		size += cover_tag_bytes(track->cover_id.size);
	return size;
}

struct key track_stream(const struct track *track,
			const struct pcm_layout *layout)
{
	const struct facts *facts = &track->facts;
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
