/*
 * Inside the engine: shared by engine.c, dispatch.c, fill.c, inquiry.c,
 * read.c, rendition.c, slot.c and render.c. Lock order: the engine's lock, then
 * an entry's or the blocks'. No wake(), no unref and no I/O happens under the
 * engine's lock.
 */
#ifndef TRANSCODE_ENGINE_ENGINE_PRIVATE_H
#define TRANSCODE_ENGINE_ENGINE_PRIVATE_H

#include "transcode/engine/engine.h"
#include "transcode/engine/job.h"
#include "transcode/engine/loans.h"
#include "transcode/engine/track.h"
#include "transcode/plan/plan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <sys/types.h>

struct process;

/* Why a rendition is filled; lower comes first. */
enum fill_rank { FILL_NONE, FILL_OPEN, FILL_NEXT };

struct rendition {
	atomic_uint refs;
	atomic_flag silence_told; /* in the log */

	/* immutable */
	struct engine *engine;
	struct track *track;
	struct plan plan;
	uint32_t tag_size;
	struct entry *tag;  /* NULL when tag_size is 0 */
	struct key key;	    /* of the body */
	struct entry *body; /* NULL: its segments are blocks, by this key */
	int source;	    /* the file, held open for readers; -1: it is not */

	/* the engine's lock (fill.c) */
	enum fill_rank rank;
	struct wait_list waits; /* that are parked, wherever */
	uint32_t fill_start;	/* the segment where filling began */
	uint32_t fill_done;	/* segments checked since, around the end */
	uint32_t fill_position; /* the segment that the reader is in */
	bool fill_failed;	/* filling is not to begin again */
	bool watched;		/* its progress is reported (progress.c) */
	unsigned run;		/* of what is reported; under `progress_lock` */
	char failure[200];	/* why a segment could not be made, or "" */
	TAILQ_ENTRY(rendition) fill_link; /* unless FILL_NONE */
};

TAILQ_HEAD(fill_list, rendition);

/* A slot: a thread that keeps one worker process and gives it jobs. */
struct slot {
	struct engine *engine;
	bool urgent; /* serves waiting readers, otherwise everything else */
	bool spare;  /* works only while others are held up */
	pthread_t thread;
	bool started;
	struct process *process; /* its own thread only */
	struct loans loans;	 /* the same; what the process has borrowed */
	atomic_int_fast64_t last_message; /* the time of its process's last
				      message, in ns */

	/* the engine's lock */
	pid_t pid;	     /* of a living process, else 0 */
	bool promoted;	     /* a background process that a reader waits for */
	bool busy;	     /* it cannot take a job */
	int64_t since;	     /* if so: when it took one, in ns */
	struct file_id file; /* if so: what that is about */
	struct job *job;     /* that it works on; NULL when it is over */
};

struct engine {
	struct engine_config config; /* immutable */
	int program;		     /* immutable; the workers' */
	char versions[160];	     /* of what determines the bytes;
					immutable */
	uint32_t slot_count;
	struct slot *slots;

	pthread_mutex_t progress_lock; /* taken before `lock`; see progress.h */
	unsigned runs;		       /* protected by it: how many have been
					  reported */

	pthread_mutex_t lock;
	pthread_cond_t work[2];	 /* by urgency */
	pthread_cond_t watch[2]; /* likewise, of spare slots */
	bool watched[2];	 /* one of them checks for slots that are
				    held up */
	struct jobs *jobs;
	struct fill_list fills;
	bool stopping;
	bool stuck; /* some slots did not end: nothing may be freed */
};

/*
 * Parks `wait` at the job that makes `id`, adding one if there is none. 0:
 * wake() will be called, or has been. -EAGAIN: what it needs is there. -EIO:
 * the engine is stopping. -ENOMEM.
 */
int engine_await(struct engine *engine, struct wait *wait,
		 const struct job_id *id, const char *path,
		 struct rendition *rendition, bool urgent);

