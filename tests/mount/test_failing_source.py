"""Sources that fail, shrink, grow, or vanish while they are read: right bytes
or an error, nobody else notices, and nothing of it stays."""
import contextlib
import errno
import os
import shutil
import unittest

import fixtures
import tap
from harness import (Background, Mount, cut_off, files_below, opened, pread_all,
                     read_file, wait_until)
from hung import Hung, hanging, make_track

VIEWS = ("low", "pcm/native", "original")
# What a reader may be told of a source that is not as it was.
GONE = (errno.EIO, errno.ESTALE)
CODECS = {"m4a": "alac", "wv": "wavpack", "oga": "flac", "aiff": "pcm_s16be"}


def all_of(mount):
    return {os.path.join(view, name): read_file(mount.path(view, name))
            for view in VIEWS for name in files_below(mount.path(view))}


class Failing(unittest.TestCase):
    limit = 240

    def setUp(self):
        self.hung = Hung()
        self.addCleanup(self.hung.close)
        make_track(self.hung.folder, "good.flac", 700)
        make_track(self.hung.folder, "hung.flac", 701, 6)
        self.mount = Mount(self.hung.point)
        self.addCleanup(cut_off, self.mount.point)

    def behind(self, name):
        return os.path.join(self.hung.folder, name)

    def add_formats(self, *extensions):
        for extension in extensions:
            codec = CODECS[extension]
            fixtures.ffmpeg("-i", self.behind("hung.flac"), "-c:a", codec,
                            self.behind("hung." + extension))

    def right(self):
        """What an undisturbed mount gives."""
        with Mount(self.hung.folder) as mount:
            return all_of(mount)

    def check(self, right):
        """All is there and right, now and after a remount."""
        for _ in range(2):
            found = all_of(self.mount)
            self.assertEqual(sorted(found), sorted(right))
            for name, bytes_ in right.items():
                self.assertTrue(found[name] == bytes_, name)
            self.mount.remount()

    def try_hung(self, right):
        """Reads what may fail: right or EIO. Gives what failed."""
        failed = []
        for name in sorted(right):
            if "hung" not in name:
                continue
            try:
                self.assertTrue(read_file(self.mount.path(name))
                                == right[name], name)
            except OSError as error:
                self.assertEqual(error.errno, errno.EIO, name)
                failed.append(name)
        return failed

    def check_good(self, right):
        for view in VIEWS:
            name, = [name for name in right
                     if name.startswith(view) and "good" in name]
            self.assertTrue(read_file(self.mount.path(name)) == right[name])

    def test_eio(self):
        """A disk that cannot read the rest of a file gives EIO in every
        view, and once it can, all is right"""
        self.add_formats(*CODECS)
        right = self.right()
        with self.mount as mount:
            for name in right:
                os.stat(mount.path(name))
            with self.hung.fails(50):
                failed = self.try_hung(right)
                self.check_good(right)
            self.assertEqual(failed, sorted(name for name in right
                                            if "hung" in name))
            mount.settle()
            self.check(right)

    def test_eio_at_first(self):
        """A disk that cannot read a file when it is first looked at is no
        fact of that file"""
        self.add_formats("wv", "m4a")
        right = self.right()
        with self.mount as mount:
            for percent in (0, 90):
                with self.hung.fails(percent):
                    for view in VIEWS:
                        for name in files_below(mount.path(view)):
                            with contextlib.suppress(OSError):
                                os.stat(mount.path(view, name))
                    self.check_good(right)
            mount.settle()  # a look ahead that began before may still fail
            self.check(right)

    def change(self, name):
        """Of the file behind: while a worker is in the middle of it."""
        path = self.behind("hung.flac")
        if name == "shrinks":
            os.truncate(path, os.path.getsize(path) // 2)
        elif name == "grows":
            with open(path, "ab") as file:
                file.write(bytes(100000))
        elif name == "vanishes":
            os.unlink(path)
        elif name == "is replaced":
            make_track(self.hung.folder, "new.flac", 702, 5)
            os.rename(self.behind("new.flac"), path)

    def test_change(self):
        """A source that shrinks, grows, vanishes or is replaced while it is
        read gives its old bytes or an error, and then what it is now"""
        saved = os.path.join(self.hung.base, "saved.flac")
        shutil.copy(self.behind("hung.flac"), saved)
        right = self.right()
        with self.mount as mount:
            for what in ("shrinks", "grows", "vanishes", "is replaced"):
                for view in VIEWS:
                    shutil.copy(saved, self.behind("hung.flac"))
                    self.read_while(what, view, right)
            shutil.copy(saved, self.behind("hung.flac"))
            mount.settle()
            self.check(right)

    def read_while(self, what, view, right):
        name, = [name for name in right
                 if name.startswith(view) and "hung" in name]
        with opened(self.mount.path(name)) as fd:
            with self.hung.hangs("read"):
                reader = Background(lambda: pread_all(fd, 1 << 30, 0))
                wait_until(lambda: hanging(self.mount) or
                           self.mount.stats()["workers"]["busy"],
                           "the read to hang")
                self.check_good(right)
                self.change(what)
            try:
                self.assertTrue(reader.result() == right[name], (what, view))
            except OSError as error:
                self.assertIn(error.errno, GONE, (what, view))
                tap.diag(f"{view} of what {what}: {error.strerror}")


if __name__ == "__main__":
    tap.main()
