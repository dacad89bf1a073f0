/*
 * What happened since the mount, as numbers: read by stats.json, by tests and
 * by benchmarks. Any thread may count; relaxed atomics, no lock.
 */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <stdint.h>

/* name, what it counts */
#define COUNTERS(X)                                                            \
	X(lookups, "names looked up")                                          \
	X(listings, "folders read")                                            \
	X(opens, "files opened")                                               \
	X(reads, "read requests")                                              \
	X(read_bytes, "bytes given to readers")                                \
	X(reads_parked, "read requests that had to wait for a worker")         \
	X(reads_parked_us, "microseconds that reads waited for a worker")      \
	X(reads_ready, "read requests whose made bytes were all there")        \
	X(reads_failed, "read requests answered with an error")                \
	X(attributes, "extended attributes asked for")                         \
	X(stale, "requests refused because the source had changed")            \
	X(facts_hits, "tracks whose facts were known")                         \
	X(probes, "tracks probed by a worker")                                 \
	X(probes_failed, "tracks that no decoder could open")                  \
	X(tags_rendered, "tags rendered")                                      \
	X(segments_rendered, "segments rendered")                              \
	X(segments_foreground, "segments rendered for a waiting reader")       \
	X(segments_background, "segments rendered ahead of readers")           \
	X(segments_found, "segments found in the cache and verified")          \
	X(segments_corrupt, "segments whose checksum was wrong")               \
	X(segments_in_memory,                                                  \
	  "segments kept in memory, the cache disk failed")                    \
	X(rendered_bytes, "bytes rendered")                                    \
	X(seconds_decoded, "seconds of audio decoded")                         \
	X(blocks_made, "blocks of a second made, derived ones included")       \
	X(blocks_hit, "blocks that a worker or a reader found")                \
	X(blocks_pushed, "blocks pushed out of memory to disk")                \
	X(blocks_evicted, "blocks forgotten")                                  \
	X(analysis_hits, "reads of an analysis that memory could answer")      \
	X(analysis_misses, "reads of one that it could not")                   \
	X(analyses, "tracks analyzed")                                         \
	X(analysis_decode_us, "microseconds that analyses waited for audio")   \
	X(analysis_measure_us, "microseconds that they measured")              \
	X(analysis_draw_us, "microseconds that they drew")                     \
	X(memory_shrunk, "times that less memory was allowed for blocks")      \
	X(memory_grown, "times that more was allowed again")                   \
	X(decode_restarts, "times a decoder was opened anew")                  \
	X(silence_added, "sources that ended before their header said")        \
	X(workers_started, "worker processes started")                         \
	X(workers_died, "worker processes that died in a task")                \
	X(workers_killed, "silent worker processes that were killed")          \
	X(probe_tasks, "tracks probed without a fault")                        \
	X(probe_us, "microseconds that probing took")                          \
	X(tag_tasks, "tags made")                                              \
	X(tag_us, "microseconds that making tags took")                        \
	X(segment_tasks, "segments made, but for analyses")                    \
	X(segment_us, "microseconds that making segments took")                \
	X(analysis_tasks, "analyses made")                                     \
	X(analysis_us, "microseconds that making analyses took")               \
	X(block_tasks, "blocks of audio made for readers")                     \
	X(block_us, "microseconds that making blocks took")                    \
	X(tasks_dropped, "tasks given up as nobody waited any more")           \
	X(tasks_retried, "tasks given to a second worker")                     \
	X(tasks_failed, "tasks given up")                                      \
	X(entries_opened, "cache entries opened")                              \
	X(entries_evicted, "cache entries evicted")                            \
	X(evicted_bytes, "bytes evicted")

enum counter {
#define X(name, text) COUNTER_##name,
	COUNTERS(X)
#undef X
		COUNTER_MAX
};

void counter_add(enum counter counter, uint64_t n);
uint64_t counter_get(enum counter counter);
const char *counter_name(enum counter counter);
const char *counter_text(enum counter counter);

#define count(name) counter_add(COUNTER_##name, 1)
#define count_n(name, n) counter_add(COUNTER_##name, (n))
#define count_task(kind, us) (count(kind##_tasks), count_n(kind##_us, (us)))

#endif
