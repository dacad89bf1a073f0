/*
 * Decoders read hostile files, so this process must be worthless to whoever
 * takes it over. Three layers, each sufficient for its purpose:
 *
 *   rlimits   heap, descriptors, no files written, no processes; and no
 *             capabilities, should the daemon be root
 *   Landlock  no path can be opened, whatever system call is tried
 *   seccomp   a list of the calls that decoding needs. All others fail with
 *             EPERM, because a library that cannot get the number of
 *             processors should go on; calls that no library here can
 *             possibly need kill the process.
 *
 * A sanitizer's runtime needs more (it reads /proc/self/maps, and terabytes of
 * address space), so a build with one is a little more open.
 */
#include "transcode/worker/sandbox.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"

#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#if SANITIZED
/* LeakSanitizer clones and traces: the unit tests look for leaks instead. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

/* For any task; the daemon sets a lower limit for each (engine/limits.c). */
#define HEAP_LIMIT (2ull << 30)
#define MAX_FDS 32
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int sandbox_close_from(unsigned first)
{
	if (syscall(SYS_close_range, first, ~0u, 0) != 0)
		return fail(-errno, "cannot close descriptors");
	return 0;
}

static int set_process_flags(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(-errno, "cannot give up privileges");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail(-errno, "cannot become undumpable");
	return 0;
}

/* A daemon that runs as root would pass all of them on. */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capset, &header, none) != 0)
		return fail(-errno, "cannot drop capabilities");
	return 0;
}

static int set_limits(uint64_t mapped)
{
	const struct {
		unsigned resource;
		rlim_t limit;
	} limits[] = {
		{RLIMIT_CORE, 0},
		{RLIMIT_NPROC, 0},
		{RLIMIT_FSIZE, 0},
		{RLIMIT_MEMLOCK, 0},
		{RLIMIT_NOFILE, MAX_FDS},
		{RLIMIT_DATA, HEAP_LIMIT},
		{RLIMIT_AS, HEAP_LIMIT + mapped},
	};

	for (size_t i = 0; i < COUNT(limits); i++) {
		struct rlimit limit = {limits[i].limit, limits[i].limit};

		if (SANITIZED && (limits[i].resource == RLIMIT_AS ||
				  limits[i].resource == RLIMIT_DATA))
			continue;
		if (setrlimit(limits[i].resource, &limit) != 0)
			return fail(-errno, "cannot limit resource %u",
				    limits[i].resource);
	}
	return 0;
}

/* All that this header defines, except what an older kernel does not know. */
static uint64_t landlock_rights(int version)
{
	uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

#ifdef LANDLOCK_ACCESS_FS_REFER
	if (version >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
#endif
#ifdef LANDLOCK_ACCESS_FS_TRUNCATE
	if (version >= 3)
		rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
#endif
	return rights;
}

static int forbid_paths(void)
{
	struct landlock_ruleset_attr rules = {0};
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
				   LANDLOCK_CREATE_RULESET_VERSION);
	auto_fd int fd = -1;

	if (version < 1)
		return 0; /* not built in, or switched off */
	rules.handled_access_fs = landlock_rights(version);
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules),
			  0);
	if (fd < 0)
		return fail(-errno, "cannot make a Landlock ruleset");
	if (syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		return fail(-errno, "cannot enter Landlock");
	return 0;
}

static const int allowed[] = {
	/* the files and the socket of a task */
	SCMP_SYS(read),
	SCMP_SYS(pread64),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(close),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	/* memory; mmap, mprotect and madvise have rules of their own */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	/* a process's own life */
	SCMP_SYS(futex),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(sched_yield),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static const int allowed_to_sanitizers[] = {
	SCMP_SYS(openat),      SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),  SCMP_SYS(newfstatat),
	SCMP_SYS(sigaltstack), SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64),   SCMP_SYS(tgkill),
	SCMP_SYS(uname),       SCMP_SYS(sched_getaffinity),
};

static const int deadly[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(ptrace),
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(bpf),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
};

/* Allocators use these, on private memory. */
static const int advice[] = {MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE,
			     MADV_NOHUGEPAGE, MADV_DONTDUMP};

static int add_rules(scmp_filter_ctx filter, uint32_t action, const int *calls,
		     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int error = seccomp_rule_add(filter, action, calls[i], 0);

		if (error)
			return error;
	}
	return 0;
}

/*
 * Private memory that nobody can execute; no files are mapped, and no holes are
 * punched into shared memory. The C library's messages go to stderr.
 */
static int add_narrow_rules(scmp_filter_ctx filter)
{
	int error = seccomp_rule_add(
		filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
		SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
		SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));

	if (!error)
		error = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	for (size_t i = 0; !error && i < COUNT(advice); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(madvise), 1,
					 SCMP_A2(SCMP_CMP_EQ, advice[i]));
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(write), 1,
					 SCMP_A0(SCMP_CMP_EQ, 2));
	return error;
}

static int fill_filter(scmp_filter_ctx filter)
{
	int error = add_rules(filter, SCMP_ACT_ALLOW, allowed, COUNT(allowed));

	if (!error)
		error = add_rules(filter, SCMP_ACT_KILL_PROCESS, deadly,
				  COUNT(deadly));
	if (!error)
		error = add_narrow_rules(filter);
	if (!error && SANITIZED)
		error = add_rules(filter, SCMP_ACT_ALLOW, allowed_to_sanitizers,
				  COUNT(allowed_to_sanitizers));
	return error;
}

static int forbid_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error;

	if (!filter)
		return fail(-ENOMEM, "out of memory");
	error = fill_filter(filter);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error ? fail(error, "cannot load the seccomp filter") : 0;
}

int sandbox_enter(uint64_t mapped)
{
	int error = set_process_flags();

	if (!error)
		error = drop_capabilities();
	if (!error)
		error = set_limits(mapped);
	if (!error)
		error = forbid_paths();
	if (!error)
		error = forbid_calls();
	return error;
}
