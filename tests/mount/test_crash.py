"""The cache after crashes, damage and with two daemons: always right bytes."""
import contextlib
import os
import random
import shutil
import time
import unittest

import fixtures
import tap
from harness import (BINARY, WORKER, Background, Mount, files_below,
                     forget_pages, in_threads, opened, pread_all, read_file,
                     wait_until)

NAME = "Artist/Album/Track.mp3"


def cache_files(mount, ending):
    return [os.path.join(mount.cache, name)
            for name in files_below(mount.cache) if name.endswith(ending)]


def processes_of(program):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/exe") == program:
                found.append(pid)
    return found


class Cache(unittest.TestCase):
    limit = 90

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.single)
        with Mount(cls.library) as mount:
            cls.right = read_file(mount.path("high", NAME))
            mount.settle()
            cls.segments = mount.counter("segments_rendered")

    @contextlib.contextmanager
    def filled(self):
        """A mount whose cache holds exactly the one file; not mounted."""
        with Mount(self.library) as mount:
            self.assertTrue(read_file(mount.path("high", NAME)) == self.right)
            mount.settle()
            mount.stop()
            yield mount

    def check(self, mount):
        """Mounts again; the bytes must be right. Gives the counters."""
        mount.start()
        self.assertTrue(read_file(mount.path("high", NAME)) == self.right)
        mount.settle()
        return mount.counters()

    def payload(self, mount):
        """The largest payload: the file that was read to its end."""
        return max(cache_files(mount, ".data"),
                   key=lambda path: os.stat(path).st_blocks)

    def test_killed_daemon(self):
        """Kill -9 in mid-transcode: what was rendered is used, the rest is
        rendered, bytes are right"""
        with Mount(self.library) as mount:
            reader = Background(lambda: read_file(mount.path("high", NAME)))
            wait_until(lambda: mount.counter("segments_rendered") >= 3,
                       "three segments")
            with mount.frozen():
                before = mount.counter("segments_rendered")
                mount.kill()
            with self.assertRaises(OSError):
                reader.result()
            counters = self.check(mount)
            tap.diag(f"rendered before {before}, found "
                     f"{counters['segments_found']}, rendered after "
                     f"{counters['segments_rendered']}, of {self.segments}")
            if before < self.segments:
                self.assertGreaterEqual(counters["segments_found"],
                                        before - 1)
                self.assertLess(counters["segments_rendered"], self.segments)
            self.assertEqual(counters["segments_corrupt"], 0)

    def test_workers_follow(self):
        """The workers of a killed daemon end too, also those that just
        start"""
        rng = random.Random(fixtures.SEED)
        for _ in range(2 if fixtures.REDUCED else 8):
            mount = Mount(self.library, workers=4)
            own = os.path.realpath(shutil.copy(WORKER,
                                               mount._folder("bin")))
            mount.binary = shutil.copy(BINARY, os.path.dirname(own))
            with mount:
                Background(lambda: read_file(mount.path("high", NAME)))
                time.sleep(rng.uniform(0, 0.3))
                mount.kill()
                wait_until(lambda: not processes_of(own), "the workers' end")

    def test_partial_survives(self):
        """What an unfinished file has is used after a clean restart"""
        with Mount(self.library) as mount:
            with opened(mount.path("high", NAME)) as fd:
                pread_all(fd, 4096, len(self.right) * 3 // 4)
            mount.settle()
            rendered = mount.counter("segments_rendered")
            mount.remount()
            self.assertTrue(read_file(mount.path("high", NAME)) == self.right)
            self.assertGreaterEqual(mount.counter("segments_found"), rendered)
            self.assertLess(mount.counter("segments_rendered"), self.segments)

    def test_flipped_byte(self):
        """A flipped byte in a payload is found, and only its segment is
        rendered again"""
        with self.filled() as mount:
            path = self.payload(mount)
            with open(path, "r+b") as file:
                file.seek(os.path.getsize(path) // 2)
                byte = file.read(1)[0]
                file.seek(-1, os.SEEK_CUR)
                file.write(bytes([byte ^ 1]))
            counters = self.check(mount)
            self.assertEqual(counters["segments_corrupt"], 1)
            self.assertEqual(counters["segments_rendered"], 1)
            mount.remount()
            self.assertTrue(read_file(mount.path("high", NAME)) == self.right)
            self.assertEqual(mount.counter("segments_rendered"), 0)

    def test_zeroed_end(self):
        """A payload whose last half a crash has left as zeros is mended"""
        with self.filled() as mount:
            path = self.payload(mount)
            size = os.path.getsize(path)
            os.truncate(path, size // 2)
            os.truncate(path, size)
            counters = self.check(mount)
            self.assertGreaterEqual(counters["segments_corrupt"], 1)

    def test_cut_payload(self):
        """A payload that was cut short is mended"""
        with self.filled() as mount:
            path = self.payload(mount)
            os.truncate(path, os.path.getsize(path) // 3)
            counters = self.check(mount)
            self.assertGreaterEqual(counters["segments_rendered"], 1)
            mount.remount()
            self.assertTrue(read_file(mount.path("high", NAME)) == self.right)
            self.assertEqual(mount.counter("segments_rendered"), 0)

    def test_cut_while_served(self):
        """A payload that is cut short while it is served is mended"""
        with Mount(self.library) as mount:
            path = mount.path("high", NAME)
            self.assertTrue(read_file(path) == self.right)
            mount.settle()
            payload = self.payload(mount)
            with opened(path) as fd:
                os.truncate(payload, os.path.getsize(payload) // 4)
                forget_pages(fd)
                self.assertTrue(pread_all(fd, len(self.right), 0)
                                == self.right)

    def test_deleted_map(self):
        """Deleted maps cost rendering, not right bytes"""
        with self.filled() as mount:
            for path in cache_files(mount, ".map"):
                os.unlink(path)
            self.check(mount)

    def test_deleted_payload(self):
        """Deleted payloads whose maps stay cost rendering, not right bytes"""
        with self.filled() as mount:
            for path in cache_files(mount, ".data"):
                os.unlink(path)
            self.assertGreater(self.check(mount)["segments_rendered"], 0)

    def test_garbage_map(self):
        """Maps that are garbage, empty or too long are not believed"""
        kinds = (b"\xff" * 100000, b"", b"\xff" * 100, bytes(5000))
        for garbage in kinds[:2] if fixtures.REDUCED else kinds:
            with self.filled() as mount:
                for path in cache_files(mount, ".map"):
                    with open(path, "wb") as file:
                        file.write(garbage)
                self.check(mount)

    def test_swapped_payloads(self):
        """A payload with another file's bytes is not believed"""
        with self.filled() as mount:
            path = self.payload(mount)
            size = os.path.getsize(path)
            with open(path, "r+b") as file:
                data = file.read()
                file.seek(0)
                file.write(data[size // 3:] + data[:size // 3])
            self.assertGreater(self.check(mount)["segments_corrupt"], 0)

    def test_damaged_facts(self):
        """A damaged facts database is set aside"""
        kinds = (b"not a database at all" * 500, b"")
        for damage in kinds[:1] if fixtures.REDUCED else kinds:
            with self.filled() as mount:
                for path in cache_files(mount, ".sqlite"):
                    with open(path, "r+b") as file:
                        file.write(damage)
                        if not damage:
                            file.truncate(0)
                for ending in ("-wal", "-shm"):
                    for path in cache_files(mount, ending):
                        os.unlink(path)
                self.check(mount)

    def test_cache_removed(self):
        """A cache that somebody removes under a running mount costs nothing
        but rendering"""
        import shutil
        with Mount(self.library) as mount:
            path = mount.path("high", NAME)
            self.assertTrue(read_file(path) == self.right)
            shutil.rmtree(mount.cache)
            with opened(path) as fd:
                forget_pages(fd)
                self.assertTrue(pread_all(fd, len(self.right), 0)
                                == self.right)
            self.assertEqual(len(read_file(mount.path("low", NAME))),
                             os.stat(mount.path("low", NAME)).st_size)

    def test_two_daemons(self):
        """Two daemons on one cache, reading the same cold files at once: right
        bytes from both"""
        library = fixtures.library(fixtures.album)
        names = [f"Artist/Album/{i:02} Track.mp3" for i in range(4)]
        with Mount(library) as mount:
            right = [read_file(mount.path("low", name)) for name in names]
        with Mount(library) as one, Mount(library, cache=one.cache) as two:
            def work(i):
                mount, name = (one, two)[i % 2], names[i // 2 % 4]
                data = right[i // 2 % 4]
                if i < 8:
                    return read_file(mount.path("low", name)) == data
                with opened(mount.path("low", name)) as fd:
                    middle = len(data) // 2
                    return pread_all(fd, len(data), middle) == data[middle:]
            self.assertTrue(all(in_threads(16, work)))
            for mount in (one, two):
                self.assertEqual(mount.counter("segments_corrupt"), 0)

    def test_two_daemons_one_killed(self):
        """One of two daemons on a cache is killed: the other's bytes are
        right"""
        with Mount(self.library) as one, Mount(self.library,
                                               cache=one.cache) as two:
            first = Background(lambda: read_file(one.path("high", NAME)))
            wait_until(lambda: one.counter("segments_rendered") >= 1,
                       "a segment")
            one.kill()
            with contextlib.suppress(OSError):
                first.result()
            self.assertTrue(read_file(two.path("high", NAME)) == self.right)

    def test_half_filled_by_other(self):
        """A segment that a living process has claimed and never finishes does
        not keep another's readers waiting"""
        with Mount(self.library, worker_timeout=600) as one, \
                Mount(self.library, cache=one.cache) as two:
            os.stat(one.path("high", NAME))
            with one.frozen():
                parked = one.counter("reads_parked")
                first = Background(lambda: read_file(one.path("high", NAME)))
                wait_until(lambda: one.counter("reads_parked") > parked,
                           "a parked reader")
                self.assertTrue(read_file(two.path("high", NAME))
                                == self.right)
            self.assertTrue(first.result() == self.right)


if __name__ == "__main__":
    tap.main()
