"""Mutated audio files through a real mount.

Small valid files of each format are damaged by a seeded generator, put into a
library, and what the mount makes of them is read: name, size, tag, the first
and the last segment. Whatever the worker does with such a file, the daemon
must live, other files must stay right, an answer must come within the
worker's time limit for two tries, and a reader gets all bytes that the size
promised, or EIO.

    fuzz_worker.py [--seconds N | --hours N] [--seed N] [--keep FOLDER]

Files that broke a promise are kept in FOLDER. One seed gives one series of
files; how many of them a run gets to depends on the machine.
"""
import argparse
import errno
import os
import random
import shutil
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../mount"))

import fixtures  # noqa: E402
import harness  # noqa: E402
import tap  # noqa: E402
from harness import Mount, SCALE, opened, pread_all, read_file  # noqa: E402

TIMEOUT = 3 * SCALE  # seconds that a worker may be silent
PATIENCE = 2 * TIMEOUT + 20 * SCALE  # for two tries and a replaced worker
INTERESTING = (0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
               0x80000000, 0xfffffffe, 0xffffffff)


def seeds(folder):
    """Valid files, name -> bytes: with tags and a picture where it can be."""
    audio = fixtures.music(4, 44100, 2, 2000)
    made = {}
    for name, subtype in (("a.flac", "PCM_16"), ("a.wav", "PCM_16"),
                          ("float.wav", "FLOAT"), ("a.aiff", "PCM_24"),
                          ("a.ogg", "VORBIS")):
        fixtures.write(os.path.join(folder, name), audio, 44100, subtype)
    fixtures.tag(os.path.join(folder, "a.flac"), {
        "title": "T", "artist": "A", "album": "B", "date": "2001-02-03"},
        fixtures.png(30, 30))
    fixtures.streamed_flac(os.path.join(folder, "s.flac"), audio, 44100)
    wav = os.path.join(folder, "a.wav")
    for name, codec in (("a.m4a", "alac"), ("b.m4a", "aac"),
                        ("a.wv", "wavpack"), ("a.tta", "tta"),
                        ("a.mka", "flac"), ("a.oga", "flac"),
                        ("a.opus", "libopus"), ("a.mp3", "libmp3lame"),
                        ("a.w64", "pcm_s16le"), ("a.caf", "pcm_s16be"),
                        ("a.au", "pcm_s16be")):
        fixtures.ffmpeg("-i", wav, "-t", "2", "-c:a", codec, "-metadata",
                        "title=T", os.path.join(folder, name))
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            made[name] = file.read()
    return made


def mutate(rng, data, others):
    data = bytearray(data)
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


class Fuzz:
    def __init__(self, mount, seed, keep):
        self.mount, self.keep = mount, keep
        self.rng = random.Random(seed)
        self.broken, self.tried, self.delivered, self.refused = [], 0, 0, 0
        self.slowest = 0.0

    def read_some(self, path):
        """Reads the ends of a file: None, or what is wrong."""
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

    def batch(self, files):
        """Puts files into a folder of their own and reads all of them."""
        folder = self.mount.source(f"batch {self.tried}")
        os.mkdir(folder)
        for name, data in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        virtual = self.mount.path("low", os.path.basename(folder))
        listed = os.listdir(virtual)
        if len(listed) != len(files):
            self.complain(files, f"{len(listed)} of {len(files)} listed")
        for name in listed:
            start = time.monotonic()
            wrong = self.read_some(os.path.join(virtual, name))
            took = time.monotonic() - start
            self.slowest = max(self.slowest, took)
            if not wrong and took > PATIENCE:
                wrong = f"took {took:.1f} s"
            if wrong:
                self.complain({n: d for n, d in files.items() if
                               n.split(".")[0] == name.split(".")[0]},
                              f"{name}: {wrong}")
        self.tried += len(files)
        shutil.rmtree(folder)

    def complain(self, files, what):
        self.broken.append(what)
        print("#", what, flush=True)
        for name, data in files.items():
            os.makedirs(self.keep, exist_ok=True)
            with open(os.path.join(self.keep, f"{len(self.broken)} {name}"),
                      "wb") as file:
                file.write(data)


def run(options):
    """What went wrong, as a list."""
    with tempfile.TemporaryDirectory() as folder, \
            Mount(worker_timeout=TIMEOUT, log_level="error",
                  cache_size="64M") as mount:
        made = seeds(folder)
        fixtures.write(mount.source("good.flac"),
                       fixtures.music(5, 44100, 2, 2001), 44100)
        right = read_file(mount.path("low/good.mp3"))
        fuzz = Fuzz(mount, options.seed, options.keep)
        # The files as they are must do: else the run would test nothing.
        fuzz.batch(dict(made))
        if fuzz.refused:
            fuzz.broken.append(f"{fuzz.refused} undamaged files refused")
        deadline = time.monotonic() + options.seconds
        while time.monotonic() < deadline and len(fuzz.broken) < 20:
            files = {}
            for i in range(8):
                name = fuzz.rng.choice(sorted(made))
                extension = name.split(".")[-1]
                files[f"{i}.{extension}"] = mutate(
                    fuzz.rng, made[name], [made[n] for n in sorted(made)])
            with tap.Watchdog("a batch of damaged files", 20 * PATIENCE):
                fuzz.batch(files)
            if mount.process.poll() is not None:
                fuzz.complain(files, "the daemon died")
                break
        with opened(mount.path("low/good.mp3")) as fd:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            if pread_all(fd, 1 << 30, 0) != right:
                fuzz.broken.append("an undamaged file's bytes changed")
        cold = len(read_file(mount.path("high/good.mp3")))
        if cold != os.stat(mount.path("high/good.mp3")).st_size:
            fuzz.broken.append("an undamaged file cannot be read any more")
        counters = mount.counters()
        print(f"# {fuzz.tried} files: {fuzz.delivered} delivered, "
              f"{fuzz.refused} refused, slowest {fuzz.slowest:.1f} s; workers "
              f"died {counters['workers_died']}, killed "
              f"{counters['workers_killed']}, tasks failed "
              f"{counters['tasks_failed']}; daemon "
              f"{mount.memory() >> 20} MB", flush=True)
        return fuzz.broken


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=float(
        os.environ.get("GROOVEFS_FUZZ_SECONDS",
                       "25" if fixtures.REDUCED else "60")))
    parser.add_argument("--hours", type=float)
    parser.add_argument("--seed", type=int, default=int(
        os.environ.get("GROOVEFS_SEED", "0")) or random.SystemRandom()
        .randrange(1 << 32))
    parser.add_argument("--keep", default="/tmp/groovefs-fuzz")
    options = parser.parse_args()
    if options.hours:
        options.seconds = options.hours * 3600
    reason = harness.why_not()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    print("1..1")
    print(f"# seed {options.seed}, {options.seconds:.0f} s", flush=True)
    try:
        broken = run(options)
    except (AssertionError, OSError) as error:
        broken = [f"{type(error).__name__}: {error}"]
    for line in broken:
        print("#", str(line).replace("\n", "\n# "))
    print(f"{'not ok' if broken else 'ok'} 1 - damaged files harm nothing but "
          "themselves")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
