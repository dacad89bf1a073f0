"""A plain processor for chunk_processor.py, and what it aims at."""
try:
    from scipy import fft  # twice as fast with float32
except ImportError:
    from numpy import fft
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

EDGES = (20, 60, 250, 500, 2000, 4000, 8000, 20000)  # Hz, of the bands
BANDS = ("sub_bass", "bass", "low_mid", "mid", "upper_mid", "presence", "air")


def targets_of(numbers):
    """groovefs's formulas; its own numbers are the whole track's."""
    ideals = np.array([5, 15, 18, 22, 20, 13, 7])
    shares = np.array([numbers[f"{band}_pct"] for band in BANDS])
    gains = np.clip(0.5 * (ideals - 100 * shares), -6, 6) * bool(shares.any())
    return {"target_lufs": 0.4 * numbers["lufs"] - 8.4,
            "target_crest_db": max(10, 0.85 * numbers["crest_db"]),
            "eq_adjustments_db": dict(zip(BANDS, gains)),
            "compression": {"ratio": 2.5, "amount": 0.6}}


class Processor:
    """Brings audio whose fingerprint this is to these targets."""
    SIZE, BLOCK = 8192, 512  # samples: of the filter; of the compressor
    HOP = 3 * SIZE  # that are filtered at once: with the filter a power of 2

    def __init__(self, targets, numbers, rate):
        eq = np.array([targets["eq_adjustments_db"][b] for b in BANDS])
        shares = np.array([numbers[f"{band}_pct"] for band in BANDS])
        louder = 10 * np.log10(shares @ 10 ** (eq / 10) or 1)  # by the EQ
        gain = targets["target_lufs"] - numbers["lufs"] - louder
        middles = np.sqrt(np.multiply(EDGES[1:], EDGES[:-1]))
        octaves = np.log2(np.fft.rfftfreq(self.SIZE, 1 / rate) + 1)
        curve = 10 ** ((np.interp(octaves, np.log2(middles), eq) + gain) / 20)
        taps = np.roll(np.fft.irfft(curve), self.SIZE // 2)
        taps *= np.hanning(self.SIZE)
        self.filter = fft.rfft(taps.astype("f4"), self.HOP + self.SIZE)
        self.threshold = targets["target_lufs"] + targets["target_crest_db"]
        how = targets["compression"]
        self.slope = how["amount"] * (1 - 1 / how["ratio"])

    def __call__(self, audio):
        """The filter, with its delay taken off, by overlap-add."""
        size, hop, (channels, count) = self.SIZE, self.HOP, audio.shape
        audio = np.pad(audio, ((0, 0), (0, size // 2 + -(count + size // 2)
                                        % hop)))
        blocks = audio.reshape(channels, -1, hop)
        done = fft.irfft(fft.rfft(blocks, hop + size) * self.filter)
        out = done[..., :hop]
        out[:, 1:, :size] += done[:, :-1, hop:]
        out = out.reshape(channels, -1)[:, size // 2:size // 2 + count]
        out = np.pad(out, ((0, 0), (0, -count % self.BLOCK)))
        return self.compress(out)[:, :count]

    def compress(self, audio):
        """What lies above the threshold, by a soft knee and without jumps:
        between two blocks counts the highest peak of the four around."""
        blocks = audio.astype("f4").reshape(len(audio), -1, self.BLOCK)
        peaks = np.maximum(blocks.max((0, 2)), -blocks.min((0, 2)))
        peaks = sliding_window_view(np.pad(peaks, 2), 4).max(1)
        over = np.maximum(0, 20 * np.log10(peaks + 1e-9) - self.threshold)
        gain = 10 ** (-self.slope * over ** 2 / (over + 6) / 20)
        gain = gain.astype("f4")[:, None]
        ramp = np.arange(self.BLOCK, dtype="f4") / self.BLOCK
        blocks *= gain[:-1] + (gain[1:] - gain[:-1]) * ramp
        return blocks.reshape(len(audio), -1)
