/*
 * From options to a mount that serves, and back:
 *
 *   check -> core -> session -> engine -> mounted -> ready
 *
 * What was set up is taken down in reverse order. Parked requests are answered
 * when the engine stops, so that comes before the end of the session.
 */
#include "fs/fs.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "fs/handle.h"
#include "fs/handshake.h"
#include "fs/loop.h"
#include "fs/ops.h"
#include "fs/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* libfuse logs a line in pieces. */
static void fuse_line(enum fuse_log_level level, const char *format,
		      va_list args)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static char line[512];
	static size_t used;
	auto_lock(&lock);
	int n = vsnprintf(line + used, sizeof(line) - used, format, args);

	if (n > 0)
		used = used + (size_t)n < sizeof(line) ? used + (size_t)n
						       : sizeof(line) - 1;
	if (used > 0 && line[used - 1] == '\n') {
		line[used - 1] = '\0';
		log_line(level <= FUSE_LOG_ERR ? LOG_LEVEL_ERROR
					       : LOG_LEVEL_DEBUG,
			 "%s", line);
		used = 0;
	}
}

enum { TIMEOUT_SECONDS = 10 };

static bool shows_sources_rights(const struct fs_rights *rights)
{
	return rights->uid == FS_AS_SOURCE && rights->gid == FS_AS_SOURCE &&
	       rights->umask == FS_AS_SOURCE && rights->fmask == FS_AS_SOURCE &&
	       rights->dmask == FS_AS_SOURCE;
}

/*
 * What follows the last `word` among FUSE's options. NULL: it is not among
 * them.
 */
static const char *find_fuse_option(const char *options, const char *word)
{
	const char *found = NULL;

	for (; options && *options; options += strcspn(options, ",")) {
		options += *options == ',';
		if (strncmp(options, word, strlen(word)) == 0)
			found = options + strlen(word);
	}
	return found;
}

static bool is_shared(const char *fuse_options)
{
	const char *rest = find_fuse_option(fuse_options, "allow_other");

	return rest && strchr(",", *rest);
}

static unsigned max_read(const char *fuse_options)
{
	const char *value = find_fuse_option(fuse_options, "max_read=");

	return value ? (unsigned)strtoul(value, NULL, 10) : 0;
}

static int make_root(struct fs *fs)
{
	struct stat st;
	int err = library_stat(fs->core.catalog.library, "", &st);

	if (err)
		return err;
	st.st_nlink =
		2 + fs->core.catalog.views.rooted_count + 1; /* and pcm/ */
	fs->nodes = nodes_create();
	fs->root = node_create(NODE_ROOT, NULL, "", NULL, &st);
	fs->handles = handles_create();
	if (!fs->nodes || !fs->root || !fs->handles)
		return -ENOMEM;
	fs->root->number = NODE_ROOT_NUMBER;
	nodes_ref(fs->nodes, fs->root); /* the kernel never forgets it */
	return 0;
}

static int set_up_mount(struct fs *fs, const struct fs_options *options)
{
	int err = core_open(&fs->core, &options->core);

	if (!err)
		err = make_root(fs);
	if (err)
		return err;
	fs->started = time(NULL);
	fs->timeout = TIMEOUT_SECONDS;
	fs->max_read = max_read(options->fuse_options);
	fs->rights = options->rights;
	fs->core.catalog.shared = is_shared(options->fuse_options) &&
				  shows_sources_rights(&options->rights);
	fs->analyze_on_play = options->analyze_on_play;
	fs->config_text = options->config_text;
	fs->workers = options->core.backend.workers;
	fs->events = events_create();
	if (!fs->events)
		return -ENOMEM;
	fs->tasks = tasks_create(&fs->core, fs->events, fs->workers);
	fs->core.backend.progress = publish_progress;
	fs->core.backend.progress_context = fs->events;
	return fs->tasks ? 0 : -ENOMEM;
}

