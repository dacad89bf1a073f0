/*
 * A row of the table claims the items that are its frame already or have one of
 * its names (tag_claims.h). Those that are chosen are put in the row's way; the
 * others become TXXX frames under their own names, unless they repeat something
 * or come from a lesser source.
 */
#include "transcode/worker/tags/tag_fields.h"

#include "transcode/worker/tags/tag_claims.h"
#include "transcode/worker/tags/tag_values.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void put_field(struct arranger *arranger, const struct tag_row *row,
		      const char *language, const char *name, const char *value)
{
	tags_add_frame(arranger->to, row->id, language, name, value,
		       strlen(value));
}

/* The number's row is followed by that of the total. */
static void put_number(struct arranger *arranger, const struct tag_row *row)
{
	int index = (int)(row - tag_table);
	const struct claim *number = claims_best(arranger, index);
	const struct claim *total = claims_best(arranger, index + 1);
	const char *n = number ? number->item->value : "0";
	char text[64];

	if (!number && !total)
		return;
	if (total && !strchr(n, '/'))
		snprintf(text, sizeof(text), "%.30s/%.30s", n,
			 total->item->value);
	else
		snprintf(text, sizeof(text), "%.63s", n);
	put_field(arranger, row, "", "", text);
}

static void put_performer(struct arranger *arranger, const struct tag_row *row,
			  const char *value)
{
	char *name, *instrument;

	if (tag_performer(value, &name, &instrument) < 0) {
		arranger->to->error = -ENOMEM;
		return;
	}
	put_field(arranger, row, "", "",
		  *instrument ? instrument : row->description);
	put_field(arranger, row, "", "", name);
	free(name);
}

/* "1998 (remastered)" is also kept unchanged. */
static void put_date(struct arranger *arranger, const struct claim *claim)
{
	const struct tag_item *item = claim->item;
	char date[TAG_DATE_MAX];
	const char *rest;

	if (tag_date(item->value, date, &rest) < 0)
		return;
	put_field(arranger, &tag_table[claim->row], "", "", date);
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
		if (claims_equal(other->item, claim->item))
			return;
		language = "XXX";
	}
	put_field(arranger, row, language, row->description,
		  claim->item->value);
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
	put_field(arranger, &tag_table[claim->row], "eng", description,
		  claim->item->value);
}

static void put_named(struct arranger *arranger, const struct claim *claim)
{
	const struct tag_row *row = &tag_table[claim->row];
	const char *value = claim->item->value;

	switch (row->kind) {
	case TEXT:
		put_field(arranger, row, "",
			  strcmp(row->id, "TXXX") == 0 ? row->description : "",
			  value);
		break;
	case DATE:
		put_date(arranger, claim);
		break;
	case ROLE:
		put_field(arranger, row, "", "", row->description);
		put_field(arranger, row, "", "", value);
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
		put_field(arranger, row, "",
			  row->description ? row->description : "", value);
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

static void put_row(struct arranger *arranger, int row)
{
	const struct claim *best = claims_best(arranger, row);
	enum tag_kind kind = tag_table[row].kind;
	unsigned last = 0;

	if (best)
		last = kind == COMMENT ? TAG_KEYS_MAX : best->rank;
	if (best)
		claims_choose(arranger, row, best);
	if (kind == NUMBER && (!best || best->rank != RANK_FRAME))
		put_number(arranger, &tag_table[row]);
	else if (best && kind != AUDIO)
		for (unsigned rank = best->rank; rank <= last; rank++)
			put_chosen(arranger, row, rank);
	if (best && kind == AUDIO)
		tags_lose(arranger->to, tag_table[row].description);
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
		put_field(arranger, &tag_table[claim->row], "eng", item->name,
			  item->value);
	else
		tags_add_frame(arranger->to, "TXXX", "", item->name,
			       item->value, item->size);
}

/* Values of a name may be scattered; they belong into one frame. */
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
	struct arranger arranger = {.to = to};
	int error = claims_make(&arranger, from);

	if (error)
		return error;
	memcpy(to->lost, from->lost, sizeof(to->lost));
	for (int row = 0; row < tag_table_rows; row++)
		put_row(&arranger, row);
	put_rest(&arranger);
	free(arranger.claims);
	return to->error;
}
