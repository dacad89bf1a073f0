/*
 * A file system that hangs when it is told to: a folder seen through FUSE, in
 * which what is called "hung..." does not answer to a request (read, open,
 * readdir) as long as there is a file of that name in a second folder, and what
 * is called "unseen..." not to a getattr. As long as there is a file "eio"
 * there, which holds a percentage, nothing beyond so much of what is called
 * "hung..." can be read.
 *
 *   slow-source FOLDER CONTROL MOUNTPOINT
 *
 * What hangs in it does not keep the kernel from asking for the rest of its
 * folder, as with NFS.
 */
#include "fs/handshake.h"

#define FUSE_USE_VERSION 312
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <fuse_lowlevel.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder;
static const char *control;

static const char *real(const char *path, char text[static PATH_MAX])
{
	snprintf(text, PATH_MAX, "%s%s", folder, path);
	return text;
}

static void wait_while_told(const char *request, const char *path)
{
	char told[PATH_MAX];

	if (!strstr(path, strcmp(request, "getattr") ? "/hung" : "/unseen"))
		return;
	snprintf(told, sizeof(told), "%s/%s", control, request);
	while (access(told, F_OK) == 0)
		usleep(10000);
}

/* The first byte that cannot be read. */
static off_t bad_from(const char *path, int file)
{
	char told[PATH_MAX], text[24] = "";
	struct stat st;
	int fd;

	snprintf(told, sizeof(told), "%s/eio", control);
	fd = strstr(path, "/hung") ? open(told, O_RDONLY) : -1;
	if (fd < 0 || fstat(file, &st) != 0)
		return LLONG_MAX;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return st.st_size * atoi(text) / 100;
}

static int slow_getattr(const char *path, struct stat *st,
			struct fuse_file_info *fi)
{
	char text[PATH_MAX];

	(void)fi;
	wait_while_told("getattr", path);
	return lstat(real(path, text), st) == 0 ? 0 : -errno;
}

static int slow_readdir(const char *path, void *to, fuse_fill_dir_t fill,
			off_t offset, struct fuse_file_info *fi,
			enum fuse_readdir_flags flags)
{
	char text[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	(void)offset;
	(void)fi;
	(void)flags;
	wait_while_told("readdir", path);
	dir = opendir(real(path, text));
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		struct stat st = {.st_ino = entry->d_ino,
				  .st_mode = DTTOIF(entry->d_type)};

		fill(to, entry->d_name, &st, 0, 0);
	}
	closedir(dir);
	return 0;
}

static int slow_open(const char *path, struct fuse_file_info *fi)
{
	char text[PATH_MAX];
	int fd;

	wait_while_told("open", path);
	fd = open(real(path, text), O_RDONLY);
	if (fd < 0)
		return -errno;
	fi->fh = (uint64_t)fd;
	fi->direct_io = 1;
	return 0;
}

static int slow_read(const char *path, char *to, size_t size, off_t offset,
		     struct fuse_file_info *fi)
{
	off_t bad;
	ssize_t n;

	wait_while_told("read", path);
	bad = bad_from(path, (int)fi->fh);
	if (offset >= bad)
		return -EIO;
	if ((off_t)size > bad - offset)
		size = (size_t)(bad - offset);
	n = pread((int)fi->fh, to, size, offset);
	return n < 0 ? -errno : (int)n;
}

static int slow_release(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	close((int)fi->fh);
	return 0;
}

/*
 * Inode numbers are the folder's: libfuse makes up others once somebody has
 * dropped the machine's caches, and then everything is probed anew.
 */
static void *slow_init(struct fuse_conn_info *conn, struct fuse_config *config)
{
	(void)conn;
	config->use_ino = 1;
	return NULL;
}

static const struct fuse_operations operations = {
	.init = slow_init,
	.getattr = slow_getattr,
	.readdir = slow_readdir,
	.open = slow_open,
	.read = slow_read,
	.release = slow_release,
};

/* With a thread for each request that hangs. */
static int serve(struct fuse *fuse, const char *mountpoint)
{
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	int err = fuse_mount(fuse, mountpoint);

	if (!err)
		err = handshake(fuse_get_session(fuse));
	if (!err) {
		fuse_loop_cfg_set_max_threads(config, 200);
		err = fuse_loop_mt(fuse, config);
		fuse_unmount(fuse);
	}
	fuse_loop_cfg_destroy(config);
	return err;
}

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse *fuse;

	if (argc != 4)
		return 2;
	folder = argv[1];
	control = argv[2];
	fuse_opt_add_arg(&args, argv[0]);
	fuse_opt_add_arg(&args, "-oattr_timeout=0,entry_timeout=0");
	fuse = fuse_new(&args, &operations, sizeof(operations), NULL);
	fuse_opt_free_args(&args);
	return fuse && serve(fuse, argv[3]) == 0 ? 0 : 1;
}
