"""pcm/: decoded audio as WAV, sample for sample, wherever it is read.

The helpers in front serve the other test_pcm_*.py too. A sample of a view is
compared as the number that a reader of the WAV gets.
"""
import errno
import json
import mmap
import os
import random
import shutil
import struct
import subprocess
import unittest

import numpy as np
import soundfile

import fixtures
import tap
from fixtures import FORMATS
from folders import Folders, USAGE
from harness import (Mount, files_below, forget_pages, in_threads, opened,
                     pread_all, read_file)
from mounted import Mounted

HEAD = 128  # bytes before the samples
READS, THREADS = (160 if fixtures.REDUCED else 480), 8


class Wav:
    """A WAV's header, from its first bytes; every field that counts."""

    def __init__(self, head):
        self.kind, self.riff_size, wave = struct.unpack("<4sI4s", head[:12])
        assert self.kind in (b"RIFF", b"RF64") and wave == b"WAVE", head[:12]
        self.order, self.chunks, at = [], {}, 12
        while True:
            name, size = struct.unpack("<4sI", head[at:at + 8])
            self.order.append(name)
            at += 8
            if name == b"data":
                self.start, self.data_size = at, size
                break
            self.chunks[name] = head[at:at + size]
            at += size + size % 2
        (self.format, self.channels, self.rate, self.byte_rate, self.align,
         self.bits) = struct.unpack("<HHIIHH", self.chunks[b"fmt "][:16])
        if b"ds64" in self.chunks:
            self.riff64, self.data64, self.frames64 = struct.unpack(
                "<QQQ", self.chunks[b"ds64"][:24])

    def fact(self):
        return struct.unpack("<I", self.chunks[b"fact"][:4])[0]


def wav_name(source):
    return os.path.splitext(source)[0] + ".wav"


def samples(data):
    """The bytes of a whole WAV as floats or 16-bit numbers, a row a frame."""
    wav = Wav(data)
    assert wav.start == HEAD, wav.start
    kind = {(3, 32): "<f4", (1, 16): "<i2"}[wav.format, wav.bits]
    return np.frombuffer(data, kind, offset=HEAD).reshape(-1, wav.channels)


def view(mount, name, source):
    """The samples of a source in a view of pcm/."""
    return samples(read_file(mount.path("pcm", name, wav_name(source))))


def ffmpeg_samples(path, *options, channels=2):
    data = fixtures.ffmpeg_bytes("-i", path, *options, "-f", "f32le", "-")
    return np.frombuffer(data, "<f4").reshape(-1, channels)


def source_samples(path):
    """What other programs decode: libsndfile, or else FFmpeg."""
    if (path.endswith((".flac", ".wav", ".aiff", ".ogg", ".opus"))
            and not path.endswith("streamed.flac")):
        return soundfile.read(path, dtype="float32", always_2d=True)[0]
    return ffmpeg_samples(path, channels=FORMATS[os.path.basename(path)][1])


