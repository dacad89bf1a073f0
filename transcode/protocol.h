/*
 * What daemon and worker say to each other over a SOCK_SEQPACKET pair: one
 * struct per packet. Bytes made by a task do not travel here: they go through
 * the ring (cache/memory/ring.h); a REPORT_BYTES packet says that there are new
 * ones.
 *
 *    worker: HELLO
 *    daemon: task (+ SCM_RIGHTS: the source, and for a tag perhaps the cover)
 *    worker: any number of ALIVE, BYTES, NOTE; FACTS for a probe;
 *            then exactly one DONE or FAILED
 *    daemon: ROOM, whenever it took bytes from a ring that the worker found
 *            full (a worker ignores one that comes late)
 *    worker: WANT a block of decoded audio, and waits
 *    daemon: ANSWER: where it is in the shared memory, and whether it is
 *            there or has to be made
 *    worker: FILLED when it has made a block; RETURNED when it needs one no
 *            longer. What it still has at the end of the task is taken back.
 *
 * A worker that says nothing for the time limit is killed, so it sends ALIVE at
 * least once a second while it works. The daemon trusts nothing in a report:
 * sizes are checked, texts are cut and cleaned before they are logged.
 */
#ifndef TRANSCODE_PROTOCOL_H
#define TRANSCODE_PROTOCOL_H

#include "base/file_id.h"
#include "cache/cache.h"
#include "transcode/plan/pcm_layout.h"
#include "transcode/plan/plan.h"
#include "transcode/plan/profile.h"
#include "transcode/plan/tag_style.h"

#include <stdint.h>

/* The worker's descriptors. It first closes others: that of its program. */
enum { WORKER_SOCKET_FD = 3, WORKER_RING_FD, WORKER_POOL_FD, WORKER_FDS_END };

#define WORKER_RING_SIZE (1u << 20)

/* To be raised when packets get another meaning; their lengths show the rest.
 */
enum { WORKER_PROTOCOL = 1 };

enum task_kind {
	TASK_PROBE = 1, /* gives struct facts */
	TASK_TAG,	/* gives the ID3 tag, exactly tag_size bytes */
	TASK_SEGMENT,	/* gives one segment, exactly its size */
	TASK_BLOCK,	/* makes a block; through the ring if it does not fit */
	TASK_ROOM,	/* no task: there is room in the ring again */
	TASK_ANSWER,	/* no task: the answer to a WANT */
};

/* The offset of a block that is not in the shared memory. */
#define NO_OFFSET UINT64_MAX

enum loan_state {
	LOAN_NONE,  /* does not fit: the worker makes it in its own heap */
	LOAN_READY, /* read it */
	LOAN_FILL,  /* make it, then say FILLED */
};

/* A block of the task's track. */
struct loan {
	struct pcm_layout layout;
	uint32_t state; /* ANSWER: enum loan_state */
	uint64_t second;
	uint64_t offset;  /* bytes into the shared memory, or NO_OFFSET */
	uint32_t decoded; /* FILLED: by a decoder, not from other blocks */
	uint32_t damaged; /* FILLED: some of it is silence in place of damage */
};

struct worker_task {
	uint32_t kind;	 /* enum task_kind */
	uint32_t serial; /* repeated in every report */
	struct file_id source;
	struct shape shape;	/* SEGMENT, BLOCK */
	struct profile profile; /* SEGMENT, BLOCK */
	uint32_t segment;	/* SEGMENT, BLOCK */
	uint32_t tag_size;	/* TAG: the promised size in bytes; padded or
				   cut to it */
	struct tag_style tag_style; /* TAG */
	uint32_t cover_size; /* TAG: bytes of the folder's cover, 0: none */
	uint32_t cover_max;  /* PROBE, TAG: maximum side in pixels, 0: any */
	struct loan loan;    /* ANSWER */
};

enum report_kind {
	REPORT_HELLO = 1, /* text: versions of the encoders, which are part
			     of keys */
	REPORT_ALIVE,
	REPORT_BYTES,
	REPORT_FACTS,
	REPORT_NOTE, /* text for the log; the task goes on */
	REPORT_DONE,
	REPORT_FAILED,	 /* error and text: the source, or memory, is to
			    blame */
	REPORT_WANT,	 /* loan: layout, second */
	REPORT_FILLED,	 /* loan: all but state */
	REPORT_RETURNED, /* loan: offset */
};

enum report_note {
	NOTE_PLAIN,
	NOTE_SILENCE, /* silence was added where the source ended early */
	NOTE_RESTART, /* a decoder was opened anew; no text, only counted */
};

struct report {
	uint32_t kind; /* enum report_kind */
	uint32_t serial;
	uint32_t protocol;  /* HELLO: WORKER_PROTOCOL; it stays at its place */
	int32_t error;	    /* FAILED: a negative errno */
	uint32_t note;	    /* NOTE: enum report_note */
	struct facts facts; /* FACTS */
	struct loan loan;   /* WANT, FILLED, RETURNED */
	char text[160];
};

#endif
