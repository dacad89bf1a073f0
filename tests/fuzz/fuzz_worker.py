"""Mutated audio files through a real mount.

Small valid files of each format that FFmpeg or libsndfile can write are damaged
by a seeded generator, in their structure (structure.py) or anywhere, put into a
library, and what the mount makes of them is read: in a quality, decoded, or
analyzed; name, size, tag, the first and the last segment. Whatever the worker
does with such a file, the daemon must live, other files must stay right, an
answer must come within the worker's time limit for two tries, and a reader gets
all bytes that the size promised, or EIO.

    fuzz_worker.py [--files N | --seconds N] [--latency] [--seed N]
                   [--keep FOLDER]

Files that broke a promise are kept in FOLDER. One seed gives one series of
files; how many of them a run gets to depends on the machine.
"""
import argparse
import concurrent.futures
import errno
import itertools
import json
import multiprocessing
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import mutagen
import soundfile
from mutagen import apev2, id3, mp4

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "../mount"), os.path.join(HERE, "../matrix")]

import fixtures  # noqa: E402
import formats  # noqa: E402
import structure  # noqa: E402
import tap  # noqa: E402
import test_tags_formats as dsd  # noqa: E402
from harness import (Mount, SCALE, forget_pages,  # noqa: E402
                     in_threads, opened, pread_all, read_file)

TIMEOUT = 3 * SCALE  # seconds that a worker may be silent
PATIENCE = 2 * TIMEOUT + 20 * SCALE  # for two tries and a replaced worker
INTERESTING = (0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
               0x80000000, 0xfffffffe, 0xffffffff)


def encode(wav, folder, format, rate):
    """None, or the file, if this FFmpeg can write it."""
    path = os.path.join(folder, format.name)
    if format.sndfile:
        kind, subtype = format.encode.split("/")
        channels = min(2, max(format.channels))
        soundfile.write(path, fixtures.music(2, rate, channels, 2001), rate,
                        subtype, format=kind)
    else:
        done = subprocess.run(
            ["ffmpeg", "-v", "quiet", "-nostdin", "-y", "-i", wav, "-t", "2",
             "-ar", str(rate), "-ac", str(min(2, max(format.channels))),
             *format.encode.split(), "-metadata", "title=T", "-metadata", "artist=A", path],
            check=False)
        if done.returncode:
            return None
    return path


def make_seeds(folder, everything):
    """Valid files: of every format that can be written, or of each kind of
    container and codec; with tags, pictures and chapters where it can be."""
    wav = os.path.join(folder, "music.wav")
    fixtures.write(wav, fixtures.music(2, 44100, 2, 2000), 44100)
    known = set()
    for format in formats.FORMATS:
        kind = format.name.split(".")[-1], format.encode.split("_")[0]
        if kind in known and not everything:
            continue
        rate = 44100 if 44100 in format.rates else max(format.rates)
        if encode(wav, folder, format, rate):
            known.add(kind)
    fixtures.streamed_flac(os.path.join(folder, "s.flac"),
                           fixtures.music(2, 44100, 2, 2000), 44100)
    dsd.dsf(os.path.join(folder, "a.dsf"))
    dsd.dff(os.path.join(folder, "a.dff"))
    make_tagged(folder, wav)


def make_tagged(folder, wav):
    """What a track may bring along."""
    picture = fixtures.png(30, 30)
    path = os.path.join(folder, "tagged.flac")
    fixtures.write(path, fixtures.music(2, 44100, 2, 2000), 44100)
    fixtures.tag(path, {"title": "T", "artist": ["A", "B"], "lyrics": "L" * 99,
                        "date": "2001-02-03"}, picture)
    shutil.copy(wav, os.path.join(folder, "tagged.wav"))
    shutil.copy(os.path.join(folder, "lame.mp3"),
                os.path.join(folder, "tagged.mp3"))
    for name in ("tagged.wav", "tagged.mp3"):
        file = mutagen.File(os.path.join(folder, name))
        file.tags or file.add_tags()
        file.tags.add(id3.TIT2(encoding=1, text=["T", "U"]))
        file.tags.add(id3.APIC(mime="image/png", type=3, data=picture))
        file.tags.add(id3.USLT(encoding=3, lang="eng", text="L" * 99))
        file.tags.add(id3.CHAP(element_id="c", start_time=0, end_time=1000))
        file.save()
    shutil.copy(os.path.join(folder, "alac.m4a"),
                os.path.join(folder, "tagged.m4a"))
    file = mutagen.File(os.path.join(folder, "tagged.m4a"))
    file["\xa9nam"], file["covr"] = "T", [mp4.MP4Cover(picture, 14)]
    file.save()
    shutil.copy(os.path.join(folder, "wavpack.wv"),
                os.path.join(folder, "tagged.wv"))
    file = mutagen.File(os.path.join(folder, "tagged.wv"))
    file["Title"] = "T"
    file["Cover Art (Front)"] = apev2.APEValue(b"c.png\0" + picture,
                                               apev2.BINARY)
    file.save()


