/*
 * One table of names, and one walk over it. A row claims the items that are its
 * frame already or have one of its names; of these the best source's are
 * chosen, and of those a frame itself before the row's names in their order.
 * What was not chosen becomes a TXXX frame under its own name, unless it says
 * the same again or comes from a lesser source.
 *
 * Names are compared by letters and digits only: "MUSICBRAINZ_ALBUMID",
 * "MusicBrainz/Album Id" and "MusicBrainz Album Id" are one.
 */
#include "transcode/worker/tag_fields.h"

#include "transcode/worker/tag_table.h"
#include "transcode/worker/tag_values.h"
#include "transcode/worker/tags.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_NAME = 64, NO_ROW = -1, RANK_FRAME = 0 };

/* An item that is being arranged. */
struct claim {
	const struct tag_item *item;
	int row;       /* NO_ROW: nobody's */
	unsigned rank; /* RANK_FRAME, or 1 + the index of its name */
	bool chosen;
	bool done; /* put, or not to be put */
};

struct arranger {
	struct claim *claims;
	size_t count;
	struct tags *to;
};

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

/* A frame that may be there several times is told by its description. */
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

static const struct claim *best_of(const struct arranger *arranger, int row)
{
	const struct claim *best = NULL;

	for (size_t i = 0; i < arranger->count; i++) {
		const struct claim *claim = &arranger->claims[i];

		if (claim->row == row && (!best || is_better(claim, best)))
			best = claim;
	}
	return best;
}

static bool is_equal(const struct tag_item *a, const struct tag_item *b)
{
	return a->size == b->size && memcmp(a->value, b->value, a->size) == 0;
}

static void put(struct arranger *arranger, const struct tag_row *row,
		const char *language, const char *name, const char *value)
{
	tags_add_frame(arranger->to, row->id, language, name, value,
		       strlen(value));
}

/* The number's row is followed by that of the total. */
static void put_number(struct arranger *arranger, const struct tag_row *row)
{
	int index = (int)(row - tag_table);
	const struct claim *number = best_of(arranger, index);
	const struct claim *total = best_of(arranger, index + 1);
	const char *n = number ? number->item->value : "0";
	char text[64];

	if (!number && !total)
		return;
	if (total && !strchr(n, '/'))
		snprintf(text, sizeof(text), "%.30s/%.30s", n,
			 total->item->value);
	else
		snprintf(text, sizeof(text), "%.63s", n);
	put(arranger, row, "", "", text);
}

static void put_performer(struct arranger *arranger, const struct tag_row *row,
			  const char *value)
{
	char *name, *instrument;

	if (tag_performer(value, &name, &instrument) < 0) {
		arranger->to->error = -ENOMEM;
		return;
	}
	put(arranger, row, "", "", *instrument ? instrument : row->description);
	put(arranger, row, "", "", name);
	free(name);
}

/* "1998 (remastered)" is kept as it is, too. */
static void put_date(struct arranger *arranger, const struct claim *claim)
{
	const struct tag_item *item = claim->item;
	char date[TAG_DATE_MAX];
	const char *rest;

	if (tag_date(item->value, date, &rest) < 0)
		return;
	put(arranger, &tag_table[claim->row], "", "", date);
	if (*rest)
		tags_add_frame(arranger->to, "TXXX", "", item->name,
			       item->value, item->size);
}

/* Several frames without a description differ in their languages. */
static void put_comment(struct arranger *arranger, const struct claim *claim)
{
	const struct tag_row *row = &tag_table[claim->row];
	const char *language = "eng";

	for (size_t i = 0; i < arranger->count; i++) {
		const struct claim *other = &arranger->claims[i];

		if (other->row != claim->row || !other->chosen ||
		    other->rank <= claim->rank)
			continue;
		if (is_equal(other->item, claim->item))
			return;
		language = "XXX";
	}
	put(arranger, row, language, row->description, claim->item->value);
}

static void put_lyrics(struct arranger *arranger, const struct claim *claim)
{
	char description[12] = "";
	unsigned n = 1;

	for (const struct claim *other = arranger->claims; other < claim;
	     other++)
		n += other->row == claim->row && other->chosen;
	if (n > 1)
		snprintf(description, sizeof(description), "%u", n);
	put(arranger, &tag_table[claim->row], "eng", description,
	    claim->item->value);
}

static void put_named(struct arranger *arranger, const struct claim *claim)
{
	const struct tag_row *row = &tag_table[claim->row];
	const char *value = claim->item->value;

	switch (row->kind) {
	case TEXT:
		put(arranger, row, "",
		    strcmp(row->id, "TXXX") == 0 ? row->description : "",
		    value);
		break;
	case DATE:
		put_date(arranger, claim);
		break;
	case ROLE:
		put(arranger, row, "", "", row->description);
		put(arranger, row, "", "", value);
		break;
	case PERFORMER:
		put_performer(arranger, row, value);
		break;
	case COMMENT:
		put_comment(arranger, claim);
		break;
	case LYRICS:
		put_lyrics(arranger, claim);
		break;
	case URL:
	case UFID:
		put(arranger, row, "", row->description ? row->description : "",
		    value);
		break;
	case NUMBER:
	case TOTAL:
	case AUDIO:
		break; /* not one by one */
	}
}

