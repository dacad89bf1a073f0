/*
 * A disk that fails: a folder seen through FUSE, to put a cache on.
 *
 * SIGUSR1 cuts its power: what was not synced is lost, in part and in any
 * order, and the program ends. While there is a file of that name in a second
 * folder, every request is "slow", or reading and writing fail with EIO ("eio")
 * or all that takes room with ENOSPC ("full"). One thread, so that the power
 * goes between two requests.
 *
 *   faulty-disk FOLDER REMOVED CONTROL MOUNTPOINT SEED
 *
 * REMOVED is an empty folder on the same disk. An odd SEED keeps names only if
 * their folder is synced.
 */
#define FUSE_USE_VERSION 312
#include "tests/mount/unsynced.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *folder;
static const char *control;
static struct fuse *disk;
static volatile sig_atomic_t cut;

static const char *real(const char *path, char text[static PATH_MAX])
{
	snprintf(text, PATH_MAX, "%s%s", folder, path);
	return text;
}

static bool told(const char *what)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", control, what);
	return access(path, F_OK) == 0;
}

static int fault(bool takes_room)
{
	if (told("slow"))
		usleep(20000);
	if (told("eio"))
		return -EIO;
	return takes_room && told("full") ? -ENOSPC : 0;
}

static int result(int r)
{
	return r < 0 ? -errno : 0;
}

static int disk_getattr(const char *path, struct stat *st,
			struct fuse_file_info *fi)
{
	char text[PATH_MAX];

	return fi ? result(fstat((int)fi->fh, st))
		  : result(lstat(real(path, text), st));
}

static int disk_readdir(const char *path, void *to, fuse_fill_dir_t fill,
			off_t offset, struct fuse_file_info *fi,
			enum fuse_readdir_flags flags)
{
	char text[PATH_MAX];
	DIR *dir = opendir(real(path, text));
	struct dirent *entry;

	(void)offset;
	(void)fi;
	(void)flags;
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)))
		fill(to, entry->d_name, NULL, 0, 0);
	closedir(dir);
	return 0;
}

static int disk_mkdir(const char *path, mode_t mode)
{
	char text[PATH_MAX];
	int r = fault(true);

	if (r == 0)
		r = result(mkdir(real(path, text), mode));
	if (r == 0)
		unsynced_created(text, true);
	return r;
}

static int disk_unlink(const char *path)
{
	char text[PATH_MAX];
	int r = fault(false);

	return r < 0 ? r : unsynced_remove(real(path, text));
}

static int disk_rename(const char *from, const char *to, unsigned flags)
{
	char text[PATH_MAX], other[PATH_MAX];
	int r = flags ? -EINVAL : fault(false);

	return r < 0 ? r : unsynced_rename(real(from, text), real(to, other));
}

/*
 * To remember what was there takes reading. What SQLite maps must be in the
 * page cache; all else comes from here each time.
 */
static int open_real(const char *path, int flags, mode_t mode,
		     struct fuse_file_info *fi)
{
	const char *dash = strrchr(path, '-');
	char text[PATH_MAX];
	int fd = open(real(path, text), flags | O_RDWR, mode);

	if (fd < 0)
		return -errno;
	fi->fh = (uint64_t)fd;
	fi->direct_io = !dash || strcmp(dash, "-shm") != 0;
	return 0;
}

static int disk_open(const char *path, struct fuse_file_info *fi)
{
	int r = fault(false);

	return r < 0 ? r : open_real(path, 0, 0, fi);
}

static int disk_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	char text[PATH_MAX];
	int r = fault(true);

	if (r == 0)
		r = open_real(path, O_CREAT | O_EXCL, mode, fi);
	if (r == 0)
		unsynced_created(real(path, text), false);
	return r;
}

static int disk_read(const char *path, char *to, size_t size, off_t offset,
		     struct fuse_file_info *fi)
{
	int r = fault(false);
	ssize_t n;

	(void)path;
	if (r < 0)
		return r;
	n = pread((int)fi->fh, to, size, offset);
	return n < 0 ? -errno : (int)n;
}

static int disk_write(const char *path, const char *bytes, size_t size,
		      off_t offset, struct fuse_file_info *fi)
{
	int r = fault(true);
	ssize_t n;

	(void)path;
	if (r < 0)
		return r;
	unsynced_change((int)fi->fh, offset, (off_t)size);
	n = pwrite((int)fi->fh, bytes, size, offset);
	return n < 0 ? -errno : (int)n;
}

