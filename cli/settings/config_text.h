/* The settings in force and their origins, for people and for programs. */
#ifndef CLI_CONFIG_TEXT_H
#define CLI_CONFIG_TEXT_H

#include <stdbool.h>
#include <stdio.h>

struct mount_options;

/* A configuration file with comments, on the heap; NULL: no memory. */
char *config_text(const struct mount_options *options);

/*
 * {"settings": {SETTING: {"value", "origin"}, ...},
 *   "qualities": [{"name", SETTING: {"value", "origin"}, ...}, ...]}
 * on one line; or, as `lines`, {"setting", "value", "origin"} or {"quality",
 * SETTING: ...} each. An unknown value is null.
 */
void config_json(const struct mount_options *options, bool lines, FILE *out);

#endif
