/*
 * Names are compared by letters and digits only: "MUSICBRAINZ_ALBUMID",
 * "MusicBrainz/Album Id" and "MusicBrainz Album Id" are the same.
 */
#include "transcode/worker/tags/tag_claims.h"

#include "transcode/worker/tags/tag_values.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_NAME = 64 };

static void simplify(const char *name, char out[MAX_NAME])
{
	size_t n = 0;

	for (; *name && n < MAX_NAME - 1; name++) {
		unsigned char c = (unsigned char)*name;

		if (c >= 0x80 || isalnum(c))
			out[n++] = (char)tolower(c);
	}
	out[n] = '\0';
}

/* A frame that may exist several times is identified by its description. */
static bool is_same_frame(const struct tag_row *row,
			  const struct tag_item *item)
{
	return strcmp(row->id, item->id) == 0 &&
	       (row->kind == ROLE || row->kind == PERFORMER || !*item->name ||
		(row->description &&
		 strcasecmp(row->description, item->name) == 0));
}

static bool is_fit(const struct tag_row *row, const char *value)
{
	char text[TAG_DATE_MAX];
	const char *rest;

	if (row->kind == DATE)
		return tag_date(value, text, &rest) == 0;
	if (strcmp(row->id, "WCOP") == 0)
		return tag_is_url(value);
	return true;
}

static void claim_frame(struct claim *claim)
{
	for (int r = 0; r < tag_table_rows && claim->row == NO_ROW; r++) {
		if (is_same_frame(&tag_table[r], claim->item))
			claim->row = r;
	}
	claim->rank = RANK_FRAME;
}

static void claim_name(struct claim *claim)
{
	char name[MAX_NAME];

	simplify(claim->item->name, name);
	for (int r = 0; r < tag_table_rows && claim->row == NO_ROW; r++) {
		for (unsigned k = 0; k < TAG_KEYS_MAX && tag_table[r].keys[k];
		     k++) {
			const char *key = tag_table[r].keys[k];

			if (key[0] != name[0] || strcmp(key, name) != 0 ||
			    !is_fit(&tag_table[r], claim->item->value))
				continue;
			claim->row = r;
			claim->rank = 1 + k;
		}
	}
}

static bool is_better(const struct claim *a, const struct claim *b)
{
	if (a->item->source != b->item->source)
		return a->item->source < b->item->source;
	return a->rank < b->rank;
}

int claims_make(struct arranger *arranger, const struct tags *from)
{
	arranger->count = from->count;
	arranger->claims = calloc(from->count + 1, sizeof(*arranger->claims));
	if (!arranger->claims)
		return -ENOMEM;
	for (size_t i = 0; i < from->count; i++) {
		struct claim *claim = &arranger->claims[i];

		*claim = (struct claim){&from->items[i], NO_ROW};
		if (claim->item->id[0])
			claim_frame(claim);
		else
			claim_name(claim);
	}
	return 0;
}

const struct claim *claims_best(const struct arranger *arranger, int row)
{
	const struct claim *best = NULL;

	for (size_t i = 0; i < arranger->count; i++) {
		const struct claim *claim = &arranger->claims[i];

		if (claim->row == row && (!best || is_better(claim, best)))
			best = claim;
	}
	return best;
}

bool claims_equal(const struct tag_item *a, const struct tag_item *b)
{
	return a->size == b->size && memcmp(a->value, b->value, a->size) == 0;
}

/* Of one spelling: some write a list as ALBUMARTISTS and as ALBUM_ARTISTS. */
static bool is_chosen(const struct claim *claim, const struct claim *best)
{
	if (claim->item->source != best->item->source)
		return false;
	if (best->rank == RANK_FRAME)
		return claim->rank == RANK_FRAME;
	return claim->rank > RANK_FRAME &&
	       (tag_table[claim->row].kind == COMMENT ||
		strcasecmp(claim->item->name, best->item->name) == 0);
}

/* What is not chosen, and repeats something or comes from a lesser source. */
static bool is_needless(const struct arranger *arranger,
			const struct claim *claim, const struct claim *best)
{
	if (claim->item->source > best->item->source &&
	    tag_table[claim->row].kind != COMMENT)
		return true;
	for (size_t i = 0; i < arranger->count; i++) {
		const struct claim *other = &arranger->claims[i];

		if (other->row == claim->row && other->chosen &&
		    claims_equal(other->item, claim->item))
			return true;
	}
	return false;
}

void claims_choose(struct arranger *arranger, int row, const struct claim *best)
{
	struct claim *claims = arranger->claims;

	for (size_t i = 0; i < arranger->count; i++) {
		if (claims[i].row == row && is_chosen(&claims[i], best))
			claims[i].chosen = claims[i].done = true;
	}
	for (size_t i = 0; i < arranger->count; i++) {
		if (claims[i].row == row && !claims[i].chosen &&
		    is_needless(arranger, &claims[i], best))
			claims[i].done = true;
	}
}
