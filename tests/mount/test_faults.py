"""What goes wrong in a worker or a source stays there."""
import errno
import os
import random
import signal
import threading
import unittest

import fixtures
import mp3
import tap
from harness import (Background, Mount, children, read_at, read_file,
                     wait_until)


def make_track(mount, name="a.flac", seconds=20, seed=700):
    fixtures.write(mount.source(name),
                   fixtures.music(seconds, 44100, 2, seed), 44100)


def fresh(name_seconds_seed=("a.flac", 20, 700)):
    """The bytes that an undisturbed mount gives of such a track."""
    name, seconds, seed = name_seconds_seed
    with Mount() as mount:
        make_track(mount, name, seconds, seed)
        return read_file(mount.path("low", name.replace(".flac", ".mp3")))


class Workers(unittest.TestCase):
    limit = 90

    @classmethod
    def setUpClass(cls):
        cls.right = fresh()

    def parked_reader(self, mount):
        """A reader whose first segments wait for the (stopped) workers."""
        before = mount.counter("reads_parked")
        path = mount.path("low", "a.mp3")
        reader = Background(lambda: read_file(path))
        wait_until(lambda: mount.counter("reads_parked") > before,
                   "the reader to park")
        return reader

    def test_killed(self):
        """Workers killed in the middle of a read: right bytes"""
        with Mount() as mount:
            make_track(mount)
            os.stat(mount.path("low", "a.mp3"))
            with mount.frozen() as pids:
                reader = self.parked_reader(mount)
                for pid in pids:
                    os.kill(pid, signal.SIGKILL)
            self.assertTrue(reader.result() == self.right)
            counters = mount.counters()
            self.assertGreaterEqual(counters["workers_died"], 1)
            self.assertGreaterEqual(counters["tasks_retried"], 1)
            self.assertEqual(counters["tasks_failed"], 0)
            self.assertGreaterEqual(len(mount.worker_pids()), 1)

    def test_killed_idle(self):
        """Idle workers that are killed are replaced, and reading goes on"""
        with Mount() as mount:
            make_track(mount)
            os.stat(mount.path("low", "a.mp3"))
            mount.settle()
            old = mount.worker_pids()
            for pid in old:
                os.kill(pid, signal.SIGKILL)
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)
            self.assertFalse(set(old) & set(mount.worker_pids()))

    def test_killed_again_and_again(self):
        """Workers killed at random moments: right bytes or EIO, and right
        bytes once it stops"""
        with Mount() as mount:
            for i in range(6):
                make_track(mount, f"{i}.flac", 20, 700)
            os.listdir(mount.path("low"))
            stop = threading.Event()
            rng = random.Random(fixtures.SEED)

            def killer():
                while not stop.wait(rng.uniform(0.005, 0.08)):
                    pids = children(mount.process.pid)
                    if pids:
                        try:
                            os.kill(rng.choice(pids), signal.SIGKILL)
                        except ProcessLookupError:
                            pass

            thread = Background(killer)
            try:
                for i in range(6):
                    for quality in ("low", "medium"):
                        try:
                            data = read_file(mount.path(quality, f"{i}.mp3"))
                        except OSError as error:
                            self.assertEqual(error.errno, errno.EIO)
                            continue
                        if quality == "low":
                            self.assertTrue(data == self.right)
            finally:
                stop.set()
                thread.result()
            tap.diag({key: mount.counter(key) for key in (
                "workers_died", "tasks_retried", "tasks_failed")})
            self.assertGreater(mount.counter("workers_started"), 2)
            for i in range(6):
                self.assertTrue(read_file(mount.path("low", f"{i}.mp3"))
                                == self.right)

    def test_two_deaths(self):
        """A task whose second worker dies too is given up with EIO, and the
        log names the file"""
        with Mount(workers=1) as mount:
            make_track(mount)
            os.stat(mount.path("low", "a.mp3"))
            stop = threading.Event()

            def killer():
                while not stop.wait(0.0005):
                    for pid in children(mount.process.pid):
                        try:
                            os.kill(pid, signal.SIGKILL)
                        except ProcessLookupError:
                            pass

            def fails():
                try:
                    read_at(mount.path("high", "a.mp3"), 300000, 4096)
                except OSError as error:
                    return error.errno
                return None

            thread = Background(killer)
            try:
                self.assertEqual(wait_until(fails, "a read to fail"),
                                 errno.EIO)
            finally:
                stop.set()
                thread.result()
            self.assertGreaterEqual(mount.counter("tasks_failed"), 1)
            self.assertIn("a.flac", mount.log())
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)

    def test_stopped(self):
        """Workers that fall silent are killed: right bytes"""
        with Mount(worker_timeout=2) as mount:
            make_track(mount)
            os.stat(mount.path("low", "a.mp3"))
            with mount.frozen() as pids:
                reader = self.parked_reader(mount)
                self.assertTrue(reader.result(30) == self.right)
                self.assertGreaterEqual(mount.counter("workers_killed"), 1)
                self.assertNotEqual(sorted(pids),
                                    sorted(mount.worker_pids()))
            self.assertIn("a.flac", mount.log())


