"""Short memory: the pool shrinks, and everything still reads right.

The daemon, or a hog, runs in a control group below the test's own, which is
taken away in the end. Where a kind of control group or of pressure is not to
be had, the test says so and is skipped.
"""
import contextlib
import os
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np

import fixtures
import tap
from harness import (SANITIZED, Mount, files_below, forget_pages, opened,
                     pread_all, wait_until)
from test_pcm import samples, source_samples

LIMIT = 256 << 20
MiB = 1 << 20
# Goes through a file that is larger than its control group, for ever: what it
# wants next has always just been dropped. The pages have to be its own.
HOG = """
import mmap, os, sys
import numpy
file = os.open(sys.argv[1], os.O_RDONLY)
os.fsync(file)
os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
pages = numpy.frombuffer(mmap.mmap(file, 0, prot=mmap.PROT_READ), numpy.uint8)
print("go", flush=True)
while True:
    pages[::mmap.PAGESIZE].sum()
"""


def own_group(controller):
    """The folder of this process's group: cgroup v2 for "", else v1."""
    with open("/proc/self/cgroup") as table:
        lines = [line.rstrip("\n").split(":", 2) for line in table]
    path = next((p for _, names, p in lines
                 if controller in names.split(",")), None)
    with open("/proc/self/mountinfo") as table:
        for line in table:
            fields = line.split()
            kind = fields[fields.index("-") + 1]
            if path is None or kind != ("cgroup" if controller else "cgroup2"):
                continue
            if not controller or controller in fields[-1].split(","):
                root = fields[3].rstrip("/")
                if path.startswith(root):
                    return fields[4] + path[len(root):]
    return None


class Group:
    """A control group for memory; enter is the front of a command line."""

    def __init__(self, version, **values):
        self.version = version
        base = own_group("memory" if version == 1 else "")
        if base is None:
            raise unittest.SkipTest(f"no cgroup v{version} for memory here")
        if version == 2:
            self.want_memory_controller(base)
        self.path = os.path.join(base, f"groovefs-test-{os.getpid()}")
        try:
            os.mkdir(self.path)
        except OSError as error:
            raise unittest.SkipTest(f"cannot make a control group below "
                                    f"'{base}': {error.strerror}") from None
        try:
            for name, value in values.items():
                self.write("memory." + name, value)
        except OSError as error:
            self.remove()
            raise unittest.SkipTest(f"cannot limit a control group: "
                                    f"{error.strerror}") from None
        self.enter = ["sh", "-c", 'echo $$ >"$0" && exec "$@"',
                      os.path.join(self.path, "cgroup.procs")]

    @staticmethod
    def want_memory_controller(base):
        """A group's children have it if it is passed on to them."""
        with open(os.path.join(base, "cgroup.subtree_control")) as file:
            if "memory" not in file.read().split():
                raise unittest.SkipTest(
                    "cgroup v2 does not have the memory controller here")

    def write(self, name, value):
        with open(os.path.join(self.path, name), "w") as file:
            file.write(str(value))

    def read(self, name):
        with open(os.path.join(self.path, name)) as file:
            return file.read()

    def remove(self):
        def gone():
            try:
                os.rmdir(self.path)
            except FileNotFoundError:
                pass
            except OSError:
                return False
            return True
        wait_until(gone, "the control group's end")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


def any_group(limit):
    """A group that may have so much, of either version."""
    try:
        return Group(1, limit_in_bytes=limit)
    except unittest.SkipTest:
        return Group(2, max=limit)


def mounted_in(group, library, **options):
    """A mount whose daemon runs in the group."""
    mount = Mount(fixtures.library(library), **options)
    mount.prefix = group.enter
    return mount


def pressure():
    """Microseconds that somebody has waited for memory, or None."""
    try:
        with open("/proc/pressure/memory") as file:
            return int(file.readline().rpartition("=")[2])
    except OSError:
        return None


