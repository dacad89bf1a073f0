/*
 * What workers do that hostile files took over. Each act gives what its task
 * gives, if it comes back at all.
 */
#include "deeds.h"

#include "forbidden.h"

#include "cache/memory/pool.h"
#include "cache/memory/ring.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOK = 8192, AGAIN_MS = 500 };

uint8_t *deeds_ring;
bool deeds_hoard;
static int taken_by; /* the file */

/* False when the daemon is gone. */
static bool send_report(const struct link *link, struct report report)
{
	report.serial += link->serial;
	return send(link->socket, &report, sizeof(report), MSG_NOSIGNAL) > 0;
}

static bool say(const struct link *link, enum report_kind kind)
{
	return send_report(link, (struct report){.kind = kind});
}

static bool pass_time(void)
{
	return poll(NULL, 0, AGAIN_MS) == 0;
}

static int alive(struct link *link, const struct worker_task *task)
{
	(void)task;
	while (say(link, REPORT_ALIVE))
		pass_time();
	return -ENOTCONN;
}

static int alive_in_a_flood(struct link *link, const struct worker_task *task)
{
	(void)task;
	while (say(link, REPORT_ALIVE))
		;
	return -ENOTCONN;
}

static int bytes_in_a_flood(struct link *link, const struct worker_task *task)
{
	(void)task;
	while (say(link, REPORT_BYTES))
		;
	return -ENOTCONN;
}

/* Never so many in a row that they are a flood. */
static int foreign(struct link *link, const struct worker_task *task)
{
	struct report report = {.kind = REPORT_ALIVE};

	while (send_report(link, report)) {
		report.serial = (report.serial + 1) % 4;
		if (task->kind == TASK_PROBE)
			pass_time();
	}
	return -ENOTCONN;
}

/* The daemon reads; what it writes of that is undone. */
static int tail_never_moves(struct link *link, const struct worker_task *task)
{
	static const uint8_t bytes[4096];

	(void)task;
	while (say(link, REPORT_BYTES)) {
		memset(deeds_ring + 128, 0, sizeof(uint64_t));
		ring_write(link->ring, bytes, 1);
		pass_time();
	}
	return -ENOTCONN;
}

static int head_lies(struct link *link, const struct worker_task *task)
{
	(void)task;
	memset(deeds_ring + 64, 0x7f, sizeof(uint64_t));
	say(link, REPORT_BYTES);
	return alive(link, task);
}

static int a_byte_now_and_then(struct link *link,
			       const struct worker_task *task)
{
	(void)task;
	while (link_write(link, "x", 1) == 0)
		pass_time();
	return -ENOTCONN;
}

static struct loan first_block(const struct worker_task *task)
{
	return (struct loan){
		.layout = {task->shape.rate, task->shape.channels, PCM_FLOAT}};
}

static int fill_outside(struct link *link, const struct worker_task *task)
{
	struct loan loan = first_block(task);

	loan.offset = POOL_PAGE * 3;
	link_filled(link, &loan);
	return alive(link, task);
}

static int return_outside(struct link *link, const struct worker_task *task)
{
	struct loan loan = first_block(task);

	loan.offset = UINT64_MAX - 1;
	link_return(link, &loan);
	return alive(link, task);
}

/* As if it went through the whole track, again and again. */
static int fill_nothing(struct link *link, const struct worker_task *task)
{
	struct loan loan = first_block(task);

	loan.offset = NO_OFFSET;
	while (link_filled(link, &loan) == 0)
		loan.second = (loan.second + 1) % 2;
	return -ENOTCONN;
}

static int fill_and_hold(struct link *link, const struct worker_task *task)
{
	struct loan loan = first_block(task);
	uint8_t *bytes;

	for (; loan.second < 2; loan.second++) {
		if (link_want(link, &loan, &bytes) == 0 &&
		    loan.state == LOAN_FILL)
			link_filled(link, &loan);
	}
	return alive(link, task);
}

static int want_and_hold(struct link *link, const struct worker_task *task)
{
	struct loan loan = first_block(task);
	uint8_t *bytes;

	for (; loan.second < 2; loan.second++)
		link_want(link, &loan, &bytes);
	return alive(link, task);
}

static int want_and_return(struct link *link, const struct worker_task *task)
{
	struct loan loan = first_block(task);
	uint8_t *bytes;

	while (link_want(link, &loan, &bytes) == 0)
		link_return(link, &loan);
	return -ENOTCONN;
}

static int want_and_ignore(struct link *link, const struct worker_task *task)
{
	struct report want = {.kind = REPORT_WANT, .loan = first_block(task)};

	while (send_report(link, want))
		want.loan.second = (want.loan.second + 1) % 2;
	return -ENOTCONN;
}

static int want_absurd(struct link *link, const struct worker_task *task)
{
	struct report want = {.kind = REPORT_WANT};

	memset(&want.loan, 0xff, sizeof(want.loan));
	send_report(link, want);
	return alive(link, task);
}

static int facts_are_absurd(struct link *link, const struct worker_task *task)
{
	struct report report = {.kind = REPORT_FACTS};

	(void)task;
	memset(&report.facts, 0xff, sizeof(report.facts));
	send_report(link, report);
	return 0;
}

