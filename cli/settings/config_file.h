/* Configuration files: settings, then sections [quality NAME]. */
#ifndef CLI_CONFIG_FILE_H
#define CLI_CONFIG_FILE_H

#include <stdbool.h>

struct mount_options;

/*
 * Takes over a file's settings; a file with qualities replaces the earlier
 * ones. A missing file is an error only if it is `needed`. 0, or -errno after a
 * log line: "FILE:LINE: what is wrong: what would be right".
 */
int config_file_read(struct mount_options *options, const char *path,
		     bool needed);

#endif
