"""stat never lies: sizes before, while and after a file is read."""
import os
import unittest

import fixtures
import tap
from fixtures import MIXED_NAMES
from harness import Mount, QUALITIES, files_below, in_threads, read_file


class Mixed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(fixtures.library(fixtures.mixed))
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def check_quality(self, quality):
        wrong = []
        for name in sorted(MIXED_NAMES.values()):
            path = self.mount.path(quality, name)
            before = os.stat(path).st_size
            data = read_file(path)
            after = os.stat(path).st_size
            if not before == len(data) == after:
                wrong.append((name, before, len(data), after))
        self.assertEqual(wrong, [])

    def test_high(self):
        """high/: first stat, bytes delivered and last stat agree"""
        self.check_quality("high")

    def test_medium(self):
        """medium/: first stat, bytes delivered and last stat agree"""
        self.check_quality("medium")

    def test_low(self):
        """low/: first stat, bytes delivered and last stat agree"""
        self.check_quality("low")

    def test_original(self):
        """original/: first stat, bytes delivered and last stat agree"""
        for name in MIXED_NAMES:
            path = self.mount.path("original", name)
            before = os.stat(path).st_size
            self.assertEqual(before, os.path.getsize(self.mount.source(name)))
            self.assertEqual(before, len(read_file(path)), name)
            self.assertEqual(before, os.stat(path).st_size, name)

    def test_names(self):
        """Each quality lists exactly the names that the sources should have"""
        for quality in QUALITIES:
            self.assertEqual(files_below(self.mount.path(quality)),
                             sorted(MIXED_NAMES.values()))

    def test_root(self):
        """The root lists the qualities and original/, and not .groovefs"""
        self.assertEqual(sorted(os.listdir(self.mount.point)),
                         sorted([*QUALITIES, "analysis", "original", "pcm"]))
        self.assertTrue(os.path.isdir(self.mount.path(".groovefs")))

    def test_larger_is_better(self):
        """A higher quality has more bytes in every transcoded file"""
        for name in fixtures.MIXED_AUDIO.values():
            low, medium, high = (
                os.stat(self.mount.path(quality, name)).st_size
                for quality in ("low", "medium", "high"))
            self.assertLess(low, medium, name)
            self.assertLess(medium, high, name)

    def test_stats_size(self):
        """stats.json is as long as its size says"""
        path = self.mount.path(".groovefs/stats.json")
        self.assertEqual(os.stat(path).st_size, len(read_file(path)))


class FirstStat(unittest.TestCase):
    def test_listing_first(self):
        """Sizes from a listing of an unseen library are those that many
        threads get by looking the names up in another order"""
        library = fixtures.library(fixtures.mixed)
        names = sorted(MIXED_NAMES.values())
        with Mount(library) as mount:
            listed = {}
            for base, _, _ in os.walk(mount.path("medium")):
                for entry in os.scandir(base):
                    if entry.is_file():
                        relative = os.path.relpath(entry.path,
                                                   mount.path("medium"))
                        listed[relative] = entry.stat().st_size
        with Mount(library) as mount:
            sizes = in_threads(8, lambda i: {
                name: os.stat(mount.path("medium", name)).st_size
                for name in names[i::8] + names[::-1]})
        for found in sizes:
            self.assertEqual(found, listed)

    def test_after_remount(self):
        """A second daemon gives the same sizes without probing anything"""
        with Mount(fixtures.library(fixtures.mixed)) as mount:
            first = [os.stat(mount.path("low", name)).st_size
                     for name in MIXED_NAMES.values()]
            mount.remount()
            again = [os.stat(mount.path("low", name)).st_size
                     for name in MIXED_NAMES.values()]
            self.assertEqual(first, again)
            self.assertEqual(mount.counter("probes"), 0)


class OddLengths(unittest.TestCase):
    def test_lengths(self):
        """Sources of hardly any samples have exact sizes too"""
        lengths = (1, 2, 100, 575, 576, 577, 1151, 1152, 1153, 1728, 2304,
                   49 * 1152 - 1, 49 * 1152 + 1, 44100)
        with Mount() as mount:
            audio = fixtures.music(2, 44100, 2, 1)
            for length in lengths:
                fixtures.write(mount.source(f"{length}.flac"), audio[:length],
                               44100)
                fixtures.write(mount.source(f"{length} mono.wav"),
                               audio[:length, :1], 44100)
            for length in lengths:
                for name in (f"{length}.mp3", f"{length} mono.mp3"):
                    path = mount.path("high", name)
                    size = os.stat(path).st_size
                    self.assertGreater(size, 0, name)
                    self.assertEqual(size, len(read_file(path)), name)

    def test_nothing(self):
        """A WAV without a sample is listed, and delivers its size"""
        with Mount() as mount:
            fixtures.write(mount.source("a.wav"),
                           fixtures.music(1, 44100)[:0], 44100)
            path = mount.path("high", os.listdir(mount.path("high"))[0])
            self.assertEqual(os.stat(path).st_size, len(read_file(path)))


if __name__ == "__main__":
    tap.main()
