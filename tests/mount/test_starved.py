"""A daemon that is refused descriptors, memory or processes, or whose clock
jumps: what it cannot do fails, and once it can, all is right."""
import contextlib
import errno
import os
import re
import resource
import time
import unittest

import fixtures
import tap
from harness import (BINARY, SANITIZED, Mount, files_below, forget_pages,
                     in_threads, kill_workers, opened, pread_all, read_file,
                     wait_until, with_worker)

FALSE_SYSTEM = os.environ.get("GROOVEFS_FALSE_SYSTEM", os.path.join(
    os.path.dirname(BINARY), "../tests/mount/libfalse-system.so"))
DAY = 86400
# What a reader may be told when something is short.
SHORT = (errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN)


class Starved(unittest.TestCase):
    limit = 90
    VIEWS = ("low", "pcm/native", "original")

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.rated)
        with Mount(cls.library) as mount:
            cls.right = {name: read_file(mount.path(name))
                         for name in cls.names(mount)}

    @classmethod
    def names(cls, mount):
        return [os.path.join(view, name) for view in cls.VIEWS
                for name in files_below(mount.path(view))]

    def read(self, mount, name):
        with opened(mount.path(name)) as fd:
            forget_pages(fd)
            return pread_all(fd, 1 << 30, 0)

    def check(self, mount):
        """All is there, and right."""
        self.assertEqual(sorted(self.names(mount)), sorted(self.right))
        for name, right in self.right.items():
            self.assertTrue(self.read(mount, name) == right, name)

    def try_all(self, mount):
        """Many at once: right, or refused. Gives how many were refused."""
        names = sorted(self.right)

        def one(i):
            name = names[i % len(names)]
            try:
                self.assertTrue(self.read(mount, name) == self.right[name])
            except OSError as error:
                self.assertIn(error.errno, SHORT, error)
                return 1
            return 0
        return sum(in_threads(3 * len(names), one))

    @contextlib.contextmanager
    def limited(self, mount, kind, most):
        """The running daemon may have no more than that meanwhile."""
        pid = mount.process.pid
        before = resource.prlimit(pid, kind)
        resource.prlimit(pid, kind, (most, before[1]))
        try:
            yield
        finally:
            resource.prlimit(pid, kind, before)

    @staticmethod
    def first_free(mount):
        """The number that its next descriptor gets, once it stays the same."""
        def look():
            time.sleep(0.05)
            used = set(map(int, os.listdir(f"/proc/{mount.process.pid}/fd")))
            return min(set(range(len(used) + 1)) - used)
        first = look()
        while (now := look()) != first:
            first = now
        return first

    def test_descriptors(self):
        """Without a free descriptor reads fail, and nothing is remembered of
        it"""
        with Mount(self.library) as mount:
            for free in (0, 2, 5):
                most = self.first_free(mount) + free
                with self.limited(mount, resource.RLIMIT_NOFILE, most):
                    refused = self.try_all(mount)
                    tap.diag(f"{free} free: {refused} refused")
                    if free == 0:
                        self.assertGreater(refused, 0)
            self.check(mount)

    def test_open(self):
        """Without a free descriptor a file that was looked up is not told as
        another one by now"""
        with Mount(self.library) as mount, contextlib.ExitStack() as stack:
            held = [os.open(mount.path(name), os.O_PATH)
                    for name in self.names(mount)]
            for fd in held:
                stack.callback(os.close, fd)
            mount.settle()
            with self.limited(mount, resource.RLIMIT_NOFILE,
                              self.first_free(mount)):
                for fd in held:
                    with self.assertRaises(OSError) as caught:
                        os.close(os.open(f"/proc/self/fd/{fd}", os.O_RDONLY))
                    self.assertIn(caught.exception.errno, SHORT)

    def test_memory(self):
        """Without memory reads fail, and nothing is remembered of it"""
        if SANITIZED:
            self.skipTest("a sanitizer ends a program that has no memory")
        with Mount(self.library) as mount:
            for free in (0, 200 << 10, 2 << 20):
                with open(f"/proc/{mount.process.pid}/status") as file:
                    used = int(re.search(r"VmData:\s+(\d+)", file.read())[1])
                with self.limited(mount, resource.RLIMIT_DATA,
                                  (used << 10) + free):
                    refused = self.try_all(mount)
                    tap.diag(f"{free >> 10} KiB free: {refused} refused")
            self.check(mount)

    def without_workers(self, mount, flag):
        """While there is this file no worker can be started."""
        with open(flag, "w"):
            pass
        kill_workers(mount)
        self.assertGreater(self.try_all(mount), 0)
        self.assertIn("no worker can be started", mount.log())
        os.remove(flag)
        self.check(mount)

    def test_no_worker(self):
        """While workers end as they start reads fail, with a line in the log;
        then all is read"""
        mount = Mount(self.library)
        flag = os.path.join(mount.base, "flag")
        with_worker(mount, f"[ ! -e {flag} ] || exit 1; exec $WORKER")
        with mount:
            self.without_workers(mount, flag)


class Preloaded(Starved):
    def setUp(self):
        if SANITIZED:
            self.skipTest("a sanitizer wants to be the first library")

    def mount(self, **options):
        """Yet to be entered."""
        mount = Mount(self.library, **options)
        self.flag = os.path.join(mount.base, "flag")
        self.clock = os.path.join(mount.base, "clock")
        mount.prefix = ["env", f"LD_PRELOAD={os.path.realpath(FALSE_SYSTEM)}",
                        f"FALSE_CLOCK={self.clock}",
                        f"FALSE_SPAWN={self.flag}"]
        return mount

    def test_no_process(self):
        """While the system has no process for a worker reads fail, with a line
        in the log; then all is read"""
        with self.mount() as mount:
            self.without_workers(mount, self.flag)
            self.assertIn("Resource temporarily unavailable", mount.log())

    def test_clock(self):
        """A clock that jumps by years, forwards and back, makes nothing wrong
        and nobody wait"""
        with self.mount(cache_age="30d") as mount:
            clock = self.clock
            self.check(mount)
            for days in (3650, -3650, 1, 0):
                with open(clock + ".new", "w") as file:
                    file.write(str(days * DAY))
                os.rename(clock + ".new", clock)
                os.listdir(mount.path("low"))
                self.check(mount)
                if days == 3650:
                    mount.remount()  # which looks for old entries at once
                    wait_until(lambda: mount.counter("entries_evicted") > 0,
                               "old entries to go")
                self.assertEqual(mount.counter("tasks_failed"), 0)


if __name__ == "__main__":
    tap.main()
