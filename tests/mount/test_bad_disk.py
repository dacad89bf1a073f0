"""A cache whose disk fails under the mount, and a database that others hold or
damage: reading goes on."""
import contextlib
import os
import re
import sqlite3
import unittest

import fixtures
import tap
from faulty_disk import FaultyDisk
from harness import (Mount, forget_pages, in_threads, opened, pread_all,
                     read_file, wait_until)


class Disk(unittest.TestCase):
    limit = 90

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.rated)
        cls.name = "44100.mp3"
        with Mount(cls.library) as mount:
            cls.right = {quality: read_file(mount.path(quality, cls.name))
                         for quality in ("low", "high")}

    def setUp(self):
        self.disk = FaultyDisk()
        self.addCleanup(self.disk.__exit__)
        self.disk.start()

    def mounted(self, **options):
        return Mount(self.library, cache=os.path.join(self.disk.point, "c"),
                     **options)

    def check(self, mount, quality):
        with opened(mount.path(quality, self.name)) as fd:
            forget_pages(fd)
            self.assertTrue(pread_all(fd, 1 << 30, 0) == self.right[quality],
                            quality)

    def begun(self, mount, quality, meanwhile):
        """Reads a file to its end, in the midst of which the disk fails. Its
        first segment was made before; the others are being made."""
        with opened(mount.path(quality, self.name)) as fd:
            data = pread_all(fd, 1000, 0)
            meanwhile()
            data += pread_all(fd, 1 << 30, 1000)
        self.assertTrue(data == self.right[quality])

    def test_eio(self):
        """On a disk that answers EIO everything is made in memory; when it
        answers again, it is used again"""
        with self.mounted() as mount:
            self.check(mount, "low")
            with self.disk.fault("eio"):
                for quality in ("low", "high"):
                    self.check(mount, quality)
                self.assertGreater(mount.counter("segments_in_memory"), 0)
                self.assertEqual(mount.counter("tasks_failed"), 0)
                self.assertIn("keeping new segments in memory", mount.log())
            mount.remount()
            self.check(mount, "low")
            mount.remount()
            made = mount.counter("segments_rendered")
            self.check(mount, "low")
            self.assertEqual(mount.counter("segments_rendered"), made)

    def test_eio_in_the_midst(self):
        """A disk that begins to answer EIO while a segment is being written
        takes no byte of it"""
        with self.mounted() as mount:
            fault = self.disk.fault("eio")
            self.addCleanup(fault.__exit__, None, None, None)
            self.begun(mount, "high", fault.__enter__)
            self.assertEqual(mount.counter("tasks_failed"), 0)

    def test_full(self):
        """So it is on one that is full"""
        with self.mounted() as mount, self.disk.fault("full"):
            for quality in ("low", "high"):
                self.check(mount, quality)
            self.assertEqual(mount.counter("tasks_failed"), 0)

    def test_slow(self):
        """A slow disk makes nothing wrong, and statistics do not wait"""
        with self.mounted() as mount, self.disk.fault("slow"):
            in_threads(4, lambda i: self.check(mount, ("low", "high")[i % 2]))
            self.assertEqual(mount.counter("tasks_failed"), 0)

    def test_gone(self):
        """A disk that vanishes in the midst of a segment takes nothing but
        the cache, and the mount ends well"""
        with self.mounted() as mount:
            self.begun(mount, "high", self.disk.vanish)
            self.check(mount, "low")
            self.assertEqual(mount.counter("tasks_failed"), 0)


class Database(unittest.TestCase):
    def add(self, mount, name, seed):
        fixtures.write(mount.source(name), fixtures.music(1, 44100, 2, seed),
                       44100)

    def rows(self, path):
        """None while there is no table."""
        with contextlib.suppress(sqlite3.OperationalError), \
                contextlib.closing(sqlite3.connect(
                    f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute("SELECT count(*) FROM track").fetchone()[0]

    def test_locked(self):
        """While another process has the database locked, files are listed
        and read; their facts are written when it is free"""
        with Mount() as mount:
            path = os.path.join(mount.cache, "facts.sqlite")
            self.add(mount, "a.flac", 1)
            read_file(mount.path("low/a.mp3"))
            wait_until(lambda: self.rows(path) == 1, "the first row")
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            for i in range(4):
                self.add(mount, f"{i}.flac", 2 + i)
            self.assertEqual(len(os.listdir(mount.path("low"))), 5)
            for i in range(4):
                data = read_file(mount.path(f"low/{i}.mp3"))
                self.assertEqual(len(data), os.stat(
                    mount.path(f"low/{i}.mp3")).st_size)
            other.execute("ROLLBACK")
            other.close()
            wait_until(lambda: self.rows(path) == 5, "all rows", 40)

    def test_damaged(self):
        """A database that is damaged is set aside with one line in the log,
        and made anew"""
        with Mount() as mount:
            path = os.path.join(mount.cache, "facts.sqlite")
            for i in range(20):
                self.add(mount, f"{i}.flac", 1)
            os.listdir(mount.path("low"))
            for i in range(20):
                os.stat(mount.path(f"low/{i}.mp3"))
            mount.stop()
            with open(path, "r+b") as file:
                file.seek(4096)
                file.write(os.urandom(os.path.getsize(path) - 4096))
            mount.start()
            for i in range(20):
                self.assertGreater(os.stat(
                    mount.path(f"low/{i}.mp3")).st_size, 0)
            wait_until(lambda: "set aside" in mount.log(), "a line")
            wait_until(lambda: self.rows(path) == 20, "all rows", 40)
            said = re.findall(r"is damaged or of another version", mount.log())
            self.assertEqual(len(said), 1, mount.log())


if __name__ == "__main__":
    tap.main()