def seeds(everything):
    """Name -> bytes."""
    with tempfile.TemporaryDirectory() as folder:
        make_seeds(folder, everything)
        made = {}
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                made[name] = file.read()
        return made


def mutate(rng, data, others):
    """Of its structure, of its bytes, or of both."""
    data = bytearray(data)
    way = rng.randrange(4)
    if way < 3:
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            if not structure.mutate(rng, data, others):
                way = 3
    return bytes(data) if way < 2 else scratch(rng, data, others)


def scratch(rng, data, others):
    """Damages bytes, whatever they mean."""
    # Headers are where the parsers are: most damage goes there.
    reach = rng.choice((64, 512, 4096, len(data)))
    for _ in range(rng.choice((1, 1, 2, 4, 16, 64))):
        if len(data) < 16:
            break
        at = rng.randrange(min(reach, len(data)))
        kind = rng.randrange(9)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:
            width = rng.choice((1, 2, 4))
            value = rng.choice(INTERESTING) & ((1 << 8 * width) - 1)
            data[at:at + width] = value.to_bytes(
                width, rng.choice(("big", "little")))
        elif kind == 3:
            del data[at:at + rng.randrange(1, 200)]
        elif kind == 4:
            data[at:at] = rng.randbytes(rng.randrange(1, 200))
        elif kind == 5:
            end = at + rng.randrange(1, 500)
            data[at:at] = data[at:end] * rng.randrange(1, 20)
        elif kind == 6:
            del data[rng.randrange(len(data)):]
        elif kind == 7:
            other = others[rng.randrange(len(others))]
            start = rng.randrange(len(other))
            data[at:at + 64] = other[start:start + rng.randrange(1, 256)]
        else:
            size = struct.unpack_from(">I", data, min(at, len(data) - 4))[0]
            struct.pack_into(rng.choice((">I", "<I")), data,
                             min(at, len(data) - 4),
                             (size + rng.choice((-1, 1, 1000))) & 0xffffffff)
    return bytes(data)


