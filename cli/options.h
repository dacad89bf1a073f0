/* The options of a mount: ours, and those that go on to libfuse. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "fs/fs.h"

struct mount_options {
	struct fs_options fs;
	char *fuse; /* what fs.fuse_options points to */
};

int options_init(struct mount_options *options);
void options_release(struct mount_options *options);

/*
 * Takes a list "key=value,key,...". `list` must outlive the options: values
 * are kept as pointers into it, and it is changed. -EINVAL after a log line
 * that names the option.
 */
int options_parse(struct mount_options *options, char *list);

/* One line for each of our options, for --help. */
void options_print_help(void);

#endif
