/*
 * The engine's life: its slots start and end with it. The way from a question
 * to its answer is in dispatch.c.
 */
#include "transcode/engine/engine.h"

#include "base/cleanup.h"
#include "base/join.h"
#include "base/json.h"
#include "base/log.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/process.h"
#include "transcode/engine/rendition.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* This many readers' jobs may hang besides the workers. */
enum { READERS_SPARE = 16 };

#define END_NS (3ll * CLOCK_SECOND_NS)

static int start_slots(struct engine *engine)
{
	for (uint32_t i = 0; i < engine->slot_count; i++) {
		struct slot *slot = &engine->slots[i];
		int err = pthread_create(&slot->thread, NULL, slot_run, slot);

		if (err)
			return -err;
		slot->started = true;
	}
	return 0;
}

/*
 * Starts the first process, to see that one can be started and which versions
 * it has.
 */
static int try_worker(struct engine *engine)
{
	const char *path = engine->config.worker_path;
	int err;

	engine->program = open(path, O_PATH | O_CLOEXEC);
	err = engine->program >= 0 ? slot_ensure_process(&engine->slots[0])
				   : -errno;
	if (err) {
		log_error("cannot start the worker '%s': %s", path,
			  strerror(-err));
		return err;
	}
	engine->config.worker_path = NULL; /* not ours to keep */
	snprintf(engine->versions, sizeof(engine->versions), "%s",
		 process_versions(engine->slots[0].process));
	return 0;
}

static int allocate_slots(const struct engine_config *config,
			  struct engine *engine)
{
	engine->config = *config;
	engine->program = -1;
	engine->slot_count = 3 * config->workers + READERS_SPARE;
	engine->slots = calloc(engine->slot_count, sizeof(*engine->slots));
	engine->jobs = jobs_create();
	if (!engine->slots || !engine->jobs)
		return -ENOMEM;
	/* for readers, for the rest, and spare ones, of which readers have
	   more */
	for (uint32_t i = 0; i < engine->slot_count; i++)
		slot_init(&engine->slots[i], engine,
			  i < config->workers || i >= 3 * config->workers,
			  i >= 2 * config->workers);
	return 0;
}

int engine_create(const struct engine_config *config, struct engine **engine)
{
	struct engine *e = calloc(1, sizeof(*e));
	int err;

	assert(config->workers > 0);
	if (!e)
		return -ENOMEM;
	pthread_mutex_init(&e->lock, NULL);
	pthread_mutex_init(&e->progress_lock, NULL);
	for (unsigned urgent = 0; urgent < 2; urgent++) {
		clock_init_cond(&e->work[urgent]);
		clock_init_cond(&e->watch[urgent]);
	}
	TAILQ_INIT(&e->fills);
	err = allocate_slots(config, e);
	if (!err)
		err = try_worker(e);
	if (!err)
		err = start_slots(e);
	if (err) {
		engine_destroy(e);
		return err;
	}
	*engine = e;
	return 0;
}

static void stop_slots_locked(struct engine *engine)
{
	engine->stopping = true;
	for (uint32_t i = 0; i < engine->slot_count; i++) {
		if (engine->slots[i].pid > 0)
			process_kill(engine->slots[i].pid);
	}
	for (unsigned urgent = 0; urgent < 2; urgent++) {
		pthread_cond_broadcast(&engine->work[urgent]);
		pthread_cond_broadcast(&engine->watch[urgent]);
	}
}

static struct rendition *take_filled(struct engine *engine)
{
	auto_lock(&engine->lock);
	struct rendition *rendition = TAILQ_FIRST(&engine->fills);

	if (rendition)
		fill_remove_locked(rendition);
	return rendition;
}

static struct job *first_job(struct engine *engine)
{
	auto_lock(&engine->lock);

	return jobs_first(engine->jobs);
}

/*
 * Slots react at once, except those that hang with a source (an open() of an
 * NFS server that went away): these are left alone.
 */
static void join_slots(struct engine *engine)
{
	int64_t until = clock_ns() + END_NS;

	for (uint32_t i = 0; i < engine->slot_count; i++) {
		struct slot *slot = &engine->slots[i];

		if (slot->started && !join_until(slot->thread, until)) {
			engine->stuck = true;
			engine_answer_stuck(engine, slot);
			continue;
		}
		slot->started = false;
		slot_end_process(slot);
	}
}

bool engine_is_stuck(const struct engine *engine)
{
	return engine && engine->stuck;
}

bool engine_is_stopping(struct engine *engine)
{
	auto_lock(&engine->lock);

	return engine->stopping;
}

void engine_stop(struct engine *engine)
{
	struct rendition *rendition;
	struct job *job;

	if (engine->stuck)
		return;
	pthread_mutex_lock(&engine->lock);
	stop_slots_locked(engine);
	pthread_mutex_unlock(&engine->lock);
	blocks_stop(engine->config.blocks);
	join_slots(engine);
	while ((rendition = take_filled(engine)))
		rendition_unref(rendition);
	while ((job = first_job(engine)))
		engine_finish(engine, job, -EIO, NULL);
}

void engine_destroy(struct engine *engine)
{
	if (!engine)
		return;
	if (engine->slots && engine->jobs)
		engine_stop(engine);
	if (engine->stuck)
		return;
	jobs_destroy(engine->jobs);
	free(engine->slots);
	cleanup_fd(&engine->program);
	for (unsigned urgent = 0; urgent < 2; urgent++) {
		pthread_cond_destroy(&engine->work[urgent]);
		pthread_cond_destroy(&engine->watch[urgent]);
	}
	pthread_mutex_destroy(&engine->lock);
	pthread_mutex_destroy(&engine->progress_lock);
	free(engine);
}

struct engine_status engine_status(struct engine *engine)
{
	struct engine_status status = {0};
	auto_lock(&engine->lock);

	for (uint32_t i = 0; i < engine->slot_count; i++) {
		status.workers += engine->slots[i].pid > 0;
		status.busy += engine->slots[i].busy;
	}
	status.urgent = jobs_queued(engine->jobs, QUEUE_READERS);
	status.slow = jobs_queued(engine->jobs, QUEUE_SLOW);
	status.last = jobs_queued(engine->jobs, QUEUE_LAST);
	status.background = jobs_queued(engine->jobs, QUEUE_AHEAD);
	return status;
}

void engine_put_status(struct engine *engine, struct json *json)
{
	struct engine_status status = engine_status(engine);

	json_open_line(json, "workers", '{');
	json_open(json, "pids", '[');
	pthread_mutex_lock(&engine->lock);
	for (uint32_t i = 0; i < engine->slot_count; i++) {
		if (engine->slots[i].pid > 0)
			json_whole(json, NULL, (uint64_t)engine->slots[i].pid);
	}
	pthread_mutex_unlock(&engine->lock);
	json_close(json, '[');
	json_whole(json, "busy", status.busy);
	json_close(json, '{');
	json_open_line(json, "queue", '{');
	json_whole(json, "urgent", status.urgent);
	json_whole(json, "slow", status.slow);
	json_whole(json, "background", status.background);
	json_whole(json, "last", status.last);
	json_close(json, '{');
}
