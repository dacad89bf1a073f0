"""Reads anywhere, in any order, by anybody, give one and the same file."""
import mmap
import os
import random
import subprocess
import sys
import unittest

import fixtures
import tap
from harness import Mount, in_threads, opened, pread_all, read_file

READS, THREADS = (400 if fixtures.REDUCED else 2000), 8
QUALITY = "medium"


def tracks(mount):
    folder = mount.path(QUALITY, "Artist/Album")
    return [os.path.join(QUALITY, "Artist/Album", name)
            for name in sorted(os.listdir(folder))]


class RandomReads(unittest.TestCase):
    limit = 150

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.album)
        with Mount(cls.library) as mount:
            cls.whole = {name: read_file(mount.path(name))
                         for name in tracks(mount)}
            cls.rendered = mount.counter("segments_rendered")
        cls.mount = Mount(cls.library)
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def check(self, mount, seed):
        """READS preads from 8 threads; gives how many bytes were right."""
        tap.diag(f"seed {fixtures.SEED} {seed}")
        names = sorted(self.whole)

        def reader(thread):
            rng = random.Random(f"{fixtures.SEED} {seed} {thread}")
            for _ in range(READS // THREADS):
                name = rng.choice(names)
                wanted = self.whole[name]
                offset = rng.randrange(len(wanted) + 1000)
                size = rng.choice((1, 128, 4096, rng.randrange(1, 200000)))
                with opened(mount.path(name), rng.random() < 0.5) as fd:
                    data = pread_all(fd, size, offset)
                if data != wanted[offset:offset + size]:
                    return f"{name}: {size} bytes at {offset} are wrong"
            return None

        self.assertEqual([r for r in in_threads(THREADS, reader) if r], [])

    def test_cold(self):
        """Random reads of cold files give a sequential read's bytes"""
        self.check(self.mount, "cold")

    def test_whole_after_random(self):
        """A file that random reads have put together is the same file"""
        for name, wanted in self.whole.items():
            self.assertTrue(read_file(self.mount.path(name)) == wanted, name)

    def test_warm_cache(self):
        """Random reads after a remount with a full cache are right, and
        render nothing"""
        self.mount.remount()
        self.check(self.mount, "warm")
        self.assertEqual(self.mount.counter("segments_rendered"), 0)

    def test_one_worker(self):
        """A mount with an empty cache and one worker gives the same bytes"""
        names = sorted(self.whole)[:3]
        with Mount(self.library, workers=1) as mount:
            for name in names:
                self.assertTrue(
                    read_file(mount.path(name)) == self.whole[name], name)

    def test_cache_being_filled(self):
        """Random reads are right while another process fills the cache that
        this mount uses too"""
        script = ("import sys; sys.path.insert(0, sys.argv[1]);"
                  "from harness import read_file\n"
                  "for name in sys.argv[2:]: read_file(name)")
        with Mount(self.library) as one, \
                Mount(self.library, cache=one.cache) as two:
            writer = subprocess.Popen(
                [sys.executable, "-c", script, os.path.dirname(__file__),
                 *(one.path(name) for name in sorted(self.whole))])
            try:
                self.check(two, "being filled")
                self.assertEqual(writer.wait(100), 0)
            finally:
                writer.kill()
                writer.wait()
            found = two.counter("segments_found")
            tap.diag(f"segments found that the other had made: {found}")
            for name, wanted in self.whole.items():
                self.assertTrue(read_file(two.path(name)) == wanted, name)
            together = (one.counter("segments_rendered")
                        + two.counter("segments_rendered"))
            self.assertLess(together, 2 * self.rendered)


class Edges(unittest.TestCase):
    def test_past_the_end(self):
        """Reads at and past the end give nothing, across it what is left"""
        with Mount(fixtures.library(fixtures.mixed)) as mount:
            path = mount.path("low", "Artist/Kinds/Wave.mp3")
            size = os.stat(path).st_size
            with opened(path) as fd:
                self.assertEqual(os.pread(fd, 100, size), b"")
                self.assertEqual(os.pread(fd, 100, size + 1), b"")
                self.assertEqual(os.pread(fd, 100, 1 << 40), b"")
                self.assertEqual(len(pread_all(fd, 100, size - 7)), 7)

    def test_mmap(self):
        """A mapped file has the bytes of a read one"""
        with Mount(fixtures.library(fixtures.mixed)) as mount:
            path = mount.path("high", "Artist/Kinds/Wave.mp3")
            with opened(path) as fd, mmap.mmap(
                    fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ) as mapped:
                data = mapped[:]
            self.assertTrue(data == read_file(path))


if __name__ == "__main__":
    tap.main()
