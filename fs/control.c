/*
 * Control files. Their size must be exact before they are opened, like any
 * file's here, while what they say changes with every look: so JSON is padded
 * with blanks to a fixed size and made when the file is opened.
 */
#include "fs/control.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "fs/fs_private.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

static struct stat control_attributes(const struct fs *fs, mode_t mode)
{
	return (struct stat){
		.st_mode = mode,
		.st_uid = getuid(),
		.st_gid = getgid(),
		.st_size = CONTROL_SIZE,
		.st_blksize = 4096,
		.st_blocks = CONTROL_SIZE / 512,
		.st_mtim.tv_sec = fs->started,
		.st_ctim.tv_sec = fs->started,
		.st_atim.tv_sec = fs->started,
	};
}

struct node *control_folder(struct fs *fs)
{
	struct stat st = control_attributes(fs, S_IFDIR | 0555);

	return node_create(NODE_CONTROL_FOLDER, NULL, CONTROL_FOLDER, NULL,
			   &st);
}

static void print_counters(FILE *out)
{
	fprintf(out, "\"counters\": {");
	for (enum counter c = 0; c < COUNTER_MAX; c++)
		fprintf(out, "%s\n  \"%s\": %llu", c ? "," : "",
			counter_name(c), (unsigned long long)counter_get(c));
	fprintf(out, "\n}");
}

static void print_resident(struct fs *fs, FILE *out)
{
	unsigned tracks;
	uint64_t bytes;

	resident_used(fs->backend.resident, &tracks, &bytes);
	fprintf(out,
		"\"analysis\": {\"resident_tracks\": %u, "
		"\"resident_bytes\": %llu},\n",
		tracks, (unsigned long long)bytes);
}

static void print_stats(struct fs *fs, FILE *out)
{
	fprintf(out,
		"{\"daemon\": {\"pid\": %d, \"started\": %lld, "
		"\"nodes\": %llu},\n",
		(int)getpid(), (long long)fs->started,
		(unsigned long long)nodes_count(fs->nodes));
	fprintf(out, "\"cache\": {\"used_bytes\": %llu},\n",
		(unsigned long long)store_used(fs->backend.store));
	fprintf(out,
		"\"memory\": {\"budget_bytes\": %llu, \"used_bytes\": "
		"%llu},\n",
		(unsigned long long)blocks_budget(fs->backend.blocks),
		(unsigned long long)blocks_used(fs->backend.blocks));
	print_resident(fs, out);
	engine_print_status(fs->backend.engine, out);
	fprintf(out, ",\n");
	print_counters(out);
	fprintf(out, "}\n");
}

static void print_buffers(struct fs *fs, FILE *out)
{
	(void)fs;
	fprintf(out, "{");
	buffers_print(out);
	fprintf(out, "}\n");
}

static const struct control {
	const char *name;
	const char *key;
	void (*print)(struct fs *fs, FILE *out);
} controls[] = {
	{"buffers.json", CONTROL_FOLDER "/buffers.json", print_buffers},
	{"stats.json", CONTROL_FOLDER "/stats.json", print_stats},
};

#define CONTROLS (sizeof(controls) / sizeof(*controls))

const char *control_name(size_t index)
{
	return index < CONTROLS ? controls[index].name : NULL;
}

struct node *control_find(struct fs *fs, const char *name)
{
	struct stat st = control_attributes(fs, S_IFREG | 0444);

	for (size_t i = 0; i < CONTROLS; i++) {
		if (strcmp(controls[i].name, name) == 0)
			return node_create(NODE_CONTROL, NULL, controls[i].key,
					   NULL, &st);
	}
	return NULL;
}

static void print(struct fs *fs, const struct node *node, FILE *out)
{
	for (size_t i = 0; i < CONTROLS; i++) {
		if (strcmp(controls[i].key, node->key) == 0)
			controls[i].print(fs, out);
	}
}

char *control_content(struct fs *fs, const struct node *node)
{
	char *content = malloc(CONTROL_SIZE + 1);
	auto_file FILE *out = NULL;
	size_t used;

	assert(node->kind == NODE_CONTROL);
	if (!content)
		return NULL;
	memset(content, ' ', CONTROL_SIZE);
	out = fmemopen(content, CONTROL_SIZE, "w");
	if (!out) {
		free(content);
		return NULL;
	}
	setbuf(out, NULL);
	print(fs, node, out);
	used = (size_t)ftell(out);
	if (used < CONTROL_SIZE)
		content[used] = ' '; /* fmemopen ends it with a NUL */
	content[CONTROL_SIZE - 1] = '\n';
	return content;
}