/* Tasks wait for the engine, and readers of events are handles. */
static void take_down(struct fs *fs)
{
	signals_destroy(fs->signals);
	backend_stop(&fs->core.backend);
	tasks_destroy(fs->tasks);
	handles_destroy(fs, fs->handles);
	events_destroy(fs->events);
	nodes_destroy(fs->nodes);
	node_destroy(fs->root);
	core_close(&fs->core);
}

/* In the form of libfuse's option lists. NULL: no memory. */
static char *escape(const char *text)
{
	char *escaped = malloc(2 * strlen(text) + 1);
	char *to = escaped;

	if (!escaped)
		return NULL;
	for (; *text; text++) {
		if (*text == ',' || *text == '\\')
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '\0';
	return escaped;
}

static struct fuse_session *new_session(struct fs *fs,
					const struct fs_options *options)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session = NULL;
	auto_free char *list = NULL;

	auto_free char *source = escape(options->core.catalog.library);

	/* by the source, mount(8) knows whether an fstab line is mounted */
	if (!source ||
	    asprintf(&list,
		     "fsname=%s,%s%sro,default_permissions,subtype=groovefs",
		     source, options->fuse_options,
		     *options->fuse_options ? "," : "") < 0)
		return NULL;
	if (fuse_opt_add_arg(&args, "groovefs") == 0 &&
	    fuse_opt_add_arg(&args, "-o") == 0 &&
	    fuse_opt_add_arg(&args, list) == 0)
		session = fuse_session_new(&args, &fs_operations,
					   sizeof(fs_operations), fs);
	fuse_opt_free_args(&args);
	return session;
}

/*
 * A signal must reach the thread that waits in the loop, and no other: our
 * threads are started while signals are blocked, and keep them so.
 */
static void change_end_signals(sigset_t *signals,
			       int (*change)(sigset_t *signals, int number),
			       const struct fs_options *options)
{
	change(signals, SIGTERM);
	change(signals, SIGINT);
	if (!options->reload)
		change(signals, SIGHUP);
}

static void block_end_signals(const struct fs_options *options)
{
	sigset_t signals;

	sigemptyset(&signals);
	change_end_signals(&signals, sigaddset, options);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static int loop(struct fs *fs, struct fuse_session *session,
		const struct fs_options *options)
{
	sigset_t unblocked;
	bool ended;
	int err;

	pthread_sigmask(SIG_BLOCK, NULL, &unblocked);
	change_end_signals(&unblocked, sigdelset, options);
	err = loop_run(fs, session, &unblocked, &ended);
	fs->stuck = !ended;
	/* an unmount while a thread receives a request ends it like this
	   (fuse_dev_do_read() in Linux) */
	return err == -ECONNABORTED ? 0 : err;
}

/* Everything besides answering the kernel. */
static int begin_work(struct fs *fs, const struct fs_options *options)
{
	int err = core_start(&fs->core, &options->core);

	if (!err && options->precache && *options->precache)
		err = tasks_watch(fs->tasks, options->precache);
	if (!err)
		err = signals_create(fs, options, &fs->signals);
	return err;
}

static int forbid_symlinks(const char *mountpoint)
{
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOSYMFOLLOW};

	if (mount_setattr(AT_FDCWD, mountpoint, 0, &attributes,
			  sizeof(attributes)) == 0)
		return 0;
	log_error("cannot mount with nosymfollow: %s", strerror(errno));
	return -errno;
}

static int loop_ready(struct fs *fs, struct fuse_session *session,
		      const struct fs_options *options,
		      void (*ready)(void *arg), void *arg)
{
	int err;

	ready(arg);
	err = loop(fs, session, options);
	if (err)
		log_error("the mount '%s' ended: %s", options->core.mountpoint,
			  strerror(-err));
	return err;
}

/*
 * Nobody answers requests yet, so the kernel is only asked for what it knows
 * itself.
 */
