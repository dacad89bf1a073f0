#!/usr/bin/python3
"""Many readers at once, each byte compared: latencies, memory, descriptors.

    tests/mount/load.py --readers 1000 --minutes 30
    tests/mount/load.py --web --readers 200 --minutes 5

Readers choose a file and a way to read it at random: from its beginning to its
end, pieces anywhere, mapped, or by sendfile(2); cold or through the daemon's
cache or the kernel's. The cache on disk is too small for all, so cold files
never run out. With --web wrk has nginx send pieces of the mount; what it got is
counted, and compared by other clients meanwhile. What is right is what a lone
reader of another mount got. test_load.py runs the same with few.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import mmap
import multiprocessing
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import fixtures
from harness import Mount, files_below, forget_pages, read_file, wait_until

VIEWS = {"low": ".mp3", "medium": ".mp3", "pcm/16000-mono": ".wav",
         "original": ".flac", "analysis": ".flac.json"}
PIECE = 1 << 16
PROCESSES = 10
EVERY = 300  # seconds between two looks that are shown


def library(tracks):
    def make(folder):
        for i in range(tracks):
            fixtures.write(f"{folder}/Artist {i % 7}/{i:03} Song.flac",
                           fixtures.music(3 + i % 3, 44100, 2, 6000 + i),
                           44100)
    make.__name__ = f"load_{tracks}"
    return fixtures.library(make)


def names(source):
    return [f"{view}/{name[:-5]}{suffix}" for name in files_below(source)
            for view, suffix in VIEWS.items()]


def read_right(source, folder):
    """What a lone reader gets, as files."""
    with Mount(source) as mount:
        for name in names(source):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(read_file(mount.path(name)))


def whole(fd, size, ask):
    """From its beginning to its end."""
    forget_pages(fd)
    return [(at, ask(lambda at=at: os.pread(fd, 2 * PIECE, at)))
            for at in range(0, size, 2 * PIECE)]


def pieces(fd, size, ask):
    """Anywhere, not from the kernel's cache."""
    forget_pages(fd)
    return [(at, ask(lambda at=at: os.pread(fd, PIECE, at)))
            for at in (random.randrange(size) for _ in range(4))]


def mapped(fd, size, ask):
    """Two of its pages through a mapping."""
    with mmap.mmap(fd, size, flags=mmap.MAP_PRIVATE,
                   prot=mmap.PROT_READ) as pages:
        return [(at, ask(lambda at=at: pages[at:at + 4096]))
                for at in (0, random.randrange(size))]


def sent(fd, size, ask):
    """By sendfile(2), as a web server does."""
    def send(at):
        near, far = socket.socketpair()
        with near, far:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * PIECE)
            count = os.sendfile(near.fileno(), fd, at, PIECE)
            return far.recv(count, socket.MSG_WAITALL)

    at = random.randrange(size)
    return [(at, ask(lambda: send(at)))]


WAYS = (whole, pieces, mapped, sent)


class Readers:
    """Some of them, in a process of their own."""

    def __init__(self, point, right, files, seed):
        self.point, self.right, self.files = point, right, files
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.times = collections.defaultdict(list)
        self.bytes = 0
        self.wrong = []

    def read(self, way, name):
        took = []

        def ask(work):
            start = time.perf_counter()
            data = work()
            took.append(time.perf_counter() - start)
            return data

        with open(os.path.join(self.right, name), "rb") as file:
            right = file.read()
        fd = os.open(os.path.join(self.point, name), os.O_RDONLY)
        try:
            found = way(fd, os.fstat(fd).st_size, ask)
        finally:
            os.close(fd)
        wrong = [f"{name} at {at}: {len(data)} bytes" for at, data in found
                 if not data or data != right[at:at + len(data)]]
        with self.lock:
            self.times[way.__name__] += took
            self.bytes += sum(len(data) for _, data in found)
            self.wrong += wrong

    def go_on(self, until, at_least):
        """As one reader."""
        done = 0
        while done < at_least or time.monotonic() < until:
            with self.lock:
                way, name = (self.random.choice(WAYS),
                             self.random.choice(self.files))
            try:
                self.read(way, name)
            except OSError as error:
                with self.lock:
                    self.wrong.append(f"{way.__name__} {name}: {error}")
            done += 1
        return done

    def run(self, count, until, at_least):
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            done = sum(pool.map(lambda _: self.go_on(until, at_least),
                                range(count)))
        return done, self.bytes, dict(self.times), self.wrong[:20]


def run_process(point, right, files, seed, *how):
    return Readers(point, right, files, seed).run(*how)


class Watch:
    """What the daemon has: memory, descriptors, threads."""

    def __init__(self, mount):
        self.mount = mount
        self.most = collections.Counter()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.follow, daemon=True)

    def now(self):
        pid = self.mount.process.pid
        return {"memory": self.mount.memory(),
                "own": self.mount.memory("RssAnon"),
                "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
                "threads": len(os.listdir(f"/proc/{pid}/task"))}

    def follow(self):
        next_line = time.monotonic() + EVERY
        while not self.over.wait(0.1):
            now = self.now()
            self.most |= collections.Counter(now)
            if time.monotonic() > next_line:
                next_line += EVERY
                show("now", now)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def show(what, found):
    print(f"# {what}: {found['memory'] >> 20} MB, of them its own "
          f"{found['own'] >> 20} MB, "
          f"{found['descriptors']} descriptors, {found['threads']} threads",
          flush=True)


