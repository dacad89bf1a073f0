"""analysis/ when readers leave, workers and daemons die, and two mounts have
one cache."""
import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

import tap
from harness import (SCALE, Background, Mount, children, read_file,
                     wait_until)
from sidecars import in_hand, make, parse, path, read_all, record, uncached

INTERRUPTED = 7
# A reader that has a handler for SIGINT, as an interpreter or a player has
READER = f"""
import os, signal, sys
class Interrupt(Exception): pass
def handler(*_): raise Interrupt
signal.signal(signal.SIGINT, handler)
fd = os.open(sys.argv[1], os.O_RDONLY)
try:
    os.read(fd, 4096)
except Interrupt:
    os._exit({INTERRUPTED})
"""


class Death(unittest.TestCase):
    """Readers, workers and daemons that end while a track is analyzed."""
    limit = 90

    @classmethod
    def setUpClass(cls):
        with Mount() as mount:
            make(mount, "a.flac", 6, 20)
            cls.right = read_all(mount, "a.flac")

    @contextlib.contextmanager
    def waiting(self, mount, work):
        """work() waits for an analysis that a stopped worker has in hand.
        Gives what work() gave, and the workers."""
        make(mount, "a.flac", 6, 20)
        make(mount, "other/b.flac", 1, 21)
        record(mount, "other/b.flac")  # now all workers are there
        os.stat(path(mount, "a.flac", ".json"))
        mount.settle()
        with mount.frozen() as pids:
            parked = mount.counter("reads_parked")
            reader = work()
            in_hand(mount, parked)
            yield reader, pids

    def check(self, mount):
        """All six, but for the time that the texts tell, are right."""
        for suffix, data in read_all(mount, "a.flac").items():
            if suffix not in (".json", ".25d"):
                self.assertTrue(data == self.right[suffix], suffix)
        for part in ("fingerprint", "loudness", "acoustid", "status"):
            self.assertEqual(record(mount, "a.flac")[part],
                             parse(self.right[".json"])[part])

    def interrupt(self, command, suffix, wanted):
        with Mount(workers=1) as mount:
            def start():
                return subprocess.Popen([*command, path(
                    mount, "a.flac", suffix)], stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
            with self.waiting(mount, start) as (reader, _):
                self.addCleanup(reader.kill)
                reader.send_signal(signal.SIGINT)
                wait_until(lambda: reader.poll() is not None,
                           "the reader's end, before the analysis", 5)
                self.assertEqual(reader.returncode, wanted)
            self.check(mount)

    def test_interrupted(self):
        """A reader with a handler for SIGINT gets EINTR while the track is
        still being analyzed, and the next one reads what is right"""
        for suffix in (".json", ".waveform.png"):
            self.interrupt([sys.executable, "-c", READER], suffix,
                           INTERRUPTED)

    def test_killed_reader(self):
        """A reader without a handler for SIGINT ends at once"""
        self.interrupt(["cat"], ".json", -signal.SIGINT)

    def test_killed_worker(self):
        """A worker that is killed in the midst of an analysis: its reader
        gets it from the second"""
        with Mount(workers=1) as mount:
            name = path(mount, "a.flac", ".peaks.dat")
            with self.waiting(mount, lambda: Background(
                    lambda: read_file(name))) as (reader, pids):
                for pid in pids:
                    os.kill(pid, signal.SIGKILL)
            self.assertTrue(reader.result() == self.right[".peaks.dat"])
            counters = mount.counters()
            self.assertGreaterEqual(counters["tasks_retried"], 1)
            self.assertEqual(counters["tasks_failed"], 0)
            self.check(mount)

    def failing(self, how, pause, fails):
        """Workers die of a signal until fails(mount, name) gives something;
        the other tracks are analyzed after that."""
        with Mount(workers=1) as mount:
            names = [f"{i}.flac" for i in range(5)]
            for i, name in enumerate(names):
                make(mount, name, 20, 20 + i)
                os.stat(path(mount, name, ".json"))
            stop, left = threading.Event(), 20 * names

            def killer():
                while not stop.wait(pause * SCALE):
                    for pid in children(mount.process.pid):
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, how)

            thread = Background(killer)
            try:
                wait_until(lambda: fails(mount, left.pop()),
                           "an analysis to fail")
            finally:
                stop.set()
                thread.result()
            for name in names:
                yield record(mount, name)

    def test_crashed_twice(self):
        """When the second worker crashes, too, .json says that it failed"""

        def fails(mount, name):
            try:
                full = record(mount, name)
            except OSError:  # no worker could be started
                return False
            return full["status"] == "failed" and full["reason"]

        list(self.failing(signal.SIGABRT, 0.06, fails))

    def test_killed_twice(self):
        """When the second worker is killed, too, it is an error, and no text;
        the next reader gets the numbers"""

        def fails(mount, name):
            try:
                self.assertEqual(record(mount, name)["status"], "ok")
            except OSError as error:
                self.assertEqual(error.errno, errno.EIO)
                return True
            return False

        for full in self.failing(signal.SIGKILL, 0.0005, fails):
            self.assertEqual(full["status"], "ok")

    def test_end_of_mount(self):
        """Who reads while the mount ends gets the numbers or an error, never
        a text that says that it failed"""
        with Mount(workers=1) as mount:
            names = [f"{i}.flac" for i in range(6)]
            for i, name in enumerate(names):
                make(mount, name, 20, 40 + i)
                os.stat(path(mount, name, ".json"))

            def reads(name):
                try:
                    return record(mount, name)["status"]
                except OSError as error:
                    return error.errno

            readers = [Background(lambda name=name: reads(name))
                       for name in names]
            time.sleep(0.2)  # more or less in the midst of them
            mount.process.terminate()
            for reader in readers:
                self.assertIn(reader.result(),
                              ("ok", errno.EIO, errno.ENOTCONN, errno.EINTR,
                               errno.ECONNABORTED, errno.ENOENT,
                               errno.ENODEV))
            mount.process.wait(30)
            mount.kill()

    def test_killed_daemon(self):
        """Kill -9 in the midst of an analysis: the next mount makes it"""
        with Mount(workers=1) as mount:
            name = path(mount, "a.flac", ".json")
            with self.waiting(mount, lambda: Background(
                    lambda: read_file(name))) as (reader, _):
                mount.kill()
            with self.assertRaises(OSError):
                reader.result()
            mount.start()
            self.check(mount)
            self.assertEqual(mount.counter("analyses"), 1)
            self.assertEqual(mount.counter("segments_corrupt"), 0)

    def test_flipped_byte(self):
        """A byte that flips in the cache is found, and the track is analyzed
        again"""
        with Mount() as mount:
            make(mount, "a.flac", 6, 20)
            read_file(path(mount, "a.flac", ".json"))
            mount.stop()
            data, = [os.path.join(base, name) for base, _, names
                     in os.walk(mount.cache) for name in names
                     if name.endswith(".data")]
            with open(data, "r+b") as file:
                file.seek(100)
                byte = file.read(1)[0]
                file.seek(100)
                file.write(bytes([byte ^ 1]))
            mount.start()
            self.check(mount)
            self.assertEqual(mount.counter("segments_corrupt"), 1)
            self.assertEqual(mount.counter("analyses"), 1)


class TwoMounts(unittest.TestCase):
    def test_one_cache(self):
        """What one mount has analyzed costs another one on the same cache
        nothing, and its bytes are the same"""
        with Mount() as one:
            make(one, "a.flac", 5, 30)
            first = read_all(one, "a.flac")
            with Mount(one.library, one.cache) as two:
                self.assertEqual(read_all(two, "a.flac"), first)
                self.assertEqual(two.counter("analyses"), 0)
                self.assertEqual(two.counter("seconds_decoded"), 0)

    def test_both_at_once(self):
        """Two mounts that analyze at once into one cache do not disturb each
        other"""
        with Mount() as one, Mount(one.library, one.cache) as two:
            for i in range(4):
                make(one, f"{i}.flac", 3, 31 + i)
            readers = [Background(lambda m=mount: [
                read_all(m, f"{i}.flac") for i in range(4)])
                for mount in (one, two)]
            first, second = (reader.result() for reader in readers)
            self.assertEqual(first, second)
            for i in range(4):
                self.assertTrue(uncached(path(two, f"{i}.flac", ".json"))
                                == first[i][".json"])


if __name__ == "__main__":
    tap.main()
