/*
 * Access to the source files, confined to the library's root. The fast way is
 * one openat2() that crosses no mount. If disks are mounted within the library,
 * the path is walked step by step, since any of them could be our own mount,
 * and asking that one would be waiting for ourselves. A step opens with O_PATH
 * and looks at what the kernel knows already; neither asks a file system.
 */
#include "library/files.h"

#include "base/cleanup.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { OPEN_TRIES = 100 };

/* What no step may do. */
#define RESOLVE_STEP                                                           \
	(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)

/* The folder that the root's path leads to. */
struct root {
	dev_t dev;
	uint64_t ino;
};

struct library {
	char *path;
	bool follow;		      /* links that lead out */
	atomic_uint_fast64_t refused; /* a device, 0: none */

	pthread_mutex_t lock;
	struct root root; /* the last folder that was accepted */
	bool known;	  /* there has been one */
	bool gone;	  /* that has been logged */
};

static int open_how(int folder, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = resolve,
	};
	unsigned tries = 0;
	long fd;

	/* EAGAIN: something was renamed while the path was walked, or, and
	   then it persists, somebody holds a lease on the file */
	do {
		fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN) &&
		 ++tries < OPEN_TRIES);
	return fd < 0 ? -errno : (int)fd;
}

/* Without asking a file system that lives in a process. */
static int look_at_root(int fd, struct root *root)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO,
		  &stx) != 0)
		return -errno;
	root->dev = makedev(stx.stx_dev_major, stx.stx_dev_minor);
	root->ino = stx.stx_ino;
	return 0;
}

static int check_device(const struct library *library, int fd)
{
	struct root root = {0};
	int err = look_at_root(fd, &root);

	if (!err && root.dev && root.dev == atomic_load(&library->refused))
		err = -ELOOP;
	return err;
}

static bool is_empty(int folder)
{
	auto_fd int fd =
		open_how(folder, ".", O_RDONLY | O_DIRECTORY, RESOLVE_STEP);
	auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	unsigned names = 0;

	if (!dir)
		return true;
	steal_fd(&fd);
	while (names < 3 && readdir(dir))
		names++;
	return names < 3; /* "." and ".." */
}

static void say(struct library *library, bool gone, const char *what)
{
	bool told;

	pthread_mutex_lock(&library->lock);
	told = library->gone == gone;
	library->gone = gone;
	pthread_mutex_unlock(&library->lock);
	if (!told && gone)
		log_warn("cannot read the library '%s': %s", library->path,
			 what);
	else if (!told)
		log_info("the library '%s' is back", library->path);
}

/*
 * Another folder than before is accepted only if it has content: an empty one
 * is what an unmounted disk leaves behind.
 */
static int check_root(struct library *library, int fd)
{
	struct root now = {0};
	int err = check_device(library, fd);
	bool same, known;

	if (!err)
		err = look_at_root(fd, &now);
	if (err)
		return err;
	pthread_mutex_lock(&library->lock);
	known = library->known;
	same = known && now.dev == library->root.dev &&
	       now.ino == library->root.ino;
	pthread_mutex_unlock(&library->lock);
	if (same)
		return 0;
	if (known && is_empty(fd))
		return -ENOENT;
	pthread_mutex_lock(&library->lock);
	library->root = now;
	library->known = true;
	pthread_mutex_unlock(&library->lock);
	return 0;
}

static int open_root(const struct library *library)
{
	struct library *l = (struct library *)library;
	auto_fd int fd = open_how(AT_FDCWD, l->path, O_PATH | O_DIRECTORY,
				  RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	int err = fd < 0 ? fd : check_root(l, fd);

	if (is_shortage(err))
		return err;
	say(l, err, err ? strerror(-err) : NULL);
	return err ? -EIO : steal_fd(&fd);
}

/* Opens what a descriptor of O_PATH refers to. */
static int open_again(int fd, int flags)
{
	char name[32];
	int opened;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	opened = open(name, (flags & ~O_NOFOLLOW) | O_CLOEXEC);
	return opened < 0 ? -errno : opened;
}

/* A link's owner must not be able to show what he could not show himself. */
static bool may_lead(const struct stat *link, const struct stat *target)
{
	return link->st_uid == 0 || link->st_uid == geteuid() ||
	       link->st_uid == target->st_uid;
}

/*
 * Neither in the library, where links stay links, nor above it: that would be
 * an endless tree.
 */
static bool is_elsewhere(const struct library *library, int fd)
{
	char name[32];
	char path[PATH_MAX];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, path, sizeof(path) - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	return !path_within(path, library->path) &&
	       !path_within(library->path, path);
}

/*
 * The target of a link in `folder`, outside the library; -ELOOP: it stays a
 * link.
 */
static int follow_outside(const struct library *library, int folder, int link)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof(text) - 1);
	auto_fd int fd = -1;
	struct stat st, target;

	if (n < 0)
		return -ELOOP;
	text[n] = '\0';
	fd = open_how(folder, text, O_PATH, RESOLVE_NO_MAGICLINKS);
	if (fd < 0 || check_device(library, fd) != 0 || fstat(link, &st) != 0 ||
	    fstat(fd, &target) != 0)
		return -ELOOP;
	return may_lead(&st, &target) && is_elsewhere(library, fd)
		       ? steal_fd(&fd)
		       : -ELOOP;
}

