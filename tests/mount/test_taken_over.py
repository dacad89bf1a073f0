"""Workers that hostile files have taken over: who reads such a file gets EIO,
or what another worker made; nobody else notices; the mount ends."""
import errno
import json
import os
import unittest
import zlib

import fixtures
import tap
from harness import (BINARY, Background, Mount, SCALE, forget_pages, opened,
                     pread_all, read_file, wait_until, with_worker)

TAKEN = os.environ.get("GROOVEFS_WORKER_TAKEN", os.path.join(
    os.path.dirname(BINARY), "../tests/mount/worker-taken"))
FOLDERS = {"block": ("pcm/native", "wav"), "analysis": ("analysis",
                                                        "flac.json")}
ALWAYS = ("alive", "alive-in-a-flood", "silence", "garbage", "leave",
          "hang-up", "done-with-nothing")
OF_BYTES = ("bytes-in-a-flood", "tail-never-moves", "head-lies",
            "too-many-bytes", "a-byte-now-and-then", "be-deaf")
OF_BLOCKS = ("fill-outside", "return-outside", "fill-nothing", "fill-and-hold",
             "want-and-hold", "want-and-return", "want-and-ignore",
             "want-absurd")
SECONDS, SEED = 2, 700


def make_hostile(mount, task, deed, seed, more=""):
    """A track, in a folder of its own, whose worker does the deed at the
    task; gives its name without an extension."""
    stem = f"{task} {deed}/{more or 'x'}".strip(";")
    fixtures.write(mount.source(stem + ".flac"),
                   fixtures.music(1, 44100, 2, seed), 44100,
                   tags={"comment": f"takeover={task}:{deed};{more}"})
    return stem


def path_for(mount, stem, task):
    """What has the daemon give this task."""
    folder, extension = FOLDERS.get(task, ("low", "mp3"))
    return mount.path(folder, f"{stem}.{extension}")


def outcome_of(path):
    """Its bytes, or the number of the error."""
    try:
        return read_file(path)
    except OSError as error:
        return error.errno


def taken_over(**options):
    mount = Mount(**options)
    with_worker(mount, f"exec {TAKEN}")
    return mount


class TakenOver(unittest.TestCase):
    limit = 90

    @classmethod
    def setUpClass(cls):
        cls.audio = fixtures.music(SECONDS, 44100, 2, SEED)
        cls.mount = taken_over(workers=8, worker_timeout=SCALE)
        cls.mount.__enter__()
        fixtures.write(cls.mount.source("warm.flac"), cls.audio, 44100)
        cls.right = [(path, read_file(path)) for path in (
            path_for(cls.mount, "warm", task) for task in
            ("segment", "block", "analysis"))]
        cls.make_cold("first")
        cls.right_cold = read_file(cls.mount.path("low/cold first.mp3"))

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    @classmethod
    def make_cold(cls, name):
        fixtures.write(cls.mount.source(f"cold {name}.wav"), cls.audio, 44100)

    def check_others(self, when):
        """Others read what is warm, and have made what is not."""
        for path, right in self.right:
            with opened(path) as fd:
                forget_pages(fd)
                self.assertTrue(pread_all(fd, len(right), 0) == right, path)
        self.make_cold(when)
        self.assertTrue(read_file(self.mount.path(f"low/cold {when}.mp3"))
                        == self.right_cold)

    def attack(self, task, *deeds):
        """A reader for each deed at this task, all at once, and others."""
        deeds = deeds[::3] if fixtures.REDUCED else deeds
        readers = {}
        for deed in deeds:
            stem = make_hostile(self.mount, task, deed,
                                zlib.crc32(f"{task} {deed}".encode()))
            path = path_for(self.mount, stem, task)
            readers[deed] = Background(lambda path=path: outcome_of(path))
        self.check_others(f"during {task}")
        for deed, reader in readers.items():
            outcome = reader.result()
            if task == "analysis" and outcome != errno.EIO:
                self.assertEqual(json.loads(outcome)["status"], "failed",
                                 deed)
            else:
                self.assertEqual(outcome, errno.EIO, deed)
        self.check_others(f"after {task}")

    def test_probe(self):
        """Taken over while it probes a file"""
        self.attack("probe", *ALWAYS, "foreign", "wrong-length", "no-length",
                    "notes-in-a-flood", "facts-are-absurd")

    def test_tag(self):
        """Taken over while it makes a tag"""
        self.attack("tag", *ALWAYS, *OF_BYTES, "notes-in-a-flood")

    def test_segment(self):
        """Taken over while it transcodes"""
        self.attack("segment", *ALWAYS, *OF_BYTES, *OF_BLOCKS, "foreign")

    def test_block(self):
        """Taken over while it decodes"""
        self.attack("block", *ALWAYS, *OF_BLOCKS)

    def test_analysis(self):
        """Taken over while it analyzes"""
        self.attack("analysis", *ALWAYS, "bytes-in-a-flood", "be-deaf",
                    "fill-nothing", "fill-and-hold", "want-and-return")


class Afterwards(unittest.TestCase):
    """One worker, so that it gets the next track as well."""

    def check_next(self, task, deed, count):
        with taken_over(workers=1, worker_timeout=SCALE) as mount:
            stem = make_hostile(mount, task, deed, SEED)
            audio = fixtures.music(1, 44100, 2, SEED + 1)
            for i in range(count):
                fixtures.write(mount.source(f"next/{i}.flac"), audio, 44100)
            outcome_of(path_for(mount, stem, task))
            for i in range(count):
                self.assertGreater(
                    len(read_file(mount.path(f"low/next/{i}.mp3"))), 10000)
            self.assertEqual([line for line in mount.log().splitlines()
                              if "next/" in line
                              and "trying once more" not in line], [])

    def test_deaf(self):
        """A worker that does not receive any more is not waited for"""
        self.check_next("segment", "be-deaf", 1)

    def test_ahead(self):
        """Answers to tasks that were not given yet spoil no other track"""
        self.check_next("probe", "answer-ahead", 2)

    def test_hoard(self):
        """A worker that has no descriptors left spoils no other track"""
        self.check_next("probe", "hoard", 40)


class TheEnd(unittest.TestCase):
    def test_end(self):
        """The mount ends at once, whatever such a worker says"""
        mount = taken_over(workers=2, worker_timeout=600)
        with mount:
            readers = []
            for task, deed in (("probe", "alive"), ("segment", "silence"),
                               ("block", "want-and-hold"),
                               ("analysis", "alive")):
                stem = make_hostile(mount, task, deed, SEED)
                path = path_for(mount, stem, task)
                readers.append(Background(lambda path=path: outcome_of(path)))
            wait_until(lambda: mount.counter("reads_parked") >= 3,
                       "the readers to wait")
            mount.process.terminate()
            for reader in readers:
                self.assertIsInstance(reader.result(), int)
            self.assertEqual(mount.process.wait(20 * SCALE), 0)
            mount._ended()


if __name__ == "__main__":
    tap.main()
