"""The files of analysis/: how tests name, read and understand them."""
import json
import math
import os
import re
import shutil
import struct
import subprocess
import unittest
import zlib

import numpy as np

import fixtures
from harness import forget_pages, opened, pread_all, read_file, wait_until

SIZES = {".json": 16384, ".25d": 8192, ".waveform.png": None,
         ".spectrogram.png": None, ".peaks.dat": None, ".peaks.json": None}
SUFFIXES = tuple(SIZES)
PICTURES = {".waveform.png": (1800, 280), ".spectrogram.png": (1200, 512)}
ALBUM = "album.json"
ALBUM_SIZE = 8192
DIMENSIONS = (
    "sub_bass_pct", "bass_pct", "low_mid_pct", "mid_pct", "upper_mid_pct",
    "presence_pct", "air_pct", "lufs", "crest_db", "bass_mid_ratio",
    "tempo_bpm", "rhythm_stability", "transient_density", "silence_ratio",
    "spectral_centroid", "spectral_rolloff", "spectral_flatness",
    "harmonic_ratio", "pitch_stability", "chroma_energy",
    "dynamic_range_variation", "loudness_variation_std", "peak_consistency",
    "stereo_width", "phase_correlation")
PEAKS_HEAD, PER_PIXEL = 24, 256


def make(mount, name, seconds=4, seed=0, rate=44100, tags=None, gain=1):
    """A track in the library; gives the path of the file."""
    path = mount.source(name)
    fixtures.write(path, gain * fixtures.music(seconds, rate, 2, 4000 + seed),
                   rate, tags=tags or {"title": name})
    return path


def path(mount, track, suffix):
    return mount.path("analysis", track + suffix)


def uncached(name):
    """The file from the daemon, whatever the page cache has of it."""
    with opened(name) as fd:
        forget_pages(fd)
        return pread_all(fd, 1 << 30, 0)


def read_all(mount, track, read=read_file):
    """All six of a track, by suffix."""
    return {suffix: read(path(mount, track, suffix)) for suffix in SUFFIXES}


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def parse(data):
    """A text, which must be UTF-8 and have no NaN and no infinity."""
    return json.loads(data.decode(), parse_constant=refuse)


def record(mount, track, suffix=".json", read=read_file):
    return parse(read(path(mount, track, suffix)))


def album(mount, folder="", read=read_file):
    return parse(read(mount.path("analysis", folder, ALBUM)))


def without(found, *paths):
    """A copy without what is named as "a.b.c"."""
    found = json.loads(json.dumps(found))
    for keys in (p.split(".") for p in paths):
        place = found
        for key in keys[:-1]:
            place = place[key]
        del place[keys[-1]]
    return found


def numbers(found):
    """Every number within a parsed text."""
    if isinstance(found, (dict, list)):
        inside = found.values() if isinstance(found, dict) else found
        return [n for value in inside for n in numbers(value)]
    return [found] if isinstance(found, (int, float)) else []


def check_fingerprint(test, found, name=None):
    """25 finite values, each within its range."""
    test.assertEqual(tuple(found), DIMENSIONS, name)
    for key, value in found.items():
        low, high = {
            "lufs": (-70, 10), "crest_db": (0, 100), "tempo_bpm": (0, 400),
            "bass_mid_ratio": (-100, 100), "loudness_variation_std": (0, 10),
            "phase_correlation": (-1, 1), "spectral_centroid": (0, 1.4),
            "spectral_rolloff": (0, 1.2)}.get(key, (0, 1))
        test.assertTrue(math.isfinite(value) and low <= value <= high,
                        f"{name}: {key} is {value}")


# Peaks ----------------------------------------------------------------------

