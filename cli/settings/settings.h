/*
 * The settings: one table that -o, the environment, configuration files, `mount
 * --help` and `groovefs config` use.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct mount_options;

struct setting {
	const char *name;
	const char *form;  /* what a value looks like: "SIZE", "yes|no" */
	const char *right; /* the same in words, for whoever got it wrong */
	const char *text;  /* what it does */

	/* without it; NULL: make_preset() on the heap, NULL: no value */
	const char *preset;
	char *(*make_preset)(void);

	/* 0 or -EINVAL; keeps the pointer if it is a text */
	int (*set)(struct mount_options *options, const char *value);

	bool folder; /* "~" is expanded; absolute in a file */
};

#define SETTINGS_MAX 32

extern const struct setting settings[];
extern const unsigned settings_count;

/* By the first n bytes of `name`; NULL: there is none. */
const struct setting *settings_find(const char *name, size_t n);

/* "cache, cache_size, ..." on the heap; NULL: no memory. */
char *settings_names(void);

/* One line for each, for --help; and a line of such a table, wrapped. */
void settings_print_help(void);
void print_help_line(const char *left, const char *text);

#endif
