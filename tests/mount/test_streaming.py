"""What is rendered when: bytes are served as they come, a file that is played
is finished ahead of its player, and nobody waits behind such work."""
import os
import random
import time
import unittest

import fixtures
import mp3
import tap
from harness import (Background, Mount, opened, pread_all, read_at, read_file,
                     wait_until)

SECONDS = 60
BYTES = 128000 // 8  # a second of low/


class Played(unittest.TestCase):
    limit = 90

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        cls.library = cls.mount.library
        for i in range(1, 5):
            fixtures.write(cls.mount.source(f"{i}.flac"),
                           fixtures.music(SECONDS, 44100, 2, 1200 + i), 44100)
        cls.mount.__enter__()
        cls.right = read_file(cls.mount.path("low/1.mp3"))
        cls.mount.settle()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def fresh(self, **options):
        return Mount(self.library, worker_timeout=600, **options)

    def play(self, fd, seconds, start=0):
        """Reads on as a player does, in small pieces."""
        for offset in range(start * BYTES, seconds * BYTES, 16384):
            os.pread(fd, 16384, offset)

    def test_head(self):
        """Reading the head of a file, and keeping it open, starts nothing
        past its first segment"""
        with self.fresh() as mount:
            with opened(mount.path("low/1.mp3")) as fd:
                pread_all(fd, 4096, 0)
                mount.settle()
                self.assertLessEqual(mount.counter("segments_rendered"), 1)

    def test_tag_alone(self):
        """Reading the tag and the Info frame renders no segment"""
        with self.fresh() as mount:
            with opened(mount.path("low/1.mp3")) as fd:
                size = mp3.tag_size(pread_all(fd, 10, 0))
                pread_all(fd, size + 300, 0)
                mount.settle()
                self.assertEqual(mount.counter("segments_rendered"), 0)

    def test_finished_ahead(self):
        """A file whose reader has gone past the first seconds is finished in
        the background while it is open"""
        with self.fresh() as mount:
            with opened(mount.path("low/1.mp3")) as fd:
                self.play(fd, 15)
                wait_until(lambda: mount.counter("rendered_bytes")
                           > 0.95 * len(self.right), "the rest", 60)
                mount.settle()
                self.assertGreater(mount.counter("segments_background"), 0)
                with mount.frozen():
                    rest = Background(lambda: pread_all(fd, 1 << 30, 0))
                    self.assertTrue(rest.result(20) == self.right)

    def test_left(self):
        """A file that its reader leaves is not finished"""
        with self.fresh(workers=1) as mount:
            with opened(mount.path("low/1.mp3")) as fd:
                self.play(fd, 12)
            mount.settle()
            self.assertLess(mount.counter("rendered_bytes"),
                            0.95 * len(self.right))

    def test_next_track(self):
        """When a track is half read, the next one of the folder is made
        ready"""
        with self.fresh() as mount:
            with opened(mount.path("low/1.mp3")) as fd:
                self.play(fd, SECONDS * 2 // 3)
                self.ready(mount, "low/2.mp3")
            mount.settle()
            self.assertLess(mount.counter("rendered_bytes"),
                            2.1 * len(self.right))

    def ready(self, mount, name):
        """Waits until a file's first seconds are there without a worker."""
        os.stat(mount.path(name))
        wait_until(lambda: mount.counter("rendered_bytes")
                   > 1.05 * len(self.right), "more than one track", 60)
        mount.settle()
        with mount.frozen(), opened(mount.path(name)) as fd:
            first = Background(lambda: pread_all(fd, 5 * BYTES, 0))
            self.assertEqual(len(first.result(20)), 5 * BYTES)

    def test_no_next_track_early(self):
        """A track that is read to a third does not set the next one going"""
        with self.fresh() as mount:
            with opened(mount.path("low/1.mp3")) as fd:
                self.play(fd, SECONDS // 3)
                mount.settle()
                self.assertLess(mount.counter("rendered_bytes"),
                                1.02 * len(self.right))

    def test_waiting_reader_first(self):
        """Waiting readers are served before background work is done, with
        one worker too"""
        with Mount(fixtures.library(fixtures.long_track), workers=1) as mount:
            path = mount.path("low/Artist/Album/Long.mp3")
            other = mount.path("high/Artist/Album/Long.mp3")
            size = os.stat(path).st_size
            with opened(path) as fd:
                self.play(fd, 20)
                wait_until(lambda: mount.counter("segments_background") > 0,
                           "background work")
                for seconds in range(60, 540, 60):
                    self.assertTrue(read_at(other, seconds * 2 * BYTES, 4096))
                self.assertLess(mount.counter("rendered_bytes"), size)


class AsItComes(unittest.TestCase):
    limit = 120

    def test_served_while_rendered(self):
        """Bytes of a segment are served before the segment is whole"""
        with Mount(workers=1, worker_timeout=600) as mount:
            seconds = 20
            for i in range(4):
                fixtures.write(mount.source(f"{i}.flac"),
                               fixtures.music(seconds, 192000, 2, 1300 + i),
                               192000, "PCM_24")
            os.stat(mount.path("high/0.mp3"))
            rng = random.Random(fixtures.SEED)
            self.stops = self.early = 0
            for i in range(4):
                for quality in ("high", "medium", "low"):
                    if self.early < 3:
                        self.watch(mount, f"{quality}/{i}.mp3", rng)
            tap.diag(f"workers stopped {self.stops} times, {self.early} times "
                     f"in a segment of which bytes had been read")
            self.assertGreater(self.early, 0)

    def watch(self, mount, name, rng):
        """Reads a cold file and stops the workers now and then. Counts how
        often, and how often bytes were then read of a segment that was not
        whole."""
        before = mount.counter("rendered_bytes")
        with opened(mount.path(name)) as fd:
            self.at = mp3.tag_size(pread_all(fd, 10, 0))
            head = self.at + 2000

            def reader():
                while data := os.pread(fd, 4096, self.at):
                    self.at += len(data)

            thread = Background(reader)
            while not thread.done() and self.early < 3:
                target = self.at + rng.randrange(10000, 200000)
                wait_until(lambda: self.at > target or thread.done(),
                           "the reader")
                if thread.done():
                    break
                with mount.frozen():
                    wait_until(lambda: self.rests(thread), "the reader to "
                               "run dry")
                    whole = mount.counter("rendered_bytes") - before
                    self.stops += 1
                    self.early += self.at - head > whole
            thread.result()

    def rests(self, thread):
        """The reader has read nothing more for a while."""
        last = self.at
        time.sleep(0.05)
        return thread.done() or self.at == last


if __name__ == "__main__":
    tap.main()
