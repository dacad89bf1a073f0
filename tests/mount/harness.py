"""Real mounts for tests: one class, Mount, and the helpers around it.

    with Mount(library) as mount:
        data = read_file(mount.path("low", "Artist/Album/Song.mp3"))

The daemon runs in the foreground with folders of its own. Leaving the block
unmounts, and asserts that the daemon exits 0, leaves no worker behind and that
no sanitizer complained. Nothing waits without a limit: wait_until() gives up,
and abort_all(), which tap.py calls when a test takes too long, cuts every
mount off, so that whatever hangs in the kernel comes back with an error.
"""
import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from log import Log

# Who runs the tests in the background may have these ignored, and a daemon
# would inherit that.
for ignored in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(ignored) == signal.SIG_IGN:
        signal.signal(ignored, signal.SIG_DFL)
# Likewise what is configured on this machine.
for word in [w for w in os.environ if w.startswith("GROOVEFS_") and w[9:] not in
             ("BINARY", "FALSE_SYSTEM", "FAULTY_DISK", "FIXTURES", "REDUCED",
              "SANITIZED", "SEED", "SLOW_SOURCE", "WORKER_TAKEN")]:
    del os.environ[word]
os.environ["GROOVEFS_CONFIG"] = "/dev/null"

BINARY = os.environ.get("GROOVEFS_BINARY", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../build/cli/groovefs"))
WORKER = os.path.join(os.path.dirname(BINARY),
                      "../transcode/worker/groovefs-worker")
SANITIZED = bool(os.environ.get("GROOVEFS_SANITIZED", "").strip("0"))
SCALE = 5 if SANITIZED else 1  # of every time limit
QUALITIES = {"high": 256, "medium": 192, "low": 128}
COMPLAINTS = re.compile(r"(Address|Thread|Leak|Memory|UndefinedBehavior)"
                        r"Sanitizer|runtime error:|Assertion .* failed|"
                        r"malloc\(\)|free\(\)|corrupted")
MNT_FORCE, MNT_DETACH = 1, 2
MS_NOSUID, MS_NODEV = 2, 4

libc = ctypes.CDLL(None, use_errno=True)
mounts = set()


def why_not():
    """Why mounts cannot be tested here, or None."""
    if os.geteuid() != 0:
        return "mounting needs root"
    if not os.path.exists("/dev/fuse"):
        return "there is no /dev/fuse"
    if not os.path.exists("/proc/self/mountinfo"):
        return "there is no /proc"
    try:
        fuse = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        return f"cannot open /dev/fuse: {error.strerror}"
    error = try_mount(fuse)
    os.close(fuse)
    return f"cannot mount FUSE: {os.strerror(error)}" if error else None


def try_mount(fuse):
    """Mounts a FUSE without a daemon for a moment: 0 or an errno."""
    with tempfile.TemporaryDirectory(prefix="groovefs-try-") as folder:
        options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0"
        if libc.mount(b"groovefs-try", os.fsencode(folder), b"fuse.try",
                      MS_NOSUID | MS_NODEV, options.encode()):
            return ctypes.get_errno()
        return umount(folder, MNT_DETACH)


def wait_until(condition, what, limit=20):
    """Polls; gives what the condition gave, or fails after the limit."""
    deadline = time.monotonic() + limit * SCALE
    while True:
        value = condition()
        if value:
            return value
        for mount in list(mounts):
            assert mount.running(), (f"waiting for {what}: the daemon died\n"
                                     + mount.log())
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit * SCALE} s for {what}")
        time.sleep(0.005)


def mounted(folder):
    wanted = os.path.realpath(folder)
    with open("/proc/self/mountinfo", "rb") as table:
        for line in table:
            point = line.split()[4].decode("unicode_escape")
            if point == wanted:
                return True
    return False


def umount(folder, flags=0):
    """0 or an errno."""
    if libc.umount2(os.fsencode(folder), flags) == 0:
        return 0
    return ctypes.get_errno()


