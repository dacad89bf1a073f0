"""Links are shown as links: they lead where they led, never out, never round."""
import os
import shutil
import subprocess
import unittest

import fixtures
import tap
from harness import BINARY, Mount, read_file

NOBODY = 65534


def as_nobody(*command):
    return subprocess.run(
        ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY),
         "--clear-groups", *command], capture_output=True)


class Links(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(allow_other=True)
        os.chmod(cls.mount.base, 0o755)
        source = cls.mount.source
        os.makedirs(source("A"))
        os.makedirs(source("B/sub"))
        fixtures.write(source("A/Song.flac"),
                       fixtures.music(1, 44100, 2, 1), 44100)
        shutil.copy(source("A/Song.flac"), source("A/Twice.flac"))
        shutil.copy(source("A/Song.flac"), source("A/Twice.mp3"))
        fixtures.write(source("A/wave.wav"),
                       fixtures.music(1, 44100, 2, 2), 44100)
        with open(source("A/text.txt"), "w") as file:
            file.write("text")
        for name, target in (
                ("A/here.flac", "Song.flac"),
                ("A/chain.flac", "here.flac"),
                ("A/bare", "Song.flac"),
                ("B/there.flac", "../A/Song.flac"),
                ("B/twice.flac", "../A/Twice.flac"),
                ("B/wave.wav", "../A/wave.wav"),
                ("B/sub/absolute.flac", source("A/Song.flac")),
                ("B/sub/around.flac", "../../../library/A/Song.flac"),
                ("B/later.flac", "../A/nothing.flac"),
                ("B/text", "../A/text.txt"),
                ("B/folder", "../A"),
                ("B/absolute folder", source("A")),
                ("B/through.flac", "folder/Song.flac"),
                ("B/root", cls.mount.library),
                ("B/out.flac", "/etc/passwd"),
                ("B/out", "../../../../etc"),
                ("B/out by a link.txt", "out/passwd"),
                ("one", "."), ("two", "."),
                ("self.flac", "self.flac")):
            os.symlink(target, source(name))
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def reads(self, *names):
        return os.readlink(self.mount.path(*names))

    def test_original(self):
        """In original/ links say what they say, absolute ones relatively"""
        for name, text in (
                ("A/here.flac", "Song.flac"),
                ("B/there.flac", "../A/Song.flac"),
                ("B/folder", "../A"), ("B/text", "../A/text.txt"),
                ("B/sub/absolute.flac", "../../A/Song.flac"),
                ("B/sub/around.flac", "../../A/Song.flac"),
                ("B/absolute folder", "../A"), ("B/root", ".."),
                ("B/later.flac", "../A/nothing.flac"), ("one", "."),
                ("self.flac", "self.flac")):
            self.assertIn(self.reads("original", name), (text, text + "/."),
                          name)
            self.assertEqual(os.lstat(self.mount.path("original", name))
                             .st_size, len(self.reads("original", name)))

    def test_tracks(self):
        """Where tracks have other names, links to them say these"""
        for view, extension in (("low", "mp3"), ("pcm/native", "wav")):
            song = read_file(self.mount.path(view, "A/Song." + extension))
            for name, text in (
                    ("A/here", "Song"), ("A/chain", "here"),
                    ("A/bare", "Song"), ("B/there", "../A/Song"),
                    ("B/sub/absolute", "../../A/Song"),
                    ("B/through", "folder/Song")):
                path = f"{view}/{name}.{extension}"
                self.assertEqual(self.reads(path), f"{text}.{extension}")
                self.assertTrue(read_file(self.mount.path(path)) == song)
        self.assertEqual(self.reads("low/B/later.mp3"), "../A/nothing.mp3")
        self.assertEqual(self.reads("low/B/twice.mp3"),
                         "../A/Twice.flac.mp3")
        self.assertEqual(self.reads("pcm/native/B/wave.wav"), "../A/wave.wav")
        self.assertNotIn("text", os.listdir(self.mount.path("pcm/native/B")))

    def test_sidecars(self):
        """A link to a track has links to its sidecars"""
        self.assertEqual(self.reads("analysis/B/there.flac.json"),
                         "../A/Song.flac.json")
        self.assertEqual(self.reads("analysis/A/chain.flac.waveform.png"),
                         "here.flac.waveform.png")
        self.assertNotIn("album.json",
                         os.listdir(self.mount.path("analysis/B")))
        self.assertTrue(
            read_file(self.mount.path("analysis/B/there.flac.json"))
            == read_file(self.mount.path("analysis/A/Song.flac.json")))

    def test_types(self):
        """Listings tell links from files, and so do lookups"""
        for view in ("original", "low", "pcm/native", "analysis"):
            for base, folders, files in os.walk(self.mount.path(view)):
                for entry in os.scandir(base):
                    self.assertEqual(
                        entry.is_symlink(), os.path.islink(entry.path))

    def test_ends(self):
        """Two links to the folder that they are in make no endless tree"""
        for view in ("original", "low", "pcm/native", "analysis"):
            found = subprocess.run(
                ["find", self.mount.path(view), "-type", "f"],
                capture_output=True, timeout=20).stdout.splitlines()
            self.assertLess(len(found), 60)
            self.assertTrue(found)

    def test_out(self):
        """What leads out is hidden, and the log says so once, however often
        it is listed"""
        for view in ("original", "low", "pcm/native", "analysis"):
            names = os.listdir(self.mount.path(view, "B"))
            self.assertFalse([n for n in names if n.startswith("out")], names)
        self.assertEqual(self.mount.log().count(
            "'B/out.flac' is not shown: it leads out"), 1)

    def test_commands(self):
        """precache, analyze and explain go round no circle"""
        path = self.mount.library
        cache = os.path.join(self.mount.base, "other")
        for command in (["analyze", path],
                        ["precache", "--library", path, "--cache", cache,
                         "--quality", "low", path],
                        ["explain", "--library", path, "--cache", cache,
                         os.path.join(path, "one/two/B/there.flac")]):
            ran = subprocess.run([BINARY, *command], capture_output=True,
                                 timeout=60,
                                 env={**os.environ, "XDG_CACHE_HOME": cache})
            self.assertLess(len(ran.stdout + ran.stderr), 20000)
            self.assertIn(ran.returncode, (0, 1), ran.stderr)

    def test_playlist(self):
        """A playlist names tracks by links, but leads nowhere else"""
        playlist = self.mount.source("list.m3u")
        with open(playlist, "w") as file:
            file.write("one/B/there.flac\nB/out.flac\n")
        ran = subprocess.run(
            [BINARY, "precache", "--quality", "high", playlist],
            capture_output=True, text=True, timeout=60)
        os.unlink(playlist)
        self.assertIn("B/out.flac", ran.stderr)
        self.assertNotIn("there.flac", ran.stderr)


class Secrets(unittest.TestCase):
    """A folder that another user may write, and what he may not read."""

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(allow_other=True)
        source = cls.mount.source
        os.chmod(cls.mount.base, 0o755)
        os.chmod(cls.mount.library, 0o755)
        os.mkdir(source("private"), 0o700)
        os.mkdir(source("his"))
        os.chown(source("his"), NOBODY, NOBODY)
        for name in ("private/open.flac", "his/Song.flac", "his/Second.flac"):
            fixtures.write(source(name), fixtures.music(1, 44100, 2, 5), 44100)
        with open(source("private/cover.png"), "wb") as file:
            file.write(fixtures.png(16, 16)
                       + b"secret" * 100)
        with open(source("private/open.txt"), "w") as file:
            file.write("secret")
        os.chmod(source("private/cover.png"), 0o600)
        os.chmod(source("private/open.txt"), 0o644)
        for name, target in (("cover.png", "../private/cover.png"),
                             ("open.txt", "../private/open.txt"),
                             ("open.flac", "../private/open.flac"),
                             ("folder", "../private")):
            as_nobody("ln", "-s", target, source("his", name))
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def test_cover(self):
        """A link is no cover"""
        for name in ("Song.mp3", "Second.mp3"):
            ran = as_nobody("cat", self.mount.path("low/his", name))
            self.assertTrue(ran.stdout)
            self.assertNotIn(b"secret" * 10, ran.stdout)
            self.assertNotIn(b"APIC", ran.stdout)

    def test_target(self):
        """What a link leads to is no more readable than directly"""
        for path in ("original/his/open.txt", "low/his/open.txt",
                     "original/his/open.flac", "low/his/open.mp3",
                     "original/his/folder/open.txt",
                     "pcm/native/his/open.wav",
                     "analysis/his/open.flac.json"):
            self.assertTrue(os.path.lexists(self.mount.path(path)), path)
            ran = as_nobody("cat", self.mount.path(path))
            self.assertEqual(ran.stdout, b"", path)
            self.assertIn(b"Permission denied", ran.stderr, path)
            self.assertTrue(read_file(self.mount.path(path)), path)


class Followed(unittest.TestCase):
    """follow_links=yes"""

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(allow_other=True, follow_links="yes")
        source = cls.mount.source
        os.chmod(cls.mount.base, 0o755)
        os.chmod(cls.mount.library, 0o755)
        cls.other = os.path.join(cls.mount.base, "other")
        os.makedirs(os.path.join(cls.other, "deep"))
        flac = os.path.join(cls.other, "deep", "Song.flac")
        fixtures.write(flac, fixtures.music(1, 44100, 2, 1), 44100)
        os.symlink(".", os.path.join(cls.other, "again"))
        os.symlink("/etc", os.path.join(cls.other, "etc"))
        secret = os.path.join(cls.mount.base, "secret.txt")
        with open(secret, "w") as file:
            file.write("secret")
        os.mkdir(source("his"))
        os.chown(source("his"), NOBODY, NOBODY)
        as_nobody("ln", "-s", secret, source("his/secret.txt"))
        for name, target in (("folder", cls.other), ("song.flac", flac),
                             ("around", cls.mount.base), ("root", "/"),
                             ("inside", source("his"))):
            os.symlink(target, source(name))
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def test_shown(self):
        """What leads out is what it leads to; what does not stays a link"""
        low = self.mount.path("low")
        self.assertEqual(sorted(os.listdir(low)),
                         ["folder", "his", "inside", "song.mp3"])
        self.assertFalse(os.path.islink(f"{low}/song.mp3"))
        self.assertFalse(os.path.islink(f"{low}/folder"))
        self.assertEqual(os.readlink(f"{low}/inside"), "his")
        self.assertTrue(read_file(f"{low}/song.mp3")
                        == read_file(f"{low}/folder/deep/Song.mp3"))

    def test_once(self):
        """Below such a link none is followed"""
        folder = self.mount.path("low/folder")
        self.assertEqual(os.listdir(folder), ["again", "deep"])
        self.assertEqual(os.readlink(folder + "/again"), ".")

    def test_owner(self):
        """A user's link to what is not his is not followed"""
        self.assertEqual(os.listdir(self.mount.path("original/his")), [])


if __name__ == "__main__":
    tap.main()
