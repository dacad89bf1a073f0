/*
 * All buffers of this process, by kind and name. What a buffer did is added to
 * its group when it is closed, so the sums never fall. Names are few, they are
 * words in this program: a group is never forgotten, which lets a list of them
 * be looked at without the lock.
 *
 * Lock order: this lock, then a buffer's own.
 */
#include "cache/memory/buffer_inner.h"

#include "base/cleanup.h"

#include <pthread.h>
#include <string.h>

struct buffer_group {
	/* immutable */
	enum buffer_kind kind;
	char *name;

	atomic_int last_error;

	/* protected by the lock */
	TAILQ_ENTRY(buffer_group) link;
	LIST_HEAD(, buffer) buffers;
	struct buffer_metrics closed; /* sums */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static TAILQ_HEAD(, buffer_group) groups = TAILQ_HEAD_INITIALIZER(groups);

static int compare(const struct buffer_group *group, enum buffer_kind kind,
		   const char *name)
{
	if (group->kind != kind)
		return group->kind < kind ? -1 : 1;
	return strcmp(group->name, name);
}

/* The first group that does not come before this kind and name. */
static struct buffer_group *lower_bound_locked(enum buffer_kind kind,
					       const char *name)
{
	struct buffer_group *group;

	TAILQ_FOREACH (group, &groups, link) {
		if (compare(group, kind, name) >= 0)
			return group;
	}
	return NULL;
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

static struct buffer_group *find_locked(enum buffer_kind kind, const char *name)
{
	struct buffer_group *next = lower_bound_locked(kind, name);
	struct buffer_group *group;

	if (next && compare(next, kind, name) == 0)
		return next;
	group = make_group(kind, name);
	if (group && next)
		TAILQ_INSERT_BEFORE(next, group, link);
	else if (group)
		TAILQ_INSERT_TAIL(&groups, group, link);
	return group;
}

int buffer_group_join(struct buffer *buffer, const char *name)
{
	struct buffer_group *group;

	pthread_mutex_lock(&lock);
	group = find_locked(buffer->ops->kind, name);
	buffer->group = group;
	if (group)
		LIST_INSERT_HEAD(&group->buffers, buffer, link);
	pthread_mutex_unlock(&lock);
	return group ? 0 : -ENOMEM;
}

static void add_sums(struct buffer_metrics *to,
		     const struct buffer_metrics *from)
{
	to->reads += from->reads;
	to->writes += from->writes;
	to->read_bytes += from->read_bytes;
	to->written_bytes += from->written_bytes;
	to->read_ns += from->read_ns;
	to->write_ns += from->write_ns;
	to->hits += from->hits;
	to->misses += from->misses;
	to->errors += from->errors;
}

void buffer_group_leave(struct buffer *buffer)
{
	struct buffer_metrics metrics;

	pthread_mutex_lock(&lock);
	metrics = buffer_metrics(buffer);
	LIST_REMOVE(buffer, link);
	add_sums(&buffer->group->closed, &metrics);
	pthread_mutex_unlock(&lock);
}

void buffer_group_failed(struct buffer *buffer, int error)
{
	atomic_store(&buffer->group->last_error, error);
}

static int badness(const char *state)
{
	return state == buffer_failed ? 3
	       : state == buffer_full ? 2
				      : state == buffer_ready;
}

static struct buffer_sums sums_locked(struct buffer_group *group)
{
	struct buffer_sums sums = {.name = group->name};
	struct buffer_metrics *all = &sums.metrics;
	struct buffer *buffer;

	*all = group->closed;
	all->kind = group->kind;
	all->state = "closed";
	all->last_error = atomic_load(&group->last_error);
	LIST_FOREACH (buffer, &group->buffers, link) {
		struct buffer_metrics one = buffer_metrics(buffer);

		add_sums(all, &one);
		all->size += one.size;
		all->memory += one.memory;
		all->disk += one.disk;
		if (badness(one.state) > badness(all->state))
			all->state = one.state;
		sums.count++;
	}
	return sums;
}

int buffer_groups(struct buffer_sums **out, size_t *count)
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
			sums[n++] = sums_locked(group);
	}
	pthread_mutex_unlock(&lock);
	if (!sums)
		return -ENOMEM;
	*out = sums;
	*count = n;
	return 0;
}
