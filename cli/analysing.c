/*
 * See analysing.h. Each thread takes the next file, asks the engine and waits:
 *
 *   file -> facts -> plan -> rendition -> record
 *
 * What is done before its turn waits in `results`.
 */
#include "cli/analysing.h"

#include "base/cleanup.h"
#include "base/file_id.h"
#include "base/latch.h"
#include "cli/end_signals.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

struct run {
	struct backend *backend;
	const struct files *files;
	const struct analysing_reports *reports;
	atomic_size_t next;
	atomic_bool stopped;

	pthread_mutex_t lock;
	struct analysed *
		*results; /* by file; those of files reported are NULL */
	size_t reported;
};

/* Where a thread waits for an answer of the engine's. */
struct answer {
	struct latch latch;
	int err;
	struct facts facts;
	struct analysis_record record;
};

static void give(struct answer *answer, int err)
{
	answer->err = err;
	latch_open(&answer->latch);
}

static int await(struct answer *answer)
{
	latch_wait(&answer->latch);
	return answer->err;
}

static void on_facts(void *arg, int err, const struct facts *facts)
{
	struct answer *answer = arg;

	if (!err)
		answer->facts = *facts;
	give(answer, err);
}

static void on_record(void *arg, int err, const void *bytes, size_t size)
{
	struct answer *answer = arg;

	if (!err)
		memcpy(&answer->record, bytes, size);
	give(answer, err);
}

static void fail(struct analysed *analysed, const char *reason)
{
	snprintf(analysed->failure, sizeof(analysed->failure), "%s", reason);
}

static int find_facts(struct run *run, const char *path, struct file_id *id,
		      struct answer *answer)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return -errno;
	*id = file_id_of(&st);
	engine_facts_ask(run->backend->engine, path, id, on_facts, answer);
	return await(answer);
}

static void read_record(struct rendition *rendition, struct answer *answer,
			struct analysed *analysed)
{
	int err;

	analysed->known = rendition_complete(rendition);
	analysis_read(rendition, ANALYSIS_RECORD, 0,
		      sizeof(struct analysis_record), on_record, answer);
	err = await(answer);
	analysed->measures = answer->record.measures;
	if (err == -EIO)
		rendition_failure(rendition, analysed->failure,
				  sizeof(analysed->failure));
	analysed->logged = *analysed->failure != '\0';
	if (err && !*analysed->failure)
		fail(analysed, strerror(-err));
}

static int open_analysis(struct run *run, const char *path,
			 const struct file_id *id, const struct facts *facts,
			 struct rendition **rendition)
{
	const struct shape shape = {facts->samples, facts->rate,
				    facts->channels};
	auto_free char *real = realpath(path, NULL); /* for the cache's label */
	struct track *track;
	struct plan plan;
	int err = plan_make(&analysis_profile, &shape, &plan);

	if (err)
		return err;
	track = track_create(real ? real : path, id, facts, NULL);
	if (!track)
		return -ENOMEM;
	err = rendition_open(run->backend->engine, track, &plan, rendition);
	track_unref(track);
	return err;
}

static void analyse(struct run *run, struct answer *answer,
		    struct analysed *analysed)
{
	const struct facts *facts = &analysed->facts;
	struct rendition *rendition = NULL;
	struct file_id id;
	int err = find_facts(run, analysed->path, &id, answer);

	if (err) {
		fail(analysed, strerror(-err));
		return;
	}
	analysed->facts = answer->facts;
	if (facts->kind != FACTS_LOSSLESS && facts->kind != FACTS_LOSSY) {
		fail(analysed, *facts->reason ? facts->reason
					      : "there is no audio in it");
		return;
	}
	err = open_analysis(run, analysed->path, &id, facts, &rendition);
	if (err) {
		fail(analysed, strerror(-err));
		return;
	}
	read_record(rendition, answer, analysed);
	rendition_unref(rendition);
}

static void report(struct run *run, size_t index, struct analysed *analysed)
{
	const struct analysing_reports *reports = run->reports;
	const struct facts *facts = &analysed->facts;

	pthread_mutex_lock(&run->lock);
	reports->step(reports->arg,
		      facts->rate ? (double)facts->samples / facts->rate : 0);
	run->results[index] = analysed;
	while (run->reported < run->files->count &&
	       run->results[run->reported]) {
		reports->result(reports->arg, run->results[run->reported]);
		free(run->results[run->reported]);
		run->results[run->reported++] = NULL;
	}
	pthread_mutex_unlock(&run->lock);
}

static void *work(void *arg)
{
	struct run *run = arg;
	struct answer answer = {.latch = LATCH_INITIALIZER};
	size_t index;

	while (!atomic_load(&run->stopped) &&
	       (index = atomic_fetch_add(&run->next, 1)) < run->files->count) {
		struct analysed *analysed = calloc(1, sizeof(*analysed));

		if (!analysed)
			return (void *)-1;
		analysed->path = run->files->paths[index];
		analyse(run, &answer, analysed);
		/* what was given up only says that the engine has stopped */
		if (atomic_load(&run->stopped))
			free(analysed);
		else
			report(run, index, analysed);
	}
	return NULL;
}

static void stop(void *arg)
{
	struct run *run = arg;

	atomic_store(&run->stopped, true);
	backend_stop(run->backend);
}

static int run_threads(struct run *run, unsigned at_once)
{
	auto_free pthread_t *threads = calloc(at_once, sizeof(*threads));
	unsigned started = 0;
	struct end_signals ends;
	int err = threads ? end_signals_watch(&ends, stop, run) : -ENOMEM;

	if (err)
		return err;
	while (!err && started < at_once) {
		err = -pthread_create(&threads[started], NULL, work, run);
		started += !err;
	}
	if (err)
		atomic_store(&run->stopped, true);
	for (unsigned i = 0; i < started; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		if (failed && !err)
			err = -ENOMEM;
	}
	end_signals_unwatch(&ends);
	return err;
}

int analysing_run(struct backend *backend, const struct files *files,
		  unsigned at_once, const struct analysing_reports *reports)
{
	struct run run = {
		.backend = backend,
		.files = files,
		.reports = reports,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.results = calloc(files->count + 1, sizeof(*run.results)),
	};
	int err = run.results ? run_threads(&run, at_once) : -ENOMEM;

	if (!err && atomic_load(&run.stopped))
		err = -ECANCELED;
	for (size_t i = 0; run.results && i < files->count; i++)
		free(run.results[i]);
	free(run.results);
	backend_stop(backend);
	return err;
}