static int set_size(int fd, off_t size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	unsynced_change(fd, size, size < st.st_size ? st.st_size - size : 0);
	return result(ftruncate(fd, size));
}

static int disk_truncate(const char *path, off_t size,
			 struct fuse_file_info *fi)
{
	char text[PATH_MAX];
	int r = fault(false), fd;

	if (r < 0)
		return r;
	fd = fi ? dup((int)fi->fh) : open(real(path, text), O_RDWR);
	if (fd < 0)
		return -errno;
	r = set_size(fd, size);
	close(fd);
	return r;
}

static int disk_fallocate(const char *path, int mode, off_t offset, off_t size,
			  struct fuse_file_info *fi)
{
	int r = fault(false);

	(void)path;
	if (r < 0)
		return r;
	unsynced_change((int)fi->fh, offset, size);
	return result(fallocate((int)fi->fh, mode, offset, size));
}

static int disk_fsync(const char *path, int only_data,
		      struct fuse_file_info *fi)
{
	int r = fault(false);

	(void)path;
	(void)only_data;
	if (r == 0)
		unsynced_sync((int)fi->fh);
	return r;
}

static int disk_fsyncdir(const char *path, int only_data,
			 struct fuse_file_info *fi)
{
	int r = fault(false);

	(void)path;
	(void)only_data;
	(void)fi;
	if (r == 0)
		unsynced_sync_names();
	return r;
}

static int disk_release(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	close((int)fi->fh);
	return 0;
}

static int disk_statfs(const char *path, struct statvfs *st)
{
	char text[PATH_MAX];

	return result(statvfs(real(path, text), st));
}

static int disk_utimens(const char *path, const struct timespec times[2],
			struct fuse_file_info *fi)
{
	char text[PATH_MAX];

	return fi ? result(futimens((int)fi->fh, times))
		  : result(utimensat(AT_FDCWD, real(path, text), times, 0));
}

static int disk_chmod(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	char text[PATH_MAX];

	return fi ? result(fchmod((int)fi->fh, mode))
		  : result(chmod(real(path, text), mode));
}

static void *disk_init(struct fuse_conn_info *connection,
		       struct fuse_config *config)
{
	(void)connection;
	config->hard_remove = 1;
	config->attr_timeout = 0;
	config->entry_timeout = 0;
	return NULL;
}

static const struct fuse_operations operations = {
	.init = disk_init,
	.getattr = disk_getattr,
	.readdir = disk_readdir,
	.mkdir = disk_mkdir,
	.unlink = disk_unlink,
	.rename = disk_rename,
	.open = disk_open,
	.create = disk_create,
	.read = disk_read,
	.write = disk_write,
	.truncate = disk_truncate,
	.fallocate = disk_fallocate,
	.fsync = disk_fsync,
	.fsyncdir = disk_fsyncdir,
	.release = disk_release,
	.statfs = disk_statfs,
	.utimens = disk_utimens,
	.chmod = disk_chmod,
};

static void cut_power(int signal)
{
	(void)signal;
	cut = 1;
	fuse_exit(disk);
}

static int serve(const char *mountpoint)
{
	const struct sigaction action = {.sa_handler = cut_power};
	int r = fuse_mount(disk, mountpoint);

	if (r == 0) {
		fuse_set_signal_handlers(fuse_get_session(disk));
		sigaction(SIGUSR1, &action, NULL);
		r = fuse_loop(disk);
		if (cut)
			unsynced_lose();
		fuse_unmount(disk);
	}
	return cut ? 0 : r;
}

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	unsigned seed;

	if (argc != 6)
		return 2;
	umask(0);
	folder = argv[1];
	control = argv[3];
	seed = (unsigned)strtoul(argv[5], NULL, 10);
	unsynced_init(argv[2], seed, seed % 2 == 0);
	fuse_opt_add_arg(&args, argv[0]);
	disk = fuse_new(&args, &operations, sizeof(operations), NULL);
	fuse_opt_free_args(&args);
	/* what libfuse still has of files that nobody could close is no leak */
	_exit(disk && serve(argv[4]) == 0 ? 0 : 1);
}
