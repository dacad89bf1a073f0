/*
 * See analyzing.h. A file's job asks the engine for one thing after the other:
 *
 *   begin -> facts -> opened -> rendition, record -> read -> reported
 *
 * What finishes before its turn waits in `results`.
 */
#include "cli/analyzing.h"

#include "base/cleanup.h"
#include "base/file_id.h"
#include "base/path.h"
#include "cli/end_signals.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct run {
	struct batch batch;
	struct backend *backend;
	const struct files *files;
	const struct analyzing_reports *reports;

	/* the batch's thread */
	struct analyzed **results; /* by file; NULL: unfinished, or reported */
	size_t reported;
	int err;
};

struct file_job {
	struct batch_job job;
	struct run *run;
	size_t index;
	struct analyzed *analyzed; /* set from its first step on */
	struct rendition *rendition;
	struct file_id id;
	int err; /* of the answer */
};

static void destroy_file(struct batch_job *job)
{
	struct file_job *f = (struct file_job *)job;

	rendition_unref(f->rendition);
	free(f->analyzed);
	free(f);
}

static void report(struct file_job *f)
{
	struct run *run = f->run;
	const struct analyzing_reports *reports = run->reports;
	const struct facts *facts = &f->analyzed->facts;

	reports->step(reports->arg,
		      facts->rate ? (double)facts->samples / facts->rate : 0);
	run->results[f->index] = steal_ptr(f->analyzed);
	while (run->reported < run->files->count &&
	       run->results[run->reported]) {
		reports->result(reports->arg, run->results[run->reported]);
		free(run->results[run->reported]);
		run->results[run->reported++] = NULL;
	}
}

/* If a job was given up, the engine has stopped, and nothing more is known. */
static void end_file(struct file_job *f, const char *failure)
{
	struct analyzed *analyzed = f->analyzed;

	snprintf(analyzed->failure, sizeof(analyzed->failure), "%s", failure);
	if (!batch_stopped(&f->run->batch))
		report(f);
	batch_end(&f->job);
}

static void read_record(struct batch_job *job)
{
	struct file_job *f = (struct file_job *)job;
	char failure[SIDECAR_REASON_MAX] = "";

	if (f->err == -EIO)
		rendition_failure(f->rendition, failure, sizeof(failure));
	f->analyzed->logged = *failure != '\0';
	end_file(f, f->err && !*failure ? strerror(-f->err) : failure);
}

static void on_analysis_record(void *arg, int err, const void *bytes,
			       size_t size)
{
	struct file_job *f = arg;
	struct analysis_record record;

	f->err = err;
	if (!err) {
		memcpy(&record, bytes, size);
		f->analyzed->measures = record.measures;
	}
	batch_answer(&f->job);
}

static int open_analysis(struct file_job *f)
{
	const struct facts *facts = &f->analyzed->facts;
	const struct shape shape = {facts->samples, facts->rate,
				    facts->channels};
	const char *path = f->analyzed->path;
	auto_free char *real = realpath(path, NULL); /* for the cache's label */
	struct track *track;
	struct plan plan;
	int err = plan_make(&analysis_profile, &shape, &plan);

	if (err)
		return err;
	track = track_create(real ? real : path, &f->id, facts, NULL);
	if (!track)
		return -ENOMEM;
	err = rendition_open(f->run->backend->engine, track, &plan,
			     &f->rendition);
	track_unref(track);
	return err;
}

/*
 * If not even the name is that of an audio file, the decoder's reason is of no
 * interest.
 */
static const char *failure_of(const struct analyzed *analyzed)
{
	if (!name_is_audio(path_name(analyzed->path)))
		return "it is not an audio file";
	return *analyzed->facts.reason ? analyzed->facts.reason
				       : "it contains no audio";
}

static void use_facts(struct batch_job *job)
{
	struct file_job *f = (struct file_job *)job;
	const struct facts *facts = &f->analyzed->facts;
	int err = f->err;

	if (!err && facts->kind != FACTS_LOSSLESS &&
	    facts->kind != FACTS_LOSSY) {
		end_file(f, failure_of(f->analyzed));
		return;
	}
	if (!err)
		err = open_analysis(f);
	if (err) {
		end_file(f, strerror(-err));
		return;
	}
	f->analyzed->known = rendition_complete(f->rendition);
	job->step = read_record;
	analysis_read(f->rendition, ANALYSIS_RECORD, 0,
		      sizeof(struct analysis_record), NULL, on_analysis_record,
		      f);
}

static void on_analyzed_facts(void *arg, int err, const struct facts *facts)
{
	struct file_job *f = arg;

	f->err = err;
	if (!err)
		f->analyzed->facts = *facts;
	batch_answer(&f->job);
}

static void begin_file(struct batch_job *job)
{
	struct file_job *f = (struct file_job *)job;
	const struct named_file *file = &f->run->files->named[f->index];
	const char *path = file->path;
	struct stat st;

	f->analyzed = calloc(1, sizeof(*f->analyzed));
	if (!f->analyzed) {
		f->run->err = -ENOMEM;
		batch_stop(job->batch);
		batch_end(job);
		return;
	}
	f->analyzed->path = path;
	if (file->reason || stat(path, &st) != 0) {
		end_file(f, file->reason ? file->reason : strerror(errno));
		return;
	}
	f->id = file_id_of(&st);
	job->step = use_facts;
	engine_facts_ask(f->run->backend->engine, path, &f->id, NULL,
			 on_analyzed_facts, f);
}

static int add_files(struct run *run)
{
	for (size_t i = 0; i < run->files->count; i++) {
		struct file_job *f = calloc(1, sizeof(*f));

		if (!f)
			return -ENOMEM;
		f->job = (struct batch_job){.step = begin_file,
					    .destroy = destroy_file};
		f->run = run;
		f->index = i;
		batch_add(&run->batch, &f->job);
	}
	return 0;
}

static void stop_analyzing(void *arg)
{
	struct run *run = arg;

	batch_stop(&run->batch);
	backend_stop(run->backend);
}

static int run_batch(struct run *run)
{
	struct end_signals ends;
	int err = run->results ? add_files(run) : -ENOMEM;

	if (!err)
		err = end_signals_watch(&ends, stop_analyzing, run);
	if (err)
		return err;
	batch_run(&run->batch);
	return end_signals_unwatch(&ends) ? -ECANCELED : run->err;
}

int analyzing_run(struct backend *backend, const struct files *files,
		  unsigned at_once, const struct analyzing_reports *reports)
{
	struct run run = {
		.backend = backend,
		.files = files,
		.reports = reports,
		.results = calloc(files->count + 1, sizeof(*run.results)),
	};
	int err;

	batch_init(&run.batch, at_once);
	err = run_batch(&run);
	backend_stop(backend);
	batch_release(&run.batch);
	for (size_t i = 0; run.results && i < files->count; i++)
		free(run.results[i]);
	free(run.results);
	return err;
}
