#!/usr/bin/python3
"""Masters a track in chunks of 15 s, by targets that groovefs knows already.

Reads MOUNT/pcm/native/...wav in chunks of 15 s, one every 10 s; brings each
towards the track's mastering_targets from MOUNT/analysis/...25d; crossfades
where they overlap; and writes a WAV of 32-bit floats.

    chunk_processor.py ~/groovefs Artist/Album/Song.flac mastered.wav
    chunk_processor.py --dry-run --compare ~/groovefs Artist/Album/Song.flac

The processor is a plain one: an equaliser of 7 bands with the gain to the
target loudness, and a compressor with a soft knee. It has no limiter: peaks
may lie above 0 dBFS, and are told.

--compare does the same without the sidecar, as programs do that analyze chunk
by chunk: once with the 9 numbers that targets are made of (loudness, crest, 7
bands), once with a fingerprint of 25 dimensions, both by chunk_analysis.py.
All of them find the audio decoded, and writing is not counted. The sidecar
takes longer when it is the first that is read of a track: that makes it.
"""
import argparse
import collections
import json
import os
import struct
import sys
import time

import numpy as np

from chunk_analysis import fingerprint, nine_numbers
from chunk_mastering import Processor, targets_of

CHUNK, HOP = 15, 10  # seconds


class Wav:
    """A WAV of 32-bit floats that is read in pieces of (channels, frames)."""

    def __init__(self, path):
        self.file = open(path, "rb")
        head = self.file.read(128)
        self.channels, self.rate = struct.unpack_from(
            "<HI", head, head.index(b"fmt ") + 10)
        self.start = head.index(b"data") + 8
        size = os.fstat(self.file.fileno()).st_size - self.start
        self.frames = size // 4 // self.channels

    def read(self, start, count):
        self.file.seek(self.start + 4 * self.channels * start)
        data = self.file.read(4 * self.channels * count)
        return np.ascontiguousarray(
            np.frombuffer(data, "<f4").reshape(-1, self.channels).T)

    def head(self):
        """For a WAV like it."""
        size, frame = 4 * self.channels * self.frames, 4 * self.channels
        return struct.pack(
            "<4sI4s4sIHHIIHHH4sI", b"RIFF", 38 + size, b"WAVE", b"fmt ", 18, 3,
            self.channels, self.rate, frame * self.rate, frame, 32, 0,
            b"data", size)


class Stopwatch(collections.Counter):
    """Seconds by what they were spent on."""
    last = 0.0

    def lap(self, what=None):
        now = time.perf_counter()
        if what:
            self[what] += now - self.last
        self.last = now


def process(wav, choose, out=None):
    """choose(audio) gives the processor for a chunk. (seconds, peak)"""
    seconds, peak = Stopwatch(), 0.0
    tail = np.zeros((wav.channels, 0), "f4")
    end = max(min(1, wav.frames), wav.frames - (CHUNK - HOP) * wav.rate)
    for start in range(0, end, HOP * wav.rate):
        seconds.lap()  # writing is not counted: it is always the same
        audio = wav.read(start, CHUNK * wav.rate)
        seconds.lap("reading")
        processor = choose(audio)
        seconds.lap("analysis")
        audio = processor(audio)
        fade = np.linspace(0, 1, tail.shape[1], dtype="f4")
        begin = audio[:, :len(fade)]
        begin += (1 - fade) * (tail - begin)
        if start + CHUNK * wav.rate < wav.frames:
            audio, tail = np.split(audio, [HOP * wav.rate], axis=1)
        peak = max(peak, float(np.abs(audio).max()))
        seconds.lap("processing")
        if out:
            out.write(np.ascontiguousarray(audio.T))
    return seconds, peak


def without_sidecar(wav, analyze):
    def choose(audio):
        numbers = analyze(audio, wav.rate)
        return Processor(targets_of(numbers), numbers, wav.rate)
    return process(wav, choose)[0]


def compare(wav, known):
    print(f"{'seconds':24}{'reading':>9}{'analysis':>10}{'processing':>12}"
          f"{'all':>9}{'times as long':>15}")
    for name, seconds in (
            ("with the sidecar", known),
            ("without, 9 numbers", without_sidecar(wav, nine_numbers)),
            ("without, 25 dimensions", without_sidecar(wav, fingerprint))):
        print(f"{name:24}{seconds['reading']:9.3f}{seconds['analysis']:10.4f}"
              f"{seconds['processing']:12.3f}{seconds.total():9.3f}"
              f"{seconds.total() / known.total():15.1f}")


def find(mount, view, track):
    """(sidecar, WAV); Song.flac is Song.flac.wav if another is Song.wav."""
    for name in (track, os.path.splitext(track)[0]):
        wav = os.path.join(mount, "pcm", view, name + ".wav")
        if os.path.isfile(wav):
            return os.path.join(mount, "analysis", track + ".25d"), wav
    raise ValueError(f"no track '{track}' in '{mount}/pcm/{view}'")


def load(path):
    """(mastering targets, fingerprint)"""
    with open(path, "rb") as file:
        sidecar = json.load(file)
    if sidecar["metadata"]["status"] == "failed":
        raise ValueError(f"'{path}': {sidecar['metadata']['reason']}")
    return sidecar["mastering_targets"], sidecar["fingerprint"]


def run(options):
    sidecar, path = find(options.mount, options.view, options.track)
    watch = Stopwatch()
    watch.lap()
    load(sidecar)
    watch.lap("first")
    wav = Wav(path)
    if options.compare:  # nobody shall wait for the decoder
        for start in range(0, wav.frames, HOP * wav.rate):
            wav.read(start, HOP * wav.rate)
    watch.lap()
    processor = Processor(*load(sidecar), wav.rate)
    watch.lap("again")
    with open(options.out or os.devnull, "wb") as out:
        out.write(wav.head())
        seconds, peak = process(wav, lambda audio: processor, out)
    seconds["analysis"] += watch["again"]
    print(f"the sidecar: {watch['first']:.4f} s, again {watch['again']:.4f} s;"
          f" {wav.frames / wav.rate:.1f} s of audio: {seconds.total():.3f} s;"
          f" peak {20 * np.log10(peak + 1e-9):.1f} dBFS")
    if options.compare:
        compare(wav, seconds)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("mount", help="where groovefs is mounted")
    parser.add_argument("track", help="its path in the library")
    parser.add_argument("out", nargs="?", help="the WAV to write")
    parser.add_argument("--view", default="native", metavar="NAME",
                        help="folder of pcm/ to read: native, 48000, ...")
    parser.add_argument("--dry-run", action="store_true",
                        help="do all of it, but write nothing")
    parser.add_argument("--compare", action="store_true",
                        help="do it without the sidecar too")
    options = parser.parse_args()
    if bool(options.out) == options.dry_run:
        parser.error("give either a WAV to write or --dry-run")
    try:
        run(options)
    except OSError as error:
        sys.exit(f"chunk_processor: cannot use '{error.filename}': "
                 f"{error.strerror}")
    except ValueError as error:
        sys.exit(f"chunk_processor: {error}")


if __name__ == "__main__":
    main()