static bool is_link(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

/*
 * Opens one name of a path; a link is followed only if that is wanted, and only
 * once per path.
 */
static int step_into(const struct library *library, int folder,
		     const char *name, bool *followed)
{
	auto_fd int fd =
		open_how(folder, name, O_PATH | O_NOFOLLOW, RESOLVE_STEP);
	int err = fd < 0 ? fd : check_device(library, fd);
	int target;

	if (err)
		return err;
	if (!library->follow || *followed || !is_link(fd))
		return steal_fd(&fd);
	target = follow_outside(library, folder, fd);
	*followed = target >= 0;
	return target >= 0 ? target : steal_fd(&fd);
}

/* A link is neither opened nor entered. */
static int open_last(int fd, int flags)
{
	if (flags & O_PATH)
		return fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return is_link(fd) ? -ELOOP : open_again(fd, flags);
}

static int walk(const struct library *library, int root, const char *path,
		int flags)
{
	auto_free char *copy = strdup(path);
	auto_fd int folder = fcntl(root, F_DUPFD_CLOEXEC, 0);
	bool followed = false;
	char *rest = copy;
	char *name;

	if (!copy || folder < 0)
		return copy ? -errno : -ENOMEM;
	while ((name = strsep(&rest, "/"))) {
		int next = step_into(library, folder, name, &followed);

		if (next < 0)
			return next;
		close(folder);
		folder = next;
	}
	return open_last(folder, flags);
}

static int open_beneath(const struct library *library, const char *path,
			int flags)
{
	auto_fd int root = open_root(library);
	int fd;

	if (root < 0)
		return root;
	fd = open_how(root, *path ? path : ".", flags,
		      RESOLVE_STEP | RESOLVE_NO_XDEV);
	if (library->follow && fd >= 0 && is_link(fd)) {
		close(fd);
		fd = -ELOOP;
	}
	if (fd == -EXDEV || (fd == -ELOOP && library->follow))
		return walk(library, root, path, flags);
	return fd;
}

int library_open(const char *root, bool follow, struct library **library)
{
	struct library *l = calloc(1, sizeof(*l));
	DIR *dir;
	int fd, err;

	if (!l)
		return -ENOMEM;
	pthread_mutex_init(&l->lock, NULL);
	l->path = strdup(root);
	l->follow = follow;
	fd = open_how(AT_FDCWD, root, O_RDONLY | O_DIRECTORY, 0);
	err = fd < 0 ? fd : l->path ? 0 : -ENOMEM;
	if (fd >= 0)
		close(fd);
	if (!err)
		err = library_open_dir(l, "", &dir);
	if (err) {
		library_close(l);
		return err;
	}
	closedir(dir);
	*library = l;
	return 0;
}

void library_close(struct library *library)
{
	if (!library)
		return;
	pthread_mutex_destroy(&library->lock);
	free(library->path);
	free(library);
}

void library_refuse_device(struct library *library, dev_t device)
{
	atomic_store(&library->refused, device);
}

dev_t library_refused_device(const struct library *library)
{
	return atomic_load(&library->refused);
}

const char *library_root(const struct library *library)
{
	return library->path;
}

int library_open_path(const struct library *library, const char *path)
{
	return open_beneath(library, path, O_PATH | O_NOFOLLOW);
}

int library_stat(const struct library *library, const char *path,
		 struct stat *st)
{
	auto_fd int fd = library_open_path(library, path);

	if (fd < 0)
		return fd;
	return fstat(fd, st) == 0 ? 0 : -errno;
}

int library_open_file(const struct library *library, const char *path)
{
	auto_fd int fd =
		open_beneath(library, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return steal_fd(&fd);
}

int library_open_dir(const struct library *library, const char *path, DIR **dir)
{
	auto_fd int fd = open_beneath(library, path, O_RDONLY | O_DIRECTORY);
	DIR *opened;

	if (fd < 0)
		return fd;
	opened = fdopendir(fd);
	if (!opened)
		return -errno;
	steal_fd(&fd);
	*dir = opened;
	return 0;
}

int library_statvfs(const struct library *library, struct statvfs *st)
{
	auto_fd int root = open_root(library);

	if (root < 0)
		return root;
	return fstatvfs(root, st) == 0 ? 0 : -errno;
}
