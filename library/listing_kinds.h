/*
 * What a file of the library becomes in a view that is not original/: a track,
 * a file that passes through, or nothing. Internal to listing.c.
 */
#ifndef LIBRARY_LISTING_KINDS_H
#define LIBRARY_LISTING_KINDS_H

#include "library/listing.h"
#include "library/view.h"

/* By its name; what it is until more is known, when it needs facts. */
enum item_kind kind_by_name(const struct view *view, const char *name);
bool needs_facts(const struct view *view, const char *name);

/* `size`: of the file, in bytes. */
enum item_kind kind_by_facts(const struct view *view, const char *name,
			     uint64_t size, const struct facts *facts);

/* Audio of which nothing can be found out. */
enum item_kind kind_of_unknown(const struct view *view);

#endif
