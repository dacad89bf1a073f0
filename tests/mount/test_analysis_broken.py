"""analysis/ of sources that are broken, are damaged or change."""
import errno
import os
import random
import shutil
import unittest

import fixtures
import tap
from harness import Mount, forget_pages, opened, pread_all, read_file
from sidecars import (PICTURES, SUFFIXES, album, check_fingerprint, make,
                      numbers, parse, path, read_all, record)


def damage(source, at=0.3, size=60000):
    """Zeros in the midst of the audio, far from both ends and the middle."""
    start = int(os.path.getsize(source) * at)
    with open(source, "r+b") as file:
        file.seek(start)
        file.write(bytes(size))


def replace(mount, source, seed, seconds=4):
    """Another track takes the name, as an editor saves."""
    new = os.path.join(mount.base, "new.flac")
    fixtures.write(new, fixtures.music(seconds, 44100, 2, 4000 + seed), 44100)
    os.rename(new, source)


class Broken(unittest.TestCase):
    """Files that no decoder opens, beside one that is well."""

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        cls.mount.__enter__()
        make(cls.mount, "good.flac")
        for name in ("bad.flac", "bad.mp3", "bad.wav"):
            with open(cls.mount.source(name), "wb") as file:
                file.write(random.Random(name).randbytes(50000))
        for name in ("empty.flac", "empty.opus"):
            open(cls.mount.source(name), "w").close()
        cls.names = ("bad.flac", "bad.mp3", "bad.wav", "empty.flac",
                     "empty.opus")

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def test_listed(self):
        """They have their sidecars, at the sizes that are promised"""
        found = os.listdir(self.mount.path("analysis"))
        for name in self.names:
            for suffix in SUFFIXES:
                self.assertIn(name + suffix, found)
                os.stat(path(self.mount, name, suffix))

    def test_texts(self):
        """Their texts say that it failed, and why, and give no numbers"""
        for name in self.names:
            full = record(self.mount, name)
            self.assertEqual(full["status"], "failed", name)
            self.assertTrue(full["reason"].strip(), name)
            self.assertEqual(full["source"]["path"], name)
            for part in ("loudness", "fingerprint", "content_profile", "key"):
                self.assertEqual(
                    [n for n in numbers(full[part]) if n is not None], [],
                    f"{name}: {part}")
            short = record(self.mount, name, ".25d")
            self.assertEqual(short["metadata"]["status"], "failed")
            self.assertEqual(short["metadata"]["reason"], full["reason"])

    def test_others(self):
        """Their pictures and peaks answer EIO"""
        for name in self.names:
            for suffix in (*PICTURES, ".peaks.dat", ".peaks.json"):
                with self.assertRaises(OSError, msg=name + suffix) as caught:
                    read_file(path(self.mount, name, suffix))
                self.assertEqual(caught.exception.errno, errno.EIO)

    def test_neighbor(self):
        """A file beside them is analyzed as if they were not there"""
        with Mount() as other:
            make(other, "good.flac")
            os.utime(other.source("good.flac"), ns=(0, os.stat(
                self.mount.source("good.flac")).st_mtime_ns))
            self.assertEqual(read_all(self.mount, "good.flac"),
                             read_all(other, "good.flac"))

    def test_album(self):
        """album.json names them as failed, and counts the rest"""
        found = album(self.mount)
        self.assertEqual(
            {t["name"]: t["status"] for t in found["tracks"]},
            {"good.flac": "ok", **{name: "failed" for name in self.names}})
        self.assertEqual((found["tracks_total"], found["tracks_analysed"]),
                         (6, 1))
        self.assertAlmostEqual(
            found["loudness"]["integrated_lufs"], record(
                self.mount, "good.flac")["loudness"]["integrated_lufs"],
            delta=0.1)

    def test_mended(self):
        """One that is replaced by a sound file is analyzed"""
        with Mount() as mount:
            with open(mount.source("a.flac"), "wb") as file:
                file.write(b"no audio")
            self.assertEqual(record(mount, "a.flac")["status"], "failed")
            replace(mount, mount.source("a.flac"), 1)
            full = record(mount, "a.flac")
            self.assertEqual(full["status"], "ok")
            check_fingerprint(self, full["fingerprint"])


