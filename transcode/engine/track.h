/*
 * A track: one version of one source file, with its facts, and the folder's
 * cover that goes into its tag. Immutable, shared, counted.
 */
#ifndef TRANSCODE_ENGINE_TRACK_H
#define TRANSCODE_ENGINE_TRACK_H

#include "base/file_id.h"
#include "cache/cache.h"
#include "transcode/plan/pcm_layout.h"
#include "transcode/plan/plan.h"

#include <stdatomic.h>
#include <stdint.h>

/*
 * Those of a file that can be decoded. Its texts would be most of a track, and
 * there are as many tracks as files that the kernel remembers.
 */
struct track_facts {
	uint32_t kind, rate, channels, bits;
	uint64_t samples;
	struct key identity;
	uint32_t tag_size, picture_side, probed;
	char codec[16];
	char *genre; /* NULL: none */
};

struct track {
	atomic_uint refs;
	char *path;  /* relative to the library's root */
	char *shown; /* in the mount, "low/Song.mp3"; NULL: it is not in one */
	struct file_id id;
	struct track_facts facts;
	char *cover_path; /* NULL: the tag gets no cover of the folder */
	struct file_id cover_id;
	uint32_t cover_size; /* bytes that it adds to the tag */
	atomic_bool open;    /* public: everybody may be told of it; set by
				its creator */
};

/* A folder's cover. */
struct track_cover {
	const char *path;
	struct file_id id;
	uint32_t size; /* bytes that it adds to a tag */
};

/* Copies all arguments; `cover` may be NULL. NULL: no memory. */
struct track *track_create(const char *path, const struct file_id *id,
			   const struct facts *facts,
			   const struct track_cover *cover);
struct track *track_ref(struct track *track);
void track_unref(struct track *track); /* NULL is allowed */

/*
 * The key of its decoded audio in some layout: the same for all copies, and
 * independent of its tags.
 */
struct key track_stream(const struct track *track,
			const struct pcm_layout *layout);

/* The size of all its decoded audio in bytes. */
uint64_t track_stream_bytes(const struct track *track,
			    const struct pcm_layout *layout);

/* As they were given. */
struct facts track_facts(const struct track *track);

/* How it is rendered by that profile: as plan_make(). */
int track_plan(const struct track *track, const struct profile *profile,
	       struct plan *plan);

/* The size of its tag in bytes, including the folder's cover. */
uint32_t track_tag_size(const struct track *track);

#endif
