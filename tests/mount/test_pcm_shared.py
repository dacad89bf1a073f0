"""Decoded once, for everybody: what is shared, what is remembered, what a
small memory, a spill and dying workers do to it."""
import contextlib
import json
import os
import signal
import unittest

import numpy as np
import soundfile

import fixtures
import tap
from harness import (Background, Mount, files_below, forget_pages, in_threads,
                     opened, pread_all, read_file, wait_until)
from test_pcm import HEAD, source_samples, view

TRACK = "Artist/Album/Track"
LONG = "Artist/Album/Long"
VIEWS = ("native", "48000", "16000-mono", "native-s16")


def uncached(path):
    """The file from the daemon, whatever the page cache has of it."""
    with opened(path) as fd:
        forget_pages(fd)
        return pread_all(fd, 1 << 32, 0)


def seconds_of(path):
    info = soundfile.info(path)
    return -(-info.frames // info.samplerate)


def album(library):
    """The first tracks, without .flac."""
    return [name[:-5] for name in files_below(library)][:4]


class Once(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.single)
        cls.seconds = seconds_of(os.path.join(cls.library, TRACK + ".flac"))

    def test_all_at_once(self):
        """Three qualities and two views of a track, read at once, decode each
        second once"""
        with Mount(self.library) as mount:
            paths = [*(mount.path(q, TRACK + ".mp3")
                       for q in ("high", "medium", "low")),
                     *(mount.path("pcm", v, TRACK + ".wav")
                       for v in ("native", "48000"))]
            found = in_threads(5, lambda i: len(read_file(paths[i])))
            self.assertEqual(found, [os.stat(p).st_size for p in paths])
            mount.settle()
            self.assertEqual(mount.counter("seconds_decoded"), self.seconds)
            self.assertTrue(np.array_equal(
                view(mount, "native", TRACK + ".flac"),
                source_samples(mount.source(TRACK + ".flac"))))

    def test_one_after_the_other(self):
        """A view costs no decoding after a quality, nor the other way round"""
        for first, second in (("high/", "pcm/48000/"),
                              ("pcm/44100-mono/", "low/")):
            with Mount(self.library) as mount:
                for folder in (first, second):
                    ending = ".wav" if "pcm" in folder else ".mp3"
                    read_file(mount.path(folder + TRACK + ending))
                    mount.settle()
                    self.assertEqual(mount.counter("seconds_decoded"),
                                     self.seconds, folder)

    def test_second_reader(self):
        """A second reader costs no decoding, even without the page cache"""
        with Mount(self.library) as mount:
            paths = [mount.path("pcm", v, TRACK + ".wav") for v in VIEWS]
            first = [read_file(path) for path in paths]
            mount.settle()
            before = mount.counters()
            for path, wanted in zip(paths, first):
                self.assertTrue(uncached(path) == wanted, path)
            after = mount.counters()
            for name in ("seconds_decoded", "blocks_made"):
                self.assertEqual(after[name], before[name], name)
            self.assertGreater(after["reads"] - before["reads"], 50)
            self.assertGreater(after["blocks_hit"], before["blocks_hit"])

    def test_page_cache(self):
        """What was read once is read again without asking the daemon"""
        with Mount(self.library) as mount:
            path = mount.path("pcm/44100-mono", TRACK + ".wav")
            first = read_file(path)
            counts = [mount.counter("reads"), mount.counter("reads")]
            self.assertTrue(read_file(path) == first)
            counts.append(mount.counter("reads"))
            # Asking for the counters is reading, too
            self.assertEqual(counts[2] - counts[1], counts[1] - counts[0])

    def test_not_on_disk(self):
        """Nothing of pcm/ gets into the disk cache's entries"""
        with Mount(self.library) as mount:
            for name in VIEWS:
                read_file(mount.path("pcm", name, TRACK + ".wav"))
            mount.settle()
            self.assertEqual(
                files_below(os.path.join(mount.cache, "entries")), [])

    def test_same_audio(self):
        """Two files with the same audio and other tags share its seconds"""
        with Mount() as mount:
            audio = fixtures.music(5, 44100, 2, 740)
            for name in ("a", "b"):
                fixtures.write(mount.source(name + ".flac"), audio, 44100,
                               tags={"title": name * 999})
                self.assertTrue(np.array_equal(
                    view(mount, "native", name + ".flac"),
                    source_samples(mount.source(name + ".flac"))))
                mount.settle()
                self.assertEqual(mount.counter("seconds_decoded"), 5)


class Seeks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.long_track)

    def decoded(self, name, rate, frame, second, size, offset=0):
        """Seconds decoded by a read in a cold mount."""
        with Mount(self.library) as mount:
            path = mount.path("pcm", name, LONG + ".wav")
            at = HEAD + int(second * rate) * frame + offset
            with opened(path) as fd:
                data = pread_all(fd, size, at)
            mount.settle()
            self.assertEqual(len(data), size)
            return mount.counter("seconds_decoded"), data

    def test_stat(self):
        """stat decodes nothing, a header at most the second behind it"""
        with Mount(self.library) as mount:
            path = mount.path("pcm/native", LONG + ".wav")
            os.stat(path)
            mount.settle()
            self.assertEqual(mount.counter("seconds_decoded"), 0)
            with opened(path) as fd:
                pread_all(fd, HEAD, 0)
            mount.settle()
            self.assertLessEqual(mount.counter("seconds_decoded"), 1)

    def test_seek(self):
        """A read in a second decodes this second"""
        second = fixtures.LONG_SECONDS * 9 // 10
        count, data = self.decoded("native", 44100, 8, second + 0.5, 4096)
        self.assertEqual(count, 1)
        with soundfile.SoundFile(os.path.join(
                self.library, LONG + ".flac")) as file:
            file.seek(second * 44100 + 22050)
            self.assertEqual(file.read(512, dtype="float32").tobytes(), data)

    def test_border(self):
        """A read across a border decodes two seconds"""
        count, _ = self.decoded("native", 44100, 8, 300, 8192, -4096)
        self.assertEqual(count, 2)

    def test_end(self):
        """The last bytes decode one second"""
        count, _ = self.decoded("native", 44100, 8, fixtures.LONG_SECONDS,
                                128, -128)
        self.assertLessEqual(count, 2)

    def test_resampled(self):
        """A read of a converted second decodes it and its neighbors"""
        count, _ = self.decoded("16000-mono", 16000, 4, 300.5, 4096)
        self.assertLessEqual(count, 3)


