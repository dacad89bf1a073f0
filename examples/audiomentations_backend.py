#!/usr/bin/python3
"""Decoded, resampled audio for data loading, shared by all processes.

A backend for a cache of audio: get(key) and put(key, audio), for keys (path,
sample rate, mono). What a key stands for is a WAV file in a mounted groovefs,

    MOUNT/pcm/44100-mono/rain.wav     for  ("rain.flac", 44100, True)

which groovefs decodes and resamples when it is first read, a second at a time,
once for all processes. get() maps it into memory and copies nothing: ten
loaders that use the same noise share its pages.

    backend = GroovefsBackend("/home/me/groovefs", "/home/me/noises")
    audio = backend.get(("/home/me/noises/rain.flac", 44100, True))
    piece = audio[..., start:start + 5 * 44100]   # only this is decoded

Needs numpy. The benchmark needs soundfile, and scipy if there is no soxr.
"""
import argparse
import contextlib
import ctypes
import json
import math
import mmap
import multiprocessing
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np

MAPS = 128  # files that a process keeps mapped
FLOAT, EXTENSIBLE = 3, 0xFFFE  # WAV's format tags


def map_wav(file):
    """The samples of a WAV or RF64 of 32-bit floats: a read-only array that
    lies over the file, (samples,) if it is mono, else (channels, samples)."""
    kind, channels, start, size = parse_wav(file)
    if kind != FLOAT:
        raise ValueError(f"'{file.name}' is not a WAV of 32-bit floats")
    count = size // 4
    if count == 0:
        return np.zeros(0 if channels == 1 else (channels, 0), "<f4")
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    audio = np.frombuffer(mapped, "<f4", count, start)
    return audio if channels == 1 else audio.reshape(-1, channels).T


def parse_wav(file):
    """(format, channels, where the samples begin, their bytes)."""
    form, _, wave = struct.unpack("<4sI4s", file.read(12))
    if form not in (b"RIFF", b"RF64") or wave != b"WAVE":
        raise ValueError(f"'{file.name}' is not a WAV")
    kind = channels = long_size = None
    while True:
        name, size = struct.unpack("<4sI", file.read(8))
        start = file.tell()
        if name == b"ds64":  # the sizes that do not fit into 32 bits
            long_size, = struct.unpack("<8xQ", file.read(16))
        elif name == b"fmt ":
            kind, channels, bits = struct.unpack("<HH10xH", file.read(16))
            if kind == EXTENSIBLE:
                kind, = struct.unpack("<8xH", file.read(10))
            kind = kind if bits == 32 else None
        elif name == b"data":
            if size == 0xFFFFFFFF and long_size is not None:
                size = long_size
            return kind, channels, start, size
        file.seek(start + size + size % 2)


class GroovefsBackend:
    """mount: where groovefs is mounted; library: the folder it shows;
    local_bytes: room in this process for audio from outside of the library.

    An array from get() lies over a file: it is read-only, and shared; to
    change it, copy it. When a source has changed, the next get() gives the new
    audio. The old array must not be touched any more, nor any after an umount:
    what was not read of it yet is gone, and the process gets a SIGBUS.

    One backend may be used by any number of processes, made by fork or by
    spawn, but in each of them by one thread at a time.
    """

    def __init__(self, mount, library, local_bytes=256 << 20):
        self.mount = os.path.abspath(os.path.expanduser(mount))
        self.library = os.path.realpath(os.path.expanduser(library))
        self.local_bytes = local_bytes
        self._maps, self._local = {}, {}

    def __getstate__(self):
        """What another process gets: it maps for itself."""
        return {**self.__dict__, "_maps": {}, "_local": {}}

    def get(self, key):
        """Audio of a key as float32 in [-1, 1], or None: not known here.
        path: absolute or relative to the library; sample_rate: 8000 to
        192000, None: the file's own."""
        known = self._maps.pop(key, None)
        if not known or not self._is_still(*known[:2]):
            known = self._find(*key)
        if not known:
            return self._local.get(key)
        self._maps[key] = known
        if len(self._maps) > MAPS:
            del self._maps[next(iter(self._maps))]
        return known[2]

    def put(self, key, audio):
        """Nothing, for what get() finds in the library: groovefs has made it
        already, and keeps it for all processes within its own budget. What
        lies outside is kept here, for this process, the latest
        local_bytes of it."""
        if self._inside(key[0]) and self.get(key) is not None:
            return
        audio = np.array(audio, np.float32)
        audio.flags.writeable = False
        self._local.pop(key, None)
        self._local[key] = audio
        while sum(a.nbytes for a in self._local.values()) > self.local_bytes:
            del self._local[next(iter(self._local))]

    def _inside(self, path):
        path = os.path.realpath(os.path.join(self.library, path))
        return os.path.commonpath([path, self.library]) == self.library

    def _wavs(self, path, sample_rate, mono):
        """Where a track's WAV may be: rain.flac is rain.flac.wav if rain.wav
        is another track's, so this is looked for first."""
        view = (str(sample_rate) if sample_rate else "native") + (
            "-mono" if mono else "")
        path = os.path.relpath(os.path.realpath(
            os.path.join(self.library, path)), self.library)
        for name in (path, os.path.splitext(path)[0]):
            yield os.path.join(self.mount, "pcm", view, name + ".wav")

    def _find(self, path, sample_rate, mono):
        """(path, version, audio) of a track's WAV, or None."""
        if not self._inside(path):
            return None
        for wav in self._wavs(path, sample_rate, mono):
            with contextlib.suppress(FileNotFoundError):
                with open(wav, "rb") as file:
                    return wav, version_of(file), map_wav(file)
        return None

    @staticmethod
    def _is_still(wav, version):
        """Opens it, as groovefs looks at the source then; what stat tells may
        be a second old."""
        with contextlib.suppress(OSError), open(wav, "rb") as file:
            return version_of(file) == version
        return False


