"""Nothing under the mount can be written."""
import errno
import os
import subprocess
import unittest

import fixtures
import tap
from harness import Mount


class ReadOnly(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        fixtures.write(cls.mount.source("d/a.flac"),
                       fixtures.music(1, 44100, 2, 801), 44100)
        with open(cls.mount.source("d/text.txt"), "w") as file:
            file.write("text")
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def check_folder(self, folder, name):
        here = self.mount.path(folder)
        path = os.path.join(here, name)
        new = os.path.join(here, "new")
        for what, call in {
                "create": lambda: open(new, "x"),
                "mkdir": lambda: os.mkdir(new),
                "mknod": lambda: os.mknod(new),
                "fifo": lambda: os.mkfifo(new),
                "symlink": lambda: os.symlink("x", new),
                "link": lambda: os.link(path, new),
                "rename": lambda: os.rename(path, new),
                "unlink": lambda: os.unlink(path),
                "rmdir": lambda: os.rmdir(here),
                "write": lambda: os.open(path, os.O_WRONLY),
                "update": lambda: os.open(path, os.O_RDWR),
                "append": lambda: open(path, "a"),
                "open truncated": lambda: open(path, "w"),
                "truncate": lambda: os.truncate(path, 0),
                "chmod": lambda: os.chmod(path, 0o777),
                "chown": lambda: os.chown(path, 1, 1),
                "utime": lambda: os.utime(path),
                "setxattr": lambda: os.setxattr(path, "user.x", b"x"),
                "removexattr": lambda: os.removexattr(path, "user.x"),
        }.items():
            with self.assertRaises(OSError, msg=f"{folder}: {what}") as got:
                call()
            self.assertEqual(errno.errorcode[got.exception.errno], "EROFS",
                             f"{folder}: {what}")

    def test_original(self):
        """Every write in original/ answers EROFS"""
        self.check_folder("original/d", "text.txt")

    def test_quality(self):
        """Every write in a quality folder answers EROFS"""
        self.check_folder("medium/d", "a.mp3")
        self.check_folder("medium/d", "text.txt")

    def test_control(self):
        """Every write in .groovefs answers EROFS"""
        self.check_folder(".groovefs", "stats.json")

    def test_root(self):
        """So does the root"""
        for call in (lambda: os.mkdir(self.mount.path("new")),
                     lambda: os.rmdir(self.mount.path("low")),
                     lambda: open(self.mount.path("new"), "w"),
                     lambda: os.rename(self.mount.path("low"),
                                       self.mount.path("lower"))):
            with self.assertRaises(OSError) as got:
                call()
            self.assertEqual(errno.errorcode[got.exception.errno], "EROFS")

    def test_remounted_writable(self):
        """A mount that root remounts writable still answers EROFS"""
        done = subprocess.run(["mount", "-i", "-o", "remount,rw",
                               self.mount.point], stderr=subprocess.PIPE)
        if done.returncode:
            self.skipTest("cannot remount: " + done.stderr.decode().strip())
        self.check_folder("original/d", "text.txt")
        self.check_folder("medium/d", "a.mp3")
        self.check_folder(".groovefs", "stats.json")

    def test_source_untouched(self):
        """The library is as it was"""
        self.assertEqual(sorted(os.listdir(self.mount.source("d"))),
                         ["a.flac", "text.txt"])
        with open(self.mount.source("d/text.txt")) as file:
            self.assertEqual(file.read(), "text")


if __name__ == "__main__":
    tap.main()