class Small(unittest.TestCase):
    """The album's first tracks with little memory."""
    limit = 90

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.album)
        cls.names = album(cls.library)
        with Mount(cls.library) as mount:
            cls.right = {os.path.join(v, name + ".wav"):
                         read_file(mount.path("pcm", v, name + ".wav"))
                         for v in VIEWS[:3] for name in cls.names[:2]}

    def check(self, mount, paths=None):
        """Four readers at once, from the daemon."""
        paths = paths or sorted(self.right)

        def work(i):
            return [path for path in paths[i::4] + paths[::-1][i::4]
                    if uncached(mount.path("pcm", path)) != self.right[path]]
        self.assertEqual(sum(in_threads(4, work), []), [])

    def within_budget(self, mount):
        def within():
            memory = mount.stats()["memory"]
            return memory["used_bytes"] <= memory["budget_bytes"]
        wait_until(within, "the pool to be within its budget")

    def test_tiny(self):
        """memory=1M: everything is right"""
        with Mount(self.library, memory="1M", spill="0") as mount:
            self.assertEqual(mount.stats()["memory"]["budget_bytes"], 1 << 20)
            self.check(mount)
            self.within_budget(mount)
            self.assertGreater(mount.counter("blocks_evicted"), 0)
            self.assertEqual(mount.counter("blocks_pushed"), 0)

    def test_nothing_resident(self):
        """memory=0 and spill=0: everything is right, and nothing is kept"""
        with Mount(self.library, memory="0", spill="0") as mount:
            self.check(mount, sorted(self.right)[:3])
            memory = mount.stats()["memory"]
            self.assertEqual((memory["budget_bytes"], memory["used_bytes"]),
                             (0, 0))

    def test_budget_holds(self):
        """The pool never holds more than its budget while all is read"""
        with Mount(self.library, memory="4M", spill="0") as mount:
            reader = Background(lambda: self.check(mount))
            most = 0
            while not reader.done():
                most = max(most, mount.stats()["memory"]["used_bytes"])
            reader.result()
            tap.diag(f"at most {most} bytes of {4 << 20}")
            self.assertLessEqual(most, 4 << 20)
            self.assertGreater(most, 0)

    def test_spill(self):
        """spill=: what memory has no room for is found on disk again, and
        not decoded again"""
        with Mount(self.library, memory="4M", spill="256M") as mount:
            self.check(mount)
            before = mount.counters()
            self.assertGreater(before["blocks_pushed"], 0)
            self.check(mount)
            self.assertEqual(mount.counter("seconds_decoded"),
                             before["seconds_decoded"])
            self.within_budget(mount)

    def test_small_spill(self):
        """A spill that overflows forgets blocks, and everything is right"""
        with Mount(self.library, memory="2M", spill="8M") as mount:
            self.check(mount)
            counters = mount.counters()
            self.assertGreater(counters["blocks_pushed"], 0)
            self.assertGreater(counters["blocks_evicted"], 0)

    def test_spill_leaves_nothing(self):
        """The spill's file has no name, and is gone with the mount"""
        with Mount(self.library, memory="2M", spill="64M") as mount:
            self.check(mount, sorted(self.right)[:1])
            sizes = [os.path.getsize(os.path.join(mount.cache, name))
                     for name in files_below(mount.cache)]
            self.assertLess(sum(sizes), 1 << 20)

    def test_killed_workers(self):
        """Workers that are killed while many read: everything is right, and
        no memory is lost"""
        for options in ({"memory": "8M", "spill": "0"}, {}):
            with Mount(self.library, **options) as mount:
                reader = Background(lambda: self.check(mount))
                killed, made = 0, 0
                while killed < 6 and not reader.done():
                    now = mount.counter("blocks_made")
                    if now < made + 5:
                        continue
                    made = now
                    for pid in mount.worker_pids()[:1 + killed % 2]:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                            killed += 1
                reader.result()
                self.assertGreater(killed, 0)
                self.within_budget(mount)
                self.check(mount)
                tap.diag(f"{killed} killed, {mount.counter('workers_died')} "
                         "in a task")

    def test_stopped_worker(self):
        """A worker that hangs with blocks in hand is replaced, and another
        makes them"""
        with Mount(self.library, worker_timeout=1) as mount:
            reader = Background(lambda: self.check(mount))
            wait_until(lambda: mount.counter("blocks_made") > 3, "blocks")
            for pid in mount.worker_pids()[:1]:
                os.kill(pid, signal.SIGSTOP)
            reader.result()
            self.within_budget(mount)