def show_times(times):
    for way, took in sorted(times.items()):
        took.sort()
        at = [took[min(int(len(took) * part), len(took) - 1)] * 1000
              for part in (0.5, 0.9, 0.99, 0.999, 1)]
        print(f"# {way:7} {len(took):8} reads; ms: 50 % {at[0]:.2f}, 90 % "
              f"{at[1]:.2f}, 99 % {at[2]:.1f}, 99.9 % {at[3]:.1f}, most "
              f"{at[4]:.0f}", flush=True)


def many_readers(mount, right, readers, minutes, at_least=1):
    """Gives (what was wrong, the most that the daemon had)."""
    files = names(mount.library)
    count = min(PROCESSES, readers)
    how = (readers // count, time.monotonic() + 60 * minutes, at_least)
    show("before", Watch(mount).now())
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(count, spawn) as pool:
        with Watch(mount) as watch:
            parts = [pool.submit(run_process, mount.point, right, files, seed,
                                 *how) for seed in range(count)]
            parts = [part.result() for part in parts]
    times = collections.defaultdict(list)
    for part in parts:
        for way, took in part[2].items():
            times[way] += took
    print(f"# {readers} readers: {sum(part[0] for part in parts)} files, "
          f"{sum(part[1] for part in parts) >> 20} MB")
    show_times(times)
    show("most", watch.most)
    return [w for part in parts for w in part[3]], watch.most


def files_held(mount):
    """What the daemon has open of the library and of the cache's entries."""
    folder = f"/proc/{mount.process.pid}/fd"
    links = []
    for fd in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            links.append(os.readlink(f"{folder}/{fd}"))
    return [link for link in links if link.startswith((
        f"{mount.library}/", f"{mount.cache}/entries/"))]


def settled(mount):
    """Nothing is held when nobody reads."""
    mount.settle()
    wait_until(lambda: not files_held(mount), "the files to be closed")
    show("after", Watch(mount).now())


def warm_up(mount):
    """Workers, databases and what else stays open once it was used."""
    for view, suffix in VIEWS.items():
        name = files_below(mount.library)[0][:-5] + suffix
        read_file(mount.path(view, name))
    mount.settle()


SCRIPT = """
local names = {%s}
math.randomseed(os.time())
request = function()
    local at = math.random(0, 40000)
    return wrk.format("GET", names[math.random(#names)],
                      {Range = "bytes=" .. at .. "-" .. at + 16383})
end
local wrong = 0
response = function(status, headers, body)
    if status ~= 206 or #body == 0 then
        wrong = wrong + 1
        print("wrong: " .. status .. " " .. #body)
    end
end
"""


def web(mount, right, readers, minutes):
    """nginx and wrk; other clients compare. Gives what was wrong."""
    import test_nginx
    test_nginx.Nginx.serve(mount)
    files = [name for name in names(mount.library) if name.endswith(".mp3")]
    script = os.path.join(mount.base, "ranges.lua")
    with open(script, "w") as file:
        file.write(SCRIPT % ", ".join(
            '"/%s"' % name.replace(" ", "%20") for name in files))
    client = test_nginx.Nginx()
    wrong = []
    try:
        with Watch(mount) as watch:
            wrk = subprocess.Popen(
                ["wrk", "-t2", f"-c{readers}", f"-d{minutes * 60:.0f}s",
                 "--timeout", "60", "--latency", "-s", script,
                 f"http://127.0.0.1:{client.port}"], text=True,
                stdout=subprocess.PIPE)
            while wrk.poll() is None:
                wrong += compare(client, right, random.choice(files))
            out = wrk.communicate()[0]
    finally:
        test_nginx.Nginx.server.terminate()
        test_nginx.Nginx.server.wait()
    print("".join(f"# {line}\n" for line in out.splitlines()
                  if not line.startswith("wrong")), end="")
    show("most", watch.most)
    return wrong + [line for line in out.splitlines()
                    if line.startswith("wrong")]


def compare(client, right, name):
    with open(os.path.join(right, name), "rb") as file:
        bytes_ = file.read()
    at = random.randrange(len(bytes_))
    answer, body = client.ask(name, Range=f"bytes={at}-{at + 9999}")
    good = answer.status == 206 and body == bytes_[at:at + 10000]
    return [] if good else [f"{name} at {at}: {answer.status}, {len(body)}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--tracks", type=int, default=300)
    parser.add_argument("--web", action="store_true")
    args = parser.parse_args()
    right = tempfile.mkdtemp(prefix="groovefs-load-")
    try:
        source = library(args.tracks)
        read_right(source, right)
        with Mount(source, memory=64 << 20, cache_size=30 << 20,
                   worker_timeout=600) as mount:
            warm_up(mount)
            if args.web:
                wrong = web(mount, right, args.readers, args.minutes)
            else:
                wrong, _ = many_readers(mount, right, args.readers,
                                        args.minutes)
            settled(mount)
    finally:
        shutil.rmtree(right)
    print("\n".join(wrong) or "nothing was wrong")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
