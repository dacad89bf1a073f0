/*
 * Questions about files: known facts are given at once; a worker is asked for
 * the others, once for all who want to know.
 */
#include "base/counters.h"
#include "transcode/engine/engine.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/probing.h"

#include <errno.h>
#include <stdlib.h>

struct inquiry {
	struct wait wait;
	engine_facts_fn *fn;
	void *arg;
};

int engine_facts_known(struct engine *engine, const struct file_id *id,
		       struct facts *facts)
{
	struct facts found;
	int err = facts_get(store_facts(engine->config.store), id, &found);

	if (!err && !probing_is_current(&found, engine->config.cover_max))
		err = -ENOENT;
	if (err)
		return err;
	count(facts_hits);
	*facts = found;
	return 0;
}

static void answer_inquiry(struct wait *wait, int err,
			   const struct facts *facts)
{
	struct inquiry *inquiry = (struct inquiry *)wait;

	inquiry->fn(inquiry->arg, err, facts);
	free(inquiry);
}

static struct job_id probe_id(const struct file_id *id)
{
	struct job_id job_id = job_id_of(JOB_PROBE, NULL, 0);

	job_id.file = *id;
	return job_id;
}

static int park(struct engine *engine, const char *path,
		const struct file_id *id, const struct asker *asker,
		engine_facts_fn *fn, void *arg)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));
	struct job_id job_id = probe_id(id);
	int err;

	if (!inquiry)
		return -ENOMEM;
	inquiry->fn = fn;
	inquiry->arg = arg;
	inquiry->wait.asker = asker_of(asker);
	inquiry->wait.need = UINT64_MAX;
	inquiry->wait.wake = answer_inquiry;
	err = engine_await(engine, &inquiry->wait, &job_id, path, NULL, true);
	if (err)
		free(inquiry);
	return err;
}

void engine_facts_ask(struct engine *engine, const char *path,
		      const struct file_id *id, const struct asker *asker,
		      engine_facts_fn *fn, void *arg)
{
	struct facts facts;
	int err;

	if (engine_facts_known(engine, id, &facts) == 0) {
		fn(arg, 0, &facts);
		return;
	}
	err = park(engine, path, id, asker, fn, arg);
	if (err)
		fn(arg, err, NULL);
}

void engine_facts_ahead(struct engine *engine, const char *path,
			const struct file_id *id)
{
	struct job_id job_id = probe_id(id);
	struct facts facts;

	if (engine_facts_known(engine, id, &facts) != 0)
		engine_demand(engine, &job_id, path, NULL, false);
}
