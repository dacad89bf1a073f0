/* What is in force and where it comes from, for people and for programs. */
#ifndef CLI_CONFIG_TEXT_H
#define CLI_CONFIG_TEXT_H

struct mount_options;

/* A configuration file with comments, on the heap; NULL: no memory. */
char *config_text(const struct mount_options *options);

/*
 * {"settings": {KEY: {"value", "origin"}, ...},
 *  "qualities": [{"name", KEY: {"value", "origin"}, ...}, ...]}
 * on one line, on the heap; NULL: no memory. A value that is not known is null.
 */
char *config_json(const struct mount_options *options);

/*
 * The same, {"setting", "value", "origin"} or {"quality", KEY: ...} a line.
 */
char *config_jsonl(const struct mount_options *options);

#endif
