/*
 * All buffers of this process, by kind and name. A buffer's counts are added to
 * its group when it is closed, so the sums never fall. Names are few and
 * constant: a group is never removed, so that a buffer can note its errors
 * there without the lock.
 *
 * Lock order: this lock, then a buffer's own.
 */
#include "cache/memory/buffer_metrics.h"

#include "base/cleanup.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum state { CLOSED, READY, FULL, FAILED };

static const char *const state_names[] = {
	[CLOSED] = "closed",
	[READY] = "ready",
	[FULL] = "full",
	[FAILED] = "failed",
};

struct buffer_group {
	/* immutable */
	enum buffer_kind kind;
	char *name;

	atomic_int last_error;

	/* protected by the lock */
	TAILQ_ENTRY(buffer_group) link;
	LIST_HEAD(, buffer_metrics) buffers;
	uint64_t closed[BUFFER_COUNTS]; /* sums */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static TAILQ_HEAD(, buffer_group) groups = TAILQ_HEAD_INITIALIZER(groups);

static int compare_group(const struct buffer_group *group,
			 enum buffer_kind kind, const char *name)
{
	if (group->kind != kind)
		return group->kind < kind ? -1 : 1;
	return strcmp(group->name, name);
}

static struct buffer_group *make_group(enum buffer_kind kind, const char *name)
{
	struct buffer_group *group = calloc(1, sizeof(*group));

	if (!group)
		return NULL;
	group->kind = kind;
	group->name = strdup(name);
	if (!group->name) {
		free(group);
		return NULL;
	}
	LIST_INIT(&group->buffers);
	return group;
}

/* The group with this name; makes it at its place if there is none. */
static struct buffer_group *find_group_locked(enum buffer_kind kind,
					      const char *name)
{
	struct buffer_group *next, *group;

	TAILQ_FOREACH (next, &groups, link) {
		if (compare_group(next, kind, name) >= 0)
			break;
	}
	if (next && compare_group(next, kind, name) == 0)
		return next;
	group = make_group(kind, name);
	if (group && next)
		TAILQ_INSERT_BEFORE(next, group, link);
	else if (group)
		TAILQ_INSERT_TAIL(&groups, group, link);
	return group;
}

int buffer_metrics_init(
	struct buffer_metrics *metrics, enum buffer_kind kind, const char *name,
	uint64_t size,
	struct buffer_use (*measure)(const struct buffer_metrics *metrics))
{
	metrics->size = size;
	metrics->measure = measure;
	auto_lock(&lock);
	metrics->group = find_group_locked(kind, name);
	if (metrics->group)
		LIST_INSERT_HEAD(&metrics->group->buffers, metrics, link);
	return metrics->group ? 0 : -ENOMEM;
}

static void add_counts(uint64_t *sums, const struct buffer_metrics *metrics)
{
	for (unsigned i = 0; i < BUFFER_COUNTS; i++)
		sums[i] += atomic_load_explicit(&metrics->counts[i],
						memory_order_relaxed);
}

void buffer_metrics_release(struct buffer_metrics *metrics)
{
	if (!metrics->group)
		return;
	auto_lock(&lock);
	LIST_REMOVE(metrics, link);
	add_counts(metrics->group->closed, metrics);
}

static void add_count(struct buffer_metrics *metrics, enum buffer_count which,
		      uint64_t n)
{
	atomic_fetch_add_explicit(&metrics->counts[which], n,
				  memory_order_relaxed);
}

void buffer_note(struct buffer_metrics *metrics, ssize_t result)
{
	bool failed = result < 0;

	if (failed) {
		add_count(metrics, BUFFER_ERRORS, 1);
		if (metrics->group)
			atomic_store(&metrics->group->last_error, (int)result);
	}
	if (atomic_load(&metrics->failing) != failed)
		atomic_store(&metrics->failing, failed);
}

static void count_transfer(struct buffer_metrics *metrics, ssize_t n,
			   int64_t ns, enum buffer_count calls,
			   enum buffer_count bytes, enum buffer_count time)
{
	buffer_note(metrics, n);
	if (n <= 0)
		return;
	add_count(metrics, calls, 1);
	add_count(metrics, bytes, (uint64_t)n);
	add_count(metrics, time, (uint64_t)ns);
}

void buffer_count_read(struct buffer_metrics *metrics, ssize_t n, int64_t ns)
{
	count_transfer(metrics, n, ns, BUFFER_READS, BUFFER_READ_BYTES,
		       BUFFER_READ_NS);
}

void buffer_count_write(struct buffer_metrics *metrics, ssize_t n, int64_t ns)
{
	count_transfer(metrics, n, ns, BUFFER_WRITES, BUFFER_WRITTEN_BYTES,
		       BUFFER_WRITE_NS);
}

void buffer_count_lookup(struct buffer_metrics *metrics, bool hit)
{
	add_count(metrics, hit ? BUFFER_HITS : BUFFER_MISSES, 1);
}

static void sum_up_locked(struct buffer_group *group, struct buffer_sums *sums)
{
	struct buffer_metrics *buffer;
	enum state worst = CLOSED;

	sums->kind = group->kind;
	sums->name = group->name;
	sums->last_error = atomic_load(&group->last_error);
	memcpy(sums->counts, group->closed, sizeof(sums->counts));
	LIST_FOREACH (buffer, &group->buffers, link) {
		struct buffer_use use = buffer->measure(buffer);
		enum state state = atomic_load(&buffer->failing) ? FAILED
				   : use.full			 ? FULL
								 : READY;

		add_counts(sums->counts, buffer);
		sums->size += buffer->size;
		sums->use.memory += use.memory;
		sums->use.disk += use.disk;
		if (state > worst)
			worst = state;
		sums->count++;
	}
	sums->state = state_names[worst];
}

int buffer_sums(struct buffer_sums **out, size_t *count)
{
	struct buffer_group *group;
	struct buffer_sums *sums;
	size_t n = 0;

	pthread_mutex_lock(&lock);
	TAILQ_FOREACH (group, &groups, link)
		n++;
	sums = calloc(n + 1, sizeof(*sums));
	n = 0;
	TAILQ_FOREACH (group, &groups, link) {
		if (sums)
			sum_up_locked(group, &sums[n++]);
	}
	pthread_mutex_unlock(&lock);
	if (!sums)
		return -ENOMEM;
	*out = sums;
	*count = n;
	return 0;
}
