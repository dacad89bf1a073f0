/*
 * Renditions: the parts of a virtual file, and where each part is kept. Reading
 * across the parts is in read.c.
 */
#include "transcode/engine/rendition.h"

#include "base/cleanup.h"
#include "transcode/engine/engine_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

static uint32_t tag_size_of(const struct track *track, const struct plan *plan)
{
	return plan_is_tagged(plan) ? track_tag_size(track) : 0;
}

uint64_t rendition_size_of(const struct track *track, const struct plan *plan)
{
	return tag_size_of(track, plan) + plan_size(plan);
}

/* Settings with the number of the defaults count as none. */
uint32_t rendition_settings(const struct engine *engine,
			    const struct track *track, const struct plan *plan)
{
	const struct engine_config *config = &engine->config;
	const struct profile *profile = &plan->profile;
	uint32_t side_max = config->cover_max;
	const char *separator = config->tag_style.separator;
	uint32_t numbers[] = {profile->lame_quality == PROFILE_LAME_QUALITY
				      ? 0
				      : 1 + profile->lame_quality,
			      profile->rate,
			      profile->channels,
			      config->tag_style.version == 3,
			      0,
			      0};
	static const uint32_t preset[sizeof(numbers) / sizeof(*numbers)];

	if (!plan_is_tagged(plan)) /* not an MP3: its size says everything */
		return 0;
	if (config->tag_style.version == 3)
		memcpy(&numbers[4], separator, strlen(separator));
	if (track->cover_path || track->facts.picture_side > side_max)
		numbers[5] = side_max;
	if (memcmp(numbers, preset, sizeof(numbers)) == 0)
		return 0;
	return (uint32_t)XXH3_64bits(numbers, sizeof(numbers)) | 1;
}

static struct key tag_key(const struct rendition *r)
{
	uint32_t cover_max = r->engine->config.cover_max;
	struct tag_style style = r->engine->config.tag_style;
	struct key_part parts[] = {
		{"tag 4", 5}, /* raise it when the same file gives another
				 tag */
		{r->engine->versions, strlen(r->engine->versions)},
		{&r->track->id, sizeof(r->track->id)},
		{&r->track->cover_id, sizeof(r->track->cover_id)},
		{&r->tag_size, sizeof(r->tag_size)},
		{&cover_max, sizeof(cover_max)},
		{&style, sizeof(style)},
	};

	if (style.version != 3) /* separated by NUL */
		memset(style.separator, 0, sizeof(style.separator));
	return key_of(parts, sizeof(parts) / sizeof(*parts));
}

/* Tags, names and the profile's name are not part of it: copies share it. */
static struct key entry_key(const struct rendition *r)
{
	uint64_t numbers[] = {
		r->plan.profile.codec,	r->plan.profile.lame_quality,
		r->plan.bit_rate,	r->plan.source.samples,
		r->plan.source.rate,	r->plan.source.channels,
		r->plan.output.rate,	r->plan.output.channels,
		r->plan.profile.format, plan_version(&r->plan)};
	struct key_part parts[] = {
		{"body", 4},
		{r->engine->versions, strlen(r->engine->versions)},
		{&r->track->facts.identity, sizeof(r->track->facts.identity)},
		{numbers, sizeof(numbers)},
	};

	return key_of(parts, sizeof(parts) / sizeof(*parts));
}

/* The label of an entry, for 'groovefs cache'; on the heap, NULL: no memory. */
static char *label_of(const struct rendition *r, const char *quality)
{
	char *label;

	return asprintf(&label, "%s\t%s", quality, r->track->path) < 0 ? NULL
								       : label;
}

static int open_tag(struct rendition *r)
{
	auto_free char *label = label_of(r, "tag");
	uint64_t starts[2] = {0, r->tag_size};
	struct entry_layout layout = {1, starts, label};
	struct key key = tag_key(r);

	if (r->tag_size == 0)
		return 0;
	if (!label)
		return -ENOMEM;
	return entry_open(r->engine->config.store, &key, &layout, &r->tag);
}

static int open_body(struct rendition *r)
{
	uint32_t count = r->plan.segments;
	auto_free uint64_t *starts = calloc(count + 1u, sizeof(*starts));
	auto_free char *label = label_of(r, r->plan.profile.name);
	struct entry_layout layout = {count, starts, label};

	if (!starts || !label)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		starts[i + 1] = plan_segment(&r->plan, i).end;
	assert(starts[count] == r->plan.body_size);
	return entry_open(r->engine->config.store, &r->key, &layout, &r->body);
}

/* Its segments are blocks in the pool, which everybody shares. */
static bool is_resident(const struct plan *plan)
{
	return plan_is_decoded(plan) && !plan->profile.on_disk;
}

static struct key blocks_key(const struct rendition *r)
{
	const struct pcm_layout layout = plan_layout(&r->plan);

	return track_stream(r->track, &layout);
}

int rendition_open(struct engine *engine, struct track *track,
		   const struct plan *plan, struct rendition **rendition)
{
	struct rendition *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	atomic_init(&r->refs, 1);
	TAILQ_INIT(&r->waits);
	atomic_flag_clear(&r->silence_told);
	r->source = -1;
	r->engine = engine;
	r->track = track_ref(track);
	r->plan = *plan;
	r->tag_size = tag_size_of(track, plan);
	r->key = is_resident(plan) ? blocks_key(r) : entry_key(r);
	err = open_tag(r);
	if (!err && !is_resident(plan))
		err = open_body(r);
	if (err) {
		rendition_unref(r);
		return err;
	}
	*rendition = r;
	return 0;
}

/* Who cannot have it fails when he reads, as he would without. */
void rendition_hold_source(struct rendition *r)
{
	const struct engine_config *config = &r->engine->config;
	int fd;

	if (rendition_complete(r))
		return;
	fd = config->open_source(config->context, r->track->path);
	if (fd >= 0 && file_id_check(fd, &r->track->id) == 0)
		r->source = fd;
	else if (fd >= 0)
		close(fd);
}

struct rendition *rendition_ref(struct rendition *r)
{
	atomic_fetch_add(&r->refs, 1);
	return r;
}

void rendition_unref(struct rendition *r)
{
	if (!r || atomic_fetch_sub(&r->refs, 1) > 1)
		return;
	assert(r->rank == FILL_NONE);
	entry_unref(r->tag);
	entry_unref(r->body);
	if (r->source >= 0)
		close(r->source);
	track_unref(r->track);
	free(r);
}

uint64_t rendition_size(const struct rendition *r)
{
	return r->tag_size + plan_size(&r->plan);
}

bool rendition_complete(struct rendition *r)
{
	return r->body && (!r->tag || entry_complete(r->tag)) &&
	       entry_complete(r->body);
}

struct key rendition_key(const struct rendition *r)
{
	return r->key;
}

bool rendition_kept(struct rendition *r, uint32_t *there, uint32_t *all)
{
	if (!r->body)
		return false;
	*all = entry_count(r->body);
	*there = entry_there(r->body);
	return true;
}

bool rendition_has(struct rendition *r, uint32_t segment)
{
	return entry_has(r->body, segment);
}

void rendition_set_failure(struct rendition *r, const char *reason)
{
	auto_lock(&r->engine->lock);

	snprintf(r->failure, sizeof(r->failure), "%s", reason);
}

void rendition_failure(struct rendition *r, char *text, size_t size)
{
	auto_lock(&r->engine->lock);

	snprintf(text, size, "%s", r->failure);
}
