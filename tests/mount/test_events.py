"""The stream of events in .groovefs/: what is told, and to whom."""
import contextlib
import errno
import json
import os
import select
import signal
import subprocess
import threading
import unittest

import fixtures
import tap
from harness import (Background, MNT_DETACH, MNT_FORCE, Mount, SCALE,
                     opened, read_file, umount, wait_until)

EVENTS = ".groovefs/events"
FIELDS = ["task_id", "step", "status", "message", "quality", "path",
          "current", "total", "timestamp"]
MUSIC = "Artist/Album/Track"


def blocks(text):
    """Splits a stream at its empty lines; what is torn fails."""
    assert text == "" or text.endswith("\n\n"), text[-200:]
    return text.split("\n\n")[:-1]


def parse(block):
    """An event's name and what it says, by the rules of the format."""
    name, data = "message", []
    for line in block.split("\n"):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        assert field in ("", "event", "data"), line
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
    return name, json.loads("\n".join(data)) if data else None


class Listener:
    """Reads a stream in a thread, as long as the block lasts."""

    def __init__(self, mount, size=65536):
        self.mount, self.size, self.text = mount, size, b""

    def __enter__(self):
        self.stop, self.told = os.pipe()
        self.fd = os.open(self.mount.path(EVENTS), os.O_RDONLY)
        self.thread = Background(self.listen)
        return self

    def __exit__(self, *_):
        os.close(self.told)
        self.thread.result()
        os.close(self.stop)
        os.close(self.fd)

    def listen(self):
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        poll.register(self.stop, select.POLLIN)
        while self.stop not in dict(poll.poll()):
            data = os.read(self.fd, self.size)
            if not data:
                return
            self.text += data

    def events(self):
        """All that is whole, without comments."""
        whole = self.text[:self.text.rfind(b"\n\n") + 2].decode()
        return [data for _, data in map(parse, blocks(whole)) if data]

    def of(self, step):
        return [event for event in self.events() if event.get("step") == step]

    def until(self, step, status):
        """The events of a step once one of this status is there."""
        def there():
            found = self.of(step)
            return found if status in [e["status"] for e in found] else None
        return wait_until(there, f"{step} {status}", 60)