def latency(path, seconds):
    """Of reading a file that is cached, in ms: the median and the 99th of
    100."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        with opened(path) as fd:
            forget_pages(fd)
            pread_all(fd, 65536, 0)
        times.append(1000 * (time.monotonic() - start))
        time.sleep(0.002)
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


class Fuzz:
    def __init__(self, mount, made, seed, keep):
        self.mount, self.made, self.keep = mount, made, keep
        self.rng = random.Random(seed)
        self.others = [made[name] for name in sorted(made)]
        self.broken, self.tried, self.delivered, self.refused = [], 0, 0, 0
        self.slowest, self.batches = 0.0, itertools.count()
        self.good = self.read_good()

    def good_paths(self):
        return [self.mount.path(view, name) for view, name in (
            ("low", "good.mp3"), ("pcm/native", "good.wav"),
            ("original", "good.flac"))]

    def read_good(self):
        """An undamaged file in each way, from the daemon."""
        found = []
        for path in self.good_paths():
            with opened(path) as fd:
                forget_pages(fd)
                found.append(pread_all(fd, 1 << 30, 0))
        return found

    def read_some(self, path):
        """Reads parts of a file: None, or what is wrong."""
        try:
            size = os.stat(path).st_size
            with opened(path) as fd:
                if os.fstat(fd).st_size != size:
                    return "open and stat differ in size"
                for offset in (0, 3000, size // 2, max(0, size - 6000)):
                    wanted = max(0, min(8192, size - offset))
                    got = len(pread_all(fd, wanted, offset))
                    if got != wanted:
                        return f"{got} of {wanted} bytes at {offset}"
            self.delivered += 1
        except OSError as error:
            if error.errno != errno.EIO:
                return f"{errno.errorcode[error.errno]} where EIO is allowed"
            self.refused += 1
        return None

    def read_text(self, path):
        """What an analysis says of it is JSON, whatever it says."""
        try:
            json.loads(read_file(path))
            self.delivered += 1
        except OSError as error:
            if error.errno not in (errno.EIO, errno.ENOENT):
                return f"{errno.errorcode[error.errno]} where EIO is allowed"
            self.refused += 1
        except ValueError as error:
            return f"no JSON: {error}"
        return None

    def read(self, view, folder, name):
        path = self.mount.path(view, folder, name)
        start = time.monotonic()
        if view == "analysis":
            wrong = name.endswith(".json") and self.read_text(path)
        else:
            wrong = self.read_some(path)
        took = time.monotonic() - start
        self.slowest = max(self.slowest, took)
        if not wrong and took > PATIENCE:
            wrong = f"took {took:.1f} s"
        return wrong

    def batch(self, files, view="low"):
        """Puts files into a folder of their own and reads all of them."""
        folder = f"batch {next(self.batches)}"
        os.mkdir(self.mount.source(folder))
        for name, data in files.items():
            with open(self.mount.source(folder, name), "wb") as file:
                file.write(data)
        listed = os.listdir(self.mount.path(view, folder))
        # elsewhere what is no audio is not shown
        if view == "low" and len(listed) != len(files):
            self.complain(files, f"{len(listed)} of {len(files)} listed")
        for name in listed:
            wrong = self.read(view, folder, name)
            if wrong:
                self.complain({n: d for n, d in files.items() if
                               n.split(".")[0] == name.split(".")[0]},
                              f"{view}/{name}: {wrong}")
        self.tried += len(files)
        shutil.rmtree(self.mount.source(folder))

    def damaged(self, count=8):
        files = {}
        for i in range(count):
            name = self.rng.choice(sorted(self.made))
            extension = name.split(".")[-1]
            files[f"{i}.{extension}"] = mutate(self.rng, self.made[name],
                                               self.others)
        return files

    def next(self):
        """A batch in a view of chance; then a good file."""
        files = self.damaged()
        view = self.rng.choice(("low", "low", "pcm/native", "analysis"))
        with tap.Watchdog("a batch of damaged files", 20 * PATIENCE):
            self.batch(files, view)
            if self.mount.process.poll() is not None:
                self.complain(files, "the daemon died")
            elif self.read_good() != self.good:
                self.complain(files, "an undamaged file's bytes changed")

    def complain(self, files, what):
        self.broken.append(what)
        print("#", what, flush=True)
        for name, data in files.items():
            os.makedirs(self.keep, exist_ok=True)
            with open(os.path.join(self.keep, f"{len(self.broken)} {name}"),
                      "wb") as file:
                file.write(data)

    def add_mutants(self, count):
        """So many damaged files: their names in pcm/native."""
        names = []
        for number in range(count):
            rng = random.Random(number)
            name = rng.choice(sorted(self.made))
            path = f"{number}.{name.split('.')[-1]}"
            with open(self.mount.source(path), "wb") as file:
                file.write(mutate(rng, self.made[name], self.others))
            names.append(f"{number}.wav")
        return names

    def latencies(self, seconds=10):
        """While nothing is read, and while eight damaged files are. Another
        process measures: in this one it would wait for Python's lock."""
        good = self.mount.path("low/good.mp3")
        names = iter(self.add_mutants(4000))
        with concurrent.futures.ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn")) as measuring:
            quiet = measuring.submit(latency, good, seconds).result()
            loaded = measuring.submit(latency, good, seconds)
            read = 0

            def read_some(_):
                nonlocal read
                while not loaded.done():
                    self.read_some(self.mount.path("pcm/native", next(names)))
                    read += 1
            in_threads(8, read_some)
        loaded = loaded.result()
        print("# a cached file's first 64 KiB, median and 99 %: "
              f"{quiet[0]:.2f} and {quiet[1]:.2f} ms; while eight damaged "
              f"files are read ({read} in all) {loaded[0]:.2f} and "
              f"{loaded[1]:.2f} ms", flush=True)

    def report(self):
        counters = self.mount.counters()
        print(f"# {self.tried} files: {self.delivered} delivered, "
              f"{self.refused} refused, slowest {self.slowest:.1f} s; workers "
              f"died {counters['workers_died']}, killed "
              f"{counters['workers_killed']}, tasks failed "
              f"{counters['tasks_failed']}; daemon "
              f"{self.mount.memory() >> 20} MB, its own "
              f"{self.mount.memory('RssAnon') >> 20} MB", flush=True)


def run(options):
    """What went wrong, as a list."""
    made = seeds(options.files is None or options.files >= 5000)
    print(f"# {len(made)} undamaged files", flush=True)
    with Mount(worker_timeout=TIMEOUT, log_level="error",
               cache_size="64M") as mount:
        fixtures.write(mount.source("good.flac"),
                       fixtures.music(5, 44100, 2, 2001), 44100)
        fuzz = Fuzz(mount, made, options.seed, options.keep)
        # The files as they are must do: else the run would test nothing.
        fuzz.batch(made)
        if fuzz.refused:
            fuzz.broken.append(f"{fuzz.refused} undamaged files refused")
        fuzz.tried = fuzz.delivered = 0
        deadline = time.monotonic() + (options.seconds or float("inf"))
        while (time.monotonic() < deadline and len(fuzz.broken) < 20
               and fuzz.tried < (options.files or float("inf"))
               and mount.running()):
            fuzz.next()
            if fuzz.tried % 1000 == 0:
                fuzz.report()
        if mount.running():
            cold = len(read_file(mount.path("high/good.mp3")))
            if cold != os.stat(mount.path("high/good.mp3")).st_size:
                fuzz.broken.append("an undamaged file cannot be read any more")
            fuzz.report()
            if options.latency:
                fuzz.latencies()
        return fuzz.broken


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--latency", action="store_true")
    tap.add_seed(parser)
    parser.add_argument("--keep", default="/tmp/groovefs-fuzz")
    options = parser.parse_args()
    if not options.files and not options.seconds:
        options.files = 100 if fixtures.REDUCED else 500
    return tap.one_case("damaged files harm nothing but themselves",
                        options.seed, lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
