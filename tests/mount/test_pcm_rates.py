"""pcm/ at other rates, in mono and in 16 bits: as good as a conversion of the
whole file, although it is made second by second."""
import os

import numpy as np
import soundfile

import fixtures
import tap
from harness import Mount, opened, pread_all, read_file
from mounted import Mounted
from test_pcm import HEAD, ffmpeg_samples, samples, source_samples, view

ERROR = 10 ** (-110 / 20)  # of full scale


def soxr(path, rate, mono=False, precision=28):
    """The whole file, converted by one run of soxr."""
    out = ffmpeg_samples(path, "-af", f"aresample={rate}:resampler=soxr"
                         f":precision={precision}")
    return out.mean(axis=1, keepdims=True, dtype=np.float64) if mono else out


def decibels(error):
    return 20 * np.log10(max(float(error), 1e-12))


class Rates(Mounted):
    limit = 60
    make = fixtures.rated

    def check(self, source, rate, mono=False):
        path = os.path.join(self.library, f"{source}.flac")
        ours = view(self.mount, f"{rate}-mono" if mono else str(rate),
                    f"{source}.flac")
        theirs = soxr(path, rate, mono)
        frames = soundfile.info(path).frames
        self.assertEqual(len(ours), -(-frames * rate // source))
        self.assertEqual(ours.shape[1], 1 if mono else 2)
        self.assertLessEqual(abs(len(ours) - len(theirs)), 2)
        # No margin at the ends: what is outside of a track is silence for both
        count = min(len(ours), len(theirs))
        error = np.abs(ours[:count].astype(np.float64)
                       - theirs[:count]).max(axis=1)
        worst = int(error.argmax())
        tap.diag(f"{source} to {rate}: at worst {decibels(error[worst]):.0f} "
                 f"dB, at second {worst / rate:.4f}")
        self.assertLess(error[worst], ERROR, f"frame {worst}")

    def test_48000_to_44100(self):
        """48000 to 44100 Hz is soxr's conversion of the whole within -110 dB,
        borders of seconds and ends included"""
        self.check(48000, 44100)

    def test_44100_to_48000(self):
        """44100 to 48000 Hz is soxr's conversion of the whole within -110 dB,
        borders of seconds and ends included"""
        self.check(44100, 48000)

    def test_96000_to_44100(self):
        """96000 to 44100 Hz is soxr's conversion of the whole within -110 dB,
        borders of seconds and ends included"""
        self.check(96000, 44100)

    def test_44100_to_16000_mono(self):
        """44100 to 16000 Hz in mono is soxr's conversion of the whole within
        -110 dB, borders of seconds and ends included"""
        self.check(44100, 16000, True)

    def test_limits(self):
        """The lowest and the highest rate are soxr's conversion of the whole
        within -110 dB"""
        for rate in (8000,) if fixtures.REDUCED else (8000, 192000):
            self.check(48000, rate)

    def test_odd_rate(self):
        """At a rate that shares no factor with the source's a sine stays in
        its place within -110 dB"""
        # One run of soxr over the whole drifts there: -97 dB after 12 s
        seconds, rate, pitch = 12, 44101, 2 * np.pi * 5000
        sine = 0.5 * np.sin(pitch * np.arange(seconds * 48000) / 48000)
        with Mount() as mount:
            fixtures.write(mount.source("a.wav"), sine, 48000, "FLOAT")
            ours = view(mount, str(rate), "a.wav")[:, 0].astype(np.float64)
        right = 0.5 * np.sin(pitch * np.arange(seconds * rate) / rate)
        error = np.abs(ours - right)[2000:-2000]  # where it is in full swing
        tap.diag(f"at worst {decibels(error.max()):.0f} dB")
        self.assertLess(error.max(), ERROR)

    def test_own_rate(self):
        """A view of the source's own rate has the source's samples"""
        for rate in (44100, 48000, 96000):
            self.assertTrue(np.array_equal(
                view(self.mount, str(rate), f"{rate}.flac"),
                view(self.mount, "native", f"{rate}.flac")), rate)

    def test_cold_pieces(self):
        """Pieces across borders of seconds, read from a cold mount in any
        order, are those of the whole"""
        whole = read_file(self.mount.path("pcm/44100/48000.wav"))
        seconds = (len(whole) - HEAD) // (44100 * 8)
        with Mount(self.library) as mount:
            with opened(mount.path("pcm/44100/48000.wav")) as fd:
                for second in sorted(range(1, seconds),
                                     key=lambda n: n * 7 % 11):
                    at = HEAD + second * 44100 * 8 - 4096
                    self.assertTrue(pread_all(fd, 8192, at)
                                    == whole[at:at + 8192], second)


class Mono(Mounted):
    make = fixtures.every_format

    def test_stereo(self):
        """-mono of two channels is their mean"""
        for name in ("flac16.flac", "flac24.flac", "vorbis.ogg"):
            stereo = view(self.mount, "native", name)
            mono = view(self.mount, "native-mono", name)
            right = stereo.mean(axis=1, keepdims=True, dtype=np.float64)
            self.assertLess(np.abs(mono - right).max(), 1e-7, name)

    def test_mono(self):
        """-mono of one channel changes nothing"""
        for name in ("flac mono.flac", "lame mono.mp3", "wav8.wav"):
            self.assertTrue(np.array_equal(
                view(self.mount, "native", name),
                view(self.mount, "native-mono", name)), name)

    def test_surround(self):
        """-mono of six channels is one, that does not clip"""
        wide = view(self.mount, "native", "surround.flac")
        mono = view(self.mount, "native-mono", "surround.flac")
        self.assertEqual(mono.shape, (len(wide), 1))
        self.assertLessEqual(np.abs(mono).max(), np.abs(wide).max() + 1e-6)
        self.assertGreater(np.abs(mono).max(), 0.01)


class Sixteen(Mounted):
    make = fixtures.every_format

    def test_exact(self):
        """-s16 of a source of at most 16 bits is the source's numbers"""
        for name, rate in (("flac16.flac", 44100), ("wav16.wav", 44100),
                           ("apple.aiff", 44100), ("flac mono.flac", 22050),
                           ("wav8.wav", 48000), ("alac.m4a", 44100)):
            right = np.round(source_samples(
                os.path.join(self.library, name)) * 32768)
            for where in ("native-s16", f"{rate}-s16"):
                ours = view(self.mount, where, name)
                self.assertEqual(ours.dtype, np.dtype("<i2"))
                self.assertTrue(np.array_equal(ours, right), (where, name))

    def check_dither(self, name, where, exact):
        """Triangular dither over two LSB: off by at most 1.5 LSB, by nothing
        in the mean, by half an LSB in the mean square."""
        ours = view(self.mount, where, name).astype(np.float64)
        error = ours - exact.astype(np.float64) * 32768
        mean, deviation = error.mean(), error.std()
        tap.diag(f"{where}: {np.abs(error).max():.3f} LSB at most, mean "
                 f"{mean:+.5f}, deviation {deviation:.4f}")
        self.assertLessEqual(np.abs(error).max(), 1.5 + 1e-3)
        # Five times what chance does to the mean of so many
        self.assertLess(abs(mean), 5 * 0.5 / np.sqrt(error.size))
        self.assertLess(abs(deviation - 0.5), 0.01)
        return error

    def test_dither(self):
        """-s16 of 24 bits is dithered: noise without a trace of the music"""
        exact = view(self.mount, "native", "flac24.flac")
        error = self.check_dither("flac24.flac", "native-s16", exact)
        for channel in range(2):
            trace = np.corrcoef(error[:, channel], exact[:, channel])[0, 1]
            self.assertLess(abs(trace), 5 / np.sqrt(len(error)))
        shifted = np.corrcoef(error[:-1, 0], error[1:, 0])[0, 1]
        self.assertLess(abs(shifted), 5 / np.sqrt(len(error)))

    def test_dither_of_others(self):
        """What was resampled, mixed down or lossy is dithered too"""
        for name, where in (("flac16.flac", "48000"),
                            ("flac16.flac", "native-mono"),
                            ("lame.mp3", "native")):
            self.check_dither(name, where + "-s16",
                              view(self.mount, where, name))

    def test_deterministic(self):
        """The dither is the same in another mount, read backwards"""
        whole = read_file(self.mount.path("pcm/48000-s16/flac24.wav"))
        with Mount(self.library) as mount:
            with opened(mount.path("pcm/48000-s16/flac24.wav")) as fd:
                for at in range(len(whole) // 50000 * 50000, -1, -50000):
                    self.assertTrue(pread_all(fd, 50000, at)
                                    == whole[at:at + 50000], at)

    def test_loud(self):
        """What is over full scale is clipped in 16 bits, and kept in float"""
        loud = np.sin(np.arange(3 * 44100) / 20)[:, None] * 1.5
        with Mount() as mount:
            fixtures.write(mount.source("a.wav"), loud, 44100, "FLOAT")
            self.assertTrue(np.array_equal(
                view(mount, "native", "a.wav"), loud.astype("<f4")))
            ours = view(mount, "native-s16", "a.wav").astype(np.int64)
            right = np.clip(loud * 32768, -32768, 32767)
            self.assertLess(np.abs(ours - right).max(), 1.6)

    def test_silence(self):
        """Digital silence of 24 bits is dithered as everything else"""
        with Mount() as mount:
            fixtures.write(mount.source("a.flac"), np.zeros((88200, 2)),
                           44100, "PCM_24")
            ours = samples(read_file(mount.path("pcm/native-s16/a.wav")))
            self.assertLessEqual(np.abs(ours).max(), 1)
            self.assertTrue(np.array_equal(
                ours, view(mount, "44100-s16", "a.flac")))


if __name__ == "__main__":
    tap.main()
