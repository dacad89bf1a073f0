/*
 * See task.h. A task's events carry its name: "pending" first, then one for
 * each track; the last one gives the outcome.
 */
#include "tasks/task.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "base/join.h"
#include "base/log.h"
#include "tasks/core.h"
#include "tasks/outcomes.h"
#include "tasks/precache.h"
#include "tasks/task_events.h"

#include <errno.h>
#include <string.h>
#include <sys/queue.h>

enum { RUNNING_MAX = 16, OVER_MAX = 64 };

/*
 * The number of the task that watches: nobody asked for it, and nobody may end
 * it.
 */
enum { WATCHING = 0 };

#define END_NS (3ll * CLOCK_SECOND_NS)

struct task {
	TAILQ_ENTRY(task) link;
	char *path;
	struct precache *precache;
	pthread_t thread;
	bool started;
	struct task_events told;

	/* protected by the lock */
	pthread_mutex_t lock;
	struct control_task state;
	struct outcomes outcomes;
	uint64_t evicted; /* the number of cache entries when it began */
	bool canceled;
};

struct tasks {
	/* immutable */
	struct core *core;
	struct events *events;
	unsigned workers;

	pthread_mutex_t lock;
	TAILQ_HEAD(, task) list; /* oldest first */
	uint32_t last;		 /* the last number that was given */
};

struct tasks *tasks_create(struct core *core, struct events *events,
			   unsigned workers)
{
	struct tasks *tasks = calloc(1, sizeof(*tasks));

	if (!tasks)
		return NULL;
	tasks->core = core;
	tasks->events = events;
	tasks->workers = workers;
	pthread_mutex_init(&tasks->lock, NULL);
	TAILQ_INIT(&tasks->list);
	return tasks;
}

static void free_task(struct task *task)
{
	if (task->started)
		pthread_join(task->thread, NULL);
	precache_destroy(task->precache);
	outcomes_release(&task->outcomes);
	pthread_mutex_destroy(&task->lock);
	free(task->path);
	free(task);
}

void tasks_stop(struct tasks *tasks)
{
	struct task *task;
	auto_lock(&tasks->lock);

	TAILQ_FOREACH (task, &tasks->list, link)
		precache_stop(task->precache);
}

bool tasks_end(struct tasks *tasks)
{
	int64_t until = clock_ns() + END_NS;
	struct task *task;
	bool ended = true;

	if (!tasks)
		return true;
	tasks_stop(tasks);
	TAILQ_FOREACH (task, &tasks->list, link) {
		if (task->started && join_until(task->thread, until))
			task->started = false;
		ended = precache_end(task->precache, until) && !task->started &&
			ended;
	}
	return ended;
}

void tasks_destroy(struct tasks *tasks)
{
	struct task *task;

	if (!tasks)
		return;
	tasks_stop(tasks);
	while ((task = TAILQ_FIRST(&tasks->list))) {
		TAILQ_REMOVE(&tasks->list, task, link);
		free_task(task);
	}
	pthread_mutex_destroy(&tasks->lock);
	free(tasks);
}

static void publish_task(struct task *task, enum event_status status,
			 const char *message)
{
	struct event event = {
		.task_id = task->told.name,
		.step = "precache",
		.status = status,
		.message = message,
	};

	pthread_mutex_lock(&task->lock);
	event.total = task->state.total;
	for (unsigned i = 0; i <= PRECACHE_FAILED; i++)
		event.current += task->state.tracks[i];
	pthread_mutex_unlock(&task->lock);
	events_publish(task->told.events, &event);
}

static void add_outcome(struct task *task, enum precache_status status,
			const char *quality, const char *path,
			const char *reason)
{
	const struct outcome outcome = {
		.status = status,
		.quality = quality,
		.path = path,
		.reason = reason,
	};

	if (task->state.task == WATCHING) {
		if (status == PRECACHE_FAILED)
			log_warn("cannot cache '%s': %s", path, reason);
		return;
	}
	auto_lock(&task->lock);
	outcomes_add(&task->outcomes, &outcome);
}

