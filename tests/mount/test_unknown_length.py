"""Sources whose header tells no length are counted once, by decoding."""
import os
import unittest

import mutagen.flac

import fixtures
import mp3
import tap
from harness import Mount, read_at, read_file

SECONDS, RATE = 25, 44100


class Streamed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        cls.length = SECONDS * RATE + 777
        audio = fixtures.music(SECONDS + 1, RATE, 2, 1100)[:cls.length]
        fixtures.streamed_flac(cls.mount.source("s.flac"), audio, RATE)
        fixtures.write(cls.mount.source("known.flac"), audio, RATE)
        assert mutagen.flac.FLAC(
            cls.mount.source("s.flac")).info.total_samples == 0
        cls.mount.__enter__()
        cls.size = os.stat(cls.mount.path("low/s.mp3")).st_size

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def test_size(self):
        """The size is exact at the first stat"""
        data = read_file(self.mount.path("low/s.mp3"))
        self.assertEqual(len(data), self.size)
        self.assertEqual(os.stat(self.mount.path("low/s.mp3")).st_size,
                         self.size)

    def test_samples(self):
        """It has all samples, and sounds like its source"""
        path = self.mount.path("low/s.mp3")
        decoded, said = mp3.decode(path, 2)
        source, _ = mp3.source_samples(self.mount.source("s.flac"))
        self.assertEqual(said, "")
        self.assertEqual(len(decoded), self.length)
        self.assertEqual(len(source), self.length)
        self.assertEqual(mp3.offset_of(decoded[:, 0], source[:, 0]), 0)
        self.assertGreater(mp3.gain_and_noise(decoded, source)[1], 7)

    def test_same_as_known(self):
        """Its audio is that of a file with the length in its header"""
        streamed = mp3.audio_frames(read_file(self.mount.path("low/s.mp3")))
        known = mp3.audio_frames(read_file(self.mount.path("low/known.mp3")))
        self.assertEqual(len(streamed), len(known))
        self.assertGreater(sum(a == b for a, b in zip(streamed, known)),
                           0.99 * len(known))

    def test_remembered(self):
        """After a restart it is not counted again"""
        self.mount.remount()
        self.assertEqual(os.stat(self.mount.path("low/s.mp3")).st_size,
                         self.size)
        self.assertEqual(self.mount.counter("probes"), 0)

    def test_seek(self):
        """A seek in it gives what a sequential read gives"""
        whole = read_file(self.mount.path("high/s.mp3"))
        with Mount(self.mount.library) as mount:
            at = len(whole) * 9 // 10
            self.assertTrue(read_at(mount.path("high/s.mp3"), at, 50000)
                            == whole[at:at + 50000])

    def test_cut_stream(self):
        """A streamed FLAC that ends in mid-frame has an exact size too"""
        with open(self.mount.source("s.flac"), "rb") as file:
            data = file.read()
        with open(self.mount.source("cut.flac"), "wb") as file:
            file.write(data[:len(data) * 2 // 3])
        path = self.mount.path("low/cut.mp3")
        size = os.stat(path).st_size
        self.assertEqual(len(read_file(path)), size)
        self.assertTrue(0.6 < size / self.size < 0.73, size / self.size)


if __name__ == "__main__":
    tap.main()
