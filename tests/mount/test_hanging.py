"""What hangs holds up nobody but who waits for it, and not the mount's end."""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

import fixtures
import tap
from harness import (Background, Mount, SCALE, children, cut_off,
                     forget_pages, mounted, opened, pread_all, read_file,
                     state, stopped, wait_until, with_worker)
from hung import Hung, hanging, make_track
from test_precache_mount import Caller

# Threads that hang, and what they use, are left behind at the end on purpose.
for name, option in (("TSAN_OPTIONS", "report_thread_leaks=0"),
                     ("ASAN_OPTIONS", "detect_leaks=0")):
    os.environ[name] = f"{os.environ.get(name, '')}:{option}".lstrip(":")


def command(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()


class Reader:
    """A process that reads a file, so that it can be killed."""

    def __init__(self, path, command="cat"):
        self.process = subprocess.Popen([command, path],
                                        stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        self.process.wait()

    def ended(self):
        return self.process.poll() is not None

    def waits(self):
        """For an answer of a file system."""
        with open(f"/proc/{self.process.pid}/wchan") as file:
            return re.match("request_wait|fuse|folio", file.read())


def faults(path):
    """A process that has a page of a file read alone, not ahead of it."""
    return subprocess.Popen([sys.executable, "-c", (
        "import mmap, sys\n"
        "with open(sys.argv[1], 'rb') as file:\n"
        "    pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)\n"
        "pages.madvise(mmap.MADV_RANDOM)\n"
        "pages[0]\n"), path])


def look_into(folder, *names):
    """Lists it, and looks at these names, there or not."""
    def look(name):
        return os.listdir(folder) if name is None else os.path.lexists(
            os.path.join(folder, name))

    looks = [Background(lambda name=name: look(name))
             for name in (*names, None)]
    return [look.result(20) for look in looks]


MAPS = """
import mmap, os, sys
with open(sys.argv[1], "rb") as file:
    pages = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE,
                      prot=mmap.PROT_READ)
    first = bytes(pages)
    for _ in range(20):
        pages.madvise(mmap.MADV_DONTNEED)
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        assert bytes(pages) == first
    sys.stdout.buffer.write(first)
"""


class Mapped(unittest.TestCase):
    limit = 90

    def test_mapped_again(self):
        """A cold track is mapped and read, and read once more when the kernel
        has dropped its pages"""
        with Mount() as mount:
            make_track(mount.library, "a.flac")
            path = mount.path("low/a.mp3")
            reader = subprocess.Popen([sys.executable, "-c", MAPS, path],
                                      stdout=subprocess.PIPE)
            self.addCleanup(reader.stdout.close)
            try:
                found = reader.communicate(timeout=20 * SCALE)[0]
            except subprocess.TimeoutExpired:
                cut_off(mount.point)  # else not even SIGKILL ends the two
                reader.kill()
                self.fail("the reader hangs")
            self.assertEqual(reader.returncode, 0)
            self.assertTrue(found == read_file(path))


class Starting(unittest.TestCase):
    limit = 90

    def test_end_while_a_worker_starts(self):
        """The end of the mount does not wait for workers that do not come
        up"""
        mount = Mount(workers=1, worker_timeout=600)
        slow = os.path.join(mount.base, "slow")
        with_worker(mount, f"[ -e {slow} ] && exec sleep 1000\nexec $WORKER")
        with mount:
            fixtures.write(mount.source("a.flac"),
                           fixtures.music(2, 44100, 2, 700), 44100)
            path = mount.path("analysis/a.flac.json")
            os.stat(path)
            open(slow, "w").close()  # for those in the background
            reader = Background(lambda: read_file(path))
            wait_until(lambda: "sleep" in map(
                command, children(mount.process.pid)), "a worker to start")
            mount.process.terminate()
            with self.assertRaises(OSError):
                reader.result()
            self.assertEqual(mount.process.wait(20 * SCALE), 0)
            mount._ended()


class Abandoned(unittest.TestCase):
    """Workers stand still, so that only giving up can end a task."""
    limit = 90

    def setUp(self):
        self.mount = Mount(workers=1, worker_timeout=600)
        self.enterContext(self.mount)
        make_track(self.mount.library, "a.flac", 700)
        make_track(self.mount.library, "b.flac", 701)

    def enterContext(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def abandon(self, path):
        """Has readers of this wait for a worker, and kills them."""
        def dropped():
            reader = Reader(path)
            time.sleep(0.3)  # killed before it asks, it is no reader
            reader.kill()
            deadline = time.monotonic() + 5 * SCALE
            while time.monotonic() < deadline:
                if self.mount.counter("tasks_dropped") > 0:
                    return True
                time.sleep(0.05)
            return False

        with stopped(self.mount.worker_pids()):
            wait_until(dropped, "the task to be given up", 30)

    def test_transcode(self):
        """A transcode that nobody waits for is given up"""
        os.stat(self.mount.path("low/a.mp3"))
        os.stat(self.mount.path("low/b.mp3"))
        self.abandon(self.mount.path("low/a.mp3"))
        self.assertGreater(len(read_file(self.mount.path("low/b.mp3"))), 0)
        self.assertEqual(self.mount.counter("tasks_failed"), 0)

    def test_analysis(self):
        """So is an analysis, and who asks again gets it"""
        path = self.mount.path("analysis/a.flac.json")
        read_file(self.mount.path("analysis/b.flac.json"))
        os.stat(path)
        self.abandon(path)
        self.assertIn(b'"loudness', read_file(path))

    def test_probe(self):
        """So is a probe, whose asker need not wait for it any more"""
        self.abandon(self.mount.path("low/a.mp3"))
        self.assertGreater(os.stat(self.mount.path("low/a.mp3")).st_size, 0)

    def test_folder(self):
        """While the probe of one file waits, its folder is listed and other
        names in it are looked up"""
        os.stat(self.mount.path("low/a.mp3"))
        with stopped(self.mount.worker_pids()):
            reader = Reader(self.mount.path("high/b.mp3"), "stat")
            wait_until(reader.waits, "a lookup to wait")
            look_into(self.mount.path("high"), "a.mp3", "cover.jpg")
            self.assertFalse(reader.ended())
        self.assertEqual(reader.process.wait(60 * SCALE), 0)


class Sources(unittest.TestCase):
    limit = 120

    def setUp(self):
        self.mount = Mount(workers=2, worker_timeout=600)
        self.hung = Hung()
        self.addCleanup(self.mount.clean)
        self.addCleanup(self.hung.close)
        self.mount.library = self.hung.point
        self.names = [f"hung{i}" for i in range(4)]
        for i, name in enumerate([*self.names, "good", "warm"]):
            make_track(self.hung.folder, name + ".flac", 700 + i)
        self.mount.__enter__()
        self.addCleanup(self.end)
        os.listdir(self.mount.path("low"))
        for name in [*self.names, "good", "warm"]:
            os.stat(self.mount.path("low", name + ".mp3"))
        self.right = read_file(self.mount.path("low/warm.mp3"))

    def end(self):
        if self.mount.process and self.mount.running():
            self.mount.__exit__(None, None, None)
        else:
            self.mount.kill()

    def readers(self, *paths):
        return [Reader(self.mount.path(path)) for path in paths]

    def hung_readers(self):
        """Of all files that hang, once all of them wait."""
        before = self.mount.counter("reads_parked")
        readers = self.readers(*(f"low/{name}.mp3" for name in self.names))
        wait_until(lambda: self.mount.counter("reads_parked")
                   >= before + len(self.names), "the readers to wait")
        return readers

    def look_around(self):
        """What does not need the files that hang."""
        self.mount.stats()
        with opened(self.mount.path("low/warm.mp3")) as fd:
            forget_pages(fd)
            self.assertEqual(pread_all(fd, 1 << 24, 0), self.right)
        for folder in ("original", "low", "analysis", "pcm/native"):
            self.assertIn("good", " ".join(
                os.listdir(self.mount.path(folder))))

    def test_transcodes(self):
        """More transcodes hang than there are workers, and others are made"""
        with self.hung.hangs("read"):
            readers = self.hung_readers()
            self.look_around()
            for path in ("low/good.mp3", "pcm/native/good.wav",
                         "analysis/good.flac.json"):
                self.assertGreater(len(read_file(self.mount.path(path))), 0)
            self.assertFalse(any(reader.ended() for reader in readers))
        for reader in readers:
            self.assertEqual(reader.process.wait(60 * SCALE), 0)

    def test_passthrough(self):
        """Reads of files that pass through hang, and all else goes on; who
        is killed is gone"""
        names = [f"hung{i}.txt" for i in range(20)]
        for name in names:
            with open(os.path.join(self.hung.folder, name), "w") as file:
                file.write("some text\n" * 1000)
        with self.hung.hangs("read"):
            readers = self.readers(*(f"original/{name}" for name in names))
            for reader in readers:
                wait_until(reader.waits, "a reader to wait")
            self.look_around()
            with open(os.path.join(self.hung.folder, "good.flac"), "rb") as f:
                self.assertEqual(read_file(self.mount.path(
                    "original/good.flac")), f.read())
            for reader, number in zip(readers, 10 * (signal.SIGINT,
                                                     signal.SIGKILL)):
                reader.kill(number)
            self.look_around()

    def interrupt(self, request, command, path):
        with self.hung.hangs(request):
            reader = Reader(self.mount.path(path), command)
            wait_until(reader.waits, f"{command} to wait")
            self.look_around()
            reader.kill(signal.SIGINT)
            self.look_around()

    def test_interrupted(self):
        """Who waits for a name or a listing that hangs can be interrupted,
        and holds up nobody"""
        for name in ("sub", "hung"):
            os.mkdir(os.path.join(self.hung.folder, name))
        self.interrupt("getattr", "stat", "original/sub/unseen.flac")
        self.interrupt("readdir", "ls", "original/hung")
        self.interrupt("readdir", "ls", "low/hung")

    def test_folder(self):
        """A file that hangs in stat holds up neither the listings of its
        folder nor the lookups in it"""
        names = ["a.flac", "b.txt", "unseen.flac", "unseen.txt"]
        os.mkdir(os.path.join(self.hung.folder, "sub"))
        for name in names:
            shutil.copy(os.path.join(self.hung.folder, "good.flac"),
                        os.path.join(self.hung.folder, "sub", name))
        with self.hung.hangs("getattr"):
            readers = [Reader(self.mount.path(path), "stat") for path in (
                "original/sub/unseen.txt", "low/sub/unseen.mp3")]
            for reader in readers:
                wait_until(reader.waits, "stat to wait")
            found = look_into(self.mount.path("original/sub"), *names[:2])
            self.assertEqual(sorted(found.pop()), names)
            self.assertEqual(found, [True, True])
            self.assertEqual(look_into(self.mount.path("low/sub"), "a.mp3"),
                             [True, ["a.mp3", "b.txt", "unseen.mp3",
                                     "unseen.txt"]])
            self.assertFalse(any(reader.ended() for reader in readers))
        for reader in readers:
            self.assertEqual(reader.process.wait(60 * SCALE), 0)

    def test_closed_file(self):
        """What an interrupted read reads from stays until it is done"""
        stale = self.mount.counter("stale")
        with self.hung.hangs("read"):
            reader = faults(self.mount.path("original/hung0.flac"))
            wait_until(lambda: hanging(self.mount) > 0, "the read to hang")
            reader.kill()
            reader.wait()
            self.look_around()
        wait_until(lambda: hanging(self.mount) == 0, "the read to go on")
        self.look_around()
        self.assertEqual(self.mount.counter("stale"), stale)

    def busy(self):
        """So many workers have a job in hand."""
        metrics = read_file(self.mount.path(".groovefs/metrics")).decode()
        return int(re.search(r"workers_busy +([0-9]+)", metrics)[1])

    def test_ahead(self):
        """What is cached ahead of time hangs, and other files are cached"""
        caller = Caller(self.mount, 1, 0)
        with self.hung.hangs("read"), caller.file:
            for name in self.names[:2]:
                caller.call(Caller.precache, 0, b"high",
                            f"{name}.flac".encode())
            wait_until(lambda: self.busy() == 2, "both to hang")
            caller.cache("high", "good.flac")
            self.assertGreaterEqual(self.busy(), 2)

    def end_while(self, request, command, path):
        """The mount goes away at once; the daemon's process cannot, as long
        as one of its threads hangs in the kernel."""
        with self.hung.hangs(request):
            reader = Reader(self.mount.path(path), command)
            wait_until(reader.waits, f"{command} to wait")
            self.mount.process.terminate()
            wait_until(lambda: not mounted(self.mount.point)
                       or not self.mount.running() or None, "the umount")
            self.assertFalse(mounted(self.mount.point))
            reader.process.wait(30 * SCALE)
        self.assertEqual(self.mount.process.wait(30 * SCALE), 0)
        self.mount._ended()

    def test_end_in_a_read(self):
        """The mount ends while a read of a file that passes through hangs"""
        self.end_while("read", "cat", "original/hung0.flac")

    def test_end_in_a_listing(self):
        """The mount ends while a listing hangs"""
        os.mkdir(os.path.join(self.hung.folder, "hung"))
        self.end_while("readdir", "ls", "original/hung")

    def test_end_in_an_open(self):
        """The mount ends while opening a source hangs"""
        self.end_while("open", "cat", "low/hung0.mp3")

    def test_end_in_a_task(self):
        """The mount ends while a task waits for the library"""
        source = self.hung.process.pid
        caller = Caller(self.mount, 1, 0)
        with stopped([source]):
            wait_until(lambda: state(source) == "T", "the source to stop")
            with caller.file:
                caller.call(Caller.precache, 0, b"low", b"elsewhere")
            wait_until(lambda: hanging(self.mount), "the task to wait")
            self.mount.process.terminate()
            self.assertEqual(self.mount.process.wait(30 * SCALE), 0)
            self.mount._ended()

    def test_end(self):
        """The mount ends although workers hang that cannot be killed"""
        with self.hung.hangs("read"):
            readers = self.hung_readers()
            self.mount.process.terminate()
            self.assertEqual(self.mount.process.wait(30 * SCALE), 0)
            for reader in readers:
                reader.process.wait(30 * SCALE)
            self.mount._ended()


if __name__ == "__main__":
    tap.main()
