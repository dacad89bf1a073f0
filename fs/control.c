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

const char *control_name(size_t index)
{
	return index == 0 ? "stats.json" : NULL;
}

struct node *control_folder(struct fs *fs)
{
	struct stat st = control_attributes(fs, S_IFDIR | 0555);

	return node_create(NODE_CONTROL_FOLDER, NULL, CONTROL_FOLDER, NULL,
			   &st);
}

struct node *control_find(struct fs *fs, const char *name)
{
	struct stat st = control_attributes(fs, S_IFREG | 0444);

	if (strcmp(name, "stats.json") != 0)
		return NULL;
	return node_create(NODE_CONTROL, NULL, CONTROL_FOLDER "/stats.json",
			   NULL, &st);
}

static void print_counters(FILE *out)
{
	fprintf(out, "\"counters\": {");
	for (enum counter c = 0; c < COUNTER_MAX; c++)
		fprintf(out, "%s\n  \"%s\": %llu", c ? "," : "",
			counter_name(c), (unsigned long long)counter_get(c));
	fprintf(out, "\n}");
}

static void print_stats(struct fs *fs, FILE *out)
{
	fprintf(out,
		"{\"daemon\": {\"pid\": %d, \"started\": %lld, "
		"\"nodes\": %llu},\n",
		(int)getpid(), (long long)fs->started,
		(unsigned long long)nodes_count(fs->nodes));
	fprintf(out, "\"cache\": {\"used_bytes\": %llu},\n",
		(unsigned long long)store_used(fs->store));
	engine_print_status(fs->engine, out);
	fprintf(out, ",\n");
	print_counters(out);
	fprintf(out, "}\n");
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
	print_stats(fs, out);
	used = (size_t)ftell(out);
	if (used < CONTROL_SIZE)
		content[used] = ' '; /* fmemopen ends it with a NUL */
	content[CONTROL_SIZE - 1] = '\n';
	return content;
}