class Formats(Mounted):
    limit = 90
    make = fixtures.every_format

    def test_lossless(self):
        """native has the very samples of lossless sources of up to 24 bits"""
        wrong = []
        for name in FORMATS:
            if not name.endswith((".flac", ".wav", ".aiff", "alac.m4a",
                                  "alac24.m4a", ".wv", ".tta")):
                continue
            ours = view(self.mount, "native", name)
            theirs = source_samples(os.path.join(self.library, name))
            if not np.array_equal(ours, theirs):
                wrong.append((name, ours.shape, theirs.shape))
        self.assertEqual(wrong, [])

    def test_lossy(self):
        """native has the samples of lossy sources as other decoders give
        them, with delay and padding cut off"""
        wrong = []
        for name in ("lame.mp3", "lame mono.mp3", "bare vbr.mp3", "bare.mp3",
                     "aac.m4a", "adts.aac", "vorbis.ogg", "opus.opus"):
            ours = view(self.mount, "native", name)
            theirs = source_samples(os.path.join(self.library, name))
            self.assertLessEqual(len(ours), len(theirs), name)
            # FFmpeg leaves the padding at the end of AAC
            error = np.abs(ours - theirs[:len(ours)]).max()
            if error > 1e-4:
                wrong.append((name, error))
        self.assertEqual(wrong, [])

    def test_header(self):
        """Header and size agree, and tell the rate and the channels"""
        for name, (rate, channels, _) in FORMATS.items():
            path = self.mount.path("pcm/native", wav_name(name))
            size = os.stat(path).st_size
            with opened(path) as fd:
                wav = Wav(pread_all(fd, 4096, 0))
            self.assertEqual(wav.kind, b"RIFF", name)
            self.assertEqual((wav.start, wav.riff_size), (HEAD, size - 8),
                             name)
            self.assertEqual(wav.data_size, size - HEAD, name)
            self.assertEqual((wav.format, wav.bits), (3, 32), name)
            self.assertEqual((wav.rate, wav.channels), (rate, channels), name)
            self.assertEqual((wav.align, wav.byte_rate),
                             (4 * channels, 4 * channels * rate), name)
            self.assertEqual(wav.fact(), wav.data_size // wav.align, name)
            self.assertIn(b"JUNK", wav.order, name)

    def test_readers(self):
        """libsndfile, FFmpeg and sox read them, and see the same"""
        wanted = {"native": (96000, 2, "FLOAT"),
                  "22050-mono": (22050, 1, "FLOAT"),
                  "48000-s16": (48000, 2, "PCM_16")}
        for name, (rate, channels, subtype) in wanted.items():
            path = self.mount.path("pcm", name, "flac24.wav")
            frames = -(-fixtures.format_frames("flac24.flac") * rate // 96000)
            info = soundfile.info(path)
            self.assertEqual(
                (info.samplerate, info.channels, info.frames, info.subtype),
                (rate, channels, frames, subtype))
            probe = json.loads(subprocess.run(
                ["ffprobe", "-v", "error", "-of", "json", "-show_entries",
                 "stream=sample_rate,channels,duration_ts", path], check=True,
                stdout=subprocess.PIPE).stdout)["streams"][0]
            self.assertEqual((int(probe["sample_rate"]), probe["channels"],
                              probe["duration_ts"]), (rate, channels, frames))
            self.check_sox(path, rate, channels, frames)

    def check_sox(self, path, *wanted):
        if not shutil.which("soxi"):
            return
        told = [subprocess.run(["soxi", option, path], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.strip()
                for option in ("-r", "-c", "-s")]
        self.assertEqual(tuple(map(int, told)), wanted)

    def test_memmap(self):
        """numpy maps a cold file and finds the samples in it"""
        with Mount(self.library) as mount:
            path = mount.path("pcm/native/flac16.wav")
            mapped = np.memmap(path, "<f4", "r", HEAD).reshape(-1, 2)
            right = source_samples(os.path.join(self.library, "flac16.flac"))
            middle = len(right) // 2
            self.assertTrue(np.array_equal(mapped[middle:middle + 999],
                                           right[middle:middle + 999]))
            self.assertTrue(np.array_equal(mapped, right))
            del mapped

    def test_mmap_shared(self):
        """A cold file can be mapped shared, and by many processes"""
        with Mount(self.library) as mount:
            path = mount.path("pcm/44100-mono/lame.wav")
            with opened(path) as fd, mmap.mmap(
                    fd, 0, mmap.MAP_SHARED, mmap.PROT_READ) as mapped:
                data = mapped[:]
            self.assertTrue(data == read_file(path))
            sums = [subprocess.Popen(["cksum", path], stdout=subprocess.PIPE)
                    for _ in range(3)]
            self.assertEqual(len({p.communicate()[0] for p in sums}), 1)

    def test_random_reads(self):
        """Random reads of cold files by many threads give what a sequential
        read gives, whatever the source is"""
        paths = [os.path.join("pcm", v, wav_name(name)) for v, name in (
            ("native", "flac16.flac"), ("native", "lame.mp3"),
            ("native", "bare vbr.mp3"), ("native", "adts.aac"),
            ("native", "aac noise.m4a"),
            ("native", "opus.opus"), ("native", "alac24.m4a"),
            ("48000-mono", "lame.mp3"), ("44100", "opus.opus"),
            ("16000-s16", "aac.m4a"), ("native-mono-s16", "vorbis.ogg"))]
        whole = {path: read_file(self.mount.path(path)) for path in paths}
        tap.diag(f"seed {fixtures.SEED}")
        with Mount(self.library) as mount:
            def reader(thread):
                rng = random.Random(f"{fixtures.SEED} pcm {thread}")
                for _ in range(READS // THREADS):
                    path = rng.choice(paths)
                    wanted = whole[path]
                    offset = rng.randrange(len(wanted) + 1000)
                    size = rng.choice((1, 128, 4096, rng.randrange(900000)))
                    with opened(mount.path(path), rng.random() < 0.5) as fd:
                        data = pread_all(fd, size, offset)
                    if data != wanted[offset:offset + size]:
                        return f"{path}: {size} bytes at {offset} are wrong"
                return None

            self.assertEqual(
                [r for r in in_threads(THREADS, reader) if r], [])
            for path, wanted in whole.items():
                with opened(mount.path(path)) as fd:
                    forget_pages(fd)
                    self.assertTrue(pread_all(fd, 1 << 30, 0) == wanted, path)


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(fixtures.library(fixtures.mixed),
                          pcm="44100:16000-mono")
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def test_listing(self):
        """pcm/ lists native and the configured views"""
        self.assertIn("pcm", os.listdir(self.mount.point))
        self.assertEqual(sorted(os.listdir(self.mount.path("pcm"))),
                         ["16000-mono", "44100", "native"])

    def test_any_rate(self):
        """Every rate resolves, listed or not, and others do not come to be
        listed by that"""
        for name in ("8000", "192000", "11025-mono", "44101", "48000-s16",
                     "22050-mono-s16", "native-mono", "native-s16",
                     "native-mono-s16", "16000-mono", "44100"):
            path = self.mount.path("pcm", name, "Artist/Kinds/Alac.wav")
            self.assertGreater(os.stat(path).st_size, HEAD, name)
        self.test_listing()

    def test_nonsense(self):
        """Names that are no view do not exist"""
        for name in ("7999", "192001", "0", "-1", "44100-stereo", "44100-",
                     "44100-s16-mono", "44100-s24", "44.1", "4e4", " 44100",
                     "+44100", "Native", "native-", "-mono", "mono", "",
                     "99999999999999999999", "44100-mono-mono", "low",
                     "9" * 99, "0x5622", "44100-s16-s16", "native-44100",
                     "044100", "48000,5"):
            with self.assertRaises(OSError, msg=name) as caught:
                os.stat(self.mount.path("pcm", name or "?", ""))
            self.assertEqual(caught.exception.errno, errno.ENOENT, name)

    def test_only_audio(self):
        """Every audio file is there under one name, and nothing else"""
        found = files_below(self.mount.path("pcm/native"))
        audio = [name for name in fixtures.MIXED_NAMES
                 if not name.endswith((".txt", ".JPG"))]
        self.assertEqual(len(found), len(audio))
        self.assertEqual([n for n in found if not n.endswith(".wav")], [])
        self.assertEqual(found, files_below(self.mount.path("pcm/16000-mono")))

    def test_taken(self):
        """Where a name is taken, the whole name of the source stays in it"""
        found = files_below(self.mount.path("pcm/native/Artist/Kinds"))
        self.assertEqual([n for n in found if n[:5] in ("Lossy", "Taken")],
                         ["Lossy.ogg.wav", "Lossy.opus.wav", "Lossy.wav",
                          "Taken.mp3.wav", "Taken.wav"])

    def test_twice(self):
        """Song.wav beside Song.flac: both are there, with their own music"""
        kinds = "Artist/Kinds/"
        found = os.listdir(self.mount.path("pcm/native", kinds))
        names = [n for n in found if n.startswith("Twice.")]
        self.assertEqual(sorted(names), ["Twice.flac.wav", "Twice.wav"])
        for source, name in (("Twice.flac", "Twice.flac.wav"),
                             ("Twice.wav", "Twice.wav")):
            data = read_file(self.mount.path("pcm/native", kinds, name))
            self.assertTrue(np.array_equal(samples(data), source_samples(
                self.mount.source(kinds, source))), name)

    def test_read_only(self):
        """Nothing can be made or changed there"""
        for path in ("pcm/8000", "pcm/new", "pcm/native/new"):
            with self.assertRaises(OSError, msg=path):
                os.mkdir(self.mount.path(path))
        with self.assertRaises(OSError):
            open(self.mount.path("pcm/native/Artist/Kinds/Alac.wav"), "r+b")


class Options(Folders):
    def test_refused(self):
        """Views that make no sense in pcm= are refused, and other values"""
        for option, about in (("pcm=7999", "'7999'"),
                              ("pcm=44100-stereo", "'44100-stereo'"),
                              ("pcm=44100:x", "'44100:x'"),
                              ("spill=x", "spill"), ("memory=-1", "memory")):
            done = self.mount(options=option)
            self.assertIn(done.returncode, (1, USAGE), option)
            self.refuses(done, done.returncode, about)


class Change(unittest.TestCase):
    def versions(self, mount, *seeds):
        """Tracks of one length: size and folder do not tell them apart."""
        for seed in seeds:
            yield os.path.join(mount.base, f"{seed}.flac"), fixtures.music(
                4, 44100, 2, 720 + seed)

    def right(self, mount):
        """native has what libsndfile finds in the source now."""
        for name in ("native", "44100"):
            self.assertTrue(np.array_equal(
                view(mount, name, "a.flac"),
                source_samples(mount.source("a.flac"))), name)

    def test_replaced(self):
        """A replaced source gives the new samples, at the new size"""
        with Mount() as mount:
            for seconds in (4, 3, 5):
                new = os.path.join(mount.base, "new.flac")
                fixtures.write(new, fixtures.music(seconds, 44100, 2, 720),
                               44100)
                os.rename(new, mount.source("a.flac"))
                self.right(mount)

    def test_same_size(self):
        """A source that was replaced by one as long gives the new samples"""
        with Mount() as mount:
            for path, audio in self.versions(mount, 1, 2, 1):
                fixtures.write(path, audio, 44100)
                os.rename(path, mount.source("a.flac"))
                self.right(mount)

    def test_retagged(self):
        """A retagged source has the same samples, and is not decoded again"""
        with Mount() as mount:
            fixtures.write(mount.source("a.flac"),
                           fixtures.music(4, 44100, 2, 730), 44100)
            self.right(mount)
            decoded = mount.counter("seconds_decoded")
            fixtures.tag(mount.source("a.flac"), {"title": "x" * 50000})
            self.right(mount)
            self.assertEqual(mount.counter("seconds_decoded"), decoded)


if __name__ == "__main__":
    tap.main()
