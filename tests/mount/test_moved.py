"""Sources that are renamed, replaced or deleted, or get other rights, while
somebody reads what is made of them."""
import contextlib
import os
import shutil
import unittest
import zlib

import fixtures
import tap
from harness import Mount, opened, pread_all, read_file


class Moved(unittest.TestCase):
    """Who reads what is not cached goes on although its source is moved. What
    he must get, another mount makes of a copy that stays."""
    VIEWS = "low", "pcm/22050"

    @classmethod
    def setUpClass(cls):
        cls.mounts = Mount(), Mount()
        for mount in cls.mounts:
            mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        for mount in cls.mounts:
            mount.__exit__(None, None, None)

    def goes_on(self, move):
        mount, other = self.mounts
        sources = []
        for name in ("a.flac", "b.wav"):
            path = other.source(self._testMethodName, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            seed = zlib.crc32((self._testMethodName + name).encode())
            fixtures.write(path, fixtures.music(12, 44100, 2, seed), 44100)
            sources.append(mount.source(self._testMethodName, name))
            os.makedirs(os.path.dirname(sources[-1]), exist_ok=True)
            shutil.copy(path, sources[-1])
        stale = mount.counter("stale")
        with contextlib.ExitStack() as stack:
            fds = {}
            for view in self.VIEWS:
                for name in os.listdir(mount.path(view,
                                                  self._testMethodName)):
                    path = os.path.join(view, self._testMethodName, name)
                    fds[path] = stack.enter_context(opened(mount.path(path)))
                    self.assertEqual(len(os.pread(fds[path], 4096, 0)), 4096)
            self.assertEqual(len(fds), 2 * len(self.VIEWS))
            for source in sources:
                move(source)
            for path, fd in fds.items():
                self.assertTrue(pread_all(fd, 1 << 30, 0)
                                == read_file(other.path(path)), path)
        self.assertEqual(mount.counter("stale"), stale)

    def test_renamed(self):
        """A reader goes on when the source is renamed"""
        self.goes_on(lambda source: os.rename(source, source + ".new"))

    def test_folder(self):
        """A reader goes on when a folder above is renamed"""
        def move(source):
            folder = os.path.dirname(source)
            if os.path.exists(folder):
                os.rename(folder, folder + " (2026)")
        self.goes_on(move)

    def test_deleted(self):
        """A reader goes on when the source is deleted"""
        self.goes_on(os.unlink)

    def test_replaced(self):
        """A reader goes on with the old file when another takes its name"""
        def replace(source):
            fixtures.write(source + ".wav",
                           fixtures.music(2, 44100, 2, 7), 44100)
            os.rename(source + ".wav", source)
        self.goes_on(replace)

    def test_link_instead(self):
        """A file that was looked up is opened although a link to its folder
        has taken the folder's place"""
        mount, _ = self.mounts
        folder = mount.source(self._testMethodName)
        os.makedirs(folder)
        fixtures.write(os.path.join(folder, "a.flac"),
                       fixtures.music(2, 44100, 2, 8), 44100)
        known = [mount.path("low", self._testMethodName, "a.mp3"),
                 mount.path("original", self._testMethodName, "a.flac")]
        right = [read_file(path) for path in known]
        os.rename(folder, folder + ".new")
        os.symlink(os.path.basename(folder) + ".new", folder)
        for path, bytes_ in zip(known, right):
            self.assertTrue(read_file(path) == bytes_, path)

    def test_rights(self):
        """A reader goes on when rights, owner or links change"""
        def change(source):
            os.chmod(source, 0o600)
            os.link(source, source + ".link")
        self.goes_on(change)


if __name__ == "__main__":
    tap.main()
