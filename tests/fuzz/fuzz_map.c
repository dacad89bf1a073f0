/*
 * Maps of cache entries: one that is believed has a layout that makes sense,
 * and all its records can be gone through. The checksum of the starts is made
 * right first: else nothing behind it would ever be looked at.
 */
#include "tests/fuzz/fuzz.h"

#include "cache/disk/map.h"

#include "base/cleanup.h"

#include <string.h>
#include <xxhash.h>

/* As in the table of cache/disk/map.h. */
enum { COUNT_AT = 12, CHECKSUM_AT = 24, RECORDS_AT = 32, RECORD = 16 };

static void sign(uint8_t *map, size_t size)
{
	uint64_t checksum, starts, room;
	uint32_t count;

	if (size < RECORDS_AT)
		return;
	memcpy(&count, map + COUNT_AT, sizeof(count));
	starts = RECORDS_AT + (uint64_t)count * RECORD;
	room = ((uint64_t)count + 1) * sizeof(uint64_t);
	if (starts + room > size)
		return;
	checksum = XXH3_64bits(map + starts, room);
	memcpy(map + CHECKSUM_AT, &checksum, sizeof(checksum));
}

struct seen {
	uint32_t count;
	uint32_t records;
};

static void found(void *context, uint32_t segment, uint64_t checksum)
{
	struct seen *seen = context;

	(void)checksum;
	fuzz_holds(segment < seen->count);
	seen->records++;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	auto_free uint8_t *copy = malloc(size + 1);
	struct map_contents contents;
	int map;

	fuzz_holds(copy);
	memcpy(copy, bytes, size);
	sign(copy, size);
	map = fuzz_file(copy, size);
	if (map_read(map, &contents) == 0) {
		struct seen seen = {.count = contents.count};

		fuzz_holds(contents.count > 0);
		for (uint32_t i = 0; i < contents.count; i++)
			fuzz_holds(contents.starts[i] <=
				   contents.starts[i + 1]);
		map_each(map, contents.count, found, &seen);
		fuzz_holds(seen.records <= contents.count);
		map_contents_release(&contents);
	}
	close(map);
	return 0;
}
