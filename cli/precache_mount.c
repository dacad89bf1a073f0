/*
 * See precache_mount.h. The mount's events wake this; what they say is asked
 * for by ioctl(2), which does not get lost when there are many.
 */
#include "cli/precache_mount.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

/* Between two looks; events make it sooner. */
enum { LOOK_MS = 500 };

int mount_task_open(struct mount_task *task, const char *mountpoint)
{
	auto_free char *path = NULL;
	int err;

	*task = (struct mount_task){.control = -1, .stop = -1};
	if (asprintf(&path, "%s/.groovefs/events", mountpoint) < 0)
		return -ENOMEM;
	task->stop = eventfd(0, EFD_CLOEXEC);
	task->control = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (task->control >= 0 && task->stop >= 0)
		return 0;
	err = -errno;
	log_error("cannot ask the mount '%s': %s", mountpoint, strerror(-err));
	mount_task_close(task);
	return err;
}

void mount_task_close(struct mount_task *task)
{
	if (task->control >= 0)
		close(task->control);
	if (task->stop >= 0)
		close(task->stop);
}

void mount_task_stop(void *task)
{
	eventfd_write(((struct mount_task *)task)->stop, 1);
}

/* What the look before did not know of yet. */
static void show(struct mount_task *task, const struct control_task *before,
		 const struct control_task *now)
{
	struct control_task *sum = &task->sum;
	uint32_t done = 0;

	if (now->total > before->total)
		progress_expect(&task->progress, now->total - before->total);
	for (unsigned i = 0; i <= PRECACHE_FAILED; i++) {
		done += now->tracks[i] - before->tracks[i];
		sum->tracks[i] += now->tracks[i] - before->tracks[i];
	}
	sum->missing += now->missing - before->missing;
	progress_advance(&task->progress, done, now->seconds - before->seconds,
			 now->bytes - before->bytes);
	if (*now->failure)
		log_error("cannot cache %s", now->failure);
}

/* 1: it is over. */
static int look(struct mount_task *task, struct control_task *before)
{
	struct control_task now;

	do {
		now = (struct control_task){.task = before->task};
		if (ioctl(task->control, CONTROL_TASK, &now) != 0)
			return -errno;
		show(task, before, &now);
		*before = now;
	} while (*now.failure);
	return now.over != 0;
}

/* Until there are events, or it is to be given up. */
static void wait_for_events(struct mount_task *task)
{
	struct pollfd polled[] = {{.fd = task->control, .events = POLLIN},
				  {.fd = task->stop, .events = POLLIN}};
	char bytes[4096];

	poll(polled, 2, LOOK_MS);
	if (polled[1].revents)
		task->stopped = true;
	while (read(task->control, bytes, sizeof(bytes)) > 0)
		; /* they were only to wake us */
}

static int follow(struct mount_task *task, uint32_t number)
{
	struct control_task before = {.task = number};
	int over = 0;

	while (over == 0 && !task->stopped) {
		wait_for_events(task);
		over = look(task, &before);
	}
	if (over < 0)
		return over;
	if (over == 0)
		ioctl(task->control, CONTROL_CANCEL, &number);
	return over ? 0 : -ECANCELED;
}

int mount_task_run(struct mount_task *task, const char *qualities,
		   const char *path)
{
	struct control_precache call = {0};
	int err = 0;

	if (strlen(qualities) >= sizeof(call.qualities) ||
	    strlen(path) >= sizeof(call.path))
		err = -ENAMETOOLONG;
	snprintf(call.qualities, sizeof(call.qualities), "%s", qualities);
	snprintf(call.path, sizeof(call.path), "%s", path);
	if (!err && ioctl(task->control, CONTROL_PRECACHE, &call) != 0)
		err = -errno;
	if (!err)
		err = follow(task, call.task);
	if (err == -EINVAL)
		log_error("cannot cache the quality '%s': there is no such one",
			  qualities);
	else if (err && err != -ECANCELED)
		log_error("cannot cache '%s': %s", path, strerror(-err));
	return err;
}
