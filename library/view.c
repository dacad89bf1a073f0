/* See view.h. */
#include "library/view.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/words.h"
#include "library/catalog.h"

#include <assert.h>
#include <search.h>
#include <stdbool.h>
#include <string.h>

enum { RATE_MIN = 8000, RATE_MAX = 192000 };

/* "native" is 0; a rate is written without leading zeros. */
static bool parse_rate(const char **text, uint32_t *rate)
{
	unsigned long value;
	char *end;

	*rate = 0;
	if (strncmp(*text, "native", 6) == 0) {
		*text += 6;
		return true;
	}
	if (**text < '1' || **text > '9')
		return false;
	value = strtoul(*text, &end, 10);
	*text = end;
	*rate = (uint32_t)value;
	return value >= RATE_MIN && value <= RATE_MAX;
}

static bool take_word(const char **text, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*text, word, n) != 0)
		return false;
	*text += n;
	return true;
}

static bool parse_name(const char *name, struct profile *profile)
{
	const char *text = name;

	*profile = (struct profile){.codec = CODEC_WAV};
	if (!parse_rate(&text, &profile->rate))
		return false;
	profile->channels = take_word(&text, "-mono") ? 1 : 0;
	profile->format = take_word(&text, "-s16") ? PCM_S16 : PCM_FLOAT;
	snprintf(profile->name, sizeof(profile->name), "%s", name);
	return *text == '\0';
}

static int compare_views(const void *a, const void *b)
{
	return strcmp(((const struct view *)a)->name,
		      ((const struct view *)b)->name);
}

static void free_view(void *data)
{
	struct view *view = data;

	free((char *)view->name);
	free(view);
}

static struct view *make_decoded(struct views *views,
				 const struct profile *profile)
{
	struct view *view = calloc(1, sizeof(*view));
	char *name;

	if (!view)
		return NULL;
	if (asprintf(&name, VIEW_DECODED_FOLDER "/%s", profile->name) < 0) {
		free(view);
		return NULL;
	}
	*view = (struct view){.kind = VIEW_DECODED,
			      .owner = views,
			      .name = name,
			      .profile = *profile,
			      .extension = "wav"};
	view->profile.on_disk = views->on_disk;
	return view;
}

/* With a reference. Gives the existing one, if there is one. */
static struct view *enter_view(struct views *views, struct view *made)
{
	struct view **place;
	struct view *view = NULL;

	pthread_mutex_lock(&views->lock);
	place = tsearch(made, &views->decoded, compare_views);
	if (place) {
		view = *place;
		if (view == made)
			views->decoded_count++;
		else
			TAILQ_REMOVE(&views->by_use, view, link);
		TAILQ_INSERT_TAIL(&views->by_use, view, link);
		view->refs++;
	}
	pthread_mutex_unlock(&views->lock);
	if (view != made)
		free_view(made);
	return view;
}

const struct view *view_ref(const struct view *view)
{
	struct views *views = view->owner;

	if (views) {
		pthread_mutex_lock(&views->lock);
		((struct view *)view)->refs++;
		pthread_mutex_unlock(&views->lock);
	}
	return view;
}

void view_unref(const struct view *view)
{
	struct views *views = view ? view->owner : NULL;
	struct view *last = NULL;

	if (!views)
		return;
	pthread_mutex_lock(&views->lock);
	assert(view->refs > 0);
	if (--((struct view *)view)->refs == 0) {
		last = (struct view *)view;
		tdelete(last, &views->decoded, compare_views);
		TAILQ_REMOVE(&views->by_use, last, link);
		views->decoded_count--;
	}
	pthread_mutex_unlock(&views->lock);
	if (last)
		free_view(last);
}

unsigned views_decoded_count(struct views *views)
{
	auto_lock(&views->lock);

	return views->decoded_count;
}

bool views_find_unused(struct views *views, char name[PROFILE_NAME_MAX + 1])
{
	struct view *oldest = NULL;
	auto_lock(&views->lock);

	if (views->decoded_count > VIEWS_KEPT) {
		oldest = TAILQ_FIRST(&views->by_use);
		TAILQ_REMOVE(&views->by_use, oldest, link);
		TAILQ_INSERT_TAIL(&views->by_use, oldest, link);
		strcpy(name, oldest->profile.name);
	}
	return oldest;
}

