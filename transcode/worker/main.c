/*
 * groovefs-worker: decodes and encodes in a process that can do nothing else.
 *
 *   set up -> HELLO -> (task -> DONE or FAILED) ... -> the daemon hangs up
 *
 * Only the daemon starts it, with a socket, a ring and the pool as descriptors
 * 3 to 5. It holds no state that anyone else needs: it may be killed at any
 * moment.
 */
#include "base/cleanup.h"
#include "transcode/worker/encoder.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/sandbox.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/tasks.h"

#include <libavcodec/avcodec.h>
#include <libswresample/swresample.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sndfile.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

/* Raise it when the same source is to give other bytes than before. */
#define RENDERING 2

/* For /proc/PID/oom_score_adj, which everybody may raise. */
enum { OOM_SCORE_MORE = 300, OOM_SCORE_MAX = 1000 };

/* How long a source stays open without a task. */
enum { KEEP_MS = 2000 };

static void describe_versions(char *text, size_t size)
{
	char encoder[48];
	char sndfile[64];

	encoder_mp3.version(encoder, sizeof(encoder));
	sf_command(NULL, SFC_GET_LIB_VERSION, sndfile, sizeof(sndfile));
	snprintf(text, size, "%s, swr %x, avcodec %x, %s, r%d", encoder,
		 swresample_version(), avcodec_version(), sndfile, RENDERING);
}

static int run_task(struct link *link, const struct worker_task *task,
		    int fds[static LINK_MAX_FDS], struct pcm **kept)
{
	struct input input = {
		.fd = fds[0],
		.size = task->source.size,
		.alive = link_alive,
		.context = link,
	};

	fail_clear();
	remark_take();
	/* no room for its descriptor: the file is not to blame */
	if (fds[0] < 0)
		return -ENOTCONN;
	switch (task->kind) {
	case TASK_PROBE:
		return task_probe(link, task, &input);
	case TASK_TAG:
		return task_tag(link, task, &input, fds[1]);
	case TASK_SEGMENT:
		steal_fd(&fds[0]);
		return task_segment(link, task, &input, kept);
	case TASK_BLOCK:
		steal_fd(&fds[0]);
		return task_block(link, task, &input, kept);
	default:
		return fail(-EINVAL, "task %u is unknown", task->kind);
	}
}

static void close_fds(int fds[static LINK_MAX_FDS])
{
	for (int i = 0; i < LINK_MAX_FDS; i++)
		cleanup_fd(&fds[i]);
}

/*
 * The source of the last task stays open for the next one, which often has the
 * same; but not for long, since a disk with an open file cannot be unmounted.
 */
static void wait_for_task(const struct link *link, struct pcm **kept)
{
	struct pollfd polled = {.fd = link->socket, .events = POLLIN};

	if (!*kept || poll(&polled, 1, KEEP_MS) != 0)
		return;
	pcm_close(*kept);
	*kept = NULL;
}

static int serve(struct link *link, struct pcm **kept)
{
	int fds[LINK_MAX_FDS];
	struct worker_task task;
	int error;

	for (;;) {
		wait_for_task(link, kept);
		error = link_receive(link, &task, fds);
		if (error)
			return error;
		error = run_task(link, &task, fds, kept);
		close_fds(fds);
		if (error == -ENOTCONN)
			return error;
		error = error ? link_failed(link, error, fail_text())
			      : link_done(link);
		if (error)
			return error;
	}
}

/*
 * Large allocations come and go every second, small ones for measures stay; in
 * one heap, the small ones keep the holes that the large ones leave from being
 * joined (an analysis of ten hours took gigabytes). So large ones get pages of
 * their own; without this setting, glibc stops doing that once one has been
 * freed.
 */
static void keep_the_heap_small(void)
{
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
}

/* What libraries do only once, while it is still allowed. */
static void warm_up(void)
{
	char version[64];
	time_t now = time(NULL);
	struct tm local;

	media_setup();
	localtime_r(&now, &local);
	sf_command(NULL, SFC_GET_LIB_VERSION, version, sizeof(version));
}

static int set_up_worker(struct link *link)
{
	int error = sandbox_close_from(WORKER_FDS_END);

	keep_the_heap_small();
	if (error)
		return error;
	error = link_init(link, WORKER_SOCKET_FD, WORKER_RING_FD,
			  WORKER_POOL_FD);
	if (error)
		return fail(error, "cannot map the shared memory");
	close(WORKER_RING_FD);
	close(WORKER_POOL_FD);
	warm_up();
	return sandbox_enter(link->pool_size);
}

/*
 * When memory runs out, the machine can best do without a worker: the daemon
 * starts another one.
 */
static void offer_to_die_first(void)
{
	static const char path[] = "/proc/self/oom_score_adj";
	auto_file FILE *in = fopen(path, "re");
	auto_file FILE *out = fopen(path, "we");
	int score = 0;

	if (!in || !out || fscanf(in, "%d", &score) != 1)
		return;
	score += OOM_SCORE_MORE;
	fprintf(out, "%d", score < OOM_SCORE_MAX ? score : OOM_SCORE_MAX);
}

/*
 * First of all, so that it does not start up for nobody: a daemon that died
 * earlier has closed the socket.
 */
static void die_with_the_daemon(void)
{
	struct pollfd daemon = {.fd = WORKER_SOCKET_FD};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
	    poll(&daemon, 1, 0) != 0)
		_exit(1);
}

int main(void)
{
	char versions[sizeof(((struct report *)0)->text)];
	struct pcm *kept = NULL;
	struct link link = {.socket = WORKER_SOCKET_FD};
	int error;

	/* it was started by a descriptor, which says nothing in ps(1) */
	prctl(PR_SET_NAME, "groovefs-worker", 0, 0, 0);
	die_with_the_daemon();
	offer_to_die_first();
	error = set_up_worker(&link);
	if (error) {
		link_failed(&link, error, fail_text());
		return 1;
	}
	describe_versions(versions, sizeof(versions));
	error = link_hello(&link, versions);
	if (!error)
		error = serve(&link, &kept);
	pcm_close(kept);
	link_release(&link);
	return error == -ENOTCONN ? 0 : 1;
}
