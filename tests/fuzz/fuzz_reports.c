/*
 * What a worker says, heard by the daemon: any reports, in any order and of any
 * length, with anything in the ring. Whatever comes, the job ends, and what it
 * leaves is possible: a segment that was committed has all its bytes, facts
 * are possible, and nothing stays borrowed.
 *
 * The worker is the script: all that it says waits in the socket before the
 * daemon begins to listen, and then it hangs up.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/profiles.h"
#include "tests/fuzz/script.h"

#include "transcode/engine/engine_private.h"
#include "transcode/engine/process.h"
#include "transcode/engine/rendition.h"
#include "transcode/engine/spawn.h"
#include "transcode/protocol.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

enum { RATE = 8000, SECONDS = 3, POOL = 8 << 20, RING_HEADER = 4096 };

static struct engine engine;
static struct slot slot;
static int source = -1;
static struct file_id source_id;

/* The worker's ends, of the process that is being made. */
static int worker_socket = -1;
static int worker_ring = -1;

int spawn_worker(int program, int socket, int ring, int pool, pid_t *pid)
{
	(void)program, (void)pool;
	worker_socket = fcntl(socket, F_DUPFD_CLOEXEC, 0);
	worker_ring = fcntl(ring, F_DUPFD_CLOEXEC, 0);
	*pid = 0;
	return 0;
}

static int open_source(void *context, const char *path)
{
	(void)context, (void)path;
	return fcntl(source, F_DUPFD_CLOEXEC, 0);
}

static void make_source(void)
{
	static const uint8_t bytes[100];
	struct stat st;

	source = fuzz_file(bytes, sizeof(bytes));
	fuzz_holds(fstat(source, &st) == 0);
	source_id = file_id_of(&st);
}

static void never_hurry(struct block_filler *filler)
{
	(void)filler;
}

/* An engine without threads: the fuzzer's own does the slot's work. */
static void make_engine(const char *directory)
{
	const struct store_limits limits = {.size = 4 << 20,
					    .fallback = 1 << 20};
	struct blocks_config config = {
		.budget = POOL, .directory = directory, .patience = 1};
	const struct resident_config texts = {.size = 1 << 20, .tracks = 4};

	fuzz_holds(resident_create(&texts, &engine.config.resident) == 0);
	fuzz_holds(store_create(directory, &limits, &engine.config.store) == 0);
	fuzz_holds(blocks_create(&config, &engine.config.blocks) == 0);
	engine.config.workers = 1;
	engine.config.timeout = 1;
	engine.config.open_source = open_source;
	engine.program = -1;
	pthread_mutex_init(&engine.lock, NULL);
	pthread_mutex_init(&engine.progress_lock, NULL);
	TAILQ_INIT(&engine.fills);
	engine.jobs = jobs_create();
	engine.slots = &slot;
	engine.slot_count = 1;
	fuzz_holds(engine.jobs);
	slot.engine = &engine;
	slot.urgent = true;
	loans_init(&slot.loans, engine.config.blocks, true, never_hurry);
}

static void set_up(void)
{
	if (engine.jobs)
		return;
	log_set_level(LOG_LEVEL_DEBUG);
	make_source();
	make_engine(fuzz_folder());
}

/* Each run is about a track of its own, so that it depends on no other. */
static struct rendition *make_rendition(uint8_t codec)
{
	static uint64_t runs;
	const struct shape shape = {SECONDS * RATE, RATE, 2};
	struct facts facts = {.kind = FACTS_LOSSLESS,
			      .rate = RATE,
			      .channels = 2,
			      .samples = shape.samples,
			      .tag_size = 300};
	struct rendition *rendition;
	struct track *track;
	struct plan plan;

	runs++;
	memcpy(facts.identity.bytes, &runs, sizeof(runs));
	fuzz_holds(plan_make(&fuzz_profiles[codec % 4], &shape, &plan) == 0);
	track = track_create("a.flac", &source_id, &facts, NULL);
	fuzz_holds(track);
	fuzz_holds(rendition_open(&engine, track, &plan, &rendition) == 0);
	track_unref(track);
	return rendition;
}