def cut_off(folder):
    """No process hangs on this mount after this, whatever the daemon does."""
    umount(folder, MNT_FORCE)
    umount(folder, MNT_DETACH)


def abort_all():
    for mount in list(mounts):
        mount.messages.add("cut off: the test took too long")
        mount.kill_process()
        cut_off(mount.point)


def read_file(path, chunk=1 << 17):
    parts = []
    fd = os.open(path, os.O_RDONLY)
    try:
        while part := os.read(fd, chunk):
            parts.append(part)
    finally:
        os.close(fd)
    return b"".join(parts)


def read_at(path, offset, size):
    """As many bytes as pread gives for it, with no page cache in the way."""
    with opened(path) as fd:
        return pread_all(fd, size, offset)


def pread_all(fd, size, offset):
    parts = []
    while size > 0:
        # asking for gigabytes makes Python allocate them
        part = os.pread(fd, min(size, 1 << 24), offset)
        if not part:
            break
        parts.append(part)
        offset += len(part)
        size -= len(part)
    return b"".join(parts)


@contextlib.contextmanager
def opened(path, random=True):
    """A descriptor; random: the kernel does not read ahead."""
    fd = os.open(path, os.O_RDONLY)
    try:
        if random:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
        yield fd
    finally:
        os.close(fd)


def forget_pages(fd):
    """The next read asks the daemon, not the page cache."""
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)


def files_below(folder):
    """Relative paths of all files, as str with surrogates."""
    return sorted(os.path.relpath(os.path.join(base, name), folder)
                  for base, _, names in os.walk(folder) for name in names)


def in_threads(count, work):
    """Runs work(i) in threads; gives the results, raises the first error."""
    results, errors = [None] * count, []

    def run(i):
        try:
            results[i] = work(i)
        except BaseException as error:  # handed to the caller
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i,), daemon=True)
               for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


class Background:
    """work() in a thread of its own; result() waits for what it gives."""

    def __init__(self, work):
        self.error = self.value = None
        self.thread = threading.Thread(target=self._run, args=(work,),
                                       daemon=True)
        self.thread.start()

    def _run(self, work):
        try:
            self.value = work()
        except BaseException as error:
            self.error = error

    def done(self):
        return not self.thread.is_alive()

    def result(self, limit=60):
        self.thread.join(limit * SCALE)
        if not self.done():
            raise AssertionError(f"a reader is stuck after {limit * SCALE} s")
        if self.error:
            raise self.error
        return self.value