static int done_with_nothing(struct link *link, const struct worker_task *task)
{
	(void)link;
	(void)task;
	return 0;
}

static int too_many_bytes(struct link *link, const struct worker_task *task)
{
	static const uint8_t bytes[65536];

	(void)task;
	while (link_write(link, bytes, sizeof(bytes)) == 0)
		;
	return -ENOTCONN;
}

static int notes_in_a_flood(struct link *link, const struct worker_task *task)
{
	struct report note = {.kind = REPORT_NOTE};

	(void)task;
	memset(note.text, '%', sizeof(note.text));
	memcpy(note.text, "\n\033[2J%s%n", 9);
	while (send_report(link, note))
		;
	return -ENOTCONN;
}

static int garbage(struct link *link, const struct worker_task *task)
{
	struct report report;

	memset(&report, 0xa5, sizeof(report));
	report.serial = link->serial;
	send(link->socket, &report, sizeof(report), MSG_NOSIGNAL);
	return alive(link, task);
}

static int wrong_length(struct link *link, const struct worker_task *task)
{
	char bytes[2 * sizeof(struct report)] = "";

	send(link->socket, bytes, sizeof(bytes), MSG_NOSIGNAL);
	return alive(link, task);
}

static int no_length(struct link *link, const struct worker_task *task)
{
	send(link->socket, "", 0, MSG_NOSIGNAL);
	return alive(link, task);
}

static int silence(struct link *link, const struct worker_task *task)
{
	(void)link;
	(void)task;
	while (pass_time())
		;
	return -ENOTCONN;
}

static int hang_up(struct link *link, const struct worker_task *task)
{
	close(link->socket);
	return silence(link, task);
}

static int leave(struct link *link, const struct worker_task *task)
{
	(void)link;
	(void)task;
	_exit(0);
}

/* Has the daemon send wake-ups until its side of the socket is full. */
static int be_deaf(struct link *link, const struct worker_task *task)
{
	struct report failed = {.kind = REPORT_FAILED, .error = -ENOMEM};

	for (unsigned i = 0; i < 1000; i++) {
		ring_write(link->ring, "x", 1);
		memset(deeds_ring + 192, 1, sizeof(uint32_t));
		say(link, REPORT_BYTES);
	}
	send_report(link, failed);
	return silence(link, task);
}

/* Says at once what will become of the tasks to come, and of some that will
   not. */
static int answer_ahead(struct link *link, const struct worker_task *task)
{
	say(link, REPORT_DONE);
	for (uint32_t i = 1; i < 64; i++)
		send_report(link,
			    (struct report){.kind = REPORT_DONE, .serial = i});
	return silence(link, task);
}

static int hoard(struct link *link, const struct worker_task *task)
{
	(void)link;
	(void)task;
	deeds_hoard = true;
	return -ENOMEM;
}

static int forbidden(struct link *link, const struct worker_task *task)
{
	(void)task;
	return try_forbidden(link, taken_by);
}

static const struct deed deeds[] = {
	{"alive", alive},
	{"alive-in-a-flood", alive_in_a_flood},
	{"bytes-in-a-flood", bytes_in_a_flood},
	{"foreign", foreign},
	{"tail-never-moves", tail_never_moves},
	{"head-lies", head_lies},
	{"a-byte-now-and-then", a_byte_now_and_then},
	{"fill-outside", fill_outside},
	{"return-outside", return_outside},
	{"fill-nothing", fill_nothing},
	{"fill-and-hold", fill_and_hold},
	{"want-and-hold", want_and_hold},
	{"want-and-return", want_and_return},
	{"want-and-ignore", want_and_ignore},
	{"want-absurd", want_absurd},
	{"facts-are-absurd", facts_are_absurd},
	{"done-with-nothing", done_with_nothing},
	{"too-many-bytes", too_many_bytes},
	{"notes-in-a-flood", notes_in_a_flood},
	{"garbage", garbage},
	{"wrong-length", wrong_length},
	{"no-length", no_length},
	{"silence", silence},
	{"hang-up", hang_up},
	{"leave", leave},
	{"be-deaf", be_deaf},
	{"answer-ahead", answer_ahead},
	{"hoard", hoard},
	{"forbidden", forbidden},
};

static const char *task_name(const struct worker_task *task)
{
	switch (task->kind) {
	case TASK_PROBE:
		return "probe";
	case TASK_TAG:
		return "tag";
	case TASK_BLOCK:
		return "block";
	default:
		return task->profile.codec == CODEC_ANALYSIS ? "analysis"
							     : "segment";
	}
}

const struct deed *find_deed(int source, const struct worker_task *task)
{
	char bytes[LOOK + 1];
	ssize_t n = pread(source, bytes, LOOK, 0);
	char wanted[80];

	for (size_t i = 0; n > 0 && i < sizeof(deeds) / sizeof(*deeds); i++) {
		size_t length = (size_t)snprintf(
			wanted, sizeof(wanted), "takeover=%s:%s;",
			task_name(task), deeds[i].name);

		if (!memmem(bytes, (size_t)n, wanted, length))
			continue;
		taken_by = source;
		return &deeds[i];
	}
	return NULL;
}