static void copy(struct arranger *arranger, const struct tag_item *item)
{
	tags_add_frame(arranger->to, item->id, item->language, item->name,
		       item->value, item->size);
}

static void put_chosen(struct arranger *arranger, int row, unsigned rank)
{
	for (size_t i = 0; i < arranger->count; i++) {
		const struct claim *claim = &arranger->claims[i];

		if (claim->row != row || !claim->chosen || claim->rank != rank)
			continue;
		if (rank == RANK_FRAME)
			copy(arranger, claim->item);
		else
			put_named(arranger, claim);
	}
}

/* beets looks for an album artist's sort name in a TXXX frame. */
static void put_twin(struct arranger *arranger, int row, unsigned rank)
{
	const char *name = tag_table[row].description;

	for (size_t i = 0; i < arranger->count; i++) {
		const struct claim *claim = &arranger->claims[i];

		if (claim->row == row && claim->chosen && rank != RANK_FRAME)
			tags_add_frame(arranger->to, "TXXX", "", name,
				       claim->item->value, claim->item->size);
	}
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

/* What is not chosen, and says the same again or comes from a lesser source. */
static bool is_needless(const struct arranger *arranger,
			const struct claim *claim, const struct claim *best)
{
	if (claim->item->source > best->item->source &&
	    tag_table[claim->row].kind != COMMENT)
		return true;
	for (size_t i = 0; i < arranger->count; i++) {
		const struct claim *other = &arranger->claims[i];

		if (other->row == claim->row && other->chosen &&
		    is_equal(other->item, claim->item))
			return true;
	}
	return false;
}

static void choose(struct arranger *arranger, int row, const struct claim *best)
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

static void put_row(struct arranger *arranger, int row)
{
	const struct claim *best = best_of(arranger, row);
	enum tag_kind kind = tag_table[row].kind;
	unsigned last = 0;

	if (best)
		last = kind == COMMENT ? TAG_KEYS_MAX : best->rank;
	if (best)
		choose(arranger, row, best);
	if (kind == NUMBER && (!best || best->rank != RANK_FRAME))
		put_number(arranger, &tag_table[row]);
	else if (best && kind != AUDIO)
		for (unsigned rank = best->rank; rank <= last; rank++)
			put_chosen(arranger, row, rank);
	if (best && strcmp(tag_table[row].id, "TSO2") == 0)
		put_twin(arranger, row, best->rank);
}

static bool has_name(const struct tags *tags, const char *name)
{
	for (size_t i = 0; i < tags->count; i++) {
		if (strcasecmp(tags->items[i].name, name) == 0)
			return true;
	}
	return false;
}

static void put_left(struct arranger *arranger, struct claim *claim)
{
	const struct tag_item *item = claim->item;

	claim->done = true;
	if (item->id[0])
		copy(arranger, item);
	else if (claim->row != NO_ROW && tag_table[claim->row].kind == COMMENT)
		put(arranger, &tag_table[claim->row], "eng", item->name,
		    item->value);
	else
		tags_add_frame(arranger->to, "TXXX", "", item->name,
			       item->value, item->size);
}

/* Values of a name may lie apart; they belong into one frame. */
static void put_all_left(struct arranger *arranger, size_t first)
{
	const struct tag_item *item = arranger->claims[first].item;

	for (size_t i = first; i < arranger->count; i++) {
		struct claim *claim = &arranger->claims[i];

		if (!claim->done && strcmp(claim->item->id, item->id) == 0 &&
		    claim->item->source == item->source &&
		    strcasecmp(claim->item->name, item->name) == 0)
			put_left(arranger, claim);
	}
}

/* What no row took. */
static void put_rest(struct arranger *arranger)
{
	for (size_t i = 0; i < arranger->count; i++) {
		const struct claim *claim = &arranger->claims[i];
		const struct tag_item *item = claim->item;

		if (claim->done || (!item->id[0] && item->source > 0 &&
				    has_name(arranger->to, item->name)))
			continue;
		put_all_left(arranger, i);
	}
}

int tag_fields_arrange(const struct tags *from, struct tags *to)
{
	struct arranger arranger = {.count = from->count, .to = to};

	memcpy(to->lost, from->lost, sizeof(to->lost));
	arranger.claims = calloc(from->count + 1, sizeof(*arranger.claims));
	if (!arranger.claims)
		return -ENOMEM;
	for (size_t i = 0; i < from->count; i++) {
		struct claim *claim = &arranger.claims[i];

		*claim = (struct claim){&from->items[i], NO_ROW};
		if (claim->item->id[0])
			claim_frame(claim);
		else
			claim_name(claim);
	}
	for (int row = 0; row < tag_table_rows; row++)
		put_row(&arranger, row);
	put_rest(&arranger);
	free(arranger.claims);
	return to->error;
}