def version_of(file):
    now = os.fstat(file.fileno())
    return now.st_ino, now.st_size, now.st_mtime_ns


# The benchmark --------------------------------------------------------------

RATE, SECONDS = 44100, 5  # of a task
NOISE_RATE, NOISE_SECONDS, NOISE_FILES = 48000, 30, 20


def make_noise(folder, files=NOISE_FILES, channels=1):
    """Noise files: FLAC of 16 bits, as loud as 1/f noise is, each its own."""
    import soundfile
    count = NOISE_RATE * NOISE_SECONDS
    shape = 1 / np.sqrt(np.maximum(1, np.arange(count // 2 + 1)))
    for i in range(files):
        rng = np.random.default_rng([2024, i, channels])
        spectrum = np.fft.rfft(rng.normal(size=(count, channels)), axis=0)
        noise = np.fft.irfft(spectrum * shape[:, None], count, axis=0)
        soundfile.write(os.path.join(folder, f"noise {i:02}.flac"),
                        noise * 0.5 / np.abs(noise).max(), NOISE_RATE,
                        subtype="PCM_16")
    return sorted(os.path.join(folder, name) for name in os.listdir(folder))


class Direct:
    """Without the mount: loads, mixes down and resamples the whole file for
    each task, as audiomentations does with what its cache does not have."""

    def get(self, key):
        import soundfile
        path, rate, mono = key
        audio, own_rate = soundfile.read(path, dtype="float32")
        audio = audio.mean(axis=1) if mono and audio.ndim > 1 else audio.T
        return audio if rate == own_rate else resample(audio, own_rate, rate)


def resample(audio, own_rate, rate):
    if audio.ndim > 1:
        return np.stack([resample(row, own_rate, rate) for row in audio])
    return resampler()[1](np.ascontiguousarray(audio), own_rate, rate)


def resampler():
    """(name, function): the quickest good one that there is. audiomentations
    and librosa use soxr at its quality HQ, through python-soxr, which Debian
    12 does not have; but it has the library, as FFmpeg needs it."""
    with contextlib.suppress(ImportError):
        import soxr
        return "python-soxr, HQ", soxr.resample
    with contextlib.suppress(OSError):
        return "libsoxr, HQ", soxr_oneshot(ctypes.CDLL("libsoxr.so.0"))
    from scipy import signal
    return "scipy.signal.resample_poly", lambda audio, own_rate, rate: (
        signal.resample_poly(audio, rate // math.gcd(rate, own_rate),
                             own_rate // math.gcd(rate, own_rate)))


def soxr_oneshot(library):
    """soxr_oneshot() of soxr.h, for one channel of float32; HQ is its
    default."""
    def run(audio, own_rate, rate):
        out = np.empty(-(-len(audio) * rate // own_rate), np.float32)
        done = ctypes.c_size_t()
        error = library.soxr_oneshot(
            ctypes.c_double(own_rate), ctypes.c_double(rate), 1,
            ctypes.c_void_p(audio.ctypes.data), ctypes.c_size_t(len(audio)),
            None, ctypes.c_void_p(out.ctypes.data),
            ctypes.c_size_t(len(out)), ctypes.byref(done), None, None, None)
        if error:
            raise RuntimeError("soxr cannot resample")
        return out[:done.value]
    return run


def mix(speech, noise, snr_db):
    """speech with noise that is snr_db quieter than it."""
    ratio = math.sqrt(float(np.dot(speech, speech))
                      / max(float(np.dot(noise, noise)), 1e-12))
    return speech + noise * np.float32(ratio * 10 ** (-snr_db / 20))


class Tasks:
    """What the processes do; made before they fork. A task gives a number by
    which its result can be compared with another's."""

    def __init__(self, cache, paths, seed=0):
        self.cache, self.paths, self.seed = cache, paths, seed
        rng = np.random.default_rng(seed)
        self.speech = rng.normal(0, 0.1, SECONDS * RATE).astype(np.float32)

    def __call__(self, number):
        rng = np.random.default_rng([self.seed, number])
        path = self.paths[rng.integers(len(self.paths))]
        audio = self.cache.get((path, RATE, True))
        if audio is None:
            raise FileNotFoundError(f"the mount does not show '{path}'")
        start = rng.integers(len(audio) - len(self.speech))
        mixed = mix(self.speech, audio[start:start + len(self.speech)],
                    rng.uniform(3, 30))
        return float(np.abs(mixed[::99]).sum())


def run_tasks(tasks, count, rounds=1, processes=None):
    """All tasks in parallel processes, `rounds` times: a list of (seconds,
    results). As those of a data loader, the processes are there before the
    clock starts, and stay."""
    processes = processes or os.cpu_count()
    portion = max(1, count // processes // 5)
    done = []
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        pool.map(abs, range(100 * processes))
        for _ in range(rounds):
            start = time.perf_counter()
            results = pool.map(tasks, range(count), portion)
            done.append((time.perf_counter() - start, results))
    return done


@contextlib.contextmanager
def mounted(groovefs, library, folder):
    """A fresh mount on an empty cache."""
    with tempfile.TemporaryDirectory(dir=folder) as base:
        point = os.path.join(base, "mount")
        os.mkdir(point)
        subprocess.run([groovefs, "mount", "-o", f"cache={base}/cache",
                        library, point], check=True)
        try:
            yield point
        finally:
            subprocess.run([groovefs, "umount", point], check=True)


def benchmark(options):
    times = {"without": [], "first": [], "again": []}
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="groovefs-example-") as base:
        library = os.path.join(base, "library")
        os.mkdir(library)
        paths = make_noise(library, options.files, options.channels)
        for _ in range(options.runs):
            (seconds, right), = run_tasks(Tasks(Direct(), paths),
                                          options.tasks)
            times["without"].append(seconds)
            with mounted(options.groovefs, library, base) as point:
                backend = GroovefsBackend(point, library)
                passes = run_tasks(Tasks(backend, paths), options.tasks, 2)
            for when, (seconds, found) in zip(("first", "again"), passes):
                times[when].append(seconds)
                worst = max(worst, difference(found, right))
    return times, worst


def difference(found, right):
    """The largest one between two lists of results, relative."""
    return float(np.max(np.abs(np.subtract(found, right) / right)))


def report(options, times, worst):
    medians = {name: statistics.median(t) for name, t in times.items()}
    ratios = {name: medians["without"] / t for name, t in medians.items()}
    if options.json:
        print(json.dumps({
            "tasks": options.tasks, "files": options.files,
            "channels": options.channels, "processes": os.cpu_count(),
            "resampler": resampler()[0], "seconds": times,
            "median": medians, "times_quicker": ratios,
            "largest_difference": worst}, indent=2))
        return
    print(f"{options.tasks} tasks in {os.cpu_count()} processes, each mixing "
          f"{SECONDS} s at {RATE} Hz;\n{options.files} noise files of "
          f"{NOISE_SECONDS} s at {NOISE_RATE} Hz, {options.channels} "
          f"channel(s); medians of {options.runs} runs.\n")
    for name, what in (
            ("without", f"soundfile and {resampler()[0]}"),
            ("first", "through the mount, nothing decoded yet"),
            ("again", "through the mount, from then on")):
        print(f"{what:42}{medians[name]:9.3f} s{ratios[name]:8.1f} x")
    print(f"\nResults differ by {worst:.1%} at most: HQ cuts off a little "
          "lower than groovefs does.")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--benchmark", action="store_true",
                        help="compare with loading and resampling the files")
    parser.add_argument("--groovefs", default="groovefs", metavar="FILE",
                        help="the program, if it is not in the path")
    parser.add_argument("--tasks", type=int, default=200, metavar="N")
    parser.add_argument("--files", type=int, default=NOISE_FILES, metavar="N")
    parser.add_argument("--channels", type=int, default=1, choices=(1, 2),
                        help="of the noise files; tasks want mono")
    parser.add_argument("--runs", type=int, default=3, metavar="N")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.benchmark:
        parser.print_help()
        return 0
    report(options, *benchmark(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
