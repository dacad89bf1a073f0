"""Crashes under load: whatever is killed, and when, all bytes are right after.

    crashes.py [--rounds N] [--seed N]

In each round readers read a small library in all views while, at a random
moment, the daemon is killed (SIGKILL), or some of its workers, or the power of
the cache's disk is cut: then of what was not synced, any part is lost, page by
page, and the daemon with it. The library is then mounted again on the same
cache, and every byte of every file is compared with those of a mount that
nothing ever happened to. What is read before the end is compared as well; a
killed worker may cost its reader EIO.

The cache is sometimes too small for the library, so that entries are evicted
all the time, and sometimes empty; sources are touched, so that facts change.
"""
import argparse
import contextlib
import itertools
import os
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../mount"))

import fixtures  # noqa: E402
import harness  # noqa: E402
import tap  # noqa: E402
from faulty_disk import FaultyDisk  # noqa: E402
from harness import (Background, Mount, alive, files_below,  # noqa: E402
                     forget_pages, opened, pread_all)

VIEWS = ("original", "low", "high", "pcm/native", "pcm/16000-mono", "analysis")
READERS = 4
KINDS = ("daemon", "worker", "power", "power")
# Texts tell when they were made.
TIMELESS = (".dat", ".png", ".peaks.json")
ROUND_LIMIT = 120  # seconds, until a round is taken to hang


def make_library(folder):
    """Of each kind of identity and decoder, two segments or more."""
    for i in range(3):
        fixtures.write(f"{folder}/Album/{i} Track.flac",
                       fixtures.music(2.5 + i, 44100, 2, 900 + i), 44100,
                       tags={"title": f"Track {i}"})
    audio = fixtures.music(2.5, 48000, 2, 910)
    fixtures.write(f"{folder}/Kinds/Wave.wav", audio, 48000, "PCM_24")
    for name, codec in (("Alac.m4a", "alac"), ("Lossy.ogg", "libvorbis")):
        fixtures.ffmpeg("-i", f"{folder}/Kinds/Wave.wav", "-c:a", codec,
                        f"{folder}/Kinds/{name}")


def compared(name):
    return not name.startswith("analysis") or name.endswith(TIMELESS)


def read_whole(path):
    """From the daemon, whatever the page cache has of it."""
    with opened(path) as fd:
        forget_pages(fd)
        return pread_all(fd, 1 << 30, 0)


def reference(library):
    """Path below the mount -> bytes."""
    with Mount(library) as mount:
        return {name: read_whole(mount.path(name)) for view in VIEWS
                for name in (os.path.join(view, path)
                             for path in files_below(mount.path(view)))
                if compared(name)}


class Readers:
    """Threads that read pieces anywhere and compare them."""

    def __init__(self, mount, right, seed):
        self.mount, self.right = mount, right
        self.names = sorted(right)
        self.stop, self.crashed = threading.Event(), threading.Event()
        self.wrong, self.failed, self.read = [], [], 0
        self.threads = [Background(lambda i=i: self.run(random.Random(
            f"{seed} {i}"))) for i in range(READERS)]

    def run(self, rng):
        while not self.stop.is_set():
            name = rng.choice(self.names)
            try:
                self.piece(rng, name)
            except OSError as error:
                if not self.crashed.is_set():
                    self.failed.append(f"{name}: {error}")
                elif not harness.mounted(self.mount.point):
                    return

    def piece(self, rng, name):
        right = self.right[name]
        offset = rng.choice((0, rng.randrange(len(right) + 1)))
        size = rng.choice((1, 4096, 1 << 17, len(right)))
        with opened(self.mount.path(name)) as fd:
            got = pread_all(fd, size, offset)
        self.read += len(got)
        if got != right[offset:offset + size]:
            self.wrong.append(f"{name}: {size} bytes at {offset}")

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.result()
        return self.wrong


