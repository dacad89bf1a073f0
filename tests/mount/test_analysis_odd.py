"""analysis/ of sources at the edges of what there is, and of odd names."""
import math
import os
import unittest

import numpy as np

import fixtures
import tap
from harness import Mount, read_at
from sidecars import (ALBUM, PICTURES, SUFFIXES, album, check_chunks,
                      check_fingerprint, ebur128, make, numbers, parse,
                      parsed_peaks, path, pixels, plain_peaks, read_all,
                      record)
from test_pcm import source_samples
from test_read_only import ReadOnly


class ReadOnlyFiles(unittest.TestCase):
    check_folder = ReadOnly.check_folder

    def test_read_only(self):
        """Every write in analysis/ answers EROFS"""
        with Mount() as self.mount:
            make(self.mount, "d/a.flac", 1)
            self.check_folder("analysis/d", "a.flac.json")
            self.check_folder("analysis/d", ALBUM)
            self.assertEqual(record(self.mount, "d/a.flac")["status"], "ok")


class Odd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        cls.mount.__enter__()
        noise = np.random.default_rng(4100).normal(0, 0.1, (44100, 2))
        for name, audio in {"one.wav": noise[:1], "short.flac": noise[:300],
                            "tenth.wav": noise[:4410],
                            "silence.flac": 0 * noise,
                            "none.wav": noise[:0]}.items():
            fixtures.write(cls.mount.source(name), audio, 44100)
        fixtures.write(cls.mount.source("8000.flac"),
                       fixtures.music(3, 8000, 2, 4101), 8000)

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def check(self, name, samples):
        """All six are sound; gives what .json says."""
        found = read_all(self.mount, name)
        for suffix, data in found.items():
            self.assertEqual(os.stat(path(self.mount, name, suffix)).st_size,
                             len(data), suffix)
        for suffix, size in PICTURES.items():
            check_chunks(found[suffix])
            pixels(found[suffix], *size)
        self.assertTrue(found[".peaks.dat"] == plain_peaks(
            source_samples(self.mount.source(name)),
            8000 if "8000" in name else 44100))
        self.assertEqual(parse(found[".peaks.json"]),
                         parsed_peaks(found[".peaks.dat"]))
        full = parse(found[".json"])
        self.assertEqual((full["status"], full["source"]["samples"]),
                         ("ok", samples))
        check_fingerprint(self, full["fingerprint"])
        self.assertEqual(parse(found[".25d"])["fingerprint"],
                         full["fingerprint"])
        return full

    def test_one_sample(self):
        """A file of one sample"""
        self.assertIsNone(self.check("one.wav", 1)["acoustid"])

    def test_short(self):
        """A file of 300 samples, and one of a tenth of a second"""
        self.check("short.flac", 300)
        self.check("tenth.wav", 4410)

    def test_silence(self):
        """Silence: no loudness, no gain, no tempo, no key"""
        full = self.check("silence.flac", 44100)
        self.assertEqual(full["loudness"]["integrated_lufs"], -70)
        self.assertEqual(full["replaygain"]["gain_db"], 0)
        self.assertEqual(full["content_profile"]["rms"], 0)
        self.assertEqual((full["tempo"]["bpm"], full["key"]["tonic"],
                          full["key"]["mode"]), (None, None, None))

    def test_low_rate(self):
        """A file of 8 kHz, which has no air"""
        full = self.check("8000.flac", 24000)
        self.assertEqual(full["fingerprint"]["air_pct"], 0)
        self.assertAlmostEqual(full["loudness"]["integrated_lufs"],
                               ebur128(self.mount.source("8000.flac")),
                               delta=0.1)

    def test_no_samples(self):
        """A file that has a header and no sample says so, as a failure or as
        silence, and its promised sizes hold"""
        full = record(self.mount, "none.wav")
        self.assertIn(full["status"], ("ok", "failed"))
        self.assertEqual(full["source"]["samples"], 0)
        self.assertEqual(full["status"] == "failed",
                         isinstance(full["reason"], str))

    def test_album(self):
        """An album.json over them is sound"""
        found = album(self.mount)
        self.assertEqual(len(found["tracks"]), 6)
        self.assertTrue(all(map(math.isfinite, numbers(found))))

    def test_end_of_file(self):
        """Reading at and behind the end gives nothing"""
        for suffix in SUFFIXES:
            name = path(self.mount, "8000.flac", suffix)
            size = os.stat(name).st_size
            self.assertEqual(read_at(name, size, 100), b"")
            self.assertEqual(read_at(name, size + 12345, 100), b"")
            self.assertEqual(len(read_at(name, size - 1, 100)), 1)


class OddNames(unittest.TestCase):
    def test_bytes(self):
        """A name that is no UTF-8 has sidecars, whose texts are UTF-8"""
        with Mount() as mount:
            source = make(mount, "x.flac", 1)
            name = os.fsdecode(b"\xff\xfe \"quoted\" \\ \n.flac")
            os.rename(source, mount.source(name))
            self.assertIn("\ufffd", record(mount, name)["source"]["path"])
            self.assertIn("\ufffd", album(mount)["tracks"][0]["name"])
            self.assertEqual(record(mount, name, ".25d")["metadata"]["status"],
                             "ok")

    def test_long(self):
        """Of a name that leaves no room for a suffix just those sidecars
        are missing that do not fit"""
        with Mount() as mount:
            source = make(mount, "x.flac", 1)
            name = "n" * 245 + ".flac"
            os.rename(source, mount.source(name))
            self.assertEqual(sorted(os.listdir(mount.path("analysis"))),
                             sorted([ALBUM, name + ".json", name + ".25d"]))
            self.assertEqual(record(mount, name)["status"], "ok")

    def test_taken(self):
        """A folder that has a sidecar's name keeps it"""
        with Mount() as mount:
            make(mount, "a.flac", 1)
            make(mount, "a.flac.json/b.flac", 1, 1)
            make(mount, "album.json/c.flac", 1, 2)
            os.mkdir(mount.source("empty"))
            self.assertEqual(record(mount, "a.flac.json/b.flac")["status"],
                             "ok")
            self.assertEqual(album(mount, "album.json")["tracks_total"], 1)
            self.assertEqual(os.listdir(mount.path("analysis/empty")), [])
            self.assertEqual(record(mount, "a.flac", ".25d")["audio_file"]
                             ["path"], "a.flac")


if __name__ == "__main__":
    tap.main()
