/*
 * From inside a worker that was taken over: every system call there is, but
 * those that decoding needs, with arguments that would harm nobody; and those
 * that are allowed, with arguments that are not.
 */
#include "forbidden.h"

#include "transcode/worker/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CALLS = 512, X32 = 0x40000000, LOOK = 8192 };

/* What decoding needs, whatever its arguments; most of it harms only itself. */
static const int harmless[] = {
	SYS_read,	  SYS_pread64,
	SYS_lseek,	  SYS_fstat,
	SYS_close,	  SYS_recvmsg,
	SYS_sendto,	  SYS_poll,
	SYS_ppoll,	  SYS_brk,
	SYS_munmap,	  SYS_mremap,
	SYS_futex,	  SYS_clock_gettime,
	SYS_gettimeofday, SYS_getpid,
	SYS_gettid,	  SYS_sched_yield,
	SYS_rt_sigaction, SYS_rt_sigprocmask,
	SYS_rt_sigreturn, SYS_restart_syscall,
	SYS_exit,	  SYS_exit_group,
};

/* Of the kernel's own probes, which no filter stops: they end who calls them.
 */
enum { SYS_URETPROBE = 335, SYS_UPROBE };

static const struct {
	const char *name;
	int call;
} deadly[] = {
	{"execve", SYS_execve},
	{"execveat", SYS_execveat},
	{"ptrace", SYS_ptrace},
	{"socket", SYS_socket},
	{"socketpair", SYS_socketpair},
	{"connect", SYS_connect},
	{"bind", SYS_bind},
	{"clone", SYS_clone},
	{"clone3", SYS_clone3},
	{"fork", SYS_fork},
	{"vfork", SYS_vfork},
	{"process_vm_readv", SYS_process_vm_readv},
	{"process_vm_writev", SYS_process_vm_writev},
	{"bpf", SYS_bpf},
	{"userfaultfd", SYS_userfaultfd},
	{"io_uring_setup", SYS_io_uring_setup},
	{"x32", X32 | SYS_getpid},
};

static char passed[120];

static void has_passed(const char *what)
{
	size_t length = strlen(passed);

	snprintf(passed + length, sizeof(passed) - length, " %s", what);
}

static bool is_harmless(int call)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		if (harmless[i] == call)
			return true;
	}
	return false;
}

static bool is_deadly(int call)
{
	if (call == SYS_URETPROBE || call == SYS_UPROBE)
		return true;
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++) {
		if (deadly[i].call == call)
			return true;
	}
	return false;
}

static void try_calls(void)
{
	char number[16];

	for (int call = 0; call < CALLS; call++) {
		if (is_harmless(call) || is_deadly(call))
			continue;
		if (syscall(call, -1, -1, -1, -1, -1, -1) == -1 &&
		    errno == EPERM)
			continue;
		snprintf(number, sizeof(number), "%d", call);
		has_passed(number);
	}
}

static void must_fail(const char *what, long result)
{
	if (result != -1)
		has_passed(what);
}

static void try_memory(const struct link *link, int source)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must_fail("executable memory",
		  (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	must_fail("a file as memory",
		  (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, source, 0));
	must_fail("making memory executable",
		  mprotect(page, 4096, PROT_READ | PROT_EXEC));
	must_fail("making shared memory executable",
		  mprotect(link->pool, 4096, PROT_READ | PROT_EXEC));
	must_fail("holes in shared memory",
		  madvise(link->pool, link->pool_size, MADV_REMOVE));
	must_fail("locked memory", mlock(page, 4096));
}

static void try_files(const struct link *link, int source)
{
	char name[] = "/proc/self/exe";
	struct msghdr message = {0};

	must_fail("open", open(name, O_RDONLY));
	must_fail("openat", syscall(SYS_openat, AT_FDCWD, name, O_RDONLY, 0));
	must_fail("creat", creat("/tmp/groovefs-forbidden", 0600));
	must_fail("writing to the source", pwrite(source, "x", 0, 0));
	must_fail("write", write(0, "x", 1));
	must_fail("a message with descriptors",
		  sendmsg(link->socket, &message, MSG_NOSIGNAL));
	must_fail("another limit", fcntl(source, F_SETFL, 0));
}

static void try_processes(void)
{
	must_fail("kill", kill(getppid(), 0));
	must_fail("prctl", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	must_fail("a priority", nice(1) == 1 ? 0 : -1);
}

int try_forbidden(struct link *link, int source)
{
	char bytes[LOOK + 1];
	ssize_t n = pread(source, bytes, LOOK, 0);
	char wanted[40];

	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++) {
		int length = snprintf(wanted, sizeof(wanted), "try=%s;",
				      deadly[i].name);

		if (n <= 0 || !memmem(bytes, (size_t)n, wanted, (size_t)length))
			continue;
		syscall(deadly[i].call, 0, 0, 0, 0, 0, 0);
		return fail(-EINVAL, "%s has passed", deadly[i].name);
	}
	try_calls();
	try_memory(link, source);
	try_files(link, source);
	try_processes();
	return fail(-EINVAL, "has passed:%s", *passed ? passed : " nothing");
}
