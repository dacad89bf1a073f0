"""A cache that other users own, may write, or lead to is refused."""
import os
import subprocess
import tempfile
import unittest

import tap
from harness import BINARY, Mount

NOBODY = 65534


class Place(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(
            tempfile.TemporaryDirectory(prefix="groovefs-cache-"))
        os.chmod(self.folder, 0o755)

    def at(self, *names):
        return os.path.join(self.folder, *names)

    def make(self, name, mode=0o700, uid=0, gid=0):
        os.mkdir(self.at(name))
        os.chown(self.at(name), uid, gid)
        os.chmod(self.at(name), mode)
        return self.at(name)

    def refused(self, cache, why):
        """By a mount and by commands, which say why and touch nothing."""
        library = self.make("library")
        mount = Mount(library, cache=cache)
        try:
            with self.assertRaises(AssertionError) as caught:
                mount.start()
            said = str(caught.exception)
        finally:
            mount.kill()
            mount.clean()
            os.rmdir(library)
        self.assertIn(why, said)
        self.assertIn(f"cannot use the cache '{cache}'", said)
        ran = subprocess.run([BINARY, "cache", "stats", "--cache", cache],
                             capture_output=True, text=True)
        self.assertIn(why, ran.stderr)
        self.assertTrue(ran.returncode)

    def taken(self, cache):
        library = self.make("library")
        with Mount(library, cache=cache):
            self.assertTrue(os.path.isdir(os.path.join(cache, "entries")))
        os.rmdir(library)

    def test_owner(self):
        """One that belongs to another user"""
        cache = self.make("cache", uid=NOBODY)
        self.refused(cache, "belongs to another user")
        self.assertEqual(os.listdir(cache), [])

    def test_writable(self):
        """One that all or another group may write, sticky or not"""
        for i, (mode, gid) in enumerate(((0o777, 0), (0o1777, 0),
                                         (0o770, NOBODY))):
            cache = self.make(f"cache{i}", mode, gid=gid)
            self.refused(cache, "can be written to by other users")

    def test_parent(self):
        """One in a folder that others own or may write"""
        self.make("his", 0o755, uid=NOBODY)
        self.refused(self.at("his", "cache"), "belongs to another user")
        self.make("all", 0o777)
        self.refused(self.at("all", "cache"),
                     "can be written to by other users")
        self.assertEqual(os.listdir(self.at("all")), [])

    def test_link(self):
        """One that another user's link leads to"""
        self.make("real")
        self.make("open", 0o1777)
        os.symlink(self.at("real"), self.at("open", "link"))
        os.lchown(self.at("open", "link"), NOBODY, NOBODY)
        self.refused(self.at("open", "link"), "is a link of another user")
        self.refused(self.at("open", "link", "deep"),
                     "is a link of another user")
        self.assertEqual(os.listdir(self.at("real")), [])

    def test_taken(self):
        """One's own is taken: new, in a sticky folder, and by one's own
        link"""
        self.taken(self.at("a", "b", "c"))
        self.make("sticky", 0o1777)
        self.taken(self.at("sticky", "cache"))
        self.make("real")
        os.symlink("real", self.at("link"))
        self.taken(self.at("link"))
        self.taken(self.at("link", "..", "real", "deep"))

    def test_database(self):
        """A link in the place of the database is not followed"""
        cache = self.make("cache")
        victim = self.at("victim")
        os.symlink(victim, os.path.join(cache, "facts.sqlite"))
        self.make("library")
        with Mount(self.at("library"), cache=cache):
            pass
        self.assertFalse(os.path.exists(victim))


if __name__ == "__main__":
    tap.main()
