#!/usr/bin/python3
"""A large library of tiny tracks, made and listed, and a mount that starts
with a large cache: times, and the daemon's memory.

    tests/mount/large.py --tracks 200000

The tracks are one FLAC with different checksums of the audio and titles, so
that each has facts and an identity of its own. The cache is one rendition of
each kind under as many names: what counts at the start is how many there are.
test_load.py runs the same with few.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import struct
import tempfile
import time

import fixtures
from harness import Mount, read_file, wait_until

FOLDER = 20  # tracks of an album
ARTIST = 500  # of all albums of an artist


def name(number):
    return (f"Artist {number // ARTIST:04}/Album {number // FOLDER:05}/"
            f"{number:06} Song")


def make_library(folder, tracks):
    """Bytes 26 to 41 of a FLAC are the checksum of its audio."""
    path = os.path.join(folder, "model.flac")
    fixtures.write(path, fixtures.music(0.05, 44100, 2, 60), 44100)
    fixtures.tag(path, {"title": "Song 000000"})
    model = pathlib.Path(path).read_bytes()
    os.unlink(path)
    before, after = model.split(b"Song 000000")
    for number in range(tracks):
        path = os.path.join(folder, name(number) + ".flac")
        if number % FOLDER == 0:
            os.makedirs(os.path.dirname(path))
        with open(path, "wb") as file:
            file.write(before[:26] + struct.pack(">QQ", number, ~number & 255)
                       + before[42:] + b"Song %06d" % number + after)


def fill_cache(cache, entries):
    """Copies what is there under other names until there are so many."""
    found = sorted(pathlib.Path(cache, "entries").glob("??/*.data"))
    for number in range(entries - len(found)):
        payload = found[number % len(found)]
        key = f"{number:08x}" + payload.stem[8:]
        key = key[6:8] + key[2:6] + key[:2] + key[8:]
        folder = pathlib.Path(cache, "entries", key[:2])
        folder.mkdir(mode=0o700, exist_ok=True)
        for suffix in (".data", ".map"):
            shutil.copyfile(payload.with_suffix(suffix),
                            folder / (key + suffix))


def list_all(top):
    """As ls -lR: how many files there are."""
    count = 0
    for entry in os.scandir(top):
        if entry.is_dir():
            count += list_all(entry.path)
        else:
            count += entry.stat().st_size > 0
    return count


def read_heads(mount, tracks, step):
    """As a scanner of tags."""
    def read(number):
        with open(mount.path("low", name(number) + ".mp3"), "rb") as file:
            return file.read(4096)[:3] == b"ID3"

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return sum(pool.map(read, range(0, tracks, step)))


class Steps:
    def __init__(self, mount):
        self.mount = mount

    def take(self, what, work, right):
        """Seconds, memory, and that it gave what it should."""
        start = time.monotonic()
        found = work()
        seconds = time.monotonic() - start
        memory = self.mount.memory() >> 20 if self.mount.process else 0
        print(f"# {what:42} {seconds:9.2f} s {memory:6} MB", flush=True)
        assert found == right, f"{what}: {found}, not {right}"


def run(tracks):
    with tempfile.TemporaryDirectory(prefix="groovefs-large-") as base:
        library = os.path.join(base, "library")
        os.mkdir(library)
        mount = Mount(library, cache=os.path.join(base, "cache"))
        steps = Steps(mount)
        sample = max(tracks // 2000, 1)
        heads = len(range(0, tracks, sample))
        steps.take(f"make {tracks} tracks",
                   lambda: make_library(library, tracks), None)
        steps.take("mount, nothing known", mount.start, None)
        steps.take("ls -lR, nothing known", lambda: list_all(
            mount.path("low")), tracks)
        steps.take("ls -lR again", lambda: list_all(mount.path("low")), tracks)
        steps.take("ls -lR of pcm/native", lambda: list_all(
            mount.path("pcm/native")), tracks)
        steps.take(f"the tags of {heads} tracks", lambda: read_heads(
            mount, tracks, sample), heads)
        steps.take("a whole track", lambda: read_file(mount.path(
            "low", name(0) + ".mp3"))[:3], b"ID3")
        steps.take("unmount", mount.stop, None)
        steps.take(f"fill the cache with {tracks} entries",
                   lambda: fill_cache(mount.cache, tracks), None)
        steps.take("mount, all known", mount.start, None)
        steps.take("a first whole track", lambda: read_file(mount.path(
            "low", name(tracks - 1) + ".mp3"))[:3], b"ID3")
        steps.take("ls -lR, all known", lambda: list_all(
            mount.path("low")), tracks)
        steps.take("the scan of the cache is done", lambda: wait_until(
            lambda: mount.stats()["cache"]["used_bytes"] is not None, "scan",
            600) and None, None)
        steps.take("unmount", mount.stop, None)
        mount.clean()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--tracks", type=int, default=200000)
    run(parser.parse_args().tracks)
