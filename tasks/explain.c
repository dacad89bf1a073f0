/* See explain.h. */
#include "tasks/explain.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "base/latch.h"
#include "base/log.h"
#include "base/utf8.h"
#include "library/library.h"
#include "tasks/core.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { RANGES_MAX = 256 };

struct explainer {
	struct core core;
	struct finder finder;
	struct latch latch;
	int err;
	struct facts facts;
};

/* How a view shows the file. */
struct shown {
	const char *view;
	const char *name; /* NULL: it is not shown */
	const char *how;
	uint64_t size;
	struct plan plan; /* without segments: nothing is made of it */
	char key[KEY_TEXT_SIZE];
	bool kept;		  /* in the cache */
	uint32_t there, segments; /* of them, cached */
	char ranges[RANGES_MAX];  /* the cached ones: "0-4,7" */
};

int explainer_open(const struct core_options *options,
		   struct explainer **explainer)
{
	struct explainer *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->finder = (struct finder)FINDER_INITIALIZER;
	e->latch = (struct latch)LATCH_INITIALIZER;
	err = core_open(&e->core, options);
	if (!err)
		err = core_start(&e->core, options);
	if (err) {
		explainer_close(e);
		return err;
	}
	*explainer = e;
	return 0;
}

void explainer_close(struct explainer *e)
{
	if (!e)
		return;
	finder_release(&e->finder);
	core_close(&e->core);
	free(e);
}

static void on_explained_facts(void *arg, int err, const struct facts *facts)
{
	struct explainer *e = arg;

	e->err = err;
	if (!err)
		e->facts = *facts;
	latch_open(&e->latch);
}

static int find_facts(struct explainer *e, const char *path, struct stat *st)
{
	struct file_id id;
	int err = library_stat(e->core.catalog.library, path, st);

	if (err)
		return err;
	if (!S_ISREG(st->st_mode))
		return -EISDIR;
	if (!name_is_audio(path)) {
		e->facts = (struct facts){.kind = FACTS_OTHER};
		return 0;
	}
	id = file_id_of(st);
	engine_facts_ask(e->core.backend.engine, path, &id, NULL,
			 on_explained_facts, e);
	latch_wait(&e->latch);
	return e->err;
}

/* The next segment that is not cached, from `segment` on. */
static uint32_t end_of_range(struct rendition *r, uint32_t segment,
			     uint32_t count)
{
	while (segment < count && rendition_has(r, segment))
		segment++;
	return segment;
}

/* As many as there is room for; "..." stands for the rest. */
static void put_ranges(struct rendition *r, struct shown *shown)
{
	size_t used = 0;
	uint32_t end;

	for (uint32_t s = 0; s < shown->segments; s = end + 1) {
		char range[32];

		end = end_of_range(r, s, shown->segments);
		if (end == s)
			continue;
		snprintf(range, sizeof(range), end == s + 1 ? "%u" : "%u-%u", s,
			 end - 1);
		if (used + strlen(range) + 6 > RANGES_MAX) {
			strcpy(shown->ranges + used, ",...");
			return;
		}
		used += (size_t)sprintf(shown->ranges + used, "%s%s",
					used ? "," : "", range);
	}
}

static void look_into_cache(struct explainer *e, const struct node *node,
			    struct shown *shown)
{
	struct rendition *rendition;
	struct key key;

	shown->plan = node_plan(node);
	if (rendition_open(e->core.backend.engine, node->track, &shown->plan,
			   &rendition) != 0)
		return;
	key = rendition_key(rendition);
	key_text(&key, shown->key);
	shown->kept =
		rendition_kept(rendition, &shown->there, &shown->segments);
	if (shown->kept)
		put_ranges(rendition, shown);
	rendition_unref(rendition);
}

