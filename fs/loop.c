/*
 * libfuse's own loop has ten threads and waits for all of them at its end. If
 * ten readers waited for a source that hangs, such as an NFS server that went
 * away, nothing else would be answered, and the loop could not end. So:
 *
 *   - Requests that ask the library use lanes. Each lane has a fixed number of
 *     threads; further requests are put aside, as they came from the kernel,
 *     until a thread is free. There are more threads than the lanes can take,
 *     so what needs nothing from the library (statistics, cached tracks)
 *     always gets one.
 *   - An interrupted request is answered at once, whatever it waits for. The
 *     kernel refuses the second answer (ENOENT), and each operation then takes
 *     back what it has given, as it must for other reasons (see flights.h).
 *   - At the end, threads that hang are left alone.
 */
#include "fs/loop.h"

#include "base/cleanup.h"
#include "base/join.h"
#include "base/log.h"
#include "fs/flights.h"
#include "fs/lanes.h"
#include "fs/nodes.h"
#include "fs/ops.h"

#include <errno.h>
#include <linux/fuse.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

enum { WIDTH = 32, THREADS_MAX = LANES * WIDTH + 8 };

#define END_NS (3ll * CLOCK_SECOND_NS)

struct loop {
	struct fs *fs;
	struct fuse_session *session;
	int over; /* an eventfd */

	pthread_mutex_t receiving; /* held by the thread that waits for a
				      request */

	pthread_mutex_t lock;
	pthread_t threads[THREADS_MAX];
	unsigned count;
	unsigned idle;
	int err; /* of the device */
	struct flights flights;
	struct {
		unsigned busy;
		TAILQ_HEAD(, aside) queue;
	} lanes[LANES];
};

static void *work(void *arg);

/* False: the lane is full, and the request was copied and put aside. */
static bool enter(struct loop *loop, enum lane lane,
		  const struct fuse_buf *buffer)
{
	struct aside *aside = NULL;
	bool free_place;

	if (lane == LANE_NONE)
		return true;
	auto_lock(&loop->lock);
	free_place = loop->lanes[lane].busy < WIDTH;
	if (!free_place)
		aside = aside_copy(buffer);
	if (aside)
		TAILQ_INSERT_TAIL(&loop->lanes[lane].queue, aside, link);
	else
		loop->lanes[lane].busy++;
	return !aside;
}

/*
 * The oldest request that was put aside, with its flight begun, or NULL: then
 * the lane has one less. Both under one lock, so that an interrupt finds one of
 * the two.
 */
static struct aside *next_or_leave(struct loop *loop, enum lane lane,
				   struct flight *flight)
{
	struct aside *aside;

	if (lane == LANE_NONE)
		return NULL;
	auto_lock(&loop->lock);
	aside = TAILQ_FIRST(&loop->lanes[lane].queue);
	if (aside) {
		TAILQ_REMOVE(&loop->lanes[lane].queue, aside, link);
		flight_begin(&loop->flights, flight,
			     aside_header(&aside->buffer));
	} else {
		loop->lanes[lane].busy--;
	}
	return aside;
}

static struct aside *find_aside_locked(struct loop *loop, uint64_t unique)
{
	struct aside *aside;

	for (unsigned i = 0; i < LANES; i++) {
		TAILQ_FOREACH (aside, &loop->lanes[i].queue, link) {
			if (aside_header(&aside->buffer)->unique != unique)
				continue;
			TAILQ_REMOVE(&loop->lanes[i].queue, aside, link);
			return aside;
		}
	}
	return NULL;
}

/* No use if the answer is there already. */
static void answer_interrupted(const struct loop *loop, uint64_t unique)
{
	const struct fuse_out_header out = {
		.len = sizeof(out), .error = -EINTR, .unique = unique};

	if (write(fuse_session_fd(loop->session), &out, sizeof(out)) < 0 &&
	    errno != ENOENT)
		log_debug("cannot answer an interrupted request: %s",
			  strerror(errno));
}

static void interrupt(struct loop *loop, const struct fuse_buf *buffer)
{
	const struct fuse_interrupt_in *in =
		(const void *)(aside_header(buffer) + 1);
	uint64_t unique = in->unique;
	struct aside *aside;

	pthread_mutex_lock(&loop->lock);
	aside = find_aside_locked(loop, unique);
	pthread_mutex_unlock(&loop->lock);
	/* libfuse notes it, for whoever checks whether the asker still waits */
	if (!aside)
		fuse_session_process_buf(loop->session, buffer);
	free(aside);
	answer_interrupted(loop, unique);
}

static void perform(struct loop *loop, const struct fuse_buf *buffer,
		    struct flight *flight);

static void end_flight(struct loop *loop, struct flight *flight)
{
	struct aside *release = flight_end(&loop->flights, flight);
	struct flight its;

	if (!release)
		return;
	flight_begin(&loop->flights, &its, aside_header(&release->buffer));
	perform(loop, &release->buffer, &its);
	free(release);
}

/* Ends the flight of a request. */
static void perform(struct loop *loop, const struct fuse_buf *buffer,
		    struct flight *flight)
{
	enum lane lane = lane_of(flight->node, aside_header(buffer));
	struct aside *aside = NULL;

	if (flights_hold_up(&loop->flights, buffer, flight) ||
	    !enter(loop, lane, buffer)) {
		end_flight(loop, flight);
		return;
	}
	do {
		fuse_session_process_buf(loop->session,
					 aside ? &aside->buffer : buffer);
		free(aside);
		end_flight(loop, flight);
		aside = next_or_leave(loop, lane, flight);
	} while (aside);
}

static void start_thread_locked(struct loop *loop)
{
	int err = pthread_create(&loop->threads[loop->count], NULL, work, loop);

	if (!err)
		loop->count++;
	else if (loop->count == 0)
		loop->err = -err;
	loop->idle += !err;
}

