"""What a program computes again for each chunk if nobody keeps it.

For chunk_processor.py --compare. nine_numbers() has what mastering targets are
made of; fingerprint() all 25 dimensions, by the formulas of groovefs's
analysis/*.h, at the same frame rates, and with these simplifications: all
channels count alike for loudness, the chroma is of all bins instead of peaks,
onsets are looked for 43 times a second (groovefs: 172), and the tempo is the
best lag of one autocorrelation. Each transform is done once.
"""
import functools

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from chunk_mastering import BANDS, EDGES, fft

RATE, SIZE, STEP = 22050, 2048, 512  # of the spectra over time


@functools.lru_cache
def k_weighting(count, rate):
    """ITU-R BS.1770's two filters, for any rate as in libebur128."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(count))
    k, q, high = np.tan(np.pi * 1681.9745 / rate), 0.7071752, 1.584865
    band = high ** 0.4996667741545416
    shelf = np.polyval([high - band * k / q + k * k, 2 * (k * k - high),
                        high + band * k / q + k * k], z)
    shelf /= np.polyval([1 - k / q + k * k, 2 * (k * k - 1),
                         1 + k / q + k * k], z)
    k, q = np.tan(np.pi * 38.135471 / rate), 0.5003270
    return shelf * (1 - z) ** 2 * (1 + k / q + k * k) / np.polyval(
        [1 - k / q + k * k, 2 * (k * k - 1), 1 + k / q + k * k], z)


def loudness(spectrum, count, rate):
    """Integrated, in LUFS: blocks of 400 ms, two gates."""
    weighted = fft.irfft(spectrum * k_weighting(count, rate), count)
    power = windows_mean((weighted ** 2).sum(0), 4, rate // 10)
    power = power[power > 10 ** ((-70 + 0.691) / 10)]
    if power.size:
        power = power[power > power.mean() / 10]
    return 10 * np.log10(power.mean()) - 0.691 if power.size else -70.0


def windows_mean(values, parts, hop):
    """Means over windows of `parts` hops, one every hop."""
    sums = values[:len(values) // hop * hop].reshape(-1, hop).mean(1)
    if len(sums) < parts:
        return np.array([values.mean()])
    return sliding_window_view(sums, parts).mean(1)


def basics(audio, rate):
    """(the nine numbers, energies of the bands, spectrum)"""
    count = audio.shape[1]
    spectrum = fft.rfft(audio)
    power = (spectrum.real ** 2 + spectrum.imag ** 2).sum(0)
    bins = np.minimum(np.multiply(EDGES, count / rate).astype(int), len(power))
    bands = np.diff(np.concatenate(([0], np.cumsum(power, dtype="f8")))[bins])
    rms = np.sqrt(np.mean(audio ** 2, dtype="f8"))
    peak = max(audio.max(), -audio.min())
    numbers = {f"{name}_pct": value for name, value in zip(
        BANDS, bands / (bands.sum() or 1))}
    numbers["lufs"] = loudness(spectrum, count, rate)
    numbers["crest_db"] = 20 * np.log10(peak / rms) if rms else 0.0
    return numbers, bands, spectrum


def nine_numbers(audio, rate):
    """audio: (channels, frames)."""
    return basics(audio, rate)[0]


def fingerprint(audio, rate):
    """The 25 dimensions."""
    numbers, bands, spectrum = basics(audio, rate)
    numbers["bass_mid_ratio"] = 10 * np.log10(
        (bands[1] + 1e-20) / (bands[2:4].sum() + 1e-20))
    variation(numbers, audio, rate)
    count = max(1, audio.shape[1] * RATE // rate)
    mono = fft.irfft(spectrum.mean(0)[:count // 2 + 1], count)
    mono *= count / audio.shape[1]  # now it is resampled
    mono = np.pad(mono, (0, max(0, 2 * RATE - count)))
    frames = sliding_window_view(mono, SIZE)[::STEP]
    size = np.abs(fft.rfft(frames * np.hanning(SIZE)))
    timbre(numbers, frames, size)
    rhythm(numbers, size)
    harmony(numbers, size[::2])
    pitch(numbers, sliding_window_view(mono, 1024)[::1024])
    stereo(numbers, audio)
    return numbers


def spread(values):
    """Coefficient of variation."""
    mean = np.mean(values) if len(values) else 0
    return np.std(values) / mean if mean else 0.0


def variation(numbers, audio, rate):
    hop = rate // 4
    power = windows_mean((audio ** 2).mean(0), 2, hop)
    peaks = np.abs(audio).max(0)
    peaks = peaks[:len(peaks) // hop * hop].reshape(-1, hop).max(1)
    peaks = np.maximum(peaks[1:], peaks[:-1])
    loud = (power > 1e-7)[:len(peaks)]
    peaks, level = peaks[loud], 10 * np.log10(power[:len(loud)][loud])
    crest = 20 * np.log10(peaks) - level
    crests, levels = (np.std(v) if len(v) else 0.0 for v in (crest, level))
    numbers["dynamic_range_variation"] = min(1, crests / 6)
    numbers["loudness_variation_std"] = min(10, levels)
    numbers["peak_consistency"] = 1 / (1 + spread(peaks))


def timbre(numbers, frames, size):
    level = np.sqrt((frames ** 2).mean(1))
    numbers["silence_ratio"] = np.mean(level <= level.max() / 100)
    sums = size.sum(1)
    size, sums = size[sums > 0], sums[sums > 0]
    if not len(sums):
        size, sums = np.zeros((1, SIZE // 2 + 1)), np.ones(1)
    hertz = np.fft.rfftfreq(SIZE, 1 / RATE)
    rolloff = (np.cumsum(size, 1) < 0.85 * sums[:, None]).sum(1)
    power = size ** 2 + 1e-20
    flatness = np.exp(np.log(power).mean(1)) / power.mean(1)
    numbers["spectral_centroid"] = min(1, np.median(size @ hertz / sums) / 8e3)
    numbers["spectral_rolloff"] = min(
        1, np.median(rolloff) * RATE / SIZE / 10e3)
    numbers["spectral_flatness"] = np.median(flatness)


def rhythm(numbers, size):
    """Percival and Tzanetakis's onset strength, Ellis's beats."""
    logs = np.log1p(1000 * 4 / SIZE * size)
    onset = np.maximum(0, np.diff(logs, axis=0)).mean(1)
    hertz = RATE / STEP
    around = np.convolve(onset, np.ones(43) / 43, "same")
    high = sliding_window_view(np.pad(onset, 1), 3).max(1)
    onsets = (onset == high) & (onset > 1.5 * around) & (onset > 0.003)
    numbers["transient_density"] = min(1, onsets.mean() * hertz / 10)
    bpm = np.linspace(50, 210, 321)
    alike = fft.irfft(np.abs(fft.rfft(
        onset - onset.mean(), 2 * len(onset))) ** 2)[:len(onset)]
    score = np.interp(60 * hertz / bpm, np.arange(len(alike)), alike)
    score *= np.exp(-0.5 * np.log2(bpm / 110) ** 2)
    best = bpm[score.argmax()]
    found = beats(onset / (onset.std() or 1), 60 * hertz / best)
    numbers["tempo_bpm"] = best if score.max() > 0 else 0.0
    numbers["rhythm_stability"] = (
        1 / (1 + spread(np.diff(found))) if len(found) > 2 else 0.0)


def beats(onset, period):
    steps = np.arange(round(period / 2), round(2 * period) + 1)
    cost = -400 * np.log(steps / period) ** 2
    score, back = np.pad(onset, (steps[-1], 0)), np.zeros(len(onset), int)
    for t in range(len(onset)):
        before = score[t + steps[-1] - steps] + cost
        back[t] = steps[before.argmax()]
        score[t + steps[-1]] += before.max()
    found, t = [], len(onset) - 1 - score[::-1][:int(period)].argmax()
    while t >= 0:
        found.append(t)
        t -= back[t]
    return found[::-1]


def harmony(numbers, size):
    """FitzGerald's medians; pitch classes."""
    power = size ** 2
    lasting = np.median(sliding_window_view(
        np.pad(power, ((4, 4), (0, 0))), 9, axis=0), -1) ** 2
    broad = np.median(sliding_window_view(
        np.pad(power, ((0, 0), (8, 8))), 17, axis=1), -1) ** 2
    mask = lasting / (lasting + broad + 1e-20)
    h = np.sqrt((mask ** 2 * power).mean())
    p = np.sqrt(((1 - mask) ** 2 * power).mean())
    numbers["harmonic_ratio"] = h / (h + p) if h + p else 0.0
    hertz = np.fft.rfftfreq(SIZE, 1 / RATE)
    near = (hertz > 60) & (hertz < 2100)
    classes = np.round(12 * np.log2(hertz[near] / 440)).astype(int) % 12
    chroma = np.log1p(1000 * 4 / SIZE * size[:, near]) @ (
        classes[:, None] == np.arange(12))
    chroma = chroma[chroma.any(1)]
    numbers["chroma_energy"] = (
        np.mean(chroma.mean(1) / chroma.max(1)) if len(chroma) else 0.0)


