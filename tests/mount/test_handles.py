"""File handles, as NFS servers keep them: each is one version of one file,
also when the kernel has forgotten it, or it is stale."""
import errno
import os
import shutil
import unittest

import fixtures
import handles
import tap
from harness import Mount, pread_all, read_file, wait_until

FOLDERS, FILES = 20, 30


def make_library(mount):
    """Texts that say where they are, some tracks, folders within folders."""
    for i in range(FOLDERS):
        folder = mount.source(f"Artist {i}", "Album", "CD")
        os.makedirs(folder)
        for j in range(FILES):
            with open(os.path.join(folder, f"{j}.txt"), "w") as file:
                file.write(f"{i}/{j}" + "x" * j)
    for name in "abc":
        fixtures.write(mount.source("Artist 0", f"{name}.flac"),
                       fixtures.music(1, 44100, 2, ord(name)), 44100)


class WithHandles(unittest.TestCase):
    def need_handles(self):
        reason = handles.why_not(self.mount)
        if reason:
            self.skipTest(reason)

    def open(self, handle):
        fd = handles.open_handle(self.mount.point, handle)
        self.addCleanup(os.close, fd)
        return fd

    def read(self, handle):
        fd = self.open(handle)
        return pread_all(fd, 1 << 20, 0)

    def assert_stale(self, handle):
        with self.assertRaises(OSError) as caught:
            self.read(handle)
        self.assertEqual(caught.exception.errno, errno.ESTALE)


class Forgotten(WithHandles):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        make_library(cls.mount)
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def setUp(self):
        self.need_handles()

    def everything(self):
        paths = []
        for base, folders, files in os.walk(self.mount.point):
            paths += [os.path.join(base, name) for name in folders + files]
        return [path for path in paths if "/analysis/" not in path]

    def test_after_forgetting(self):
        """Every handle leads to its own file once the kernel has forgotten
        all"""
        before = {path: (handles.handle_of(path), os.stat(path))
                  for path in self.everything()}
        wait_until(lambda: handles.forget_inodes() or
                   self.mount.stats()["daemon"]["nodes"] < len(before) / 10,
                   "the kernel to forget")
        for path, (handle, st) in before.items():
            fd = handles.open_handle(self.mount.point, handle)
            now = os.fstat(fd)
            opened = os.readlink(f"/proc/self/fd/{fd}")
            os.close(fd)
            self.assertEqual((now.st_ino, now.st_mode, now.st_size),
                             (st.st_ino, st.st_mode, st.st_size), path)
            if os.path.isdir(path):
                self.assertEqual(opened, path)

    def test_bytes(self):
        """and reads as that file does"""
        paths = [p for p in self.everything()
                 if os.path.isfile(p) and "pcm" not in p][::7]
        kept = [(p, handles.handle_of(p), read_file(p)) for p in paths]
        handles.forget_inodes()
        for path, handle, content in kept:
            self.assertEqual(self.read(handle), content, path)

    def test_distinct(self):
        """No two files have the same handle, and a file keeps its own"""
        before = {p: handles.handle_of(p).key() for p in self.everything()}
        self.assertEqual(len(set(before.values())), len(before))
        handles.forget_inodes()
        self.assertEqual({p: handles.handle_of(p).key() for p in before},
                         before)

    def test_interleaved(self):
        """Numbers are not used again: files that come after others were
        forgotten get new ones"""
        seen = {}
        for i in range(FOLDERS):
            folder = self.mount.path("original", f"Artist {i}/Album/CD")
            for name in os.listdir(folder):
                key = handles.handle_of(os.path.join(folder, name)).key()
                self.assertNotIn(key, seen)
                seen[key] = name
            handles.forget_inodes()
        self.assertEqual(len(seen), FOLDERS * FILES)

    def test_control(self):
        """Files of .groovefs, too"""
        path = self.mount.path(".groovefs/stats.json")
        handle = handles.handle_of(path)
        handles.forget_inodes()
        self.assertTrue(self.read(handle).startswith(b"{"))


class Changed(WithHandles):
    """Each on a mount of its own, whose library changes."""

    def setUp(self):
        self.mount = Mount()
        make_library(self.mount)
        self.mount.__enter__()
        self.addCleanup(self.mount.__exit__, None, None, None)
        self.need_handles()

    def handles(self, *paths):
        return [handles.handle_of(self.mount.path(path)) for path in paths]

    def test_changed(self):
        """A handle of a file that changed is stale, whether it was forgotten
        or not"""
        text, mp3 = self.handles("low/Artist 1/Album/CD/3.txt",
                                 "low/Artist 0/a.mp3")
        with open(self.mount.source("Artist 1/Album/CD/3.txt"), "w") as file:
            file.write("another")
        fixtures.write(self.mount.source("Artist 0/a.flac"),
                       fixtures.music(2, 44100, 2, 5), 44100)
        self.assert_stale(text)
        self.assert_stale(mp3)
        handles.forget_inodes()
        self.assert_stale(text)
        self.assert_stale(mp3)

    def test_replaced(self):
        """So is one of a file in whose place another was moved, or whose
        folder is gone"""
        kept = self.handles("low/Artist 0/b.mp3", "original/Artist 0/b.flac",
                            "original/Artist 2/Album/CD/1.txt",
                            "original/Artist 3/Album")
        os.rename(self.mount.source("Artist 0/c.flac"),
                  self.mount.source("Artist 0/b.flac"))
        shutil.rmtree(self.mount.source("Artist 2/Album"))
        with open(self.mount.source("Artist 2/Album"), "w"):
            pass
        shutil.rmtree(self.mount.source("Artist 3"))
        handles.forget_inodes()
        for handle in kept:
            self.assert_stale(handle)

    def test_remounted(self):
        """After a restart a handle leads to the same file or is stale"""
        names = [f"original/Artist {i}/Album/CD/{j}.txt"
                 for i in range(FOLDERS) for j in range(FILES)]
        kept = list(zip(names, self.handles(*names)))
        self.mount.remount()
        for name in names[::-1]:  # in another order
            os.stat(self.mount.path(name))
        for name, handle in kept:
            try:
                content = self.read(handle)
            except OSError as error:
                self.assertEqual(error.errno, errno.ESTALE)
            else:
                self.assertEqual(content, read_file(self.mount.path(name)))


if __name__ == "__main__":
    tap.main()
