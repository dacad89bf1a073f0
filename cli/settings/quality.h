/*
 * Qualities: the sections [quality NAME] of a configuration file. Each is a
 * folder of the mount, and their settings are a table.
 */
#ifndef CLI_QUALITY_H
#define CLI_QUALITY_H

#include "fs/fs.h"

/* A value as it was given, and where: "default", "FILE:LINE", "-o", ... */
struct given {
	char *text;
	char *origin;
};

/* 0 or -ENOMEM. Copies both; frees the earlier ones. */
int given_set(struct given *given, const char *text, const char *origin);
void given_release(struct given *given);

struct quality_setting {
	const char *name;
	const char *right; /* what a valid value looks like */
	const char *text;  /* what it does */
	const char *preset;

	/* 0 or -EINVAL */
	int (*set)(struct profile *profile, const char *value);
};

#define QUALITY_SETTINGS 5

extern const struct quality_setting quality_settings[QUALITY_SETTINGS];

struct qualities {
	unsigned count;
	struct profile profiles[PROFILES_MAX];
	struct given given[PROFILES_MAX][QUALITY_SETTINGS];
};

/* The built-in ones. -ENOMEM. qualities_release() is safe in any case. */
int qualities_init(struct qualities *qualities);
void qualities_release(struct qualities *qualities);

bool qualities_equal(const struct qualities *a, const struct qualities *b);

/*
 * Sets a quality's setting; the first one adds the quality. 0, or -EINVAL after
 * a log line that names the origin; -ENOMEM.
 */
int qualities_take(struct qualities *qualities, const char *name,
		   const char *setting, const char *value, const char *origin);

/*
 * Call it when all settings have been taken: checks whether those of each
 * quality fit together. Returns the same.
 */
int qualities_check(struct qualities *qualities);

#endif