static void refuse_own_device(struct fs *fs, const char *mountpoint)
{
	struct statx stx;

	if (statx(AT_FDCWD, mountpoint, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, 0,
		  &stx) == 0)
		library_refuse_device(
			fs->core.catalog.library,
			makedev(stx.stx_dev_major, stx.stx_dev_minor));
	else
		log_warn("cannot read the device number of '%s': %s",
			 mountpoint, strerror(errno));
}

/*
 * A daemon that was unmounted lazily may live on beside, or below, a later
 * mount; libfuse would unmount that one.
 */
static bool is_anothers(const struct fs *fs, const char *mountpoint)
{
	struct statx stx;

	return statx(AT_FDCWD, mountpoint, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
		     0, &stx) == 0 &&
	       makedev(stx.stx_dev_major, stx.stx_dev_minor) !=
		       library_refused_device(fs->core.catalog.library);
}

/*
 * libfuse considers a mount gone if its descriptor says so, as that of a pipe
 * without a reader does.
 */
static void let_go(struct fuse_session *session)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	close(ends[0]);
	dup2(ends[1], fuse_session_fd(session));
	close(ends[1]);
}

static int serve(struct fs *fs, const struct fs_options *options,
		 struct fuse_session *session, void (*ready)(void *arg),
		 void *arg)
{
	int err;

	if (fuse_session_mount(session, options->core.mountpoint) != 0)
		return -EIO; /* libfuse has said why */
	refuse_own_device(fs, options->core.mountpoint);
	err = handshake(session);
	if (!err && options->nosymfollow)
		err = forbid_symlinks(options->core.mountpoint);
	if (!err)
		err = loop_ready(fs, session, options, ready, arg);
	/* everybody who still waits is answered while the session lives */
	events_stop(fs->events);
	tasks_stop(fs->tasks);
	backend_stop(&fs->core.backend);
	if (is_anothers(fs, options->core.mountpoint))
		let_go(session);
	fuse_session_unmount(session);
	return err;
}

static int serve_session(struct fs *fs, const struct fs_options *options,
			 void (*ready)(void *arg), void *arg)
{
	struct fuse_session *session = new_session(fs, options);
	int err;

	if (!session)
		return -EINVAL; /* libfuse has said why */
	fs->session = session;
	if (fuse_set_signal_handlers(session) != 0) {
		fuse_session_destroy(session);
		return -EINVAL;
	}
	err = begin_work(fs, options);
	if (!err)
		err = serve(fs, options, session, ready, arg);
	fuse_remove_signal_handlers(session);
	if (!fs->stuck) /* threads that hang may still reply */
		fuse_session_destroy(session);
	return err;
}

/*
 * Readers' buffers are large and short-lived. In pages of their own (glibc must
 * not raise the limit by itself), and with few arenas, they leave no holes when
 * a thousand readers have gone.
 */
static void keep_heap_small(void)
{
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	mallopt(M_TRIM_THRESHOLD, 256 << 10);
	mallopt(M_ARENA_MAX, 4);
}

/*
 * Threads that hang with a source continue when it answers, and must then find
 * everything that they use. The cache is right however the daemon ends.
 */
static void leave_what_hangs(int err)
{
	log_warn("the library does not answer: ending without waiting for it");
	fflush(NULL);
	_exit(err ? EXIT_FAILURE : EXIT_SUCCESS);
}

int fs_serve(const struct fs_options *options, void (*ready)(void *arg),
	     void *arg)
{
	struct fs fs = {.keeping = ATOMIC_FLAG_INIT};
	int err;

	keep_heap_small();
	fuse_set_log_func(fuse_line);
	block_end_signals(options);
	signals_block(options);
	err = set_up_mount(&fs, options);
	if (!err)
		err = serve_session(&fs, options, ready, arg);
	if (fs.stuck || engine_is_stuck(fs.core.backend.engine) ||
	    !tasks_end(fs.tasks))
		leave_what_hangs(err);
	take_down(&fs);
	return err;
}
