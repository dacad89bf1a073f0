/*
 * Precaching by a mount: the mount does the work, and this shows its progress.
 * Its events only wake us; the numbers come by ioctl(2), which loses nothing
 * when there are many.
 */
#include "cli/precache_command.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/end_signals.h"
#include "cli/place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

/* Time between two looks; an event makes it earlier. */
enum { LOOK_MS = 500 };

static const struct control_head head = {CONTROL_VERSION, 1};

struct mount_call {
	struct precache_command *p;
	char *mountpoint; /* of the control file that is open */
	int control;	  /* its .groovefs/events; -1: none */
	int stop;	  /* an eventfd: a signal has come */
};

static void close_mount(struct mount_call *a)
{
	if (a->control >= 0)
		close(a->control);
	a->control = -1;
	free(a->mountpoint);
	a->mountpoint = NULL;
}

static int open_mount(struct mount_call *a, const char *mountpoint)
{
	auto_free char *path = NULL;

	if (a->mountpoint && strcmp(a->mountpoint, mountpoint) == 0)
		return 0;
	close_mount(a);
	a->mountpoint = strdup(mountpoint);
	if (!a->mountpoint ||
	    asprintf(&path, "%s/.groovefs/events", mountpoint) < 0)
		return -ENOMEM;
	a->control = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return a->control < 0 ? -errno : 0;
}

/* What is new since the look before. */
static void show_task(struct precache_command *p,
		      const struct control_task *before,
		      const struct control_task *now)
{
	size_t done = 0;

	if (now->total > before->total)
		progress_expect(&p->progress, now->total - before->total);
	for (unsigned i = 0; i < CONTROL_OUTCOMES; i++) {
		done += now->tracks[i] - before->tracks[i];
		if (i <= PRECACHE_FAILED) /* a newer mount knows more */
			p->tracks[i] += now->tracks[i] - before->tracks[i];
	}
	p->missing += now->missing - before->missing;
	progress_advance(&p->progress, done, now->seconds - before->seconds,
			 now->bytes - before->bytes);
	p->evicted += now->evicted - before->evicted;
	/* a newer mount knows more */
	if (now->outcome > 0 && now->outcome - 1 <= PRECACHE_FAILED)
		precache_tell(p, &(struct outcome){
					 .status = now->outcome - 1,
					 .quality = now->quality,
					 .path = now->path,
					 .reason = now->reason,
				 });
}

/* 1: the task is over. */
static int look(struct mount_call *a, struct control_task *before)
{
	struct control_task now;

	do {
		now = (struct control_task){.head = head, .task = before->task};
		if (ioctl(a->control, CONTROL_TASK, &now) != 0)
			return -errno;
		show_task(a->p, before, &now);
		*before = now;
	} while (now.outcome > 0);
	return now.over != 0;
}

/* Waits for events, or for a signal. */
static void wait_for_events(struct mount_call *a)
{
	struct pollfd polled[] = {{.fd = a->control, .events = POLLIN},
				  {.fd = a->stop, .events = POLLIN}};
	char bytes[4096];

	fflush(stdout);
	poll(polled, 2, LOOK_MS);
	if (polled[1].revents)
		a->p->stopped = true;
	while (read(a->control, bytes, sizeof(bytes)) > 0)
		; /* they only served to wake us */
}

static int follow_task(struct mount_call *a, uint32_t number)
{
	struct control_cancel cancel = {.head = head, .task = number};
	struct control_task before = {.task = number};
	int over = 0;

	while (over == 0 && !a->p->stopped) {
		wait_for_events(a);
		over = look(a, &before);
	}
	if (over == 0)
		ioctl(a->control, CONTROL_CANCEL, &cancel);
	return over < 0 ? over : 0;
}

/* Folders of a mount that are not qualities. */
static bool is_quality_of_mount(const char *view)
{
	return view && strcmp(view, "original") != 0 &&
	       strcmp(view, "analysis") != 0 && strcmp(view, "pcm") != 0 &&
	       strncmp(view, "pcm/", 4) != 0;
}

static int have_task_run(struct mount_call *a, const struct place *place)
{
	struct control_precache call = {.head = head};
	const char *qualities = a->p->qualities;

	if (!qualities)
		qualities = is_quality_of_mount(place->view) ? place->view : "";
	if (strlen(qualities) >= sizeof(call.qualities) ||
	    strlen(place->path) >= sizeof(call.path))
		return -ENAMETOOLONG;
	strcpy(call.qualities, qualities);
	strcpy(call.path, place->path);
	if (ioctl(a->control, CONTROL_PRECACHE, &call) != 0)
		return -errno;
	return follow_task(a, call.task);
}

/*
 * With --mount, a path that does not exist is one in its library. A playlist
 * may be anywhere.
 */
static int find_precached_place(const struct precache_command *p,
				const char *path, struct place *place)
{
	auto_free char *real = NULL;
	int err = p->mount ? place_find_in(path, p->mount, place)
			   : place_find(path, place);

	if (!(err == -ENXIO && playlist_is(path)) &&
	    !(err == -ENOENT && p->mount && *path != '/'))
		return err;
	real = realpath(path, NULL);
	place_release(place);
	err = place_of_mount(p->mount, place);
	if (err)
		return err;
	free(place->path);
	place->path = strdup(real ? real : path);
	return place->path ? 0 : -ENOMEM;
}

static const char *reason_of_refusal(int err)
{
	switch (err) {
	case -EINVAL:
		return "the mount has no such quality";
	case -EAGAIN:
		return "the mount has too many tasks already";
	case -ENOTTY:
	case -EPROTONOSUPPORT:
		return "the mount runs another version of groovefs: mount it "
		       "again";
	default:
		return place_reason(err);
	}
}

static int precache_path(struct mount_call *a, const char *path)
{
	struct place place;
	int err = find_precached_place(a->p, path, &place);

	if (!err)
		err = open_mount(a, place.mountpoint);
	if (!err)
		err = have_task_run(a, &place);
	place_release(&place);
	if (err)
		precache_tell(a->p, &(struct outcome){
					    .status = PRECACHE_FAILED,
					    .quality = "",
					    .path = path,
					    .reason = reason_of_refusal(err),
				    });
	return err;
}

static void stop_following(void *arg)
{
	eventfd_write(((struct mount_call *)arg)->stop, 1);
}

/* The mount that --mount names. */
static int check_mount(const char *mountpoint)
{
	struct place place;
	int err = place_of_mount(mountpoint, &place);

	place_release(&place);
	if (err)
		log_error("cannot use the mount '%s': %s", mountpoint,
			  err == -ENXIO ? "no groovefs is mounted there"
					: strerror(-err));
	return err;
}

int precache_by_mount(struct precache_command *p, char **paths)
{
	struct mount_call a = {.p = p, .control = -1};
	struct end_signals ends;
	int err = p->mount ? check_mount(p->mount) : 0;

	if (err)
		return err;
	a.stop = eventfd(0, EFD_CLOEXEC);
	if (a.stop < 0 || end_signals_watch(&ends, stop_following, &a) != 0) {
		log_error("cannot start: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	for (; *paths && !p->stopped; paths++)
		p->missing += precache_path(&a, *paths) != 0;
	end_signals_unwatch(&ends);
	close_mount(&a);
	close(a.stop);
	return 0;
}
