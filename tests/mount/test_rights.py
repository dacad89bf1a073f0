"""Others who look at a mount (allow_other) see no more than in the library."""
import json
import os
import shutil
import subprocess
import unittest

import fixtures
import tap
from harness import BINARY, Mount, read_file, wait_until

NOBODY, DAEMON = 65534, 1  # users of every Debian; nobody's group is nogroup


def run_as(uid, gid, *command):
    return subprocess.run(
        ["setpriv", "--reuid", str(uid), "--regid", str(gid),
         "--clear-groups", *command], capture_output=True, timeout=60)


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(allow_other=True)
        os.chmod(cls.mount.base, 0o755)
        os.chmod(cls.mount.library, 0o755)
        cls.flac = os.path.join(cls.mount.base, "song.flac")
        fixtures.write(cls.flac, fixtures.music(1, 44100, 2, 5), 44100)
        cls.picture = fixtures.png(16, 16)
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def folder(self, *modes):
        """Tracks 0.flac, 1.flac ... of these modes in a new folder."""
        name = self._testMethodName
        os.mkdir(self.mount.source(name))
        for i, mode in enumerate(modes):
            path = self.mount.source(name, f"{i}.flac")
            shutil.copy(self.flac, path)
            os.chmod(path, mode)
        return name

    def cover(self, name, mode, uid=0, gid=0):
        path = self.mount.source(name, "cover.png")
        with open(path, "wb") as file:
            file.write(self.picture)
        os.chown(path, uid, gid)
        os.chmod(path, mode)

    def has_cover(self, name):
        return self.picture in read_file(self.mount.path("low", name,
                                                         "0.mp3"))

    def refused(self, name):
        """What nobody cannot open of a track in a folder and its folder."""
        places = ["original/{}/0.flac", "low/{}/0.mp3", "pcm/native/{}/0.wav",
                  "analysis/{}/0.flac.json", "low/{}", "analysis/{}"]
        script = 'for p; do { exec 3<"$p" && [ -d "$p" -o -r "$p" ] && ' \
                 '{ [ ! -d "$p" ] || ls "$p" >/dev/null; }; } 2>/dev/null || ' \
                 'echo "$p"; done'
        done = run_as(NOBODY, NOBODY, "bash", "-c", script, "bash", *(
            self.mount.path(place.format(name)) for place in places))
        return len(done.stdout.splitlines()), len(places)

    def test_locked_folder(self):
        """Who is locked out of a folder, or of one above, opens nothing in it
        from then on"""
        for i, lock in enumerate((
                lambda above, name: os.chmod(name, 0o700),
                lambda above, name: os.chmod(above, 0),
                lambda above, name: os.chown(above, DAEMON, DAEMON))):
            above = f"locked {i}"
            name = f"{above}/inner"
            os.makedirs(self.mount.source(name))
            os.chown(self.mount.source(above), NOBODY, NOBODY)
            os.chmod(self.mount.source(above), 0o750)
            shutil.copy(self.flac, self.mount.source(name, "0.flac"))
            self.assertEqual(self.refused(name)[0], 0)
            lock(self.mount.source(above), self.mount.source(name))
            refused, places = self.refused(name)
            self.assertEqual(refused, places, f"of lock {i}")

    def test_cover(self):
        """A cover is one when all who read the track may read it"""
        name = self.folder(0o644)
        self.cover(name, 0o644)
        self.assertTrue(self.has_cover(name))
        os.unlink(self.mount.source(name, "cover.png"))
        self.cover(name, 0o640)
        self.mount.remount()
        self.assertFalse(self.has_cover(name))
        self.assertIn("is not used as a cover", self.mount.log())

    def test_private_cover(self):
        """A private cover serves a track that is as private"""
        name = self.folder(0o600)
        self.cover(name, 0o600)
        self.assertTrue(self.has_cover(name))

    def test_hard_link(self):
        """A hard link to a file of somebody else is no cover"""
        name = self.folder(0o644)
        secret = self.mount.source("secret.png")
        with open(secret, "wb") as file:
            file.write(self.picture)
        os.chmod(secret, 0o600)
        os.link(secret, self.mount.source(name, "cover.png"))
        self.assertFalse(self.has_cover(name))

    def test_forged(self):
        """What another user made shares nothing in the cache with what is
        ours, however alike; his own copies do"""
        name = self.folder(0o644, 0o644, 0o644, 0o644)
        for i in (2, 3):
            os.chown(self.mount.source(name, f"{i}.flac"), NOBODY, NOBODY)
        keys = [os.getxattr(self.mount.path("low", name, f"{i}.mp3"),
                            "user.groovefs.key") for i in range(4)]
        self.assertEqual(keys[0], keys[1])
        self.assertEqual(keys[2], keys[3])
        self.assertNotEqual(keys[0], keys[2])

    def test_album(self):
        """album.json has no part in tracks that are more private than others"""
        name = self.folder(0o600, 0o644, 0o644)
        ran = run_as(NOBODY, NOBODY, "cat",
                     self.mount.path("analysis", name, "album.json"))
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn(b"1.flac", ran.stdout)
        self.assertNotIn(b"0.flac", ran.stdout)

    def test_private_album(self):
        """album.json of private tracks is private"""
        name = self.folder(0o600, 0o600)
        album = self.mount.path("analysis", name, "album.json")
        self.assertEqual(os.stat(album).st_mode & 0o777, 0o600)
        self.assertIn(b"1.flac", read_file(album))

    def test_events(self):
        """Events of what is private are told to who mounts"""
        name = self.folder(0o600, 0o644)
        os.mkdir(self.mount.source("closed"), 0o700)
        os.mkdir(self.mount.source("last"))
        paths = (f"{name}/0.flac", f"{name}/1.flac", "closed/2.flac",
                 "last/3.flac")
        for i, path in enumerate(paths):
            fixtures.write(self.mount.source(path),
                           fixtures.music(1, 44100, 2, 70 + i), 44100)
        events = self.mount.path(".groovefs/events")
        readers = [subprocess.Popen(
            [*start, "cat", events],
            stdout=subprocess.PIPE) for start in (
                [], ["setpriv", "--reuid", str(NOBODY),
                     "--clear-groups"])]
        try:
            wait_until(lambda: '"event_readers": 2' in json.dumps(
                self.mount.stats()), "the readers")
            for path in paths:
                read_file(self.mount.path("analysis", path + ".json"))
            told = [self.lines(reader, paths[-1])
                    for reader in readers]
        finally:
            for reader in readers:
                reader.kill()
                reader.wait()
        self.assertIn(f"{name}/0.flac", told[0])
        self.assertIn("closed/2.flac", told[0])
        self.assertIn(f"{name}/1.flac", told[1])
        self.assertNotIn("0.flac", told[1])
        self.assertNotIn("closed", told[1])

    def lines(self, reader, last):
        """What it is told up to the end of the last."""
        text = ""
        line = ""
        while last not in line or "completed" not in line:
            line = reader.stdout.readline().decode()
            self.assertTrue(line, text)
            text += line
        return text


