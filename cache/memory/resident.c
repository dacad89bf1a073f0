/*
 * Tracks in a tree by key, and in a list by last use, oldest first:
 *
 *     tree ---> track: key, parts ---> part: when it was put, bytes
 *     list -------^
 *
 * One lock for all of it: what is done under it is a search, a copy of what one
 * request reads, and freeing. A part is allocated and filled before it is
 * taken. Expired parts are found by who asks for them; nobody sweeps, since
 * what is not asked for becomes the oldest and goes by itself.
 *
 * A track is in the tree and the list as long as it has a part. The one that
 * was put last is never evicted: its parts, a quarter each at most, fit.
 */
#include "cache/memory/resident.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define LARGEST_SHARE 4 /* a part takes at most 1/4 of the limit */

_Static_assert(RESIDENT_PARTS <= LARGEST_SHARE, "a track always fits");

struct part {
	int64_t put_ns;
	size_t size;
	uint8_t bytes[];
};

struct resident_track {
	struct key key; /* first: a key is looked up as if it were a track */
	struct part *parts[RESIDENT_PARTS]; /* NULL: not there */
	TAILQ_ENTRY(resident_track) link;
};

struct resident {
	struct resident_config config; /* immutable */

	pthread_mutex_t lock;

	/* protected by the lock */
	void *tree;
	TAILQ_HEAD(tracks, resident_track) by_use; /* oldest first */
	unsigned tracks;
	uint64_t bytes;
};

int resident_create(const struct resident_config *config,
		    struct resident **resident)
{
	struct resident *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	if (pthread_mutex_init(&made->lock, NULL) != 0) {
		free(made);
		return -ENOMEM;
	}
	made->config = *config;
	TAILQ_INIT(&made->by_use);
	*resident = made;
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key));
}

static struct resident_track *find_track_locked(struct resident *resident,
						const struct key *key)
{
	struct resident_track **place =
		tfind(key, &resident->tree, compare_keys);

	return place ? *place : NULL;
}

static struct resident_track *add_locked(struct resident *resident,
					 const struct key *key)
{
	struct resident_track *track = calloc(1, sizeof(*track));

	if (!track)
		return NULL;
	track->key = *key;
	if (!tsearch(track, &resident->tree, compare_keys)) {
		free(track);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&resident->by_use, track, link);
	resident->tracks++;
	return track;
}

static void touch_locked(struct resident *resident,
			 struct resident_track *track)
{
	TAILQ_REMOVE(&resident->by_use, track, link);
	TAILQ_INSERT_TAIL(&resident->by_use, track, link);
}

/* `part` may be NULL; the old one is freed. */
static void set_part_locked(struct resident *resident,
			    struct resident_track *track, unsigned i,
			    struct part *part)
{
	struct part *old = track->parts[i];

	if (old)
		resident->bytes -= old->size;
	if (part)
		resident->bytes += part->size;
	track->parts[i] = part;
	free(old);
}

static void forget_locked(struct resident *resident,
			  struct resident_track *track)
{
	for (unsigned i = 0; i < RESIDENT_PARTS; i++)
		set_part_locked(resident, track, i, NULL);
	tdelete(track, &resident->tree, compare_keys);
	TAILQ_REMOVE(&resident->by_use, track, link);
	resident->tracks--;
	free(track);
}

static void drop_part_locked(struct resident *resident,
			     struct resident_track *track, unsigned part)
{
	set_part_locked(resident, track, part, NULL);
	for (unsigned i = 0; i < RESIDENT_PARTS; i++) {
		if (track->parts[i])
			return;
	}
	forget_locked(resident, track);
}

static void evict_locked(struct resident *resident)
{
	while (resident->tracks > resident->config.tracks ||
	       resident->bytes > resident->config.size)
		forget_locked(resident, TAILQ_FIRST(&resident->by_use));
}

void resident_destroy(struct resident *resident)
{
	if (!resident)
		return;
	while (!TAILQ_EMPTY(&resident->by_use))
		forget_locked(resident, TAILQ_FIRST(&resident->by_use));
	pthread_mutex_destroy(&resident->lock);
	free(resident);
}

bool resident_takes(const struct resident *resident, size_t size)
{
	const struct resident_config *config = &resident->config;

	return config->tracks > 0 && config->size > 0 &&
	       size <= config->size / LARGEST_SHARE;
}

static struct part *make_part(const void *bytes, size_t size)
{
	struct part *part = malloc(sizeof(*part) + size);

	if (!part)
		return NULL;
	part->put_ns = clock_ns();
	part->size = size;
	memcpy(part->bytes, bytes, size);
	return part;
}

/* Takes `made`; NULL: removes the old part, so that it is not taken for new. */
static void put_locked(struct resident *resident, const struct key *key,
		       unsigned part, struct part *made)
{
	struct resident_track *track = find_track_locked(resident, key);

	if (!made) {
		if (track)
			drop_part_locked(resident, track, part);
		return;
	}
	if (!track)
		track = add_locked(resident, key);
	if (!track) {
		free(made);
		return;
	}
	set_part_locked(resident, track, part, made);
	touch_locked(resident, track);
	evict_locked(resident);
}

void resident_put(struct resident *resident, const struct key *key,
		  unsigned part, const void *bytes, size_t size)
{
	struct part *made = NULL;

	assert(part < RESIDENT_PARTS);
	if (resident_takes(resident, size))
		made = make_part(bytes, size);
	auto_lock(&resident->lock);
	put_locked(resident, key, part, made);
}

static bool has_expired(const struct resident *resident,
			const struct part *part)
{
	int64_t ttl_ns = (int64_t)resident->config.ttl * CLOCK_SECOND_NS;

	return ttl_ns > 0 && clock_ns() - part->put_ns >= ttl_ns;
}

static bool read_locked(struct resident *resident, const struct key *key,
			unsigned i, uint64_t offset, void *bytes, size_t size)
{
	struct resident_track *track = find_track_locked(resident, key);
	const struct part *part = track ? track->parts[i] : NULL;

	if (!part)
		return false;
	if (has_expired(resident, part)) {
		drop_part_locked(resident, track, i);
		return false;
	}
	if (offset > part->size || size > part->size - offset)
		return false;
	memcpy(bytes, part->bytes + offset, size);
	touch_locked(resident, track);
	return true;
}

bool resident_read(struct resident *resident, const struct key *key,
		   unsigned part, uint64_t offset, void *bytes, size_t size)
{
	assert(part < RESIDENT_PARTS);
	auto_lock(&resident->lock);
	return read_locked(resident, key, part, offset, bytes, size);
}

void resident_used(struct resident *resident, unsigned *tracks, uint64_t *bytes)
{
	auto_lock(&resident->lock);

	*tracks = resident->tracks;
	*bytes = resident->bytes;
}