int views_find_decoded(struct views *views, const char *name,
		       const struct view **view)
{
	struct profile profile;
	struct view *made;

	if (strlen(name) >= sizeof(profile.name) || !parse_name(name, &profile))
		return -ENOENT;
	made = make_decoded(views, &profile);
	if (!made)
		return -ENOMEM;
	made = enter_view(views, made);
	if (!made)
		return -ENOMEM;
	*view = made;
	return 0;
}

static int list_decoded(struct views *views, const char *name)
{
	const struct view *view;
	int err = views_find_decoded(views, name, &view);

	if (!err && views->listed_count == VIEWS_LISTED_MAX) {
		view_unref(view);
		err = -E2BIG;
	}
	if (err == -ENOMEM)
		return err;
	if (err) {
		log_error("bad view '%s': it should be native or a rate from "
			  "%d to %d, then perhaps -mono, then perhaps -s16; at "
			  "most %d of them",
			  name, RATE_MIN, RATE_MAX, VIEWS_LISTED_MAX - 1);
		return -EINVAL;
	}
	for (unsigned i = 0; i < views->listed_count; i++) {
		if (views->listed[i] == view) {
			view_unref(view);
			return 0;
		}
	}
	views->listed[views->listed_count++] = view;
	return 0;
}

static int list_all(struct views *views, const char *names)
{
	auto_free char *copy = strdup(names);
	char *rest = copy;
	char *name;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (name = words_next(&rest)))
		err = list_decoded(views, name);
	return err;
}

bool view_is_decoded_name(const char *name)
{
	struct profile profile;

	return strlen(name) < sizeof(profile.name) &&
	       parse_name(name, &profile);
}

/* Lists of qualities are separated by ',' or ':', with blanks around them. */
bool view_is_quality_name(const char *name)
{
	static const char *const taken[] = {".",	"..",
					    "original", VIEW_DECODED_FOLDER,
					    "analysis", VIEW_CONTROL_FOLDER};

	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
		if (strcmp(taken[i], name) == 0)
			return false;
	}
	for (const char *c = name; *c; c++) {
		if (strchr("/,:", *c) || (unsigned char)*c < ' ' || *c == 127)
			return false;
	}
	return *name && strlen(name) <= PROFILE_NAME_MAX && *name != ' ' &&
	       name[strlen(name) - 1] != ' ';
}

static void add_quality(struct views *views, const struct profile *profile,
			const struct catalog_options *options)
{
	struct view *view = &views->rooted[views->rooted_count++];

	*view = (struct view){
		.kind = VIEW_QUALITY,
		.name = profile->name,
		.profile = *profile,
		.extension = profile->codec == CODEC_WAV ? "wav" : "mp3",
		.sources = {.lossless = options->lossless,
			    .lossy_above = options->transcode_lossy_above},
	};
	if (profile->codec == CODEC_WAV)
		view->profile.on_disk = views->on_disk;
}

int views_init(struct views *views, const struct catalog_options *options)
{
	const char *decoded = options->decoded;
	int err;

	*views = (struct views){.on_disk = options->decoded_on_disk};
	pthread_mutex_init(&views->lock, NULL);
	TAILQ_INIT(&views->by_use);
	assert(options->quality_count <= PROFILES_MAX);
	views->rooted[views->rooted_count++] =
		(struct view){.kind = VIEW_ORIGINAL, .name = "original"};
	for (unsigned i = 0; i < options->quality_count; i++)
		add_quality(views, &options->qualities[i], options);
	views->rooted[views->rooted_count++] = (struct view){
		.kind = VIEW_ANALYSIS,
		.name = "analysis",
		.profile = analysis_profile,
	};
	err = list_decoded(views, "native");
	if (!err && decoded && *decoded)
		err = list_all(views, decoded);
	return err;
}

void views_release(struct views *views)
{
	tdestroy(views->decoded, free_view);
	pthread_mutex_destroy(&views->lock);
}

const struct view *views_find(const struct views *views, const char *name)
{
	for (unsigned i = 0; i < views->rooted_count; i++) {
		if (strcmp(views->rooted[i].name, name) == 0)
			return &views->rooted[i];
	}
	return NULL;
}

const char *view_short_name(const struct view *view)
{
	return view->name + sizeof(VIEW_DECODED_FOLDER "/") - 1;
}
