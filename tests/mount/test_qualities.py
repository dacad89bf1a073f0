"""Qualities of a configuration file, and which sources are transcoded."""
import contextlib
import io
import os
import shutil
import subprocess
import tempfile
import unittest

import mutagen.mp3
import numpy as np
import soundfile
from scipy import signal

import fixtures
import mp3
import tap
from harness import Mount, read_at, read_file


@contextlib.contextmanager
def configured(text, library=None, **options):
    """A mount that has this configuration."""
    mount = Mount(library, **options)
    path = os.path.join(mount.base, "config")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    mount.prefix = ["env", f"GROOVEFS_CONFIG={path}"]
    with mount:
        yield mount


QUALITIES = """
[quality car]
bit_rate = 96
channels = 1
rate = 32000
[quality Für Ümläute]
bit_rate = 320
lame_quality = 9
rate = 48000
channels = 2
[quality cd]
codec = wav
rate = 44100
channels = 2
[quality native]
codec = wav
"""


class Qualities(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = configured(QUALITIES)
        cls.mount = cls.context.__enter__()
        cls.rate = 48000
        cls.audio = fixtures.music(9.3, cls.rate, 2, 950)
        fixtures.write(cls.mount.source("d/a.flac"), cls.audio, cls.rate)
        fixtures.write(cls.mount.source("d/m.wav"),
                       fixtures.music(3, 44100, 1, 951), 44100)
        fixtures.write(cls.mount.source("d/m.flac"),
                       fixtures.music(2, 44100, 1, 952), 44100)

    @classmethod
    def tearDownClass(cls):
        cls.context.__exit__(None, None, None)

    def test_folders(self):
        """The qualities of the file stand in the root, and no built-in one"""
        self.assertEqual(sorted(os.listdir(self.mount.point)), sorted([
            "original", "analysis", "pcm", "car", "Für Ümläute", "cd",
            "native"]))

    def test_names(self):
        """Files are called as the codec says; a WAV keeps its name"""
        self.assertEqual(sorted(os.listdir(self.mount.path("car/d"))),
                         ["a.mp3", "m.mp3", "m.wav.mp3"])
        self.assertEqual(sorted(os.listdir(self.mount.path("cd/d"))),
                         ["a.wav", "m.flac.wav", "m.wav"])

    def test_mp3(self):
        """An MP3 has the rate, the channels and the bit rate it should"""
        for name, rate, channels, kbps in (("car/d/a.mp3", 32000, 1, 96),
                                           ("car/d/m.mp3", 32000, 1, 96),
                                           ("Für Ümläute/d/a.mp3", 48000, 2,
                                            320),
                                           ("Für Ümläute/d/m.mp3", 48000, 2,
                                            320)):
            path = self.mount.path(name)
            data = read_file(path)
            self.assertEqual(len(data), os.stat(path).st_size)
            info = mutagen.mp3.MP3(io.BytesIO(data)).info
            self.assertEqual((info.sample_rate, info.channels,
                              info.bitrate // 1000), (rate, channels, kbps))

    def test_mono_sounds_right(self):
        """Mono is the mean of both channels, with not a sample more or less"""
        data = read_file(self.mount.path("car/d/a.mp3"))
        heard = mp3.decode_bytes(data, 1)[:, 0]
        wanted = signal.resample_poly(self.audio.mean(axis=1), 2, 3)
        self.assertEqual(len(heard), len(wanted))
        self.assertLess(np.abs(heard.std() / wanted.std() - 1), 0.1)
        self.assertGreater(np.corrcoef(heard, wanted)[0, 1], 0.97)

    def test_any_order(self):
        """The bytes are the same in whatever order they are read"""
        path = self.mount.path("car/d/a.mp3")
        whole = read_file(path)
        self.mount.remount(cache=os.path.join(self.mount.base, "empty"))
        for offset in range(len(whole) - 10000, 0, -30000):
            self.assertTrue(read_at(path, offset, 5000)
                            == whole[offset:offset + 5000])

    def test_wav(self):
        """A WAV has 16 bits, exact where the source has the rate"""
        path = self.mount.path("native/d/m.wav")
        found, rate = soundfile.read(path, dtype="int16")
        wanted, _ = soundfile.read(self.mount.source("d/m.wav"),
                                   dtype="int16")
        self.assertEqual((rate, soundfile.info(path).subtype),
                         (44100, "PCM_16"))
        self.assertTrue(np.array_equal(found, wanted))
        info = soundfile.info(self.mount.path("cd/d/a.wav"))
        self.assertEqual((info.samplerate, info.channels, info.frames),
                         (44100, 2, -(-len(self.audio) * 44100 // 48000)))


class Policy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """The same kinds of sources for all."""
        cls.mount = None
        library = fixtures.library(fixtures.mixed)
        cls.kinds = os.path.join(library, "Artist/Kinds")

    def names(self, text, quality="low", **options):
        with configured(text, self.kinds, **options) as mount:
            return set(os.listdir(mount.path(quality)))

    def test_lossless(self):
        """lossless= takes extensions and codecs; the rest passes through"""
        found = self.names("lossless = wavpack:tta:alac")
        for name in ("Pack.mp3", "True.mp3", "Alac.mp3", "Mono.flac",
                     "Wave.wav", "Apple.aiff", "Lossy.ogg", "Aac.m4a"):
            self.assertIn(name, found)
        self.assertNotIn("Alac.m4a", found)
        with configured("lossless = flac", self.kinds) as mount:
            self.assertTrue(read_file(mount.path("low/Wave.wav"))
                            == read_file(mount.source("Wave.wav")))
            self.assertIn("Mono.mp3", os.listdir(mount.path("low")))
            self.assertIn("Wave.wav", os.listdir(mount.path("pcm/native")))

    def test_lossy_above(self):
        """transcode_lossy_above= transcodes lossy files of more kbit/s"""
        usual = self.names("")
        for name in ("Lossy.mp3", "Lossy.ogg", "Lossy.opus", "Aac.m4a"):
            self.assertIn(name, usual)
        self.assertEqual(self.names("transcode_lossy_above = 1000"), usual)
        found = self.names("transcode_lossy_above = 1")
        self.assertIn("Aac.mp3", found)
        self.assertIn("Lossy.mp3", found)
        self.assertIn("Lossy.ogg.mp3", found)
        self.assertIn("Lossy.opus.mp3", found)
        self.assertFalse(found & {"Aac.m4a", "Lossy.ogg", "Lossy.opus"})
        self.assertIn("notes.txt", found)
        self.assertEqual(self.names("transcode_lossy_above = 1",
                                    "original"), set(os.listdir(self.kinds)))

    def test_mp3_above(self):
        """An MP3 above the limit keeps its name and has the quality's bit
        rate; one below is the file itself"""
        with configured("transcode_lossy_above = 150") as mount:
            wav = os.path.join(mount.base, "a.wav")
            fixtures.write(wav, fixtures.music(4, 44100, 2, 960), 44100)
            for name, kbps in (("high.mp3", 320), ("fine.mp3", 128)):
                subprocess.run(["lame", "--quiet", "-b", str(kbps), "--tt",
                                name, wav, mount.source(name)], check=True)
            fixtures.write(mount.source("high.flac"),
                           fixtures.music(1, 44100, 2, 961), 44100)
            with open(mount.source("odd.mp3"), "wb") as odd:
                odd.write(b"no music at all")
            self.assertEqual(sorted(os.listdir(mount.path("low"))), [
                "fine.mp3", "high.flac.mp3", "high.mp3", "odd.mp3"])
            for name in ("fine.mp3", "odd.mp3"):
                self.assertTrue(read_file(mount.path("low", name))
                                == read_file(mount.source(name)))
            data = read_file(mount.path("low/high.mp3"))
            self.assertEqual(len(data),
                             os.stat(mount.path("low/high.mp3")).st_size)
            made = mutagen.mp3.MP3(io.BytesIO(data))
            self.assertEqual(round(made.info.bitrate, -3), 128000)
            self.assertEqual(str(made.tags["TIT2"]), "high.mp3")
            self.assertAlmostEqual(made.info.length, 4, 1)


class Settings(unittest.TestCase):
    """What a copying program sees of a changed setting: size and time."""
    CONFIGS = ["", "lame_quality = 9", "channels = 1", "channels = 2",
               "rate = 48000", "bit_rate = 96"]
    OPTIONS = [{"id3_version": "2.3"}, {"cover_max": 20}, {"cover_max": 30},
               {"id3_version": "2.3", "id3_separator": ";"},
               {"id3_version": "2.3", "id3_separator": "; "}]
    TIME = 1500000000

    def make_library(self):
        folder = tempfile.mkdtemp(prefix="groovefs-test-")
        self.addCleanup(shutil.rmtree, folder)
        for name, tags in (("plain", {"ARTIST": ["A", "B"]}), ("bare", {})):
            path = os.path.join(folder, name + ".flac")
            fixtures.write(path, fixtures.music(1, 44100, 2, 5), 44100)
            fixtures.tag(path, tags, fixtures.png(40, 40)
                         if name == "plain" else None)
            os.utime(path, (self.TIME, self.TIME))
        return folder

    def look(self, library, text, options):
        """Of each MP3 what rsync compares, and its bytes."""
        text = text and "[quality low]\nbit_rate = 128\n" + text
        if "bit_rate" in text:
            text = "[quality low]\nbit_rate = 96\n"
        with configured(text, library, **options) as mount:
            found = {}
            for name in ("plain", "bare"):
                path = mount.path("low", name + ".mp3")
                st = os.stat(path)
                found[name] = (st.st_size, int(st.st_mtime),
                               read_file(path))
            return found

    def test_settings(self):
        """Whatever setting changes an MP3's bytes changes its size or time,
        by more than FAT's two seconds; the presets have the source's"""
        library = self.make_library()
        seen = [self.look(library, text, {}) for text in self.CONFIGS]
        seen += [self.look(library, "", more) for more in self.OPTIONS]
        for name in ("plain", "bare"):
            self.assertEqual(seen[0][name][1], self.TIME)
            for i, one in enumerate(seen):
                for other in seen[:i]:
                    (size, time, data), (size2, time2, data2) = (
                        one[name], other[name])
                    if data != data2 and size == size2:
                        self.assertGreater(abs(time - time2), 2)
        self.assertEqual(self.look(library, "", self.OPTIONS[0]), seen[6])
        # no picture, so its size is of no matter
        self.assertEqual(seen[7]["bare"], seen[0]["bare"])


if __name__ == "__main__":
    tap.main()