class Damaged(unittest.TestCase):
    def test_status(self):
        """A FLAC with a damaged spot has all six, and its texts say that it
        is damaged"""
        with Mount() as mount:
            damage(make(mount, "a.flac", 10))
            found = read_all(mount, "a.flac")
            full, short = parse(found[".json"]), parse(found[".25d"])
            self.assertEqual(full["status"], "damaged")
            self.assertRegex(full["reason"], r"\d+ samples")
            self.assertEqual(short["metadata"]["status"], "damaged")
            check_fingerprint(self, full["fingerprint"])

    def test_intact(self):
        """A damaged copy that is read first does no harm to the intact
        one"""
        with Mount() as mount:
            source = make(mount, "intact/b.flac", 10)
            shutil.copy(source, mount.source("a.flac"))
            damage(mount.source("a.flac"))
            self.assertEqual(record(mount, "a.flac")["status"], "damaged")
            full = record(mount, "intact/b.flac")
            self.assertEqual((full["status"], full["reason"]), ("ok", None))

    def test_not_kept(self):
        """The analysis of a damaged file is not kept for the next mount"""
        with Mount() as mount:
            damage(make(mount, "a.flac", 10))
            first = record(mount, "a.flac")
            mount.remount()
            self.assertEqual(record(mount, "a.flac"), first)
            self.assertEqual(mount.counter("analyses"), 1)

    def test_cut(self):
        """A truncated FLAC is analyzed as far as it goes, and says that it
        is damaged"""
        with Mount() as mount:
            source = make(mount, "a.flac", 10)
            os.truncate(source, os.path.getsize(source) * 6 // 10)
            full = record(mount, "a.flac")
            self.assertEqual(full["status"], "damaged")
            check_fingerprint(self, full["fingerprint"])


class Change(unittest.TestCase):
    name = "a.flac"

    def setUp(self):
        self.mount = self.enterContext(Mount())
        self.source = make(self.mount, self.name, seed=10)

    def test_replaced(self):
        """A source that was replaced is seen in every sidecar at the next
        open"""
        old = read_all(self.mount, self.name)
        replace(self.mount, self.source, 11, 5)
        for suffix, data in read_all(self.mount, self.name).items():
            self.assertNotEqual(data, old[suffix], suffix)
        self.assertEqual(record(self.mount, self.name)["source"]["samples"],
                         5 * 44100)

    def test_cold_reader(self):
        """A reader who opened before a source was replaced, and who reads
        after, gets what he opened and never the new one's bytes"""
        with Mount() as other:
            for i, suffix in enumerate(SUFFIXES):
                shutil.copy2(self.source, other.source(self.name))
                with opened(path(self.mount, self.name, suffix)) as fd:
                    replace(self.mount, self.source, 11 + i)
                    self.assertEqual(
                        pread_all(fd, 1 << 30, 0),
                        read_file(path(other, self.name, suffix)), suffix)

    def test_warm_reader(self):
        """One whose sidecars were known gets the old bytes or ESTALE"""
        for i, suffix in enumerate(SUFFIXES):
            whole = read_all(self.mount, self.name)[suffix]
            with opened(path(self.mount, self.name, suffix)) as fd:
                replace(self.mount, self.source, 11 + i)
                for offset in (0, len(whole) // 2):
                    forget_pages(fd)
                    try:
                        data = pread_all(fd, 1000, offset)
                    except OSError as error:
                        self.assertEqual(error.errno, errno.ESTALE)
                    else:
                        self.assertEqual(data, whole[offset:offset + 1000])

    def test_deleted(self):
        """Sidecars go with their source"""
        read_all(self.mount, self.name)
        os.unlink(self.source)
        self.assertEqual(os.listdir(self.mount.path("analysis")), [])


if __name__ == "__main__":
    tap.main()
