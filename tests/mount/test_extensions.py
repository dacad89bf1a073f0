"""Audio is known by its name: every container that holds nothing but sound.

FFmpeg writes the containers and says what is in them.
"""
import os
import shutil
import unittest

import numpy as np

import fixtures
import tap
from harness import Mount, files_below, read_file
from test_pcm import ffmpeg_samples, samples

# Extension: FFmpeg's options. What is lossless comes back bit for bit.
LOSSLESS = {
    "mkv": ["-c:a", "flac"], "mka": ["-c:a", "pcm_s16le"],
    "m4r": ["-c:a", "alac", "-f", "ipod"], "mov": ["-c:a", "pcm_s16le"],
    "caf": ["-c:a", "alac"], "voc": ["-c:a", "pcm_s16le"],
    "oggflac": ["-c:a", "flac", "-f", "ogg"], "snd": ["-f", "au"],
    "mlp": ["-c:a", "mlp", "-strict", "-2"],
    "thd": ["-c:a", "truehd", "-strict", "-2", "-f", "truehd"],
    "w64": [], "rf64": ["-rf64", "always", "-f", "wav"],
}
LOSSY = {
    "webm": ["-c:a", "libvorbis"], "weba": ["-c:a", "libopus", "-f", "webm"],
    "3g2": ["-c:a", "aac"], "3gp": ["-c:a", "aac"], "asf": ["-c:a", "wmav2"],
    "eac3": ["-c:a", "eac3"], "ec3": ["-c:a", "eac3", "-f", "eac3"],
    "rm": ["-c:a", "ac3"], "spx": ["-c:a", "libspeex", "-ar", "16000"],
    "mpa": ["-c:a", "mp2", "-f", "mp2"], "adts": ["-c:a", "aac"],
}


def stem(extension):
    return f"in {extension}"


class Extensions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        cls.mount.__enter__()
        wav = os.path.join(cls.mount.base, "plain.wav")
        fixtures.write(wav, fixtures.music(1.5, 48000, 2, 77), 48000)
        for extension, options in {**LOSSLESS, **LOSSY}.items():
            fixtures.ffmpeg("-i", wav, *options, cls.source(extension))
        # a video is none of them
        fixtures.ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:s=64x48", "-i", wav,
                        "-c:v", "mpeg4", "-shortest",
                        cls.mount.source("film.mkv"))
        # a layer that no encoder here writes: its name counts
        shutil.copy(cls.source("mpa"), cls.mount.source("layer.mp1"))

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    @classmethod
    def source(cls, extension):
        return cls.mount.source(f"{stem(extension)}.{extension}")

    def test_decoded(self):
        """Each of them is in pcm/, and no video is"""
        wanted = [stem(e) for e in (*LOSSLESS, *LOSSY)] + ["layer"]
        self.assertEqual(files_below(self.mount.path("pcm/native")),
                         sorted(name + ".wav" for name in wanted))

    def test_analyzed(self):
        """Each of them is in analysis/, and no video is"""
        found = [name for name in os.listdir(self.mount.path("analysis"))
                 if name.endswith(".25d")]
        self.assertEqual(len(found), len(LOSSLESS) + len(LOSSY) + 1)

    def test_lossless(self):
        """What is lossless becomes MP3; the rest and videos pass through"""
        found = files_below(self.mount.path("low"))
        self.assertEqual(found, sorted(
            [f"{stem(e)}.mp3" for e in LOSSLESS] +
            [f"{stem(e)}.{e}" for e in LOSSY] + ["film.mkv", "layer.mp1"]))

    def test_samples(self):
        """Lossless ones give FFmpeg's samples, lossy ones its length"""
        for extension in LOSSLESS:
            got = samples(read_file(self.mount.path(
                "pcm/native", stem(extension) + ".wav")))
            self.assertTrue(np.array_equal(
                got, ffmpeg_samples(self.source(extension))), extension)
        for extension in LOSSY:
            got = samples(read_file(self.mount.path(
                "pcm/native", stem(extension) + ".wav")))
            want = ffmpeg_samples(self.source(extension))
            self.assertLess(abs(len(got) - len(want)), 4800, extension)
            self.assertGreater(np.abs(got).max(), 0.05, extension)


if __name__ == "__main__":
    tap.main()
