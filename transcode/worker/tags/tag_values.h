/* Parses values of tags, in the forms that people write them in. */
#ifndef WORKER_TAG_VALUES_H
#define WORKER_TAG_VALUES_H

#include <stdbool.h>

#define TAG_DATE_MAX 24

/*
 * "2011", "2011-09", "2011-9-5", "2011/09/05", "2011-09-05T07:00:00Z" and the
 * like into a time stamp of ID3v2.4 ("2011-09-05T07:00:00", as precise as it
 * is). *rest is what stands behind it and is no part of a time. -EINVAL: there
 * is none.
 */
int tag_date(const char *value, char date[TAG_DATE_MAX], const char **rest);

bool tag_is_url(const char *value);

/*
 * "name (instrument)" into its two parts; the instrument is "" where there is
 * none. The caller frees *name, which owns both. -ENOMEM.
 */
int tag_performer(const char *value, char **name, char **instrument);

#endif