class Buffers(unittest.TestCase):
    SIZE = 8192

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(fixtures.library(fixtures.single), memory="4M",
                          spill="64M")
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def buffers(self):
        path = self.mount.path(".groovefs/buffers.json")
        data = read_file(path)
        self.assertEqual((os.stat(path).st_size, len(data)),
                         (self.SIZE, self.SIZE))
        return json.loads(data)

    def test_empty(self):
        """buffers.json is valid and of its fixed size from the start"""
        self.assertEqual(set(self.buffers()), {"buffers", "totals"})

    def test_kinds(self):
        """It shows every buffer with its kind and its metrics"""
        read_file(self.mount.path("pcm/native", TRACK + ".wav"))
        read_file(self.mount.path("high", TRACK + ".mp3"))
        found = self.buffers()
        for buffer in found["buffers"]:
            self.assertIn(buffer["kind"],
                          ("pool", "streaming", "ring", "memory"))
            for key in ("name", "state", "memory", "reads", "writes",
                        "hit_rate", "errors"):
                self.assertIn(key, buffer)
            self.assertTrue(0 <= (buffer["hit_rate"] or 0) <= 1)
        kinds = {buffer["kind"] for buffer in found["buffers"]}
        self.assertLessEqual({"pool", "streaming", "ring"}, kinds)

    def test_pool(self):
        """The pool's memory is what stats.json says of it, and it has been
        read and written"""
        read_file(self.mount.path("pcm/48000", TRACK + ".wav"))
        self.mount.settle()
        pool = [b for b in self.buffers()["buffers"] if b["kind"] == "pool"]
        self.assertEqual(sum(b["memory"] for b in pool),
                         self.mount.stats()["memory"]["used_bytes"])
        self.assertGreater(sum(b["reads"] for b in pool), 0)
        self.assertGreater(sum(b["writes"] for b in pool), 0)

    def test_while_reading(self):
        """It stays valid while everything moves"""
        reader = Background(lambda: [uncached(self.mount.path(
            "pcm", v, TRACK + ".wav")) for v in VIEWS])
        while not reader.done():
            self.buffers()
        reader.result()


if __name__ == "__main__":
    tap.main()
