/*
 * See watch.h. Each folder has a watch of its own, whose number leads to the
 * folder's path. A new folder is searched after its watch is set: so what
 * arrived before is found, and what arrives later is reported.
 *
 * A watch stays on its folder when a disk is mounted over it, which inotify
 * does not report. So the table of mounts is watched, too, and all watches are
 * set again when it has changed in what concerns the library; as at the start,
 * what is there then does not count as new.
 */
#include "library/watch.h"

#include "base/cleanup.h"
#include "base/join.h"
#include "base/log.h"
#include "base/path.h"
#include "library/files.h"
#include "library/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <poll.h>
#include <pthread.h>
#include <search.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <xxhash.h>

struct watched_folder {
	int number;
	char path[];
};

struct watch {
	const struct library *library;
	const char *root;
	void (*appeared)(void *arg, const char *path);
	void *arg;
	int inotify;
	int end;	  /* an eventfd: it is over */
	int table;	  /* the table of mounts; -1: none */
	uint64_t mounted; /* a hash of the mounts that concern the library */
	bool unmounted;	  /* something that was watched */
	void *folders;
	pthread_t thread;
	bool started;
	bool complained; /* has logged: too many folders */
	atomic_bool stopped;
};

static int compare_watches(const void *a, const void *b)
{
	const struct watched_folder *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

static const struct watched_folder *find_folder(struct watch *w, int number)
{
	const struct watched_folder key = {.number = number};
	struct watched_folder **found =
		tfind(&key, &w->folders, compare_watches);

	return found ? *found : NULL;
}

static void forget_folder(struct watch *w, int number)
{
	struct watched_folder *folder =
		(struct watched_folder *)find_folder(w, number);

	if (!folder)
		return;
	tdelete(folder, &w->folders, compare_watches);
	free(folder);
}

static void warn_unwatched(struct watch *w, const char *path, int err)
{
	if (w->complained)
		return;
	w->complained = err == -ENOSPC;
	log_warn("cannot watch '%s': %s", *path ? path : w->root,
		 err == -ENOSPC ? "too many folders, see "
				  "fs.inotify.max_user_watches"
				: strerror(-err));
}

/* A folder that was moved keeps its number, but has another path. */
static int remember(struct watch *w, int number, const char *path)
{
	size_t size = strlen(path) + 1;
	struct watched_folder *folder = malloc(sizeof(*folder) + size);

	if (!folder)
		return -ENOMEM;
	forget_folder(w, number);
	folder->number = number;
	memcpy(folder->path, path, size);
	if (tsearch(folder, &w->folders, compare_watches))
		return 0;
	free(folder);
	return -ENOMEM;
}

static int watch_folder(struct watch *w, const char *path)
{
	auto_free char *whole = path_join(w->root, path);
	int number;

	if (!whole)
		return -ENOMEM;
	number = inotify_add_watch(w->inotify, whole,
				   IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE |
					   IN_ONLYDIR | IN_DONT_FOLLOW |
					   IN_EXCL_UNLINK);
	return number < 0 ? -errno : remember(w, number, path);
}

/* Some file systems only give names, not types. */
static unsigned char type_by_name(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return DT_UNKNOWN;
	return (unsigned char)IFTODT(st.st_mode);
}

/*
 * Our own mount may be bound there. Whoever looks into it when the mount ends
 * waits for himself.
 */
static bool is_own(const struct watch *w, const char *whole)
{
	dev_t own = library_refused_device(w->library);
	struct statx stx;

	return own &&
	       statx(AT_FDCWD, whole,
		     AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW,
		     0, &stx) == 0 &&
	       makedev(stx.stx_dev_major, stx.stx_dev_minor) == own;
}

/* Watches a folder and all below it; reports their files if `tell`. */
static void look_through(struct watch *w, const char *path, bool tell)
{
	auto_free char *whole = path_join(w->root, path);
	auto_dir DIR *dir = NULL;
	struct dirent *entry;
	int err;

	if (whole && is_own(w, whole))
		return;
	dir = whole ? opendir(whole) : NULL;
	err = watch_folder(w, path);
	if (err)
		warn_unwatched(w, path, err);
	while (!err && dir && !atomic_load(&w->stopped) &&
	       (entry = readdir(dir))) {
		auto_free char *inside = path_join(path, entry->d_name);
		unsigned char type = type_by_name(dir, entry);

		if (!inside || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (type == DT_DIR)
			look_through(w, inside, tell);
		else if (tell && type == DT_REG)
			w->appeared(w->arg, inside);
	}
}

/* A second name for an existing file: nobody will write it. */
static bool is_linked(struct watch *w, const char *path)
{
	auto_free char *whole = path_join(w->root, path);
	struct stat st;

	return whole && lstat(whole, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_nlink > 1;
}

/* A new file is reported once it has been written. */
static void take_event(struct watch *w, const struct inotify_event *event)
{
	const struct watched_folder *folder = find_folder(w, event->wd);
	auto_free char *path = NULL;

	if (event->mask & IN_Q_OVERFLOW)
		log_warn("too many changes at once in '%s': some were missed",
			 w->root);
	w->unmounted |= (event->mask & IN_UNMOUNT) != 0;
	if (event->mask & IN_IGNORED)
		forget_folder(w, event->wd);
	if (!folder || event->len == 0)
		return;
	path = path_join(folder->path, event->name);
	if (!path)
		return;
	if (event->mask & IN_ISDIR)
		look_through(w, path, true);
	else if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO) ||
		 is_linked(w, path))
		w->appeared(w->arg, path);
}

static void take_events(struct watch *w)
{
	char bytes[64 * (sizeof(struct inotify_event) + NAME_MAX + 1)]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(w->inotify, bytes, sizeof(bytes));

	for (char *at = bytes; n > 0 && at < bytes + n;) {
		const struct inotify_event *event = (void *)at;

		at += sizeof(*event) + event->len;
		take_event(w, event);
	}
}

/* The mounts above and in the library, in order. */
static uint64_t hash_mounts(const struct watch *w)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	uint64_t hash = 0;

	while (mounts && (entry = getmntent(mounts))) {
		if (!path_within(entry->mnt_dir, w->root) &&
		    !path_within(w->root, entry->mnt_dir))
			continue;
		hash = XXH3_64bits_withSeed(entry->mnt_fsname,
					    strlen(entry->mnt_fsname), hash);
		hash = XXH3_64bits_withSeed(entry->mnt_dir,
					    strlen(entry->mnt_dir), hash);
	}
	if (mounts)
		endmntent(mounts);
	return hash;
}