class Sources(unittest.TestCase):
    limit = 120

    @classmethod
    def setUpClass(cls):
        cls.right = fresh()

    def test_truncated(self):
        """A truncated FLAC has the promised size, silence at its end, and a
        line in the log"""
        with Mount() as mount:
            make_track(mount)
            path = mount.source("a.flac")
            os.truncate(path, os.path.getsize(path) * 6 // 10)
            virtual = mount.path("low", "a.mp3")
            size = os.stat(virtual).st_size
            self.assertEqual(size, len(self.right))
            self.assertEqual(len(read_file(virtual)), size)
            decoded, said = mp3.decode(virtual, 2)
            self.assertEqual(said, "")
            self.assertEqual(len(decoded), 20 * 44100)
            whole = mp3.decode_bytes(self.right, 2)
            start = slice(0, 10 * 44100)
            _, noise = mp3.gain_and_noise(decoded[start], whole[start])
            self.assertGreater(noise, 20)
            self.assertLess(abs(decoded[16 * 44100:]).max(), 1e-3)
            self.assertIn("a.flac", mount.log())
            self.assertGreaterEqual(mount.counter("silence_added"), 1)

    def test_random_bytes(self):
        """Random bytes named .flac: listed with size 0, EIO at open, and
        nothing else suffers"""
        with Mount() as mount:
            make_track(mount)
            with open(mount.source("bad.flac"), "wb") as file:
                file.write(random.Random(1).randbytes(100000))
            path = mount.path("low", "bad.mp3")
            self.assertEqual(sorted(os.listdir(mount.path("low"))),
                             ["a.mp3", "bad.mp3"])
            self.assertEqual(os.stat(path).st_size, 0)
            with self.assertRaises(OSError) as caught:
                os.open(path, os.O_RDONLY)
            self.assertEqual(caught.exception.errno, errno.EIO)
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)
            self.assertIn("bad.flac", mount.log())
            with open(mount.source("bad.flac"), "rb") as file:
                self.assertTrue(read_file(mount.path("original", "bad.flac"))
                                == file.read())

    def test_many_random(self):
        """A folder of 10,000 such files is listed and statted"""
        count = 500 if fixtures.REDUCED else 10000
        with Mount(log_level="error") as mount:
            rng = random.Random(2)
            block = rng.randbytes(1 << 16)
            for i in range(count):
                with open(mount.source(f"{i:05}.flac"), "wb") as file:
                    at = rng.randrange(60000)
                    file.write(block[at:at + rng.randrange(2000)])
            make_track(mount)
            names = os.listdir(mount.path("medium"))
            self.assertEqual(len(names), count + 1)
            sizes = {entry.stat().st_size
                     for entry in os.scandir(mount.path("medium"))
                     if entry.name != "a.mp3"}
            self.assertEqual(sizes, {0})
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)
            tap.diag(f"probes {mount.counter('probes')}, daemon "
                     f"{mount.memory() >> 20} MB")

    def test_empty_flac(self):
        """An empty file named .flac fails at open and harms nobody"""
        with Mount() as mount:
            open(mount.source("empty.flac"), "w").close()
            name, = os.listdir(mount.path("low"))
            self.assertEqual(os.stat(mount.path("low", name)).st_size, 0)
            with self.assertRaises(OSError) as caught:
                os.open(mount.path("low", name), os.O_RDONLY)
            self.assertEqual(caught.exception.errno, errno.EIO)

    def test_source_gone(self):
        """A source that vanishes fails its readers and nobody else"""
        with Mount() as mount:
            make_track(mount)
            make_track(mount, "b.flac", 5, 701)
            os.stat(mount.path("low", "b.mp3"))
            os.unlink(mount.source("b.flac"))
            with self.assertRaises(OSError) as caught:
                read_file(mount.path("low", "b.mp3"))
            self.assertIn(caught.exception.errno,
                          (errno.ENOENT, errno.ESTALE, errno.EIO))
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)


if __name__ == "__main__":
    tap.main()
