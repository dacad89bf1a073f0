"""examples/audiomentations_backend.py does what it says, in any process."""
import json
import multiprocessing
import os
import subprocess
import sys
import unittest

import numpy as np

import fixtures
import tap
from harness import BINARY, Mount
from test_pcm import source_samples, view

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "../../examples/audiomentations_backend.py")
sys.path.append(os.path.dirname(PROGRAM))

from audiomentations_backend import GroovefsBackend  # noqa: E402


def total(work):
    """For other processes: the sum of what a backend gives for a key."""
    backend, key = work
    return float(np.sum(backend.get(key), dtype=np.float64))


class Backend(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.mixed)
        cls.mount = Mount(cls.library)
        cls.mount.__enter__()
        cls.backend = GroovefsBackend(cls.mount.point, cls.library)

    @classmethod
    def tearDownClass(cls):
        cls.backend = None  # its maps would keep the mount busy
        cls.mount.__exit__(None, None, None)

    def key(self, name, rate, mono):
        return os.path.join(self.library, "Artist/Kinds", name), rate, mono

    def test_shapes(self):
        """Mono is (samples,), else (channels, samples); read-only float32"""
        for name, mono, shape in (("Wave.wav", True, (264600,)),
                                  ("Wave.wav", False, (2, 264600)),
                                  ("Mono.flac", False, (264600,)),
                                  ("Surround.flac", False, (6, 264600))):
            audio = self.backend.get(self.key(name, 44100, mono))
            self.assertEqual((audio.shape, audio.dtype), (shape, np.float32))
            self.assertFalse(audio.flags.writeable)
            with self.assertRaises(ValueError):
                audio[..., 0] = 1

    def test_samples(self):
        """The samples are the view's, and native ones without a rate"""
        wanted = view(self.mount, "16000-mono", "Artist/Kinds/Alac.m4a")
        for path in (self.key("Alac.m4a", 0, 0)[0], "Artist/Kinds/Alac.m4a"):
            self.assertTrue(np.array_equal(
                self.backend.get((path, 16000, True)), wanted[:, 0]))
        self.assertTrue(np.array_equal(
            self.backend.get(self.key("Wave 24.wav", None, False)).T,
            source_samples(os.path.join(self.library,
                                        "Artist/Kinds/Wave 24.wav"))))

    def test_same_stem(self):
        """Files that differ in their extensions only are told apart"""
        sizes = {name: self.backend.get(self.key(name, None, False)).shape
                 for name in ("Lossy.mp3", "Lossy.ogg", "Lossy.opus",
                              "Taken.mp3", "Taken.flac")}
        self.assertEqual(sizes["Lossy.ogg"], (2, 3 * 44100))
        self.assertEqual(sizes["Lossy.opus"], (2, 3 * 48000))
        self.assertEqual(sizes["Taken.flac"], (2, 2 * 44100))
        self.assertEqual(sizes["Lossy.mp3"], sizes["Taken.mp3"])
        for name in ("Twice.flac", "Twice.wav"):
            key = self.key(name, None, False)
            self.assertTrue(np.array_equal(self.backend.get(key).T,
                                           source_samples(key[0])), name)

    def test_misses(self):
        """What is not in the library is a miss, until it is put there; what
        is in it needs no put"""
        for path in ("/nowhere/a.wav", self.library + "2/a.wav",
                     self.key("notes.txt", 0, 0)[0], "../outside.flac"):
            key = path, 44100, True
            self.assertIsNone(self.backend.get(key), path)
            self.backend.put(key, [0.5, 0.25])
            self.assertEqual(self.backend.get(key).tolist(), [0.5, 0.25])
        key = self.key("Wave.wav", 44100, True)
        self.backend.put(key, [1.0])
        self.assertEqual(len(self.backend.get(key)), 264600)

    def test_bounded(self):
        """What was put there is forgotten when its room is used up"""
        backend = GroovefsBackend(self.mount.point, self.library, 1000)
        for i in range(5):
            backend.put((f"/{i}", 8000, True), np.zeros(100))
        self.assertEqual([i for i in range(5) if backend.get(
            (f"/{i}", 8000, True)) is not None], [3, 4])

    def test_processes(self):
        """It serves processes that were forked or spawned"""
        work = [(self.backend, self.key(name, 22050, True)) for name in (
            "Wave.wav", "Lossy.mp3", "True.tta", "Lossy.opus")]
        right = [total(one) for one in work]
        for way in ("fork", "spawn"):
            with multiprocessing.get_context(way).Pool(2) as pool:
                self.assertEqual(pool.map(total, work), right, way)

    def test_changed(self):
        """When a source has changed, get() gives the new audio"""
        with Mount() as mount:
            backend = GroovefsBackend(mount.point, mount.library)
            source = mount.source("a.flac")
            for seed in (1, 2):
                new = os.path.join(mount.base, "new.flac")
                fixtures.write(new, fixtures.music(3, 44100, 1, 750 + seed),
                               44100)
                os.rename(new, source)
                audio = backend.get((source, 44100, True))
                self.assertTrue(np.array_equal(
                    audio, source_samples(source)[:, 0]))
            del backend, audio


class Program(unittest.TestCase):
    def test_help(self):
        """--help tells how it is used"""
        text = subprocess.run([sys.executable, PROGRAM, "--help"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        self.assertIn("--benchmark", text)

    def test_benchmark(self):
        """--benchmark runs, and finds the results to be the same"""
        done = subprocess.run(
            [sys.executable, PROGRAM, "--benchmark", "--json", "--groovefs",
             BINARY, "--tasks", "6", "--files", "2", "--runs", "1"],
            check=True, stdout=subprocess.PIPE)
        found = json.loads(done.stdout)
        self.assertEqual(set(found["median"]), {"without", "first", "again"})
        # soxr's HQ and what groovefs has cut off at a different frequency
        self.assertLess(found["largest_difference"], 0.02)


if __name__ == "__main__":
    tap.main()