/* If nothing can be watched, reads of the descriptor -1 fail. */
static void begin_watch(struct watch *w)
{
	if (w->inotify >= 0)
		close(w->inotify);
	tdestroy(w->folders, free);
	w->folders = NULL;
	w->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	look_through(w, "", false);
}

static void *run_watch(void *arg)
{
	struct watch *w = arg;
	struct pollfd polled[] = {{.fd = w->end, .events = POLLIN},
				  {.fd = w->table, .events = POLLPRI},
				  {.events = POLLIN}};

	look_through(w, "", false);
	while (polled[0].revents == 0) {
		uint64_t mounted = hash_mounts(w);

		if (mounted != w->mounted || w->unmounted)
			begin_watch(w);
		w->mounted = mounted;
		w->unmounted = false;
		polled[2].fd = w->inotify;
		while (!w->unmounted && poll(polled, 3, -1) > 0 &&
		       !polled[0].revents && !polled[1].revents)
			take_events(w);
	}
	return NULL;
}

static int start_watch(struct watch *w)
{
	w->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->end = eventfd(0, EFD_CLOEXEC);
	w->table = open("/proc/self/mounts", O_RDONLY | O_CLOEXEC);
	w->mounted = hash_mounts(w);
	if (w->inotify < 0 || w->end < 0) {
		int err = -errno;

		log_error("cannot watch '%s': %s", w->root, strerror(-err));
		return err;
	}
	if (pthread_create(&w->thread, NULL, run_watch, w) != 0)
		return -ENOMEM;
	w->started = true;
	return 0;
}

int watch_create(const struct library *library,
		 void (*appeared)(void *arg, const char *path), void *arg,
		 struct watch **watch)
{
	struct watch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	*w = (struct watch){.library = library,
			    .root = library_root(library),
			    .appeared = appeared,
			    .arg = arg,
			    .inotify = -1,
			    .end = -1,
			    .table = -1};
	err = start_watch(w);
	if (err) {
		watch_destroy(w);
		return err;
	}
	*watch = w;
	return 0;
}

bool watch_end(struct watch *w, int64_t until)
{
	if (!w || !w->started)
		return true;
	atomic_store(&w->stopped, true);
	eventfd_write(w->end, 1);
	w->started = !join_until(w->thread, until);
	return !w->started;
}

void watch_destroy(struct watch *w)
{
	if (!w)
		return;
	watch_end(w, INT64_MAX);
	if (w->inotify >= 0)
		close(w->inotify);
	if (w->end >= 0)
		close(w->end);
	if (w->table >= 0)
		close(w->table);
	tdestroy(w->folders, free);
	free(w);
}
