/*
 * A bitmap, searched for the first run that is long enough: low addresses fill
 * up first, and free pages gather at the end. One step looks at 64 pages, and
 * nothing below the lowest free page is searched; 65,536 pages are 1,024 words,
 * so a tree of free runs would be slower than the search that it saves.
 */
#include "cache/memory/extents.h"

#include "base/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define WORD 64

static uint64_t words_of(uint64_t count)
{
	return (count + WORD - 1) / WORD;
}

static uint64_t pages_of(const struct extents *extents, uint64_t size)
{
	return size / extents->page + (size % extents->page != 0);
}

uint64_t extents_whole(const struct extents *extents, uint64_t size)
{
	return pages_of(extents, size) * extents->page;
}

int extents_init(struct extents *extents, size_t page, uint64_t budget)
{
	int r;

	if (page == 0 || budget > EXTENTS_MAX)
		return -EINVAL;
	*extents = (struct extents){
		.page = page,
		.limit = budget,
		.budget = budget,
	};
	extents->count = 2 * pages_of(extents, budget);
	if (extents->count == 0)
		extents->count = 1;
	extents->words = calloc(words_of(extents->count), sizeof(uint64_t));
	if (!extents->words)
		return -ENOMEM;
	r = -pthread_mutex_init(&extents->lock, NULL);
	if (r < 0)
		free(extents->words);
	return r;
}

void extents_release(struct extents *extents)
{
	pthread_mutex_destroy(&extents->lock);
	free(extents->words);
}

uint64_t extents_span(const struct extents *extents)
{
	return extents->count * extents->page;
}

/* The first page in [page, end) that is `taken`, or is not; else `end`. */
static uint64_t find_page_locked(const struct extents *extents, uint64_t page,
				 uint64_t end, bool taken)
{
	const uint64_t flip = taken ? 0 : UINT64_MAX;
	uint64_t skip = UINT64_MAX << page % WORD;

	for (uint64_t at = page / WORD; at * WORD < end; at++) {
		uint64_t word = (extents->words[at] ^ flip) & skip;

		if (word) {
			page = at * WORD + (unsigned)__builtin_ctzll(word);
			return page < end ? page : end;
		}
		skip = UINT64_MAX;
	}
	return end;
}

static int find_run_locked(struct extents *extents, uint64_t pages,
			   uint64_t *first)
{
	const uint64_t count = extents->count;
	uint64_t at = find_page_locked(extents, extents->hint, count, false);

	extents->hint = at;
	while (at < count && pages <= count - at) {
		uint64_t end = find_page_locked(extents, at, at + pages, true);

		if (end == at + pages) {
			*first = at;
			return 0;
		}
		at = find_page_locked(extents, end, count, false);
	}
	return -ENOSPC;
}

static void mark_locked(struct extents *extents, uint64_t first, uint64_t pages,
			bool taken)
{
	for (uint64_t page = first; page < first + pages; page++) {
		uint64_t *word = &extents->words[page / WORD];
		uint64_t bit = (uint64_t)1 << page % WORD;

		assert(!(*word & bit) == taken);
		*word ^= bit;
	}
}

static int take_pages_locked(struct extents *extents, uint64_t size,
			     uint64_t *offset)
{
	uint64_t pages = pages_of(extents, size);
	uint64_t bytes = pages * extents->page;
	uint64_t first;
	int r;

	if (extents->used >= extents->budget ||
	    bytes > extents->budget - extents->used)
		return -ENOSPC;
	r = find_run_locked(extents, pages, &first);
	if (r < 0)
		return r;
	mark_locked(extents, first, pages, true);
	extents->used += bytes;
	*offset = first * extents->page;
	return 0;
}

int extents_take(struct extents *extents, uint64_t size, uint64_t *offset)
{
	if (size == 0)
		return -EINVAL;
	if (size > EXTENTS_MAX)
		return -ENOSPC;
	auto_lock(&extents->lock);
	return take_pages_locked(extents, size, offset);
}

void extents_give_back(struct extents *extents, uint64_t offset, uint64_t size)
{
	uint64_t first = offset / extents->page;
	uint64_t pages = pages_of(extents, size);

	assert(offset % extents->page == 0 && first <= extents->count &&
	       pages <= extents->count - first);
	auto_lock(&extents->lock);
	mark_locked(extents, first, pages, false);
	extents->used -= pages * extents->page;
	if (first < extents->hint)
		extents->hint = first;
}

bool extents_hold(struct extents *extents, uint64_t offset, uint64_t size)
{
	uint64_t span = extents_span(extents);
	uint64_t first = offset / extents->page;
	uint64_t end;

	if (offset > span || size > span - offset)
		return false;
	end = pages_of(extents, offset + size);
	auto_lock(&extents->lock);
	return find_page_locked(extents, first, end, false) == end;
}

void extents_set_budget(struct extents *extents, uint64_t budget)
{
	auto_lock(&extents->lock);

	extents->budget = budget < extents->limit ? budget : extents->limit;
}

uint64_t extents_budget(struct extents *extents)
{
	auto_lock(&extents->lock);

	return extents->budget;
}

uint64_t extents_used(struct extents *extents)
{
	auto_lock(&extents->lock);

	return extents->used;
}
