/* See xattr.h. */
#include "fs/xattr.h"

#include "fs/fs_private.h"

#include <errno.h>
#include <string.h>

#define PREFIX "user.groovefs."

/* What the attributes describe. */
struct subject {
	const struct node *node;
	struct rendition *rendition; /* NULL: none */
};

/* Each writes its text and gives true, or has nothing to say. */
typedef bool print_fn(const struct subject *s, char *text);

static bool print_source(const struct subject *s, char *text)
{
	snprintf(text, XATTR_MAX, "%s", s->node->path);
	return true;
}

static bool print_key(const struct subject *s, char *text)
{
	struct key key;

	if (!s->rendition)
		return false;
	key = rendition_key(s->rendition);
	key_text(&key, text);
	return true;
}

static bool print_state(const struct subject *s, char *text)
{
	uint32_t there, all;

	if (!s->rendition || !rendition_kept(s->rendition, &there, &all))
		return false;
	snprintf(text, XATTR_MAX, "%s",
		 there == 0    ? "absent"
		 : there < all ? "partial"
			       : "complete");
	return true;
}

static bool print_progress(const struct subject *s, char *text)
{
	uint32_t there, all;

	if (!s->rendition || !rendition_kept(s->rendition, &there, &all))
		return false;
	snprintf(text, XATTR_MAX, "%u",
		 (unsigned)((uint64_t)there * 100 / all));
	return true;
}

static bool print_bit_rate(const struct subject *s, char *text)
{
	uint32_t bit_rate = s->rendition ? node_plan(s->node).bit_rate : 0;

	if (bit_rate == 0)
		return false;
	snprintf(text, XATTR_MAX, "%u", bit_rate);
	return true;
}

static bool print_stage(const struct subject *s, enum analysis_stage stage,
			char *text)
{
	struct analysis_record record;

	if (!s->rendition || s->node->kind != NODE_SIDECAR ||
	    !rendition_copy(s->rendition, 0, &record, sizeof(record)))
		return false;
	snprintf(text, XATTR_MAX, "%llu",
		 (unsigned long long)(record.stage_us[stage] / 1000));
	return true;
}

static bool print_decode(const struct subject *s, char *text)
{
	return print_stage(s, STAGE_DECODE, text);
}

static bool print_measure(const struct subject *s, char *text)
{
	return print_stage(s, STAGE_MEASURE, text);
}

static bool print_draw(const struct subject *s, char *text)
{
	return print_stage(s, STAGE_DRAW, text);
}

static const struct attribute {
	const char *name;
	print_fn *print;
} attributes[] = {
	{PREFIX "source", print_source},
	{PREFIX "key", print_key},
	{PREFIX "state", print_state},
	{PREFIX "progress", print_progress},
	{PREFIX "bitrate", print_bit_rate},
	{PREFIX "decode_ms", print_decode},
	{PREFIX "measure_ms", print_measure},
	{PREFIX "draw_ms", print_draw},
};

#define ATTRIBUTES (sizeof(attributes) / sizeof(*attributes))

static bool is_virtual(const struct node *node)
{
	return node->kind == NODE_TRACK || node->kind == NODE_SIDECAR;
}

static int begin_subject(struct fs *fs, const struct node *node,
			 struct subject *s)
{
	struct plan plan;

	*s = (struct subject){.node = node};
	if (!node->track)
		return 0;
	plan = node_plan(node);
	return rendition_open(fs->core.backend.engine, node->track, &plan,
			      &s->rendition);
}

int xattr_value(struct fs *fs, struct node *node, const char *name,
		char text[static XATTR_MAX])
{
	struct subject s;
	bool found = false;
	int err;

	/* `ls -l` asks for these with every file, unless it learns that this
	   file system has none */
	if (strncmp(name, "user.", 5) != 0)
		return -EOPNOTSUPP;
	if (!is_virtual(node) || strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return -ENODATA;
	err = begin_subject(fs, node, &s);
	if (err)
		return err;
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		if (strcmp(attributes[i].name, name) == 0)
			found = attributes[i].print(&s, text);
	}
	rendition_unref(s.rendition);
	return found ? (int)strlen(text) : -ENODATA;
}

int xattr_names(struct fs *fs, struct node *node, char text[static XATTR_MAX])
{
	char value[XATTR_MAX];
	struct subject s;
	int length = 0;
	int err;

	if (!is_virtual(node))
		return 0;
	err = begin_subject(fs, node, &s);
	if (err)
		return err;
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		if (attributes[i].print(&s, value))
			length += sprintf(text + length, "%s",
					  attributes[i].name) +
				  1;
	}
	rendition_unref(s.rendition);
	return length;
}
