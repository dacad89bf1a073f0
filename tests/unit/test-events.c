/* The stream of events: rings, positions, who waits. */
#include "tasks/events.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void publish(struct events *events, unsigned number)
{
	events_publish(events, &(struct event){.task_id = "task",
					       .step = "step",
					       .status = EVENT_IN_PROGRESS,
					       .message = "a \"song\"",
					       .current = number,
					       .total = 9999});
}

/* All that is there, in pieces of `size`, with a NUL; to be freed. */
static char *read_all(struct events_reader *reader, size_t size)
{
	char *all = calloc(1, 1 << 20);
	size_t used = 0;
	ssize_t n;

	while ((n = events_read(reader, NULL, all + used, size)) > 0)
		used += (size_t)n;
	assert_true(n == -EAGAIN || n == 0);
	return all;
}

/* Checks that the events from `first` to `last` are next; where they end. */
static const char *expect(const char *text, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++) {
		char begin[200];
		const char *end = strstr(text, "}\n\n");

		snprintf(begin, sizeof(begin),
			 "data: {\"task_id\": \"task\", \"step\": \"step\", "
			 "\"status\": \"in_progress\", \"message\": "
			 "\"a \\\"song\\\"\", \"current\": %u, "
			 "\"total\": 9999, \"timestamp\": ",
			 i);
		assert_memory_equal(text, begin, strlen(begin));
		assert_non_null(end);
		text = end + 3;
	}
	return text;
}

static void readers_get_what_comes_after_them(void **state)
{
	struct events *events = events_create();
	struct events_reader *first = events_open(events, true);
	struct events_reader *second;
	char *text;

	(void)state;
	publish(events, 1);
	second = events_open(events, true);
	publish(events, 2);
	assert_int_equal(events_readers(events), 2);
	text = read_all(first, 4096);
	assert_string_equal(expect(text, 1, 2), "");
	free(text);
	text = read_all(second, 4096);
	assert_string_equal(expect(text, 2, 2), "");
	free(text);
	events_close(first);
	events_close(second);
	events_destroy(events);
}

static void a_slow_reader_is_told_what_it_lost(void **state)
{
	struct events *events = events_create();
	struct events_reader *reader = events_open(events, true);
	static const char lost[] = "event: lost\ndata: {\"lost\": 12}\n\n";
	char *text;

	(void)state;
	for (unsigned i = 1; i <= EVENTS_KEPT + 12; i++)
		publish(events, i);
	text = read_all(reader, 4096);
	assert_memory_equal(text, lost, strlen(lost));
	assert_string_equal(expect(text + strlen(lost), 13, EVENTS_KEPT + 12),
			    "");
	free(text);
	events_close(reader);
	events_destroy(events);
}

static void an_event_begun_is_given_to_its_end(void **state)
{
	struct events *events = events_create();
	struct events_reader *reader = events_open(events, true);
	char begin[16] = "";
	char *text;

	(void)state;
	publish(events, 1);
	assert_int_equal(events_read(reader, NULL, begin, 10), 10);
	for (unsigned i = 2; i <= EVENTS_KEPT + 8; i++)
		publish(events, i);
	text = read_all(reader, 7);
	memmove(text + 10, text, strlen(text) + 1);
	memcpy(text, begin, 10);
	assert_memory_equal(expect(text, 1, 1), "event: lost", 11);
	assert_non_null(strstr(text, "{\"lost\": 7}"));
	free(text);
	events_close(reader);
	events_destroy(events);
}

static void long_and_wrong_texts_are_cut_and_replaced(void **state)
{
	struct events *events = events_create();
	struct events_reader *reader = events_open(events, true);
	char message[5000];
	char *text;

	(void)state;
	memset(message, '\1', sizeof(message));
	strcpy(message + sizeof(message) - 6, "\xff"
					      "end");
	events_publish(events, &(struct event){.task_id = message,
					       .step = message,
					       .status = EVENT_FAILED,
					       .message = message});
	text = read_all(reader, 4096);
	assert_non_null(strstr(text, "\xef\xbf\xbd"
				     "end\", \"current\": 0"));
	assert_string_equal(strstr(text, "}\n\n"), "}\n\n");
	free(text);
	events_close(reader);
	events_destroy(events);
}

struct waiting {
	struct events_wait wait;
	struct events_reader *reader;
	atomic_int woken;
	ssize_t got;
};

static void wake(struct events_wait *wait)
{
	struct waiting *waiting = (struct waiting *)wait;
	char bytes[4096];

	if (waiting->reader)
		waiting->got = events_read(waiting->reader, NULL, bytes,
					   sizeof(bytes));
	atomic_fetch_add(&waiting->woken, 1);
}

static void wait_for(atomic_int *woken, int times)
{
	while (atomic_load(woken) < times)
		usleep(1000);
}