static const char *how(const struct node *node)
{
	if (node->kind == NODE_FILE)
		return "as it is";
	if (node->kind == NODE_PLAYLIST)
		return "rewritten";
	if (!node->track)
		return "cannot be decoded";
	if (node->kind == NODE_SIDECAR)
		return "analyzed";
	return node->view->kind == VIEW_DECODED ? "decoded" : "transcoded";
}

/* 0 even if the view does not show it. */
static int look_at_view(struct explainer *e, const struct view *view,
			const char *path, struct shown *shown)
{
	const struct node *node;
	int err = find_node(&e->core.catalog, view, path, &e->finder);

	*shown = (struct shown){.view = view->name, .how = "not shown"};
	if (err)
		return err == -ENOENT ? 0 : err;
	node = e->finder.node;
	shown->name = e->finder.item->name;
	shown->how = how(node);
	shown->size = (uint64_t)node->attributes.st_size;
	if (node->track)
		look_into_cache(e, node, shown);
	return 0;
}

static bool is_made(const struct shown *s)
{
	return s->plan.segments > 0;
}

static void json_view(struct json *json, const struct shown *s)
{
	json_open(json, NULL, '{');
	json_word(json, "view", s->view);
	json_path(json, "name", s->name);
	json_word(json, "shown", s->how);
	if (s->name)
		json_whole(json, "size_bytes", s->size);
	if (is_made(s)) {
		json_whole(json, "sample_rate", s->plan.output.rate);
		json_whole(json, "channels", s->plan.output.channels);
		json_whole(json, "bit_rate_kbps", s->plan.bit_rate);
		json_word(json, "key", s->key);
	}
	if (s->kept) {
		json_whole(json, "segments", s->segments);
		json_whole(json, "segments_cached", s->there);
		json_word(json, "cached", s->ranges);
	}
	json_close(json, '{');
}

static void print_view(FILE *out, const struct shown *s)
{
	fprintf(out, "  %-12s %s", s->view, s->how);
	if (s->name) {
		fputs(", '", out);
		utf8_print(out, s->name);
		fprintf(out, "', %llu bytes", (unsigned long long)s->size);
	}
	if (is_made(s) && !plan_is_slow(&s->plan))
		fprintf(out, ", %u Hz, %u ch, %u kbit/s", s->plan.output.rate,
			s->plan.output.channels, s->plan.bit_rate);
	if (s->kept)
		fprintf(out, ", %u of %u segments cached%s%s", s->there,
			s->segments, s->there ? ": " : "", s->ranges);
	if (is_made(s))
		fprintf(out, ", key %s", s->key);
	fputc('\n', out);
}

static const char *kind_of(const struct facts *facts)
{
	static const char *const kinds[] = {
		[FACTS_LOSSLESS] = "lossless",
		[FACTS_LOSSY] = "lossy",
		[FACTS_OTHER] = "no audio",
		[FACTS_BROKEN] = "broken",
	};

	return facts->kind <= FACTS_BROKEN ? kinds[facts->kind] : NULL;
}

static void json_source(struct json *json, const struct facts *facts,
			const struct stat *st)
{
	char identity[KEY_TEXT_SIZE];

	key_text(&facts->identity, identity);
	json_open(json, "source", '{');
	json_word(json, "kind", kind_of(facts));
	json_text(json, "codec", *facts->codec ? facts->codec : NULL,
		  SIDECAR_CODEC_MAX, JSON_KEEP_BEGIN);
	json_whole(json, "sample_rate", facts->rate);
	json_whole(json, "channels", facts->channels);
	json_whole(json, "bits", facts->bits);
	json_whole(json, "samples", facts->samples);
	json_whole(json, "size_bytes", (uint64_t)st->st_size);
	json_time(json, "modified_at", st->st_mtim.tv_sec);
	json_word(json, "audio_identity", identity);
	json_whole(json, "tag_bytes", facts->tag_size);
	json_text(json, "reason", *facts->reason ? facts->reason : NULL,
		  SIDECAR_REASON_MAX, JSON_KEEP_BEGIN);
	json_close(json, '{');
	json_open(json, "last_failure", '{');
	json_text(json, "reason", *facts->failure ? facts->failure : NULL,
		  SIDECAR_REASON_MAX, JSON_KEEP_BEGIN);
	if (*facts->failure)
		json_time(json, "at", facts->failed_at);
	json_close(json, '{');
}

