"""The library's folder: gone, back, another disk, and our own mount in it."""
import errno
import os
import shutil
import subprocess
import unittest

import fixtures
import tap
from harness import MNT_DETACH, Mount, libc, read_file, umount, wait_until

MS_BIND = 4096


def bind(source, target):
    return libc.mount(os.fsencode(source), os.fsencode(target), None,
                      MS_BIND, None)


def tmpfs(target):
    return libc.mount(b"none", os.fsencode(target), b"tmpfs", 0, None)


class Root(unittest.TestCase):
    def setUp(self):
        self.mount = self.enterContext(Mount())
        self.track = os.path.join(self.mount.base, "a.flac")
        fixtures.write(self.track, fixtures.music(1, 44100, 2, 9), 44100)

    def fails(self):
        for view in ("low", "original", "pcm/native", "analysis"):
            with self.assertRaises(OSError) as caught:
                os.listdir(self.mount.path(view))
            self.assertEqual(caught.exception.errno, errno.EIO)

    def test_disk(self):
        """A disk that is mounted on the library later is seen; when it is
        unmounted an error says so, until it is back"""
        library = self.mount.library
        self.assertEqual(os.listdir(self.mount.path("low")), [])
        for _ in range(2):
            if tmpfs(library) != 0:
                raise unittest.SkipTest("no tmpfs can be mounted here")
            try:
                shutil.copy(self.track, library)
                self.assertEqual(os.listdir(self.mount.path("low")),
                                 ["a.mp3"])
                self.assertTrue(read_file(self.mount.path("low/a.mp3")))
            finally:
                umount(library, MNT_DETACH)  # a worker may have it open
            self.fails()
        self.assertIn("cannot read the library", self.mount.log())
        self.assertIn("is back", self.mount.log())

    def test_unmounted(self):
        """A disk that was read from can be unmounted soon after: nothing in
        it stays open"""
        library = self.mount.library
        if tmpfs(library) != 0:
            raise unittest.SkipTest("no tmpfs can be mounted here")
        try:
            shutil.copy(self.track, library)
            for name in ("low/a.mp3", "pcm/native/a.wav"):
                self.assertTrue(read_file(self.mount.path(name)))
            wait_until(lambda: umount(library) == 0, "the disk to be free")
        finally:
            umount(library, MNT_DETACH)

    def test_deleted(self):
        """A library that is deleted is an error, and is there again when it
        is made again"""
        library = self.mount.library
        shutil.copy(self.track, library)
        self.assertEqual(os.listdir(self.mount.path("low")), ["a.mp3"])
        os.rename(library, library + ".away")
        self.fails()
        with self.assertRaises(OSError):
            open(self.mount.path("original/a.flac"), "rb").close()
        os.mkdir(library)
        self.fails()
        shutil.copy(self.track, os.path.join(library, "b.flac"))
        self.assertEqual(os.listdir(self.mount.path("low")), ["b.mp3"])
        shutil.rmtree(library)
        os.rename(library + ".away", library)
        self.assertEqual(os.listdir(self.mount.path("low")), ["a.mp3"])
        os.unlink(os.path.join(library, "a.flac"))
        self.assertEqual(os.listdir(self.mount.path("low")), [])


class Bound(unittest.TestCase):
    """The mount itself, bound into its library by somebody."""

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        source = cls.mount.source
        os.makedirs(source("here/deep"))
        os.mkdir(source("there"))
        open(source("file.txt"), "w").close()
        fixtures.write(source("there/a.flac"),
                       fixtures.music(1, 44100, 2, 9), 44100)
        cls.bound = []
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        for place in reversed(cls.bound):
            umount(place, MNT_DETACH)
        cls.mount.__exit__(None, None, None)

    def bind(self, source, name):
        if bind(source, self.mount.source(name)) != 0:
            raise unittest.SkipTest("nothing can be bound here")
        self.bound.append(self.mount.source(name))

    def test_bound(self):
        """It is not entered, in no view, before and after it was listed"""
        os.listdir(self.mount.path("low"))
        self.bind(self.mount.point, "here")
        os.mkdir(self.mount.source("new"))
        for view in ("original", "low", "pcm/native", "analysis"):
            names = os.listdir(self.mount.path(view))
            self.assertNotIn("here", names)
            self.assertIn("there", names)
            with self.assertRaises(OSError):
                os.stat(self.mount.path(view, "here/original"))
        found = subprocess.run(["find", self.mount.point], timeout=30,
                               capture_output=True).stdout.splitlines()
        self.assertLess(len(found), 100)

    def test_disk_inside(self):
        """Another disk in the library is entered, our mount within it is not"""
        if tmpfs(self.mount.source("there")) != 0:
            raise unittest.SkipTest("no tmpfs can be mounted here")
        self.bound.append(self.mount.source("there"))
        os.mkdir(self.mount.source("there/again"))
        fixtures.write(self.mount.source("there/b.flac"),
                       fixtures.music(1, 44100, 2, 9), 44100)
        self.bind(self.mount.path("low"), "there/again")
        self.assertEqual(os.listdir(self.mount.path("low/there")), ["b.mp3"])
        self.assertTrue(read_file(self.mount.path("low/there/b.mp3")))
        with self.assertRaises(OSError):
            os.listdir(self.mount.path("low/there/again"))

    def test_over_all(self):
        """It is bound over the library itself: an error, and no hanging"""
        self.bind(self.mount.point, "")
        try:
            with self.assertRaises(OSError) as caught:
                os.listdir(self.mount.path("low"))
            self.assertEqual(caught.exception.errno, errno.EIO)
        finally:
            umount(self.bound.pop(), MNT_DETACH)
        self.assertIn("there", os.listdir(self.mount.path("low")))


if __name__ == "__main__":
    tap.main()