/* Requests something; nobody waits for it here. Failure does not matter. */
void engine_demand(struct engine *engine, const struct job_id *id,
		   const char *path, struct rendition *rendition, bool urgent);

/*
 * Blocks until there is a job for this slot, now RUNNING. NULL: none this time,
 * or the engine is stopping.
 */
struct job *engine_take(struct engine *engine, struct slot *slot);

/* This many bytes of the job's segment can be read now. */
void engine_progress(struct engine *engine, struct job *job,
		     uint64_t available);

/* The job is over, with its result; it is freed. */
void engine_finish(struct engine *engine, struct job *job, int err,
		   const struct facts *facts);

/* Stops making this rendition in the background: it fails, or does not fit. */
void engine_stop_filling(struct engine *engine, struct rendition *rendition);

bool engine_is_stopping(struct engine *engine);

/* Whether a reader waits for it, or did. */
bool engine_is_urgent(struct engine *engine, const struct job *job);

/* Somebody still waits for the job, or it is wanted for another reason. */
bool engine_is_wanted(struct engine *engine, const struct job *job);

/*
 * Gives up a job that was not wanted any more. If somebody has come to it
 * meanwhile, it is queued again.
 */
void engine_drop(struct engine *engine, struct job *job);

/*
 * Its thread hangs and will continue to: those who wait for its job get -EIO.
 */
void engine_answer_stuck(struct engine *engine, struct slot *slot);

/* The slot can take another job. */
void engine_is_free(struct engine *engine, struct slot *slot);

/* choose.c: the job that this slot should do, out of its queue, or NULL. */
struct job *choose_waited_for_locked(const struct slot *slot);
struct job *choose_last_locked(const struct slot *slot);

/* It may make what nobody waits for yet. */
bool choose_may_work_ahead_locked(const struct slot *slot);

/* The first should be filled before the second. */
bool choose_fill_fits_locked(const struct rendition *r,
			     const struct slot *slot);

/* Somebody waits, perhaps for a file that is held up. */
bool choose_is_worth_watching_locked(const struct slot *spare);

/* Its worker was lost: gives it a second try. False: this was the second. */
bool engine_retry(struct engine *engine, struct job *job);

/*
 * The next job for the renditions that are being filled: 0, `id` and its
 * `rendition`. -EAGAIN: `rendition` has nothing left and was taken out; the
 * caller unrefs it. -ENOENT: there is nothing to fill.
 */
int fill_next_locked(const struct slot *slot, struct job_id *id,
		     struct rendition **rendition);

/*
 * Takes it out of the list; true if it was there (the caller then unrefs it).
 */
bool fill_remove_locked(struct rendition *rendition);

void slot_init(struct slot *slot, struct engine *engine, bool urgent,
	       bool spare);

/* A reader waits for what a background worker does: promotes that worker. */
void slot_promote_locked(struct slot *slot);

/* The slot's thread. */
void *slot_run(void *slot);

/* Starts the slot's process unless it runs: 0 or -errno. */
int slot_ensure_process(struct slot *slot);
void slot_end_process(struct slot *slot);

struct job_outcome {
	int err;	      /* 0 or -errno */
	bool process_lost;    /* it died, hung or broke the protocol */
	bool too_long;	      /* the same, at its deadline: not tried again */
	bool unwanted;	      /* nobody waits for it: to be dropped */
	bool process_busy;    /* still busy with the task that was given up:
				 end it */
	bool process_ended;   /* the same, but killed by somebody: the file
				 is not the cause */
	bool source_at_fault; /* a decoder read it and refused it */
	bool is_fallback;     /* the cache's disk refused it */
	struct facts facts;
	char reason[200]; /* for the log when err is not 0 */
};

/* What a job is about, for a log line. */
void job_describe(const struct job *job, char *text, size_t size);

/* Keeps what a probe found, reports what failed, and answers those who wait. */
void conclude(struct slot *slot, struct job *job, struct job_outcome *outcome);

/* Has the slot's process do the job. Blocks. */
void render(struct slot *slot, struct job *job, struct job_outcome *outcome);

#endif
