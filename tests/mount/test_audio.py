"""What is delivered is the source's music: complete, in place, and as good as
what the lame program makes of it."""
import os
import subprocess
import tempfile
import unittest

import numpy as np
import soundfile

import fixtures
import mp3
import tap
from fixtures import MIXED_AUDIO
from harness import Mount, QUALITIES, read_file


class Mixed(unittest.TestCase):
    limit = 120

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.mixed)
        cls.sources = {}
        for source in MIXED_AUDIO:
            samples, rate = mp3.source_samples(
                os.path.join(cls.library, source))
            cls.sources[source] = (
                mp3.resample(mp3.mix_down(samples), rate), len(samples), rate)
        cls.mount = Mount(cls.library)
        cls.mount.__enter__()
        cls.decoded = {}
        cls.data = {}

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def each(self):
        """(name, source samples as coded, source frames, source rate,
        decoded samples, what ffmpeg said), for every file and quality."""
        qualities = ["medium"] if fixtures.REDUCED else QUALITIES
        for quality in qualities:
            for source, name in MIXED_AUDIO.items():
                reference, length, rate = self.sources[source]
                path = self.mount.path(quality, name)
                if path not in self.decoded:
                    self.decoded[path] = mp3.decode(path, reference.shape[1])
                yield (f"{quality}/{name}", reference, length, rate,
                       *self.decoded[path])

    def test_decodes_quietly(self):
        """FFmpeg decodes every file of every quality without a message"""
        for name, _, _, _, _, said in self.each():
            self.assertEqual(said, "", name)

    def test_sample_count(self):
        """After gapless trimming there are exactly the source's samples,
        scaled by the rate change"""
        for name, _, length, rate, decoded, _ in self.each():
            wanted = length * mp3.output_rate(rate) / rate
            self.assertLess(abs(len(decoded) - wanted), 1,
                            f"{name}: {len(decoded)}, wanted {wanted}")

    def test_offset(self):
        """The audio lies at offset 0 against its source, all through"""
        for name, reference, _, _, decoded, _ in self.each():
            for start in (0, len(reference) // 2, len(reference) - 40000):
                part = slice(start, start + 40000)
                for channel in range(reference.shape[1]):
                    self.assertEqual(
                        mp3.offset_of(decoded[part, channel],
                                      reference[part, channel]), 0, name)

    def test_channels_and_level(self):
        """Channels are in their places, and noise is what the codec makes"""
        for name, reference, _, _, decoded, _ in self.each():
            wide = reference.shape[1]
            for channel in range(wide):
                gain, noise = mp3.gain_and_noise(decoded[:, channel],
                                                 reference[:, channel])
                self.assertGreater(noise, 7, f"{name}, channel {channel}")
                if "Surround" not in name:
                    self.assertTrue(0.85 < gain < 1.05, f"{name}: {gain}")
                if wide == 2:
                    _, other = mp3.gain_and_noise(decoded[:, channel],
                                                  reference[:, 1 - channel])
                    self.assertGreater(noise, other + 2, name)

    def test_surround_balance(self):
        """5.1 is mixed down by BS.775, the same gain on both sides, and
        without clipping"""
        for name, reference, _, _, decoded, _ in self.each():
            if "Surround" not in name:
                continue
            left, _ = mp3.gain_and_noise(decoded[:, 0], reference[:, 0])
            right, _ = mp3.gain_and_noise(decoded[:, 1], reference[:, 1])
            tap.diag(f"{name}: gains {left:.3f} {right:.3f}")
            self.assertAlmostEqual(left, right, delta=0.02)
            self.assertGreater(left, 0.3)
            self.assertLess(np.abs(decoded).max(), 1.1)

    def test_info_frame(self):
        """The Info frame tells the frames, bytes and samples there are"""
        for quality in QUALITIES:
            for source, name in MIXED_AUDIO.items():
                data = read_file(self.mount.path(quality, name))
                info = mp3.Info(data)
                _, length, rate = self.sources[source]
                self.assertEqual(info.frames, len(mp3.frames(data)) - 1, name)
                self.assertEqual(info.bytes, len(data) - mp3.tag_size(data),
                                 name)
                self.assertLess(abs(info.samples - length
                                    * mp3.output_rate(rate) / rate), 1, name)
                self.assertEqual(info.delay, 576, name)

    def test_bit_rates(self):
        """Every frame has the quality's bit rate, half of it in mono"""
        for quality, rate in QUALITIES.items():
            for name in MIXED_AUDIO.values():
                data = read_file(self.mount.path(quality, name))
                found = {mp3.BIT_RATES[data[at + 2] >> 4]
                         for at, _ in mp3.frames(data)[1:]}
                wanted = rate // 2 if "Mono" in name else rate
                self.assertEqual(found, {wanted}, name)

    def test_lame_decodes_the_same_length(self):
        """A second decoder with gapless trimming counts the same samples"""
        name = "Artist/Kinds/Wave.mp3"
        with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
            subprocess.run(["lame", "--quiet", "--decode",
                            self.mount.path("high", name), wav.name],
                           check=True)
            self.assertEqual(soundfile.info(wav.name).frames,
                             self.sources["Artist/Kinds/Wave.wav"][1])


class Lame(unittest.TestCase):
    """Against `lame --nores` on the same samples."""
    limit = 120

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(memory="64M")
        cls.mount.__enter__()
        seconds = 30 if fixtures.REDUCED else 90
        cls.tracks = {}
        for i, (rate, channels, subtype) in enumerate((
                (44100, 2, "PCM_16"), (48000, 2, "PCM_16"),
                (44100, 2, "PCM_24"), (32000, 2, "PCM_16"),
                (44100, 1, "PCM_16"))):
            name = f"{rate} {channels} {subtype}"
            audio = fixtures.music(seconds, rate, channels, 500 + i)
            fixtures.write(cls.mount.source(name + ".flac"), audio, rate,
                           subtype)
            wav = os.path.join(cls.mount.base, name + ".wav")
            exact, _ = soundfile.read(cls.mount.source(name + ".flac"),
                                      dtype="int32", always_2d=True)
            soundfile.write(wav, exact, rate, subtype=subtype)
            cls.tracks[name] = wav, channels

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def compare(self, quality):
        for name, (wav, channels) in self.tracks.items():
            rate = QUALITIES[quality] // (2 if channels == 1 else 1)
            ours = read_file(self.mount.path(quality, name + ".mp3"))
            theirs = mp3.lame(wav, rate)
            differing = mp3.differing_frames(ours, theirs)
            count = len(mp3.audio_frames(theirs))
            share = 1 - len(differing) / count
            source, _ = mp3.source_samples(wav)
            margin = mp3.worst_margin(
                differing, mp3.decode_bytes(ours, channels),
                mp3.decode_bytes(theirs, channels), source)
            tap.diag(f"{quality}, {name}: {share:.2%} of {count} frames "
                     f"equal, at worst {margin:.1f} dB under the noise")
            yield name, share, margin

    def check(self, quality):
        for name, share, margin in list(self.compare(quality)):
            self.assertGreaterEqual(share, 0.99, name)
            self.assertGreaterEqual(margin, 6, name)

    def test_high(self):
        """high/: 99 % of frames equal lame's, and where they differ, the
        difference is 6 dB under the coding noise"""
        self.check("high")

    def test_medium(self):
        """medium/: 99 % of frames equal lame's, and where they differ, the
        difference is 6 dB under the coding noise"""
        self.check("medium")

    def test_low(self):
        """low/: 99 % of frames equal lame's, and where they differ, the
        difference is 6 dB under the coding noise"""
        self.check("low")


class Loud(unittest.TestCase):
    def test_full_scale(self):
        """A source at full scale is neither wrapped around nor muted"""
        with Mount() as mount:
            t = np.arange(5 * 44100) / 44100
            square = np.sign(np.sin(2 * np.pi * 220 * t))[:, None]
            fixtures.write(mount.source("a.wav"),
                           np.repeat(square, 2, axis=1), 44100, "FLOAT")
            decoded, said = mp3.decode(mount.path("high", "a.mp3"), 2)
            self.assertEqual(said, "")
            gain, noise = mp3.gain_and_noise(decoded, np.repeat(square, 2, 1))
            self.assertGreater(gain, 0.8)
            self.assertGreater(noise, 10)


if __name__ == "__main__":
    tap.main()