class Fresh(unittest.TestCase):
    """Every test has a mount of its own."""
    limit = 120

    def setUp(self):
        self.mount = Mount(fixtures.library(fixtures.single))
        self.mount.__enter__()
        self.addCleanup(self.mount.__exit__, None, None, None)

    def play(self, mount=None):
        return read_file((mount or self.mount).path(f"low/{MUSIC}.mp3"))

    def analyze(self):
        return read_file(self.mount.path(f"analysis/{MUSIC}.flac.json"))

    def test_analysis(self):
        """An analysis is told from the request to its end"""
        with Listener(self.mount) as listener:
            self.analyze()
            told = listener.until("analysis", "completed")
        self.assertEqual([e["status"] for e in told],
                         ["pending", "in_progress", "completed"])
        self.assertEqual({e["task_id"] for e in told}, {told[0]["task_id"]})
        self.assertEqual({e["message"] for e in told}, {f"{MUSIC}.flac"})
        self.assertEqual([(e["current"], e["total"]) for e in told],
                         [(0, 1), (0, 1), (1, 1)])
        for event in told:
            self.assertEqual(list(event), FIELDS)
        times = [e["timestamp"] for e in told]
        self.assertEqual(times, sorted(times))
        self.assertAlmostEqual(times[0], os.stat(self.mount.cache).st_mtime,
                               delta=120)

    def test_filling(self):
        """A track that is played is told segment by segment to its end"""
        with Listener(self.mount) as listener:
            self.play()
            told = listener.until("rendering", "completed")
        count = told[0]["total"]
        self.assertGreater(count, 2)
        self.assertEqual({e["total"] for e in told}, {count})
        at = [e["current"] for e in told]
        self.assertEqual(at, list(range(at[0], count + 1)))
        self.assertEqual([e["status"] for e in told],
                         ["in_progress"] * (len(told) - 1) + ["completed"])
        self.assertEqual(len({e["task_id"] for e in told}), 1)

    def test_after_opening(self):
        """What happened before the stream was opened is not told"""
        self.analyze()
        with Listener(self.mount) as listener:
            self.play()
            listener.until("rendering", "completed")
            self.assertEqual(listener.of("analysis"), [])

    def test_two_readers(self):
        """Two readers get the same events, one of them by small pieces"""
        with Listener(self.mount) as one, Listener(self.mount, 7) as two:
            self.play()
            self.analyze()
            one.until("analysis", "completed")
            two.until("analysis", "completed")
        self.assertEqual(one.events(), two.events())

    def test_poll(self):
        """poll(2) and epoll tell when there is something, and other files can
        always be read"""
        fd = os.open(self.mount.path(EVENTS), os.O_RDONLY | os.O_NONBLOCK)
        poll, epoll = select.poll(), select.epoll()
        poll.register(fd, select.POLLIN)
        epoll.register(fd, select.EPOLLIN)
        self.assertEqual(poll.poll(0), [])
        self.assertEqual(epoll.poll(0), [])
        waiting = Background(lambda: poll.poll(60000 * SCALE))
        self.analyze()
        self.assertEqual(waiting.result(), [(fd, select.POLLIN)])
        self.assertEqual(epoll.poll(60 * SCALE), [(fd, select.EPOLLIN)])
        self.assertIn(b"pending", os.read(fd, 65536))
        os.close(fd)
        epoll.close()
        with opened(self.mount.path(".groovefs/stats.json")) as other:
            poll = select.poll()
            poll.register(other, select.POLLIN)
            self.assertEqual(poll.poll(0), [(other, select.POLLIN)])

    def test_not_blocking(self):
        """A read that must not block says EAGAIN"""
        fd = os.open(self.mount.path(EVENTS), os.O_RDONLY)
        os.set_blocking(fd, False)
        with self.assertRaises(BlockingIOError):
            os.read(fd, 4096)
        self.analyze()
        self.assertIn(b"completed", os.read(fd, 65536))
        with self.assertRaises(BlockingIOError):
            os.read(fd, 4096)
        os.close(fd)

    def test_no_file(self):
        """The stream has no size and no positions, and is not written"""
        path = self.mount.path(EVENTS)
        self.assertEqual(os.stat(path).st_size, 0)
        with opened(path, random=False) as fd:
            for work in (lambda: os.lseek(fd, 0, os.SEEK_SET),
                         lambda: os.pread(fd, 1, 0)):
                with self.assertRaises(OSError) as caught:
                    work()
                self.assertEqual(caught.exception.errno, errno.ESPIPE)
        with self.assertRaises(OSError) as caught:
            os.open(path, os.O_WRONLY)
        self.assertEqual(caught.exception.errno, errno.EROFS)

    def blocked(self):
        """A program that waits in a read of the stream."""
        before = self.mount.stats()["daemon"]["event_readers"]
        program = subprocess.Popen(["cat", self.mount.path(EVENTS)],
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        wait_until(lambda: self.mount.stats()["daemon"]["event_readers"]
                   > before, "a reader")
        wait_until(lambda: "fuse" in self.where(program), "it to wait")
        return program

    def where(self, program):
        """What the kernel says of where a process waits."""
        with open(f"/proc/{program.pid}/stack") as stack:
            return stack.read()

    def test_interrupted(self):
        """A blocked reader can be interrupted, and the mount goes on"""
        program = self.blocked()
        program.send_signal(signal.SIGINT)
        said, _ = program.communicate(timeout=10 * SCALE)
        self.assertEqual((program.returncode, said), (-signal.SIGINT, b""))
        wait_until(lambda: self.mount.stats()["daemon"]["event_readers"] == 0,
                   "its end")
        with Listener(self.mount) as listener:
            self.analyze()
            listener.until("analysis", "completed")

    def test_handler(self):
        """A read that a signal handler interrupts goes on afterwards"""
        handled = threading.Event()
        old = signal.signal(signal.SIGALRM, lambda *_: handled.set())
        fd = os.open(self.mount.path(EVENTS), os.O_RDONLY)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        later = Background(lambda: handled.wait() and self.analyze())
        try:
            self.assertIn(b"pending", os.read(fd, 65536))
        finally:
            signal.signal(signal.SIGALRM, old)
            os.close(fd)
        later.result()

    def test_no_threads(self):
        """Forty blocked readers keep nobody from reading files"""
        programs = [self.blocked() for _ in range(40)]
        self.assertTrue(self.play())
        for program in programs:
            program.kill()
            program.communicate()

    def test_end(self):
        """When the daemon is ended, a blocked reader comes to the end"""
        self.addCleanup(self.mount.kill)
        program = self.blocked()
        self.analyze()
        said = b""
        while b"completed" not in said:
            said += program.stdout.read1()
        wait_until(lambda: "fuse" in self.where(program), "it to wait")
        self.mount.stats()  # came after that read, so it has been parked
        self.mount.process.send_signal(signal.SIGTERM)
        rest, _ = program.communicate(timeout=20 * SCALE)
        self.assertEqual((program.returncode, rest), (0, b""))
        self.assertEqual(len(blocks(said.decode())), 3)
        self.assertEqual(self.mount.process.wait(20 * SCALE), 0)
        self.mount.check_log()

    def test_forced_end(self):
        """A forced unmount ends a blocked reader and the daemon"""
        self.addCleanup(self.mount.kill)
        program = self.blocked()
        umount(self.mount.point, MNT_FORCE | MNT_DETACH)
        program.communicate(timeout=20 * SCALE)
        self.assertEqual(self.mount.process.wait(20 * SCALE), 0)
        self.mount.check_log()

    def test_keepalive(self):
        """A reader that has nothing for 15 seconds gets a comment"""
        with Listener(self.mount) as listener:
            wait_until(lambda: listener.text, "a comment", 40)
            self.assertEqual(listener.text, b": keepalive\n\n")
            self.analyze()
            listener.until("analysis", "completed")

    def test_left(self):
        """A track whose reader leaves is told as skipped"""
        with Mount(fixtures.library(fixtures.long_track), workers=1) as mount:
            with Listener(mount) as listener:
                with opened(mount.path("low/Artist/Album/Long.mp3")) as fd:
                    while not listener.of("rendering"):
                        self.assertTrue(os.read(fd, 65536))
                told = listener.until("rendering", "skipped")
            self.assertEqual(told[-1]["status"], "skipped")
            self.assertLess(told[-1]["current"], told[-1]["total"])


class Failing(unittest.TestCase):
    """A sidecar whose source was changed while it was open: each read fails,
    quickly."""
    limit = 120

    def setUp(self):
        self.mount = Mount()
        self.mount.__enter__()
        self.addCleanup(self.mount.__exit__, None, None, None)
        source = self.mount.source("a \udcff.flac")
        plain = self.mount.source("a.flac")
        fixtures.write(plain, fixtures.music(2, 44100, 2, 70), 44100)
        os.rename(plain, source)
        self.fd = os.open(self.mount.path("analysis/a \udcff.flac.json"),
                          os.O_RDONLY)
        self.addCleanup(os.close, self.fd)
        with open(source, "ab") as file:
            file.write(b"more")

    def read_fails(self):
        with self.assertRaises(OSError):
            os.read(self.fd, 100)

    def test_failure(self):
        """A failure is told with the reason, for any name"""
        with Listener(self.mount) as listener:
            self.read_fails()
            told = listener.until("analysis", "failed")
        self.assertEqual([e["status"] for e in told[:3]],
                         ["pending", "in_progress", "failed"])
        self.assertEqual(told[2]["message"],
                         "a \ufffd.flac: the file has changed")

    def test_slow_reader(self):
        """A slow reader loses the oldest events, is told how many, and nobody
        waits for it"""
        fixtures.write(self.mount.source("last.flac"),
                       fixtures.music(2, 44100, 2, 71), 44100)
        slow = os.open(self.mount.path(EVENTS), os.O_RDONLY | os.O_NONBLOCK)
        with Listener(self.mount) as quick:
            for _ in range(8):
                for _ in range(50):
                    self.read_fails()
                wait_until(lambda: not select.select([quick.fd], [], [], 0)[0],
                           "the quick reader")
            read_file(self.mount.path("analysis/last.flac.json"))
            quick.until("analysis", "completed")
            everything = quick.events()
            self.assertTrue(all("lost" not in event for event in everything))
        text = b""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(slow, 1000):
                text += data
        os.close(slow)
        told = [parse(block) for block in blocks(text.decode())]
        self.assertEqual(told[0], ("lost", {"lost": len(everything) - 1024}))
        self.assertEqual([data for _, data in told[1:]], everything[-1024:])


if __name__ == "__main__":
    tap.main()
