/* Access to the source files, confined to the library's root. */
#include "fs/library.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OPEN_TRIES = 100 };

struct library {
	int root;
};

static int open_beneath(const struct library *library, const char *path,
			int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	unsigned tries = 0;
	long fd;

	/* EAGAIN: something was renamed while the path was walked, or, and
	   then it stays so, somebody holds a lease on the file */
	do {
		fd = syscall(SYS_openat2, library->root, *path ? path : ".",
			     &how, sizeof(how));
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN) &&
		 ++tries < OPEN_TRIES);
	return fd < 0 ? -errno : (int)fd;
}

int library_open(const char *root, struct library **library)
{
	struct library *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->root < 0) {
		err = -errno;
	} else {
		DIR *dir;

		err = library_open_dir(l, "", &dir);
		if (!err)
			closedir(dir);
	}
	if (err) {
		library_close(l);
		return err;
	}
	*library = l;
	return 0;
}

void library_close(struct library *library)
{
	if (!library)
		return;
	if (library->root >= 0)
		close(library->root);
	free(library);
}

int library_stat(const struct library *library, const char *path,
		 struct stat *st)
{
	auto_fd int fd = open_beneath(library, path, O_PATH);

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
	return fstatvfs(library->root, st) == 0 ? 0 : -errno;
}