@contextlib.contextmanager
def hog():
    """Programs that make the machine wait for memory: their own."""
    with tempfile.NamedTemporaryFile(dir="/var/tmp") as file, \
            any_group(48 * MiB) as group:
        for _ in range(192):
            file.write(os.urandom(MiB))
        file.flush()
        programs = [subprocess.Popen(
            [*group.enter, sys.executable, "-c", HOG, file.name],
            stdout=subprocess.PIPE) for _ in range(2)]
        try:
            for program in programs:
                program.stdout.readline()
            yield
        finally:
            for program in programs:
                program.kill()
                program.wait()
                program.stdout.close()


class Reads:
    """Reading an album through pcm/, against its sources."""

    def check(self, mount, view="native"):
        """Every track, from the daemon and not from the page cache."""
        for name in files_below(mount.library):
            path = mount.path("pcm", view, name.replace(".flac", ".wav"))
            with opened(path) as fd:
                ours = samples(pread_all(fd, 1 << 32, 0))
                forget_pages(fd)
            self.assertTrue(np.array_equal(
                ours, source_samples(mount.source(name))), name)


class Limited(unittest.TestCase, Reads):
    limit = 120

    def setUp(self):
        if SANITIZED:
            self.skipTest("sanitizers need more memory than the group has")

    def limited(self, group):
        """In a group of 256 MiB, the pool plans with at most half of it."""
        with group, mounted_in(group, fixtures.large_album) as mount:
            memory = mount.stats()["memory"]
            tap.diag(f"budget {memory['budget_bytes'] / MiB:.0f} MiB")
            self.assertLessEqual(memory["budget_bytes"], LIMIT // 2)
            self.assertGreater(memory["budget_bytes"], 0)
            self.check(mount)
            memory = mount.stats()["memory"]
            self.assertLessEqual(memory["used_bytes"], LIMIT // 2)
            self.assertEqual(mount.counter("workers_died"), 0)

    def test_limit(self):
        """cgroup v1: with limit_in_bytes of 256 MiB the pool is smaller, and
        everything reads right"""
        self.limited(Group(1, limit_in_bytes=LIMIT))

    def test_high(self):
        """cgroup v2: with memory.high of 256 MiB the pool is smaller, and
        everything reads right"""
        self.limited(Group(2, high=LIMIT))

    def test_asked_for_more(self):
        """A budget that was asked for does not go beyond the group's limit"""
        with any_group(LIMIT) as group, mounted_in(
                group, fixtures.single, memory="2G") as mount:
            self.assertLess(mount.stats()["memory"]["budget_bytes"], LIMIT)
            self.check(mount)


class Pressure(unittest.TestCase, Reads):
    limit = 180

    @classmethod
    def setUpClass(cls):
        """No hog, no test."""
        if pressure() is None:
            raise unittest.SkipTest("the kernel tells no pressure (PSI)")
        with hog():
            before = pressure()
            time.sleep(3)
            # the daemon looks for a tenth of a second in each
            if pressure() < before + 3 * 300000:
                raise unittest.SkipTest(
                    "a memory hog puts no pressure on this machine")

    def test_shrinks(self):
        """Under pressure the pool shrinks, and everything reads right; then
        it grows again"""
        with Mount(fixtures.library(fixtures.large_album),
                   memory="256M") as mount:
            self.check(mount)
            full = mount.stats()["memory"]
            shrunk = mount.counter("memory_shrunk")
            with hog():
                wait_until(lambda: mount.counter("memory_shrunk") > shrunk,
                           "the pool to shrink", 60)
                self.check(mount)
                memory = mount.stats()["memory"]
            tap.diag(f"budget {full['budget_bytes'] / MiB:.0f} MiB, then "
                     f"{memory['budget_bytes'] / MiB:.0f}; used "
                     f"{full['used_bytes'] / MiB:.0f}, then "
                     f"{memory['used_bytes'] / MiB:.0f}")
            self.assertLess(memory["budget_bytes"], full["budget_bytes"])
            self.assertIn("memory", mount.log())
            wait_until(lambda: mount.stats()["memory"]["used_bytes"]
                       <= mount.stats()["memory"]["budget_bytes"],
                       "the pool to be within its budget")
            wait_until(lambda: mount.counter("memory_grown") > 0,
                       "the pool to grow again", 100)
            self.check(mount)


if __name__ == "__main__":
    tap.main()
