/*
 * What the daemon says, heard by a worker: any tasks, rooms and answers, in any
 * order and of any length, with any descriptors. Whatever comes, the worker
 * stays within its memory, ends no more tasks than there were, and reports in
 * whole packets.
 *
 * The daemon is the script: all that it says waits in the socket, and then it
 * hangs up. Another thread hears what the worker says and empties the ring.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/profiles.h"
#include "tests/fuzz/script.h"

/* Its loop is what is tried here; it has no header. */
#define main worker_main
int worker_main(void);
#include "transcode/worker/main.c"
#undef main

#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>

enum { RATE = 8000, SECONDS = 2, POOL = 4 << 20, SOURCES = 4 };

static int sources[SOURCES]; /* FLAC, WAV, no media, a pipe */
static uint64_t sizes[SOURCES];
static int pool = -1;

struct daemon {
	int socket;
	int ring;
	unsigned ends; /* DONE and FAILED */
};

static void make_audio(int to, int format)
{
	SF_INFO info = {.samplerate = RATE, .channels = 2, .format = format};
	SNDFILE *file;

	sources[to] = memfd_create("source", MFD_CLOEXEC);
	file = sf_open_fd(dup(sources[to]), SFM_WRITE, &info, SF_TRUE);
	fuzz_holds(file);
	for (unsigned i = 0; i < SECONDS * RATE; i++) {
		short frame[2] = {(short)(i * 37), (short)(i * 11)};

		fuzz_holds(sf_writef_short(file, frame, 1) == 1);
	}
	sf_close(file);
	sizes[to] = (uint64_t)lseek(sources[to], 0, SEEK_END);
}

static void set_up(void)
{
	int ends[2];

	if (pool >= 0)
		return;
	log_set_level(LOG_LEVEL_ERROR);
	warm_up();
	make_audio(0, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
	make_audio(1, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
	sources[2] = fuzz_file((const uint8_t *)"no media at all", 15);
	sizes[2] = 15;
	fuzz_holds(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	sources[3] = ends[0];
	pool = memfd_create("pool", MFD_CLOEXEC);
	fuzz_holds(ftruncate(pool, POOL) == 0);
}

static struct worker_task honest(struct script *script)
{
	uint8_t choice = script_byte(script);
	struct worker_task task;

	memset(&task, 0, sizeof(task));
	task.kind = choice % (TASK_ANSWER + 2);
	task.serial = script_byte(script);
	task.source.size = sizes[choice / 8 % SOURCES];
	task.source.ino = choice / 8 % SOURCES;
	task.shape = (struct shape){SECONDS * RATE, RATE, 2};
	task.profile = fuzz_profiles[choice / 32 % 4];
	task.tag_size = 300;
	task.tag_style.version = 3 + choice / 64 % 2;
	task.loan.state = script_byte(script) % 4;
	task.loan.layout = (struct pcm_layout){RATE, 2, PCM_FLOAT};
	task.loan.offset = choice % 4 * 65536;
	return task;
}

/* As many descriptors as the script says, up to more than there may be. */
static void send_packet(int to, const struct worker_task *task, size_t size,
			unsigned first, unsigned count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)task, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		for (unsigned i = 0; i < count; i++)
			memcpy(CMSG_DATA(&control.header) + i * sizeof(int),
			       &sources[(first + i) % SOURCES], sizeof(int));
	}
	sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void say(struct script *script, int to)
{
	struct worker_task task = honest(script);
	unsigned count = task.kind <= TASK_BLOCK;
	uint8_t cut = 0;

	if (script_change(script, &task, sizeof(task))) {
		cut = script_byte(script);
		count = script_byte(script) % 4;
		/* what takes hours is for the daemon to end */
		task.shape.samples %= 60 * RATE;
	}
	send_packet(to, &task, sizeof(task) - cut % sizeof(task),
		    (unsigned)task.source.ino, count);
}

static void *listen_to_worker(void *arg)
{
	struct daemon *daemon = arg;
	struct report report;
	struct ring *ring;
	ssize_t n;

	fuzz_holds(ring_attach(daemon->ring, &ring) == 0);
	while ((n = recv(daemon->socket, &report, sizeof(report), 0)) > 0) {
		fuzz_holds(n == sizeof(report));
		fuzz_holds(memchr(report.text, '\0', sizeof(report.text)));
		daemon->ends += report.kind == REPORT_DONE ||
				report.kind == REPORT_FAILED;
		ring_drain(ring);
	}
	ring_destroy(ring);
	return NULL;
}

static void work(int socket, int ring)
{
	struct pcm *kept = NULL;
	struct link link;

	fuzz_holds(link_init(&link, socket, ring, pool) == 0);
	serve(&link, &kept);
	pcm_close(kept);
	link_release(&link);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct script script = {bytes, size};
	struct daemon daemon;
	struct ring *ring;
	pthread_t thread;
	unsigned said = 0;
	int pair[2];

	set_up();
	fuzz_holds(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	fuzz_holds(ring_create("fuzz", WORKER_RING_SIZE, &ring) == 0);
	daemon = (struct daemon){pair[0], ring_fd(ring), 0};
	for (; script.left > 0; said++)
		say(&script, pair[0]);
	shutdown(pair[0], SHUT_WR);
	fuzz_holds(pthread_create(&thread, NULL, listen_to_worker, &daemon) ==
		   0);
	work(pair[1], ring_fd(ring));
	close(pair[1]);
	pthread_join(thread, NULL);
	fuzz_holds(daemon.ends <= said);
	close(pair[0]);
	ring_destroy(ring);
	return 0;
}