def cut_division(values, by):
    return np.sign(values) * (np.abs(values) // by)


def plain_peaks(samples, rate, floats=False):
    """A .peaks.dat by the words of audiowaveform's rules: 16 bits, the mean
    of the channels, least and greatest of 256 frames, 8 bits."""
    scaled = (np.trunc(samples.astype(np.float32) * np.float32(32767))
              if floats else np.floor(samples.astype(np.float64) * 32768))
    whole = np.clip(scaled, -32768, 32767).astype(np.int64)
    mono = cut_division(whole.sum(axis=1), samples.shape[1])
    pixels = []
    for start in range(0, len(mono), PER_PIXEL):
        part = mono[start:start + PER_PIXEL]
        pixels += [part.min(), part.max()]
    return (struct.pack("<iIiiIi", 2, 1, rate, PER_PIXEL, len(pixels) // 2, 1)
            + cut_division(np.array(pixels, np.int64), 256).astype(
                np.int8).tobytes())


def parsed_peaks(data):
    """A .peaks.dat as its JSON form has it."""
    version, flags, rate, per_pixel, length, channels = struct.unpack(
        "<iIiiIi", data[:PEAKS_HEAD])
    return {"version": version, "channels": channels, "sample_rate": rate,
            "samples_per_pixel": per_pixel, "bits": 8 if flags & 1 else 16,
            "length": length,
            "data": np.frombuffer(data[PEAKS_HEAD:], np.int8).tolist()}


# Pictures -------------------------------------------------------------------

def check_chunks(data):
    """A PNG to the last byte: signature, chunks with right sums, an end."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:8]
    at, kind = 8, None
    while kind != b"IEND":
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 4:at + 8 + size]
        summed, = struct.unpack(">I", data[at + 8 + size:at + 12 + size])
        assert summed == zlib.crc32(body), f"{kind} at {at}"
        at += 12 + size
    assert at == len(data), f"{len(data) - at} bytes after the end"


def pixels(data, width, height):
    """What FFmpeg decodes, which must be without a complaint: rows of RGB."""
    done = subprocess.run(
        ["ffmpeg", "-v", "warning", "-f", "png_pipe", "-i", "-", "-f",
         "rawvideo", "-pix_fmt", "rgb24", "-"], input=data, check=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.stderr == b"", done.stderr
    return np.frombuffer(done.stdout, np.uint8).reshape(height, width, 3)


def colors(picture):
    whole = picture.astype(np.uint32)
    return len(np.unique(whole[..., 0] << 16 | whole[..., 1] << 8
                         | whole[..., 2]))


def columns(picture):
    """How many differ."""
    return len({picture[:, x].tobytes() for x in range(picture.shape[1])})


# Other programs -------------------------------------------------------------

def need(program):
    if not shutil.which(program):
        raise unittest.SkipTest(f"{program} is not installed")


def ebur128(*files):
    """FFmpeg's integrated loudness of these, one after the other, LUFS."""
    inputs = [word for name in files for word in ("-i", name)]
    joined = "".join(f"[{i}:a]" for i in range(len(files)))
    said = fixtures.ffmpeg_bytes(
        *inputs, "-filter_complex",
        f"{joined}concat=n={len(files)}:v=0:a=1,ebur128=metadata=1,"
        "ametadata=print:key=lavfi.r128.I:file=-", "-f", "null", "/dev/null")
    return float(re.findall(rb"lavfi\.r128\.I=(\S+)", said)[-1])


def blocks(name):
    """The loudness of every 400 ms of a file, as FFmpeg has it, LUFS."""
    said = fixtures.ffmpeg_bytes(
        "-i", name, "-af", "ebur128=metadata=1,"
        "ametadata=print:key=lavfi.r128.M:file=-", "-f", "null", "/dev/null")
    # the first three come before there are 400 ms
    return [float(m) for m in re.findall(rb"lavfi\.r128\.M=(\S+)", said)][3:]


def gated(*files):
    """BS.1770's gates over the blocks of all these files, which is what an
    album is: a block that lies in two tracks belongs to none. LUFS."""
    loud = np.array([m for name in files for m in blocks(name)])
    power = 10 ** (loud[loud >= -70] / 10)
    power = power[power >= power.mean() / 10]
    return 10 * np.log10(power.mean())


def fpcalc(name):
    """What it prints; it takes the end of a short file for an error, too."""
    need("fpcalc")
    return subprocess.run(["fpcalc", "-plain", name], text=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout.strip()


# Workers --------------------------------------------------------------------

def analysts(mount):
    """The processes that analyze, when they are at rest."""
    return [pid for pid in mount.worker_pids()
            if os.sched_getscheduler(pid) == os.SCHED_IDLE]


def in_hand(mount, parked):
    """Waits until more than `parked` reads have parked, and a worker has in
    hand what the last of them waits for."""
    wait_until(lambda: mount.counter("reads_parked") > parked,
               "the reader to park")
    wait_until(lambda: mount.stats()["queue"]["slow"] == 0,
               "a worker to take it")