/* There is always one that waits for the next request. */
static void begin_request(struct loop *loop)
{
	auto_lock(&loop->lock);

	loop->idle--;
	if (loop->idle == 0 && loop->count < THREADS_MAX)
		start_thread_locked(loop);
}

static void end_request(struct loop *loop)
{
	auto_lock(&loop->lock);

	loop->idle++;
}

static void unlock(void *mutex)
{
	pthread_mutex_unlock(mutex);
}

static bool is_interrupt(const struct fuse_buf *buffer)
{
	return aside_header(buffer)->opcode == FUSE_INTERRUPT;
}

static int receive_locked(struct loop *loop, struct fuse_buf *buffer,
			  struct flight *flight)
{
	int n;

	if (fuse_session_exited(loop->session))
		return 0;
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	n = fuse_session_receive_buf(loop->session, buffer);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	if (n > 0 && !is_interrupt(buffer))
		flight_begin(&loop->flights, flight, aside_header(buffer));
	return n;
}

/*
 * One thread at a time, so that a request is known to be in flight before
 * anybody can receive its interrupt. Only the thread that waits for a request
 * is canceled at the end.
 */
static void receive(struct loop *loop, struct fuse_buf *buffer,
		    struct flight *flight, int *n)
{
	pthread_mutex_lock(&loop->receiving);
	pthread_cleanup_push(unlock, &loop->receiving);
	*n = receive_locked(loop, buffer, flight);
	pthread_cleanup_pop(true);
}

static void end(struct loop *loop, int err)
{
	pthread_mutex_lock(&loop->lock);
	if (err < 0)
		loop->err = err;
	pthread_mutex_unlock(&loop->lock);
	fuse_session_exit(loop->session);
	eventfd_write(loop->over, 1);
}

static void free_buffer(void *buffer)
{
	free(((struct fuse_buf *)buffer)->mem);
}

static void serve(struct loop *loop, const struct fuse_buf *buffer,
		  struct flight *flight)
{
	begin_request(loop);
	if (is_interrupt(buffer))
		interrupt(loop, buffer);
	else
		perform(loop, buffer, flight);
	end_request(loop);
}

/*
 * False: the loop is over. A new thread that gets no memory for its buffer
 * leaves the requests to others and tries again.
 */
static bool goes_on(int n)
{
	if (n == -ENOMEM)
		sleep(1);
	return n > 0 || n == -EINTR || n == -ENOMEM;
}

static void *work(void *arg)
{
	struct loop *loop = arg;
	struct fuse_buf buffer = {0};
	struct flight flight;
	int n = 0;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cleanup_push(free_buffer, &buffer);
	while (!fuse_session_exited(loop->session)) {
		receive(loop, &buffer, &flight, &n);
		if (!goes_on(n))
			break;
		if (n > 0)
			serve(loop, &buffer, &flight);
		n = 0;
	}
	end(loop, n);
	pthread_cleanup_pop(true);
	return NULL;
}

static struct loop *create(struct fs *fs, struct fuse_session *session)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->fs = fs;
	loop->session = session;
	loop->over = eventfd(0, EFD_CLOEXEC);
	if (loop->over < 0) {
		free(loop);
		return NULL;
	}
	pthread_mutex_init(&loop->receiving, NULL);
	pthread_mutex_init(&loop->lock, NULL);
	flights_init(&loop->flights, fs->nodes);
	for (unsigned i = 0; i < LANES; i++)
		TAILQ_INIT(&loop->lanes[i].queue);
	return loop;
}

/*
 * When the mount is gone, the kernel answers by itself what is still put aside.
 */
static void destroy(struct loop *loop)
{
	struct aside *aside;

	for (unsigned i = 0; i < LANES; i++) {
		while ((aside = TAILQ_FIRST(&loop->lanes[i].queue))) {
			TAILQ_REMOVE(&loop->lanes[i].queue, aside, link);
			free(aside);
		}
	}
	flights_release(&loop->flights);
	close(loop->over);
	pthread_mutex_destroy(&loop->lock);
	pthread_mutex_destroy(&loop->receiving);
	free(loop);
}

/*
 * Nobody starts another thread when the session is over and all are canceled.
 */
static bool join(struct loop *loop)
{
	int64_t until = clock_ns() + END_NS;
	unsigned stuck = 0;
	unsigned count;

	pthread_mutex_lock(&loop->lock);
	count = loop->count;
	loop->count = THREADS_MAX;
	pthread_mutex_unlock(&loop->lock);
	for (unsigned i = 0; i < count; i++)
		pthread_cancel(loop->threads[i]);
	for (unsigned i = 0; i < count; i++)
		stuck += !join_until(loop->threads[i], until);
	return stuck == 0;
}

static void await_end(struct loop *loop, const sigset_t *signals)
{
	struct pollfd over = {.fd = loop->over, .events = POLLIN};

	while (!fuse_session_exited(loop->session))
		ppoll(&over, 1, NULL, signals);
}

int loop_run(struct fs *fs, struct fuse_session *session,
	     const sigset_t *signals, bool *ended)
{
	struct loop *loop = create(fs, session);
	bool started;
	int err;

	*ended = true;
	if (!loop)
		return -ENOMEM;
	pthread_mutex_lock(&loop->lock);
	start_thread_locked(loop);
	started = loop->count > 0;
	pthread_mutex_unlock(&loop->lock);
	if (started)
		await_end(loop, signals);
	*ended = join(loop);
	pthread_mutex_lock(&loop->lock);
	err = loop->err;
	pthread_mutex_unlock(&loop->lock);
	if (*ended)
		destroy(loop);
	return err;
}
