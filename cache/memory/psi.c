/*
 * A trigger costs nothing while all is well and fires sooner than the next
 * look. Reading is for kernels, and users, without triggers: the file says for
 * how long, since the start of the machine, some task had to wait.
 *
 *   some avg10=0.00 avg60=0.10 avg300=0.42 total=4251680
 *   full avg10=0.00 avg60=0.10 avg300=0.41 total=4190960
 */
#include "cache/memory/pressure_private.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define STALLED 100000 /* microseconds between two looks: pressure */

/* Any other file would keep what is written to it. */
static bool is_the_kernel_s(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == PROC_SUPER_MAGIC ||
					 fs.f_type == CGROUP2_SUPER_MAGIC);
}

/* With the NUL, says the kernel's example. */
static bool ask(int fd, const char *trigger)
{
	ssize_t size = (ssize_t)strlen(trigger) + 1;

	return write(fd, trigger, (size_t)size) == size;
}

static bool set_trigger(struct psi *psi, const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && is_the_kernel_s(fd) &&
	    (ask(fd, "some 100000 1000000") ||
	     ask(fd, "some 200000 2000000"))) {
		psi->fd = fd;
		psi->trigger = true;
		return true;
	}
	if (fd >= 0)
		close(fd);
	return false;
}

/* False: there is no such number. */
static bool read_total(const struct psi *psi, uint64_t *total)
{
	static const char word[] = "total=";
	char text[256];
	ssize_t n = pread(psi->fd, text, sizeof(text) - 1, 0);
	const char *found;

	if (n <= 0)
		return false;
	text[n] = '\0';
	found = strncmp(text, "some ", 5) == 0 ? strstr(text, word) : NULL;
	if (!found)
		return false;
	*total = strtoull(found + strlen(word), NULL, 10);
	return true;
}

void psi_open(struct psi *psi, const char *path)
{
	*psi = (struct psi){.fd = -1};
	if (set_trigger(psi, path))
		return;
	psi->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (psi->fd >= 0 && !read_total(psi, &psi->total))
		psi_release(psi);
}

void psi_release(struct psi *psi)
{
	if (psi->fd >= 0)
		close(psi->fd);
	psi->fd = -1;
}

struct pollfd psi_pollfd(const struct psi *psi)
{
	return (struct pollfd){
		.fd = psi->trigger ? psi->fd : -1,
		.events = POLLPRI,
	};
}

bool psi_pressed(struct psi *psi, short events)
{
	uint64_t before = psi->total;

	if (psi->fd < 0)
		return false;
	if (psi->trigger) {
		if (events & POLLERR) /* it is gone, and would wake us for
					 ever */
			psi_release(psi);
		return events & POLLPRI && !(events & POLLERR);
	}
	return read_total(psi, &psi->total) && psi->total > before &&
	       psi->total - before >= STALLED;
}