def pitch(numbers, frames):
    """YIN: the first lag whose normalised difference is below 0.15."""
    longest, lags = 342, np.arange(1, 343)
    window = frames.shape[1] - longest
    head = fft.rfft(frames[:, :window], 1024)
    alike = fft.irfft(fft.rfft(frames) * head.conj())[:, :longest + 1]
    energy = np.cumsum(np.pad(frames ** 2, ((0, 0), (1, 0))), 1)
    energy = energy[:, window:] - energy[:, :longest + 1]
    apart = (energy[:, :1] + energy - 2 * alike)[:, 1:]
    apart *= lags / (np.cumsum(apart, 1) + 1e-20)
    apart[:, :9] = 1
    dips = (apart < 0.15) & (np.diff(apart, append=1) > 0)
    voiced = dips.any(1) & (energy[:, 0] / window > 1e-8)
    f0 = RATE / lags[dips[voiced].argmax(1)]
    numbers["pitch_stability"] = (
        1 / (1 + 10 * spread(f0)) if len(f0) > 1 else 0.0)


def stereo(numbers, audio):
    numbers["stereo_width"], numbers["phase_correlation"] = 0.0, 1.0
    if len(audio) < 2 or not audio.any():
        return
    middle, side = audio[0] + audio[1], audio[0] - audio[1]
    m, s = middle @ middle, side @ side
    numbers["stereo_width"] = s / (m + s) if m + s else 0.0
    both = audio[:2] - audio[:2].mean(1, keepdims=True)
    scale = np.sqrt((both[0] @ both[0]) * (both[1] @ both[1]))
    numbers["phase_correlation"] = both[0] @ both[1] / scale if scale else 0.0