static void on_begun(void *arg, const struct precached *precached)
{
	struct task *task = arg;

	task_events_track(&task->told, EVENT_IN_PROGRESS, precached);
}

static void on_done(void *arg, const struct precached *precached)
{
	static const enum event_status statuses[] = {
		[PRECACHE_CACHED] = EVENT_COMPLETED,
		[PRECACHE_THERE] = EVENT_SKIPPED,
		[PRECACHE_PASSES] = EVENT_SKIPPED,
		[PRECACHE_FAILED] = EVENT_FAILED,
	};
	struct task *task = arg;

	add_outcome(task, precached->status, precached->quality,
		    precached->path,
		    precached->reason ? precached->reason : "");
	pthread_mutex_lock(&task->lock);
	task->state.tracks[precached->status]++;
	task->state.bytes += precached->bytes;
	task->state.seconds += precached->seconds;
	pthread_mutex_unlock(&task->lock);
	task_events_track(&task->told, statuses[precached->status], precached);
	publish_task(task, EVENT_IN_PROGRESS, precached->path);
}

static void on_missing(void *arg, const char *path, const char *reason)
{
	struct task *task = arg;
	auto_free char *message = task_events_message(path, reason);

	add_outcome(task, PRECACHE_FAILED, "", path, reason);
	pthread_mutex_lock(&task->lock);
	task->state.missing++;
	pthread_mutex_unlock(&task->lock);
	publish_task(task, EVENT_IN_PROGRESS, message ? message : path);
}

static void end_task(struct task *task, int err)
{
	struct control_task *state = &task->state;
	bool bad;
	char text[160];

	if (err)
		add_outcome(task, PRECACHE_FAILED, "", task->path,
			    strerror(-err));
	pthread_mutex_lock(&task->lock);
	state->missing += err != 0;
	bad = err || task->canceled || state->missing > 0 ||
	      state->tracks[PRECACHE_FAILED] > 0;
	snprintf(
		text, sizeof(text),
		"%s%u cached, %u already cached, %u need no caching, %u failed",
		task->canceled ? "canceled: " : "",
		state->tracks[PRECACHE_CACHED], state->tracks[PRECACHE_THERE],
		state->tracks[PRECACHE_PASSES],
		state->tracks[PRECACHE_FAILED] + state->missing);
	pthread_mutex_unlock(&task->lock);
	publish_task(task, bad ? EVENT_FAILED : EVENT_COMPLETED, text);
	pthread_mutex_lock(&task->lock);
	state->over = 1;
	pthread_mutex_unlock(&task->lock);
}

static void *run_precaching(void *arg)
{
	struct task *task = arg;
	size_t count = 0;
	int err;

	publish_task(task, EVENT_PENDING, task->path);
	err = precache_add(task->precache, task->path, &count);
	pthread_mutex_lock(&task->lock);
	task->state.total = (uint32_t)count;
	pthread_mutex_unlock(&task->lock);
	precache_run(task->precache);
	end_task(task, err);
	precache_drain(task->precache);
	return NULL;
}

static int set_up(struct task *task, struct tasks *tasks, const char *path,
		  const char *qualities)
{
	const struct precache_reports reports = {on_begun, on_done, on_missing,
						 task};

	pthread_mutex_init(&task->lock, NULL);
	outcomes_init(&task->outcomes);
	task->told.events = tasks->events;
	task->evicted = counter_get(COUNTER_entries_evicted);
	task->path = strdup(path);
	if (!task->path)
		return -ENOMEM;
	return precache_create(tasks->core, qualities, tasks->workers, &reports,
			       &task->precache);
}

static int create_task(struct tasks *tasks, const char *path,
		       const char *qualities, struct task **created)
{
	struct task *task = calloc(1, sizeof(*task));
	int err = task ? set_up(task, tasks, path, qualities) : -ENOMEM;

	if (!err)
		*created = task;
	else if (task)
		free_task(task);
	return err;
}