class Unreadable(unittest.TestCase):
    """Sources that the daemon may not read."""

    VIEWS = ("original/{}.flac", "low/{}.mp3", "pcm/native/{}.wav",
             "analysis/{}.flac.json")

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(allow_other=True)
        cls.mount.prefix = ["setpriv", "--bounding-set",
                            "-dac_override,-dac_read_search"]
        cls.good = cls.mount.source("good.flac")
        fixtures.write(cls.good, fixtures.music(1, 44100, 2, 5), 44100)
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def copy(self, name, mode):
        path = self.mount.source(name + ".flac")
        shutil.copy(self.good, path)
        os.chown(path, NOBODY, NOBODY)
        os.chmod(path, mode)
        return path

    def views(self, name):
        return [self.mount.path(view.format(name)) for view in self.VIEWS]

    def test_listed(self):
        """It is listed, and opening it says why it cannot be read"""
        self.copy("closed", 0o600)
        for path in self.views("closed"):
            self.assertIn(os.path.basename(path),
                          os.listdir(os.path.dirname(path)))
            os.stat(path)
            with self.assertRaises(PermissionError):
                read_file(path)
        for view in ("low/closed.mp3", "pcm/native/closed.wav"):
            self.assertEqual(os.stat(self.mount.path(view)).st_size, 0)

    def test_commands(self):
        """Commands say so, whether it is named in the library or the mount"""
        source = self.copy("named", 0o600)
        for command, paths in (
                (["precache"], [self.mount.path("low", "named.mp3"), source,
                                self.mount.path("low")]),
                (["analyze", "-o", f"cache={self.mount.cache}"],
                 [self.mount.path("low", "named.mp3"), source]),
                (["explain"], [self.mount.path("low", "named.mp3"), source])):
            for path in paths:
                ran = subprocess.run([*self.mount.prefix, BINARY, *command,
                                      path], capture_output=True, text=True)
                self.assertEqual(ran.returncode, 1, (command, path))
                self.assertRegex(ran.stderr, r"named\..*: Permission denied")

    def test_later(self):
        """Its rights change: it can be read, and again it cannot"""
        source = self.copy("later", 0o600)
        for path in self.views("later"):
            with self.assertRaises(PermissionError):
                read_file(path)
        os.chmod(source, 0o644)
        for path in self.views("later"):
            self.assertTrue(read_file(path))
        os.chmod(source, 0o600)
        for path in self.views("later"):
            with self.assertRaises(PermissionError):
                read_file(path)

    def test_folder(self):
        """A folder that may not be read is listed; so is what is in it when
        it may"""
        folder = self.mount.source("folder")
        os.mkdir(folder)
        shutil.copy(self.good, folder)
        os.chown(folder, NOBODY, NOBODY)
        os.chmod(folder, 0o700)
        shown = self.mount.path("low/folder")
        self.assertIn("folder", os.listdir(self.mount.path("low")))
        with self.assertRaises(PermissionError):
            os.listdir(shown)
        os.chmod(folder, 0o755)
        self.assertEqual(os.listdir(shown), ["good.mp3"])
        self.assertTrue(read_file(os.path.join(shown, "good.mp3")))

    def test_rsync(self):
        """rsync --delete deletes what is gone, in spite of it"""
        folder = self.mount.source("sync")
        os.mkdir(folder)
        shutil.copy(self.good, folder)
        shutil.copy(self.good, os.path.join(folder, "gone.flac"))
        shown = self.mount.path("low/sync/")
        copy = os.path.join(self.mount.base, "copy")
        subprocess.run(["rsync", "-a", shown, copy], check=True)
        os.unlink(os.path.join(folder, "gone.flac"))
        self.copy("sync/closed", 0o600)
        ran = subprocess.run(["rsync", "-a", "--delete", shown, copy],
                             capture_output=True, text=True)
        self.assertIn(ran.returncode, (0, 23), ran.stderr)
        self.assertNotIn("IO error encountered", ran.stderr + ran.stdout)
        self.assertNotIn("gone.mp3", os.listdir(copy))


