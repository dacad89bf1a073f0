/*
 * Control files. Like every file here, they must have their exact size before
 * they are opened, although their content changes all the time. So JSON is
 * padded with blanks to a fixed size; the others must not change their size
 * during a mount. The content is made when a file is opened. The stream of
 * events has no size and no content.
 */
#include "fs/control.h"

#include "base/cleanup.h"
#include "fs/fs_private.h"
#include "fs/stats.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes of JSON with its padding. */
enum { PADDED_SIZE = 8192 };

static void print_buffers(struct fs *fs, FILE *out)
{
	(void)fs;
	buffers_print(out);
}

static void print_config(struct fs *fs, FILE *out)
{
	fputs(fs->config_text ? fs->config_text : "# no configuration\n", out);
}

static const struct control {
	const char *name;
	const char *mount_path;
	void (*print)(struct fs *fs, FILE *out); /* NULL: the stream */
	size_t size;				 /* 0: the size of what is
						    printed */
} controls[] = {
	{"buffers.json", CONTROL_FOLDER "/buffers.json", print_buffers,
	 PADDED_SIZE},
	{"config", CONTROL_FOLDER "/config", print_config, 0},
	{"events", CONTROL_FOLDER "/events", NULL, 0},
	{"metrics", CONTROL_FOLDER "/metrics", metrics_print, 0},
	{"stats.json", CONTROL_FOLDER "/stats.json", stats_print, PADDED_SIZE},
};

#define CONTROLS (sizeof(controls) / sizeof(*controls))

/* The content with a NUL, and its length; NULL: no memory. */
static char *print(struct fs *fs, const struct control *control, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (!out)
		return NULL;
	control->print(fs, out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* -ENOMEM */
static int find_size(struct fs *fs, const struct control *control, size_t *size)
{
	auto_free char *text = NULL;

	*size = control->size;
	if (*size > 0 || !control->print)
		return 0;
	text = print(fs, control, size);
	return text ? 0 : -ENOMEM;
}

static struct stat control_attributes(const struct fs *fs, mode_t mode,
				      size_t size)
{
	return (struct stat){
		.st_mode = mode,
		.st_nlink = S_ISDIR(mode) ? 2 : 1,
		.st_uid = getuid(),
		.st_gid = getgid(),
		.st_size = (off_t)size,
		.st_blksize = 4096,
		.st_blocks = (blkcnt_t)((size + 511) / 512),
		.st_mtim.tv_sec = fs->started,
		.st_ctim.tv_sec = fs->started,
		.st_atim.tv_sec = fs->started,
	};
}

struct node *control_folder(struct fs *fs)
{
	struct stat st = control_attributes(fs, S_IFDIR | 0755, PADDED_SIZE);

	return node_create(NODE_CONTROL_FOLDER, NULL, CONTROL_FOLDER, NULL,
			   &st);
}

const char *control_name(size_t index)
{
	return index < CONTROLS ? controls[index].name : NULL;
}

static struct node *make_node(struct fs *fs, const struct control *control)
{
	enum node_kind kind = control->print ? NODE_CONTROL : NODE_EVENTS;
	struct stat st;
	size_t size;

	if (find_size(fs, control, &size) != 0)
		return NULL;
	st = control_attributes(fs, S_IFREG | 0444, size);
	return node_create(kind, NULL, control->mount_path, NULL, &st);
}

struct node *control_find(struct fs *fs, const char *name)
{
	for (size_t i = 0; i < CONTROLS; i++) {
		if (strcmp(controls[i].name, name) == 0)
			return make_node(fs, &controls[i]);
	}
	return NULL;
}

static const struct control *control_of(const struct node *node)
{
	const struct control *control = controls;

	while (strcmp(control->mount_path, node->mount_path) != 0)
		control++;
	return control;
}

char *control_content(struct fs *fs, const struct node *node)
{
	size_t size = (size_t)node->attributes.st_size;
	auto_free char *text = NULL;
	char *content;
	size_t used;

	assert(node->kind == NODE_CONTROL);
	text = print(fs, control_of(node), &used);
	content = text ? malloc(size ? size : 1) : NULL;
	if (!content)
		return NULL;
	if (used >= size) {
		memcpy(content, text, size);
		return content;
	}
	memcpy(content, text, used);
	memset(content + used, ' ', size - used);
	content[size - 1] = '\n';
	return content;
}
