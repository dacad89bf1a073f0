/* What is in force and where it comes from, for people and for programs. */
#ifndef CLI_CONFIG_TEXT_H
#define CLI_CONFIG_TEXT_H

#include <stdbool.h>
#include <stdio.h>

struct mount_options;

/* A configuration file with comments, on the heap; NULL: no memory. */
char *config_text(const struct mount_options *options);

/*
 * {"settings": {KEY: {"value", "origin"}, ...},
 *  "qualities": [{"name", KEY: {"value", "origin"}, ...}, ...]}
 * on one line; or, as `lines`, {"setting", "value", "origin"} or
 * {"quality", KEY: ...} each. A value that is not known is null.
 */
void config_json(const struct mount_options *options, bool lines, FILE *out);

#endif