@unittest.skipUnless(shutil.which("setfacl"), "there is no setfacl")
class Acl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(allow_other=True)
        source = cls.mount.source
        os.chmod(cls.mount.base, 0o755)
        os.chmod(cls.mount.library, 0o755)
        flac = source("open.flac")
        fixtures.write(flac, fixtures.music(1, 44100, 2, 5), 44100)
        for name in ("denied", "allowed"):
            shutil.copy(flac, source(name + ".flac"))
            os.mkdir(source(name))
            shutil.copy(flac, source(name, "a.flac"))
        for name, acl in (("denied.flac", "u:nobody:-"),
                          ("denied", "u:nobody:-"),
                          ("allowed.flac", "u:nobody:r"),
                          ("allowed", "u:nobody:rx")):
            path = source(name)
            if name.startswith("allowed"):
                os.chmod(path, 0o700 if os.path.isdir(path) else 0o600)
            ran = subprocess.run(["setfacl", "-m", acl, path],
                                 capture_output=True)
            if ran.returncode:
                raise unittest.SkipTest("the file system has no ACLs")
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    PATHS = ("original/{}.flac", "low/{}.mp3", "pcm/native/{}.wav",
             "analysis/{}.flac.json", "original/{}/a.flac", "low/{}/a.mp3")

    def test_denied(self):
        """Whom the ACL denies reads nothing, others do"""
        for path in self.PATHS:
            path = self.mount.path(path.format("denied"))
            self.assertTrue(run_as(NOBODY, NOBODY, "cat", path).returncode)
            self.assertEqual(run_as(DAEMON, DAEMON, "cat", path).returncode,
                             0, path)

    def test_allowed(self):
        """Whom the ACL allows reads, others do not"""
        for path in self.PATHS:
            path = self.mount.path(path.format("allowed"))
            self.assertEqual(run_as(NOBODY, NOBODY, "cat", path).returncode,
                             0, path)
            self.assertTrue(run_as(DAEMON, DAEMON, "cat", path).returncode)

    def test_changed(self):
        """Whom an ACL locks out of a folder opens nothing in it from then
        on"""
        folder = self.mount.source("changed")
        os.mkdir(folder)
        os.chmod(folder, 0o755)
        shutil.copy(self.mount.source("open.flac"), f"{folder}/a.flac")
        path = self.mount.path("low/changed/a.mp3")
        self.assertEqual(run_as(NOBODY, NOBODY, "cat", path).returncode, 0)
        subprocess.run(["setfacl", "-m", f"u:{NOBODY}:-", folder], check=True)
        self.assertTrue(run_as(NOBODY, NOBODY, "cat", path).returncode)
        self.assertEqual(run_as(DAEMON, DAEMON, "cat", path).returncode, 0)

    def test_shown(self):
        """getfacl shows the source's"""
        for name, source in (("low/allowed.mp3", "allowed.flac"),
                             ("low/denied", "denied")):
            mine, its = (subprocess.run(
                ["getfacl", "-cn", path], capture_output=True, text=True
            ).stdout for path in (self.mount.path(name),
                                  self.mount.source(source)))
            self.assertIn("user:65534", mine)
            self.assertEqual(mine.replace("w", "-"), its.replace("w", "-"))


if __name__ == "__main__":
    tap.main()
