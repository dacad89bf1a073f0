"""The cache's bounds: size, free space, age, and a disk that is full."""
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import fixtures
import tap
from harness import (Background, MNT_DETACH, Mount, files_below, forget_pages,
                     opened, pread_all, read_file, umount, wait_until)

SEGMENT = 245 * 836  # bytes of the longest at 256 kbit/s


def on_disk(folder):
    """Bytes that the payloads and maps occupy."""
    total = 0
    for name in files_below(os.path.join(folder, "entries")):
        with contextlib.suppress(FileNotFoundError):
            total += os.stat(os.path.join(folder, "entries",
                                          name)).st_blocks * 512
    return total


@contextlib.contextmanager
def small_disk(size):
    folder = tempfile.mkdtemp(prefix="groovefs-disk-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none",
                    folder], check=True)
    try:
        yield folder
    finally:
        umount(folder, MNT_DETACH)
        os.rmdir(folder)


class Limits(unittest.TestCase):
    limit = 120

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.many)
        cls.names = [name.replace(".flac", ".mp3")
                     for name in files_below(cls.library)]
        count = 20 if fixtures.REDUCED else 30
        cls.names = cls.names[:count]
        with Mount(cls.library) as mount:
            cls.right = {name: read_file(mount.path("high", name))
                         for name in cls.names}

    def check(self, mount, name):
        self.assertTrue(read_file(mount.path("high", name))
                        == self.right[name], name)

    def is_there(self, mount, fd, name):
        """Every byte of the file can be read while no worker runs."""
        forget_pages(fd)
        with mount.frozen():
            data = Background(lambda: pread_all(fd, 1 << 30, 0)).result(20)
        self.assertTrue(data == self.right[name])

    def test_size(self):
        """cache_size= holds all the time while much more is read"""
        limit = 3 << 20
        with Mount(self.library, cache_size="3M") as mount:
            most = 0
            for name in self.names:
                self.check(mount, name)
                most = max(most, on_disk(mount.cache))
            mount.settle()
            most = max(most, on_disk(mount.cache))
            total = sum(map(len, self.right.values()))
            tap.diag(f"read {total >> 10} KiB, at most {most >> 10} KiB on "
                     f"disk, limit {limit >> 10} KiB")
            self.assertGreater(total, limit)
            self.assertLessEqual(most, limit)
            self.assertGreater(mount.counter("entries_evicted"), 0)
            self.assertGreater(mount.counter("evicted_bytes"), 0)

    def test_size_after_restart(self):
        """A smaller cache_size= at the next mount is brought about"""
        with Mount(self.library) as mount:
            for name in self.names[:12]:
                self.check(mount, name)
            mount.settle()
            mount.stop()
            self.assertGreater(on_disk(mount.cache), 2 << 20)
            mount.options["cache_size"] = "1M"
            mount.start()
            self.check(mount, self.names[13])
            wait_until(lambda: on_disk(mount.cache) <= 1 << 20,
                       "the cache to shrink", 90)

    def test_file_larger_than_cache(self):
        """A file that is larger than the whole cache is read right"""
        with Mount(self.library, cache_size="100K") as mount:
            for name in self.names[:3]:
                self.check(mount, name)
            self.assertLessEqual(on_disk(mount.cache), 100 << 10)

    def test_lru(self):
        """The least recently used entry goes first"""
        with Mount(self.library, cache_size="3M", worker_timeout=600) as mount:
            kept = self.names[0]
            for name in self.names[:20]:
                self.check(mount, name)
                with opened(mount.path("high", kept)) as fd:
                    forget_pages(fd)
                    pread_all(fd, 4096, 0)
            mount.settle()
            self.assertGreater(mount.counter("entries_evicted"), 0)
            with opened(mount.path("high", kept)) as fd:
                self.is_there(mount, fd, kept)

    def test_never_what_is_read(self):
        """What is open is not evicted, however much else is read"""
        with Mount(self.library, cache_size="2M", worker_timeout=600) as mount:
            kept = self.names[0]
            with opened(mount.path("high", kept)) as fd:
                self.assertTrue(pread_all(fd, 1 << 30, 0)
                                == self.right[kept])
                mount.settle()
                for name in self.names[1:20]:
                    self.check(mount, name)
                mount.settle()
                self.assertGreater(mount.counter("entries_evicted"), 0)
                self.is_there(mount, fd, kept)

    def test_age(self):
        """Entries older than cache_age= go"""
        with Mount(self.library, cache_age="1s") as mount:
            self.check(mount, self.names[0])
            wait_until(lambda: mount.counter("entries_evicted") > 0,
                       "an old entry to go", 100)
            wait_until(lambda: on_disk(mount.cache) == 0,
                       "the cache to be empty", 100)
            with opened(mount.path("high", self.names[0])) as fd:
                forget_pages(fd)
                self.assertTrue(pread_all(fd, 1 << 30, 0)
                                == self.right[self.names[0]])

    def test_full_disk(self):
        """On a full cache disk reading goes on, and the log says so once"""
        with small_disk("1500k") as disk, \
                Mount(self.library, cache=os.path.join(disk, "cache"),
                      cache_size=0, min_free=0) as mount:
            with open(os.path.join(disk, "filler"), "wb") as file:
                file.write(bytes(700 << 10))
            for name in self.names[:12]:
                self.check(mount, name)
            said = self.complaints(mount)
            tap.diag("\n".join(said))
            self.assertEqual(len(said), 1, said)
            self.assertGreater(mount.counter("segments_in_memory"), 0)
            self.assertEqual(mount.counter("reads_failed"), 0)

    def complaints(self, mount):
        return [line for line in mount.log().splitlines()
                if re.search(r"(warning|error).*cannot write", line)]

    def test_disk_fills_meanwhile(self):
        """A disk that others fill while a file is being rendered does not
        spoil the file"""
        with small_disk("4m") as disk, \
                Mount(self.library, cache=os.path.join(disk, "cache"),
                      cache_size=0, min_free=0) as mount:
            with opened(mount.path("high", self.names[0])) as fd:
                data = pread_all(fd, 1000, 0)
                self.fill(os.path.join(disk, "filler"))
                data += pread_all(fd, 1 << 30, 1000)
            self.assertTrue(data == self.right[self.names[0]])
            os.unlink(os.path.join(disk, "filler"))
            for name in self.names[:4]:
                self.check(mount, name)

    def fill(self, path):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(fd, bytes(4096))
        os.close(fd)

    def test_min_free(self):
        """min_free= leaves that much of the disk to others"""
        with small_disk("20m") as disk, \
                Mount(self.library, cache=os.path.join(disk, "cache"),
                      min_free="17M", cache_size=0) as mount:
            least = 1 << 60
            for name in self.names[:30]:
                self.check(mount, name)
                space = os.statvfs(disk)
                least = min(least, space.f_bavail * space.f_frsize)
            tap.diag(f"least free: {least >> 10} KiB")
            self.assertGreaterEqual(least, 17 << 20)

    def test_read_only_cache(self):
        """A cache disk that turns read-only under the mount costs nothing but
        rendering"""
        with small_disk("20m") as disk:
            with Mount(self.library, cache=os.path.join(disk, "cache"),
                       min_free=0) as mount:
                self.check(mount, self.names[0])
                mount.settle()
                subprocess.run(["mount", "-o", "remount,ro", disk],
                               check=False, stderr=subprocess.DEVNULL)
                shutil.rmtree(mount.cache, ignore_errors=True)
                for name in self.names[:5]:
                    self.check(mount, name)
                subprocess.run(["mount", "-o", "remount,rw", disk],
                               check=False, stderr=subprocess.DEVNULL)

    def test_space_after_rest(self):
        """Files that are opened and left leave nothing but what was asked"""
        with Mount(self.library) as mount:
            for name in self.names[:10]:
                with opened(mount.path("high", name)) as fd:
                    pread_all(fd, 1000, 0)
            mount.settle()
            self.assertLess(on_disk(mount.cache), 10 * 2 * SEGMENT)


if __name__ == "__main__":
    tap.main()
