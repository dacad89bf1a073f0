"""Sizes in pcm/ are exact before anything is decoded, and RF64 begins where
32 bits end."""
import os
import struct
import subprocess
import unittest

import numpy as np
import soundfile

import fixtures
import tap
from fixtures import FORMATS
from harness import (Background, Mount, in_threads, opened, pread_all,
                     read_file)
from mounted import Mounted
from test_pcm import HEAD, Wav, samples, source_samples, wav_name

VIEWS = {"native": (None, None, 4), "48000": (48000, None, 4),
         "44100-mono-s16": (44100, 1, 2), "8001-s16": (8001, None, 2)}


def expected(name, view):
    rate, channels, width = VIEWS[view]
    own, own_channels, _ = FORMATS[name]
    frames = -(-fixtures.format_frames(name) * (rate or own) // own)
    return HEAD + frames * (channels or own_channels) * width


class Sizes(Mounted):
    make = fixtures.every_format

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.right = {(name, view): expected(name, view)
                     for name in FORMATS for view in VIEWS}

    def path(self, name, view):
        return self.mount.path("pcm", view, wav_name(name))

    def test_first_stat(self):
        """The first stat of every format tells the exact size in every view,
        and makes no block of it"""
        made = self.mount.counter("blocks_made")
        wrong = [(key, os.stat(self.path(*key)).st_size - right)
                 for key, right in self.right.items()
                 if os.stat(self.path(*key)).st_size != right]
        self.assertEqual(wrong, [])
        self.assertEqual(self.mount.counter("blocks_made"), made)

    def test_delivered(self):
        """As many bytes come as stat said, and stat says so afterwards"""
        def work(thread):
            return [(key, len(read_file(self.path(*key))), right)
                    for key, right in list(self.right.items())[thread::4]]

        for found in in_threads(4, work):
            for key, count, right in found:
                self.assertEqual(count, right, key)
                self.assertEqual(os.stat(self.path(*key)).st_size, right, key)

    def test_listing(self):
        """A listing of an unseen library tells the same sizes"""
        with Mount(self.library) as mount:
            found = {entry.name: entry.stat().st_size for entry
                     in os.scandir(mount.path("pcm/native"))}
        self.assertEqual(found, {wav_name(name): self.right[name, "native"]
                                 for name in FORMATS})

    def test_remembered(self):
        """Another daemon on the same cache tells them without probing"""
        self.mount.remount()
        for key, right in self.right.items():
            self.assertEqual(os.stat(self.path(*key)).st_size, right, key)
        self.assertEqual(self.mount.counter("probes"), 0)

    def test_past_the_end(self):
        """Reads at and past the end give nothing, across it what is left"""
        size = self.right["lame.mp3", "48000"]
        with opened(self.path("lame.mp3", "48000")) as fd:
            self.assertEqual(os.pread(fd, 100, size), b"")
            self.assertEqual(os.pread(fd, 100, 1 << 40), b"")
            self.assertEqual(len(pread_all(fd, 100, size - 7)), 7)


class OddLengths(unittest.TestCase):
    def test_lengths(self):
        """Sources of hardly any samples, and of whole seconds, have exact
        sizes and all their samples"""
        lengths = (1, 2, 3, 4409, 4410, 4411, 44099, 44100, 44101, 88200)
        audio = fixtures.music(2, 44100, 2, 1)
        with Mount() as mount:
            for length in lengths:
                fixtures.write(mount.source(f"{length}.flac"), audio[:length],
                               44100)
            for length in lengths:
                data = read_file(mount.path(f"pcm/native/{length}.wav"))
                self.assertTrue(np.array_equal(samples(data), source_samples(
                    mount.source(f"{length}.flac"))), length)
                for rate in (8000, 48000, 192000):
                    path = mount.path(f"pcm/{rate}/{length}.wav")
                    size = HEAD + -(-length * rate // 44100) * 8
                    self.assertEqual(os.stat(path).st_size, size, path)
                    self.assertEqual(len(read_file(path)), size, path)

    def test_nothing(self):
        """A WAV without a sample is a header"""
        with Mount() as mount:
            fixtures.write(mount.source("a.wav"), np.zeros((0, 2)), 44100)
            for name in os.listdir(mount.path("pcm/48000")):
                path = mount.path("pcm/48000", name)
                size = os.stat(path).st_size
                self.assertIn(size, (0, HEAD))
                if size:
                    self.assertEqual(Wav(read_file(path)).data_size, 0)


class Damage(unittest.TestCase):
    """Sources that cannot be decoded everywhere."""

    def damaged(self, damage):
        """(right, ours, left): the samples of an intact source, what native
        has after damage(file) was done to it, and what FFmpeg finds then."""
        with Mount() as mount:
            path = mount.source("a.flac")
            fixtures.write(path, fixtures.music(6, 44100, 2, 735), 44100)
            right = source_samples(path)
            with open(path, "r+b") as file:
                damage(file, os.fstat(file.fileno()).st_size)
            for view in ("48000", "native-mono-s16", "native"):
                path = mount.path("pcm", view, "a.wav")
                data = Background(lambda path=path: read_file(path)).result(20)
                self.assertEqual(len(data), os.stat(path).st_size)
            left = subprocess.run(
                ["ffmpeg", "-v", "quiet", "-nostdin", "-i",
                 mount.source("a.flac"), "-f", "f32le", "-"],
                stdout=subprocess.PIPE, check=False).stdout
            return (right, samples(data),
                    np.frombuffer(left, np.float32).reshape(-1, 2))

    def test_hole(self):
        """A damaged spot costs its second, and every reader gets its bytes"""
        def damage(file, size):
            file.seek(size // 2)
            file.write(bytes(20000))

        right, ours, _ = self.damaged(damage)
        self.assertEqual(ours.shape, right.shape)
        for second in (0, 1, 5):
            piece = slice(second * 44100, (second + 1) * 44100)
            self.assertTrue(np.array_equal(ours[piece], right[piece]), second)

    def test_cut(self):
        """A source that was cut ends behind its last whole frame"""
        right, ours, left = self.damaged(
            lambda file, size: file.truncate(size // 2))
        self.assertTrue(0 < len(ours) < len(right))
        self.assertEqual(len(ours), len(left))
        self.assertTrue(np.array_equal(ours, right[:len(ours)]))


class Huge(unittest.TestCase):
    """A sparse WAV of 8 bits: its float WAV does not fit into 32 bits."""
    FRAMES, RATE = (1 << 30) + 12345, 192000

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(memory="32M", spill="0")
        cls.marks = {at: bytes(np.random.default_rng(at).integers(
            0, 256, 3000, np.uint8)) for at in (
                0, cls.FRAMES // 2, cls.FRAMES - 3000)}
        with open(cls.mount.source("a.wav"), "wb") as out:
            size = cls.FRAMES + cls.FRAMES % 2
            out.write(struct.pack(
                "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ",
                16, 1, 1, cls.RATE, cls.RATE, 1, 8, b"data", cls.FRAMES))
            for at, mark in cls.marks.items():
                out.seek(44 + at)
                out.write(mark)
            out.truncate(44 + size)
        cls.mount.__enter__()
        cls.path = cls.mount.path("pcm/native/a.wav")
        cls.size = HEAD + cls.FRAMES * 4

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def test_size(self):
        """Its size is exact, and over 4 GiB"""
        self.assertGreater(self.size, 1 << 32)
        self.assertEqual(os.stat(self.path).st_size, self.size)

    def test_header(self):
        """It is RF64: ds64 has the sizes, the old fields have ones"""
        with opened(self.path) as fd:
            wav = Wav(pread_all(fd, HEAD, 0))
        self.assertEqual((wav.kind, wav.order[0]), (b"RF64", b"ds64"))
        self.assertEqual((wav.riff_size, wav.data_size), (0xffffffff,) * 2)
        self.assertEqual((wav.riff64, wav.data64, wav.frames64),
                         (self.size - 8, self.size - HEAD, self.FRAMES))
        self.assertEqual(wav.start, HEAD)

    def test_samples(self):
        """Reads at its start, in its middle and at its end are right, and
        cost the seconds they touch"""
        before = self.mount.counter("seconds_decoded")
        with opened(self.path) as fd:
            for at, mark in self.marks.items():
                data = pread_all(fd, len(mark) * 4, HEAD + at * 4)
                right = (np.frombuffer(mark, np.uint8) - 128.0) / 128
                self.assertTrue(np.array_equal(np.frombuffer(data, "<f4"),
                                               right.astype("<f4")), at)
            self.assertEqual(pread_all(fd, 100, self.size), b"")
        self.assertLessEqual(
            self.mount.counter("seconds_decoded") - before, 5)

    def test_readers(self):
        """libsndfile reads it"""
        at, mark = list(self.marks.items())[1]
        with soundfile.SoundFile(self.path) as file:
            self.assertEqual((file.frames, file.samplerate, file.channels),
                             (self.FRAMES, self.RATE, 1))
            file.seek(at)
            self.assertTrue(np.array_equal(
                file.read(3000, dtype="float32"),
                ((np.frombuffer(mark, np.uint8) - 128.0) / 128)
                .astype("<f4")))

    def test_16_bits(self):
        """In 16 bits it fits, and is RIFF"""
        path = self.mount.path("pcm/native-s16/a.wav")
        self.assertEqual(os.stat(path).st_size, HEAD + self.FRAMES * 2)
        with opened(path) as fd:
            wav = Wav(pread_all(fd, HEAD, 0))
        self.assertEqual((wav.kind, wav.order[0]), (b"RIFF", b"JUNK"))
        self.assertEqual(wav.data_size, self.FRAMES * 2)


if __name__ == "__main__":
    tap.main()
