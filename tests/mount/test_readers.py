"""Many readers at once: all get right bytes, and those of finished files never
wait for those of unfinished ones."""
import os
import statistics
import time
import unittest

import fixtures
import tap
from harness import (Background, Mount, SANITIZED, files_below, forget_pages,
                     in_threads, opened, pread_all, read_file, wait_until)

READERS = 30 if fixtures.REDUCED else 200
POOL = 64 << 20


class Readers(unittest.TestCase):
    limit = 150

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.many)
        names = [name.replace(".flac", ".mp3")
                 for name in files_below(cls.library)]
        cls.warm, cls.names = names[0], names[1:READERS + 1]
        cls.mount = Mount(cls.library, memory=POOL, worker_timeout=300)
        cls.mount.__enter__()
        cls.whole_warm = read_file(cls.mount.path("low", cls.warm))

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def read_warm(self, times):
        """Reads pieces through the daemon; gives the seconds of each."""
        took = []
        with opened(self.mount.path("low", self.warm)) as fd:
            for i in range(times):
                forget_pages(fd)
                offset = i * 7919 % (len(self.whole_warm) - 4096)
                start = time.perf_counter()
                data = pread_all(fd, 4096, offset)
                took.append(time.perf_counter() - start)
                self.assertEqual(data, self.whole_warm[offset:offset + 4096])
        return took

    def cold_readers(self, names):
        return [Background(lambda path=self.mount.path("low", name):
                           read_file(path)) for name in names]

    def test_all_at_once(self):
        """Cold readers of as many tracks at once get right bytes, while a
        warm file is read without waiting for them"""
        idle = statistics.median(self.read_warm(300))
        cold = self.cold_readers(self.names)
        busy = []
        while not all(reader.done() for reader in cold):
            busy += self.read_warm(20)
            time.sleep(0.02)  # leaves the processors to the workers
            self.peak = max(getattr(self, "peak", 0), self.mount.memory())
        median = statistics.median(busy)
        tap.diag(f"median latency of a warm 4 KiB read: idle "
                 f"{idle * 1e6:.0f} us, beside {READERS} cold readers "
                 f"{median * 1e6:.0f} us, {median / idle:.1f} times, "
                 f"{len(busy)} reads")
        type(self).whole = [reader.result() for reader in cold]
        type(self).peak_memory = self.peak
        self.assertGreater(len(busy), 0)

    def test_same_as_alone(self):
        """What they got is what a lone reader of a fresh mount gets"""
        step = 1 if fixtures.REDUCED else 5
        with Mount(self.library) as mount:
            for name, data in list(zip(self.names, self.whole))[::step]:
                self.assertTrue(read_file(mount.path("low", name)) == data,
                                name)
        for name, data in zip(self.names, self.whole):
            self.assertEqual(
                os.stat(self.mount.path("low", name)).st_size, len(data))

    def test_memory(self):
        """The daemon stayed under 64 MB plus the configured pool"""
        tap.diag(f"daemon's resident memory: {self.peak_memory >> 20} MB")
        if SANITIZED:
            self.skipTest("a sanitizer's own memory would be counted")
        self.assertLess(self.peak_memory, (64 << 20) + POOL)

    def test_warm_beside_parked(self):
        """While every worker is stopped and cold readers are parked, a warm
        file is read to its end"""
        names = self.names[:READERS // 2]
        for name in names:
            os.stat(self.mount.path("high", name))
        with self.mount.frozen():
            parked = self.mount.counter("reads_parked")
            cold = [Background(lambda path=self.mount.path("high", name):
                               read_file(path)) for name in names]
            wait_until(lambda: self.mount.counter("reads_parked")
                       >= parked + len(names), "the cold readers to park")
            reads = self.mount.counter("reads")
            self.read_warm(50)
            with opened(self.mount.path("low", self.warm), False) as fd:
                forget_pages(fd)
                self.assertTrue(os.read(fd, 1 << 20)
                                == self.whole_warm[:1 << 20])
            self.assertGreater(self.mount.counter("reads"), reads + 50)
            self.assertFalse(any(reader.done() for reader in cold))
        for reader in cold:
            reader.result()

    def test_stat_beside_parked(self):
        """While cold readers are parked, known names are listed and statted"""
        with self.mount.frozen():
            parked = self.mount.counter("reads_parked")
            cold = [Background(lambda path=self.mount.path("medium", name):
                               read_file(path)) for name in self.names[:20]]
            wait_until(lambda: self.mount.counter("reads_parked")
                       >= parked + len(cold), "the cold readers to park")
            found = in_threads(4, lambda i: [
                os.stat(self.mount.path("high", name)).st_size
                for name in self.names[:10]])
            self.assertEqual(found[0], found[3])
            self.assertTrue(os.listdir(self.mount.path("medium")))
            self.assertFalse(any(reader.done() for reader in cold))
        for reader in cold:
            reader.result()

    def test_two_readers_of_one(self):
        """Readers of one cold file cause each segment to be rendered once"""
        name = self.names[0]
        with Mount(self.library) as mount:
            data = read_file(mount.path("low", name))
            mount.settle()
            once = mount.counter("segments_rendered")
        with Mount(self.library) as mount:
            found = in_threads(8, lambda i: read_file(mount.path("low",
                                                                 name)))
            self.assertTrue(all(f == data for f in found))
            mount.settle()
            self.assertEqual(mount.counter("segments_rendered"), once)

    def test_interrupted(self):
        """A reader that is killed while it is parked ends at once"""
        import signal
        import subprocess
        with self.mount.frozen():
            path = self.mount.path("high", self.names[-1])
            parked = self.mount.counter("reads_parked")
            reader = subprocess.Popen(["cat", path],
                                      stdout=subprocess.DEVNULL)
            wait_until(lambda: self.mount.counter("reads_parked") > parked,
                       "the reader to park")
            reader.send_signal(signal.SIGKILL)
            wait_until(lambda: reader.poll() is not None, "its end", 5)


if __name__ == "__main__":
    tap.main()