static void print_failure(FILE *out, const struct facts *facts)
{
	time_t at = (time_t)facts->failed_at;
	char text[32];
	struct tm local;

	if (!*facts->failure || !localtime_r(&at, &local))
		return;
	strftime(text, sizeof(text), "%F %T", &local);
	fprintf(out, "  %-12s %s, ", "last failed", text);
	utf8_print(out, facts->failure);
	fputc('\n', out);
}

static void print_source(FILE *out, const char *path, const struct facts *facts,
			 const struct stat *st)
{
	char identity[KEY_TEXT_SIZE];

	key_text(&facts->identity, identity);
	utf8_print(out, path);
	fprintf(out, "\n  %-12s %s", "source", kind_of(facts));
	if (*facts->reason) {
		fputs(": ", out);
		utf8_print(out, facts->reason);
	}
	if (facts->rate)
		fprintf(out, ", %s, %u Hz, %u ch, %u bits, %.3f s",
			facts->codec, facts->rate, facts->channels, facts->bits,
			(double)facts->samples / facts->rate);
	fprintf(out, ", %lld bytes\n", (long long)st->st_size);
	if (facts->rate)
		fprintf(out, "  %-12s %s\n", "audio", identity);
	print_failure(out, facts);
}

static int explain_view(struct explainer *e, const char *path,
			const struct view *view, struct json *json, FILE *out)
{
	struct shown shown;
	int err = look_at_view(e, view, path, &shown);

	if (!err && json)
		json_view(json, &shown);
	else if (!err)
		print_view(out, &shown);
	return err;
}

/* A view by its name, which may be one of decoded audio that is not listed. */
static int find_view(struct explainer *e, const char *name,
		     const struct view **view)
{
	static const char decoded[] = VIEW_DECODED_FOLDER "/";

	*view = views_find(&e->core.catalog.views, name);
	if (*view)
		return 0;
	if (strncmp(name, decoded, strlen(decoded)) != 0)
		return -EINVAL;
	return views_find_decoded(&e->core.catalog.views,
				  name + strlen(decoded), view) == 0
		       ? 0
		       : -EINVAL;
}

static int explain_views(struct explainer *e, const char *path,
			 const char *only, struct json *json, FILE *out)
{
	const struct views *views = &e->core.catalog.views;
	const struct view *view;
	int err = 0;

	if (only) {
		err = find_view(e, only, &view);
		if (err)
			return err;
		err = explain_view(e, path, view, json, out);
		view_unref(view);
		return err;
	}
	for (unsigned i = 0; !err && i < views->rooted_count; i++)
		err = explain_view(e, path, &views->rooted[i], json, out);
	for (unsigned i = 0; !err && i < views->listed_count; i++)
		err = explain_view(e, path, views->listed[i], json, out);
	return err;
}

static int explain_json(struct explainer *e, const char *path, const char *view,
			const struct stat *st, FILE *out)
{
	struct json json;
	int err;

	json_begin_line(&json, out);
	json_path(&json, "path", path);
	json_source(&json, &e->facts, st);
	json_open(&json, "views", '[');
	err = explain_views(e, path, view, &json, NULL);
	json_close(&json, '[');
	json_end_file(&json);
	return err;
}

int explain(struct explainer *e, const char *path, const char *view, bool json,
	    FILE *out)
{
	struct stat st;
	int err = find_facts(e, path, &st);

	if (err)
		return err;
	if (json)
		return explain_json(e, path, view, &st, out);
	print_source(out, path, &e->facts, &st);
	return explain_views(e, path, view, NULL, out);
}
