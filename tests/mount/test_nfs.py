"""A mount served by NFS: clients keep handles while the kernel forgets."""
import os
import unittest

import fixtures
import handles
import nfs
import tap
from harness import Mount, read_file

FOLDERS, FILES = 12, 15


class Nfs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = nfs.why_not()
        if reason:
            raise unittest.SkipTest(reason)
        cls.mount = Mount()
        for i in range(FOLDERS):
            os.makedirs(cls.mount.source(f"Artist {i}/Album"))
            for j in range(FILES):
                path = cls.mount.source(f"Artist {i}/Album/{j}.txt")
                with open(path, "w") as file:
                    file.write(f"{i}/{j}")
        fixtures.write(cls.mount.source("Artist 0/a.flac"),
                       fixtures.music(2, 44100, 2, 77), 44100)
        cls.mount.__enter__()
        try:
            reason = handles.why_not(cls.mount)
            if reason:
                raise unittest.SkipTest(reason)
            cls.server = nfs.Server(cls.mount.point,
                                    os.path.join(cls.mount.base, "ganesha"))
        except BaseException:
            cls.mount.__exit__(None, None, None)
            raise

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.mount.__exit__(None, None, None)

    def names(self):
        return [f"{view}/Artist {i}/Album/{j}.txt"
                for view in ("original", "low")
                for i in range(FOLDERS) for j in range(FILES)]

    def test_programs(self):
        """nfs-ls and nfs-cat see what is in the mount"""
        listed = self.server.run("nfs-ls", "medium/Artist 0").decode()
        size = os.stat(self.mount.path("medium/Artist 0/a.mp3")).st_size
        self.assertRegex(listed, rf" {size} a\.mp3\n")
        for path in ("medium/Artist 0/a.mp3", "original/Artist 0/a.flac",
                     "original/Artist 3/Album/7.txt"):
            self.assertEqual(self.server.run("nfs-cat", path),
                             read_file(self.mount.path(path)), path)

    def test_handles(self):
        """A client that comes by name reads each file's own bytes, when the
        server has kept the handles and the kernel nothing"""
        client = nfs.Client(self.server)
        self.addCleanup(client.close)
        for name in self.names():
            client.look(name)
        wrong = []
        for take in (reversed, iter):
            handles.forget_inodes()
            for name in take(self.names()):
                os.stat(self.mount.path(name))
            for name in self.names():
                if client.content(name) != read_file(self.mount.path(name)):
                    wrong.append(name)
        self.assertEqual(wrong, [])

    def test_forgotten(self):
        """So does one that keeps files open, however often the kernel forgets
        them and others take their place"""
        client = nfs.Client(self.server)
        self.addCleanup(client.close)
        opened = [(name, client.open(name)) for name in self.names()]
        for _ in range(3):
            handles.forget_inodes()
            for base, _, files in os.walk(self.mount.path("high")):
                for name in files:
                    os.stat(os.path.join(base, name))
            for name, file in opened:
                where = name.removesuffix(".txt").split("/")
                self.assertEqual(client.read(file).decode(),
                                 f"{where[1].split()[1]}/{where[3]}", name)


if __name__ == "__main__":
    tap.main()