static struct report honest(uint8_t kind, struct script *script)
{
	struct report report;

	memset(&report, 0, sizeof(report));
	report.kind = kind % (REPORT_RETURNED + 2);
	report.serial = 1;
	report.note = script_byte(script) % 4;
	report.loan.layout = (struct pcm_layout){RATE, 2, PCM_FLOAT};
	report.loan.second = script_byte(script) % (SECONDS + 2);
	report.loan.offset = report.loan.second * RATE * 2 * sizeof(float);
	report.facts.kind = FACTS_LOSSLESS;
	report.facts.rate = RATE;
	report.facts.channels = 2;
	report.facts.samples = SECONDS * RATE;
	return report;
}

static void say(struct script *script)
{
	struct report report = honest(script_byte(script), script);
	uint8_t cut = 0;

	if (script_change(script, &report, sizeof(report)))
		cut = script_byte(script);
	send(worker_socket, &report, sizeof(report) - cut % sizeof(report),
	     MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void write_ring(struct script *script, struct ring *ring)
{
	uint8_t bytes[8192];
	size_t size = script_number(script, 2) % sizeof(bytes);

	memset(bytes, script_byte(script), size);
	ring_write(ring, bytes, size);
}

/* Positions and marks are in its first page. */
static void spoil_ring(struct script *script)
{
	void *map = mmap(NULL, RING_HEADER, PROT_READ | PROT_WRITE, MAP_SHARED,
			 worker_ring, 0);

	fuzz_holds(map != MAP_FAILED);
	script_change(script, map, 256);
	munmap(map, RING_HEADER);
}

static void play(struct script *script)
{
	struct ring *ring;

	fuzz_holds(ring_attach(worker_ring, &ring) == 0);
	while (script->left > 0) {
		uint8_t act = script_byte(script) % 8;

		if (act == 0)
			spoil_ring(script);
		else if (act < 3)
			write_ring(script, ring);
		else
			say(script);
	}
	ring_destroy(ring);
	close(worker_socket);
	close(worker_ring);
}

static struct job *make_job(uint8_t kind, struct rendition *rendition)
{
	struct job_id id = job_id_of(JOB_PROBE, NULL, 0);
	struct job *job;

	if (kind % 3 == 0)
		id.file = source_id;
	else if (!rendition->body)
		id = job_id_of(JOB_BLOCK, NULL, kind % SECONDS);
	else if (kind % 3 == 1 || !rendition->tag)
		id = job_id_of(JOB_SEGMENT, rendition->body, 0);
	else
		id = job_id_of(JOB_TAG, rendition->tag, 0);
	if (id.kind == JOB_BLOCK)
		id.stream = rendition_key(rendition);
	job = jobs_add(engine.jobs, &id, id.kind == JOB_PROBE ? "a.flac" : NULL,
		       id.kind == JOB_PROBE ? NULL : rendition, true);
	fuzz_holds(job);
	jobs_claim(engine.jobs, job);
	return job;
}

static void check(const struct job *job, const struct job_outcome *outcome)
{
	const struct job_id *id = &job->id;

	fuzz_holds(outcome->err <= 0);
	if (outcome->err)
		return;
	if (id->kind == JOB_PROBE)
		fuzz_holds(facts_possible(&outcome->facts));
	else if (id->kind == JOB_BLOCK)
		fuzz_holds(slot.loans.count > 0);
	else
		fuzz_holds(entry_has((struct entry *)id->entry, id->segment));
}

static void do_job(struct job *job)
{
	struct job_outcome outcome = {0};

	render(&slot, job, &outcome);
	check(job, &outcome);
	if (outcome.process_lost)
		loans_distrust(&slot.loans);
	conclude(&slot, job, &outcome);
	loans_end(&slot.loans);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct script script = {bytes, size};
	struct rendition *rendition;
	struct job *job;

	set_up();
	rendition = make_rendition(script_byte(&script));
	job = make_job(script_byte(&script), rendition);
	fuzz_holds(process_start(-1, -1, &slot.process) == 0);
	play(&script);
	do_job(job);
	process_end(slot.process);
	slot.process = NULL;
	rendition_unref(rendition);
	return 0;
}
