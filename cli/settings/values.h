/* Values of settings as people write them. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * 0 or -EINVAL. Sizes are "500M", "10G", times "30m", "12h", "30d": the unit
 * may be in upper or lower case; without one it is bytes or seconds.
 */
int value_size(const char *text, uint64_t *bytes);
int value_time(const char *text, uint64_t *seconds);

/* A whole number from min to max. */
int value_number(const char *text, unsigned min, unsigned max,
		 unsigned *number);

/*
 * A number, or the name of a user or a group. -EINVAL: there is no such name.
 */
int value_user(const char *text, int64_t *uid);
int value_group(const char *text, int64_t *gid);

/* Permissions to clear: octal, up to 777. */
int value_mask(const char *text, int *mask);

/* Which of these words it is, or -EINVAL. The list ends with NULL. */
int value_word(const char *text, const char *const *words);

/* A list, as words_next() has it, has words, and each of them is good; -ENOMEM.
 */
int value_list(const char *text, bool (*good)(const char *word));

/*
 * Whether a configuration file can hold it: no control characters, no blanks at
 * its ends, nothing that begins a comment, and not too long for a line.
 */
bool value_fits_file(const char *text);

#endif