static bool is_over(struct task *task)
{
	auto_lock(&task->lock);

	return task->state.over;
}

/* A task that is over and must go so that there are not too many; or NULL. */
static struct task *find_forgotten_locked(struct tasks *tasks,
					  unsigned *running)
{
	struct task *oldest = NULL;
	struct task *task;
	unsigned over = 0;

	*running = 0;
	TAILQ_FOREACH (task, &tasks->list, link) {
		if (!is_over(task)) {
			++*running;
			continue;
		}
		if (over++ == 0)
			oldest = task;
	}
	return over > OVER_MAX ? oldest : NULL;
}

static int enter_task(struct tasks *tasks, struct task *task)
{
	struct task *forgotten;
	unsigned running;
	int err = -EAGAIN;

	pthread_mutex_lock(&tasks->lock);
	forgotten = find_forgotten_locked(tasks, &running);
	if (forgotten)
		TAILQ_REMOVE(&tasks->list, forgotten, link);
	if (running < RUNNING_MAX) {
		task->state.task = ++tasks->last;
		snprintf(task->told.name, sizeof(task->told.name),
			 "precache-%u", task->state.task);
		err = -pthread_create(&task->thread, NULL, run_precaching,
				      task);
	}
	if (!err) {
		task->started = true;
		TAILQ_INSERT_TAIL(&tasks->list, task, link);
	}
	pthread_mutex_unlock(&tasks->lock);
	if (forgotten)
		free_task(forgotten);
	return err;
}

int tasks_precache(struct tasks *tasks, struct control_precache *precache)
{
	struct task *task;
	int err =
		create_task(tasks, precache->path, precache->qualities, &task);

	if (err)
		return err;
	err = enter_task(tasks, task);
	if (err)
		free_task(task);
	else
		precache->task = task->state.task;
	return err;
}

static struct task *find_locked(struct tasks *tasks, uint32_t number)
{
	struct task *task;

	TAILQ_FOREACH (task, &tasks->list, link) {
		if (task->state.task == number && number != WATCHING)
			return task;
	}
	return NULL;
}

int tasks_look(struct tasks *tasks, struct control_task *look)
{
	struct task *task;

	pthread_mutex_lock(&tasks->lock);
	task = find_locked(tasks, look->task);
	if (task) {
		pthread_mutex_lock(&task->lock);
		*look = task->state;
		outcomes_take(&task->outcomes, look);
		look->evicted =
			(uint32_t)(counter_get(COUNTER_entries_evicted) -
				   task->evicted);
		pthread_mutex_unlock(&task->lock);
	}
	pthread_mutex_unlock(&tasks->lock);
	return task ? 0 : -ENOENT;
}

int tasks_cancel(struct tasks *tasks, uint32_t number)
{
	struct task *task;

	pthread_mutex_lock(&tasks->lock);
	task = find_locked(tasks, number);
	if (task && !is_over(task)) {
		pthread_mutex_lock(&task->lock);
		task->canceled = true;
		pthread_mutex_unlock(&task->lock);
		precache_stop(task->precache);
	}
	pthread_mutex_unlock(&tasks->lock);
	return task ? 0 : -ENOENT;
}

static void *watch(void *arg)
{
	struct task *task = arg;

	precache_run(task->precache);
	return NULL;
}

int tasks_watch(struct tasks *tasks, const char *qualities)
{
	struct task *task;
	int err = create_task(tasks, "", qualities, &task);

	if (err)
		return err;
	strcpy(task->told.name, "watch");
	err = precache_watch(task->precache);
	if (!err)
		err = -pthread_create(&task->thread, NULL, watch, task);
	if (err) {
		free_task(task);
		return err;
	}
	task->started = true;
	TAILQ_INSERT_TAIL(&tasks->list, task, link);
	return 0;
}