static void who_waits_is_woken_once(void **state)
{
	struct events *events = events_create();
	struct events_reader *reader = events_open(events, true);
	struct waiting read = {.wait.wake = wake, .reader = reader};
	struct waiting poll = {.wait.wake = wake};
	struct waiting other = {.wait.wake = wake};
	char bytes[4096];
	bool parked;

	(void)state;
	assert_int_equal(events_read(reader, &read.wait, bytes, sizeof(bytes)),
			 -EINPROGRESS);
	assert_false(events_poll(reader, &poll.wait, &parked));
	assert_true(parked);
	assert_false(events_poll(reader, &other.wait, &parked));
	assert_false(parked);
	publish(events, 1);
	wait_for(&read.woken, 1);
	wait_for(&poll.woken, 1);
	assert_true(read.got > 0);
	publish(events, 2);
	assert_true(events_poll(reader, &poll.wait, &parked));
	assert_false(parked);
	events_close(reader);
	events_destroy(events);
	assert_int_equal(atomic_load(&read.woken), 1);
	assert_int_equal(atomic_load(&other.woken), 0);
}

/* Closes another reader, whose wait has been taken out to be woken, too. */
static void wake_and_close(struct events_wait *wait)
{
	struct waiting *waiting = (struct waiting *)wait;

	events_close(waiting->reader);
	atomic_fetch_add(&waiting->woken, 1);
}

static void who_is_woken_may_read_though_it_was_closed(void **state)
{
	struct events *events = events_create();
	struct events_reader *closed = events_open(events, true);
	struct events_reader *first = events_open(events, true);
	struct waiting read = {.wait.wake = wake, .reader = closed};
	struct waiting closing = {.wait.wake = wake_and_close,
				  .reader = closed};
	char bytes[4096];

	(void)state;
	events_read(closed, &read.wait, bytes, sizeof(bytes));
	events_read(first, &closing.wait, bytes, sizeof(bytes));
	publish(events, 1);
	wait_for(&closing.woken, 1);
	wait_for(&read.woken, 1);
	assert_true(read.got > 0);
	events_close(first);
	events_destroy(events);
}

static void who_is_canceled_is_not_woken(void **state)
{
	struct events *events = events_create();
	struct events_reader *reader = events_open(events, true);
	struct waiting parked = {.wait.wake = wake, .reader = reader};
	struct waiting early = {.wait.wake = wake, .reader = reader};
	char bytes[4096];

	(void)state;
	events_read(reader, &parked.wait, bytes, sizeof(bytes));
	assert_true(events_cancel(reader, &parked.wait));
	assert_false(events_cancel(reader, &early.wait));
	assert_int_equal(events_read(reader, &early.wait, bytes, sizeof(bytes)),
			 -EINTR);
	publish(events, 1);
	events_stop(events);
	assert_int_equal(atomic_load(&parked.woken), 0);
	events_close(reader);
	events_destroy(events);
}

static void the_end_comes_after_what_is_there(void **state)
{
	struct events *events = events_create();
	struct events_reader *idle = events_open(events, true);
	struct events_reader *reader = events_open(events, true);
	struct waiting waiting = {.wait.wake = wake, .reader = idle};
	char bytes[4096];
	char *text;

	(void)state;
	events_read(idle, &waiting.wait, bytes, sizeof(bytes));
	publish(events, 1);
	wait_for(&waiting.woken, 1);
	events_read(idle, &waiting.wait, bytes, sizeof(bytes));
	events_stop(events);
	assert_int_equal(atomic_load(&waiting.woken), 2);
	assert_int_equal(waiting.got, 0);
	publish(events, 2);
	text = read_all(reader, 4096);
	assert_string_equal(expect(text, 1, 1), "");
	assert_true(events_ended(reader));
	free(text);
	events_close(idle);
	events_close(reader);
	events_destroy(events);
}

static void *publish_many(void *events)
{
	for (unsigned i = 0; i < 5000; i++)
		publish(events, i);
	return NULL;
}

static unsigned long lines_of(const char *text, unsigned long *lost)
{
	unsigned long events = 0;

	for (; (text = strstr(text, "data: {")); text++) {
		if (sscanf(text, "data: {\"lost\": %lu}", lost) != 1)
			events++;
	}
	return events;
}

static void what_is_not_read_is_counted_as_lost(void **state)
{
	struct events *events = events_create();
	struct events_reader *reader = events_open(events, true);
	pthread_t threads[4];
	unsigned long all = 0;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, publish_many, events);
	while (all < 4 * 5000) {
		unsigned long lost = 0;
		char bytes[20001];
		ssize_t n = events_read(reader, NULL, bytes, 20000);

		if (n <= 0)
			continue;
		bytes[n] = '\0';
		all += lines_of(bytes, &lost);
		all += lost;
	}
	assert_int_equal(all, 4 * 5000);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	events_close(reader);
	events_destroy(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_get_what_comes_after_them),
		cmocka_unit_test(a_slow_reader_is_told_what_it_lost),
		cmocka_unit_test(an_event_begun_is_given_to_its_end),
		cmocka_unit_test(long_and_wrong_texts_are_cut_and_replaced),
		cmocka_unit_test(who_waits_is_woken_once),
		cmocka_unit_test(who_is_woken_may_read_though_it_was_closed),
		cmocka_unit_test(who_is_canceled_is_not_woken),
		cmocka_unit_test(the_end_comes_after_what_is_there),
		cmocka_unit_test(what_is_not_read_is_counted_as_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