class Crashes:
    def __init__(self, disk, library, right, seed):
        self.disk, self.right, self.seed = disk, right, seed
        self.rng = random.Random(seed)
        self.mount = Mount(library, cache=os.path.join(disk.point, "cache"))
        self.broken = []
        self.totals = dict.fromkeys(
            ("segments_found", "segments_corrupt", "segments_rendered",
             "workers_died", "killed", "read"), 0)
        self.rounds = dict.fromkeys(KINDS, 0)

    def complain(self, what):
        self.broken.append(what)
        print("#", what, flush=True)
        for line in self.mount.log().splitlines()[-10:]:
            print("# log:", line, flush=True)

    def vary(self):
        """Another state to begin with."""
        if self.rng.random() < 0.25:
            shutil.rmtree(self.mount.cache, ignore_errors=True)
        if self.rng.random() < 0.3:
            name = self.rng.choice(files_below(self.mount.library))
            os.utime(self.mount.source(name))
        self.mount.options["cache_size"] = self.rng.choice(("300k", "1G"))

    def kill_workers(self):
        """Some of them, some times."""
        for _ in range(self.rng.randrange(1, 6)):
            pids = harness.children(self.mount.process.pid)
            for pid in self.rng.sample(pids, self.rng.randint(0, len(pids))):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
                    self.totals["killed"] += 1
            time.sleep(self.rng.uniform(0, 0.1))

    def crash(self, kind, where):
        """Mounts, has readers, and kills something among them."""
        self.mount.start()
        readers = Readers(self.mount, self.right, where)
        time.sleep(self.rng.uniform(0, 0.8) ** 2)
        pids = harness.children(self.mount.process.pid)
        readers.crashed.set()
        if kind == "worker":
            self.kill_workers()
        else:
            if kind == "power":
                self.disk.cut_power()
            self.mount.kill()
            self.totals["killed"] += 1
            harness.wait_until(lambda: not any(map(alive, pids)),
                               "the end of a killed daemon's workers")
        for wrong in readers.end() + readers.failed:
            self.complain(f"{where}: {wrong}")
        self.totals["read"] += readers.read
        if kind == "power":
            self.disk.start(self.rng.randrange(1 << 31))

    def check(self, kind, where):
        """All bytes, and that nothing was lost which need not have been."""
        if not self.mount.process:
            self.mount.start()
        for name, right in self.right.items():
            try:
                if read_whole(self.mount.path(name)) != right:
                    self.complain(f"{where}: {name} is wrong")
            except OSError as error:
                self.complain(f"{where}: {name}: {error}")
        counters = self.mount.counters()
        if kind != "power" and counters["segments_corrupt"]:
            self.complain(f"{where}: what was written is not there")
        if "set aside" in self.mount.log():
            self.complain(f"{where}: the database was lost")
        for name in self.totals.keys() & counters.keys():
            self.totals[name] += counters[name]

    def round(self, number):
        kind = self.rng.choice(KINDS)
        where = f"seed {self.seed}, round {number}, {kind}"
        self.rounds[kind] += 1
        self.vary()
        with tap.Watchdog(where, ROUND_LIMIT * harness.SCALE):
            self.crash(kind, where)
            while kind != "worker" and self.rng.random() < 0.25:
                self.crash(kind, where + ", again")
            self.check(kind, where)
            self.mount.stop()


def check_disk(disk):
    """The power does take what was not synced, and nothing else."""
    path, pages = os.path.join(disk.point, "probe"), 64
    for seed in itertools.count(1):
        with open(path, "wb") as file:
            file.write(b"a" * 4096 * pages)
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(disk.point, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        with open(path, "r+b") as file:
            file.write(b"b" * 4096 * (pages // 2))
        disk.cut_power()
        disk.start(seed)
        with open(path, "rb") as file:
            data = file.read()
        assert len(data) == 4096 * pages, "synced bytes are gone"
        assert data[len(data) // 2:] == b"a" * (len(data) // 2), "or changed"
        if data.count(b"a") > len(data) // 2:
            return
        assert seed < 100, "no cut of the power loses anything"


def run(options):
    """What went wrong, as a list."""
    with tempfile.TemporaryDirectory() as library, FaultyDisk() as disk:
        check_disk(disk)
        make_library(library)
        crashes = Crashes(disk, library, reference(library), options.seed)
        started = time.monotonic()
        try:
            for number in range(1, options.rounds + 1):
                crashes.round(number)
                if number % 25 == 0:
                    print(f"# {number} rounds", flush=True)
        except BaseException:
            crashes.mount.show_log()
            raise
        finally:
            crashes.mount.kill()
            crashes.mount.clean()
        print(f"# {options.rounds} rounds in "
              f"{time.monotonic() - started:.0f} s: {crashes.rounds}; "
              f"{crashes.totals}", flush=True)
        return crashes.broken


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int,
                        default=3 if fixtures.REDUCED else 6)
    tap.add_seed(parser)
    options = parser.parse_args()
    return tap.one_case("after crashes and power cuts all bytes are right",
                        options.seed, lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