class Mount:
    """A library under a mount point, with a daemon in the foreground."""

    def __init__(self, library=None, cache=None, **options):
        self.base = tempfile.mkdtemp(prefix="groovefs-test-")
        self.library = library or self._folder("library")
        self.point = self._folder("mount")
        self.cache = cache or os.path.join(self.base, "cache")
        self.options = {"cache": self.cache, "workers": 2,
                        "worker_timeout": 20 * SCALE, **options}
        self.prefix = []  # of the daemon's command line
        self.binary = BINARY
        self.process = None
        self.messages = Log()

    def _folder(self, name):
        path = os.path.join(self.base, name)
        os.mkdir(path)
        return path

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.kill()
            self.clean()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind:
                self.show_log()
                self.kill()
            elif self.process:
                self.stop()
        finally:
            self.clean()

    def clean(self):
        self.messages.close()
        if not mounted(self.point):
            shutil.rmtree(self.base, ignore_errors=True)

    def start(self):
        options = ",".join(key if value is True else f"{key}={value}"
                           for key, value in self.options.items())
        self.process = subprocess.Popen(
            [*self.prefix, self.binary, "mount", "-f", "-o", options,
             self.library, self.point],
            stdin=subprocess.DEVNULL, stdout=self.messages.writer,
            stderr=subprocess.STDOUT,
            env={**os.environ, "XDG_CACHE_HOME": self.base})
        mounts.add(self)
        wait_until(lambda: mounted(self.point)
                   or not self.running(), "the mount")
        assert self.running(), (
            f"the daemon ended at once with {self.process.returncode}:\n"
            + self.log())

    def stop(self):
        """Unmounts; the daemon must end well."""
        pids = self.worker_pids()
        wait_until(lambda: umount(self.point) == 0, "the umount", 10)
        try:
            code = self.process.wait(20 * SCALE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the daemon goes on after the umount:\n"
                                 + self.log()) from None
        self._ended()
        assert code == 0, f"the daemon ended with {code}:\n{self.log()}"
        self.check_log()
        wait_until(lambda: not any(map(alive, pids)), "the workers' end")

    def check_log(self):
        found = COMPLAINTS.search(self.log())
        assert not found, self.log()[-20000:]

    def kill(self):
        """As a crash: SIGKILL, and the dead mount is taken away."""
        self.kill_process()
        cut_off(self.point)
        self._ended()

    def kill_process(self):
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()

    def _ended(self):
        mounts.discard(self)
        self.process = None

    def remount(self, **options):
        if self.process:
            self.stop()
        self.options.update(options)
        self.start()

    def running(self):
        return self.process.poll() is None

    # What is there

    def path(self, *names):
        return os.path.join(self.point, *names)

    def source(self, *names):
        return os.path.join(self.library, *names)

    def log(self):
        return self.messages.text()

    def show_log(self):
        code = self.process.poll() if self.process else "not started"
        print(f"# daemon: {'running' if code is None else code}, mounted: "
              f"{mounted(self.point)}", flush=True)
        for line in self.log().splitlines()[-25:]:
            print("# log:", line, flush=True)

    def stats(self):
        with open(self.path(".groovefs/stats.json")) as file:
            return json.load(file)

    def counters(self):
        return self.stats()["counters"]

    def counter(self, name):
        return self.counters()[name]

    def worker_pids(self):
        return self.stats()["workers"]["pids"]

    def memory(self, kind="VmRSS"):
        """The daemon's resident bytes; RssAnon: without those of files and of
        the pool of decoded audio, which it shares with its workers."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(kind + r":\s+(\d+)", status.read())[1]) * 1024

    def settle(self, limit=60):
        """Waits until no worker has had work, and nothing has been made, for
        half a second of asking, which is how long a claim that nothing
        happens is watched."""
        same, last = 0, None

        def quiet():
            nonlocal same, last
            stats = self.stats()
            counters = stats["counters"]
            now = (counters["segments_rendered"], counters["tags_rendered"],
                   counters["probes"], counters.get("blocks_made"))
            busy = stats["workers"]["busy"] or any(stats["queue"].values())
            same = same + 1 if now == last and not busy else 0
            last = now
            time.sleep(0.045)
            return same >= 10
        wait_until(quiet, "the workers to come to rest", limit)

    @contextlib.contextmanager
    def frozen(self):
        """Stops all workers meanwhile: what is read is there already."""
        pids = self.worker_pids()
        assert pids, "no workers to stop"
        with stopped(pids):
            for pid in pids:
                wait_until(lambda: state(pid) == "T", "a worker to stop")
            yield pids


def with_worker(mount, script):
    """Has the daemon start this shell script as its workers; $WORKER is the
    real one. Gives its path."""
    folder = mount._folder("bin")
    mount.binary = shutil.copy(BINARY, folder)
    path = os.path.join(folder, "groovefs-worker")
    with open(path, "w") as file:
        file.write(f"#!/bin/sh\nWORKER={os.path.realpath(WORKER)}\n{script}\n")
    os.chmod(path, 0o755)
    return path


def kill_workers(mount):
    for pid in mount.worker_pids():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def stopped(pids):
    """These make nothing meanwhile."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield pids
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def state(pid):
    """R, S, T, Z ..., or None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def alive(pid):
    return state(pid) not in (None, "Z", "X")


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += map(int, file.read().split())
    return found
