"""Paths that commands are given: in a mount, in a library, relative ones, in
the midst of other mounts, and playlists that lie elsewhere."""
import json
import os
import pwd
import subprocess

import fixtures
import tap
from folders import Folders, REFUSED, USAGE, groovefs
from harness import (BINARY, Mount, cut_off, mounted, umount, wait_until)


class Places(Folders):
    def setUp(self):
        super().setUp()
        self.library = self.at("library")
        fixtures.write(self.at("library/Folder/b.flac"),
                       fixtures.music(3, 44100, 2, 801), 44100)
        self.mount = Mount(self.library, cache=self.at("cache"))

    def run_in(self, folder, *arguments, status=0):
        done = groovefs(*arguments, cwd=folder)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def analyzed(self, folder, *paths):
        done = self.run_in(folder, "analyze", "--jsonl", "-o",
                           f"cache={self.at('cache')}", *paths)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({row["codec"] for row in rows}, {"flac"})
        return [row["path"] for row in rows]

    def test_analyze(self):
        """analyze of what lies in a mount analyzes its source"""
        a, b = self.at("library/a.flac"), self.at("library/Folder/b.flac")
        with self.mount as mount:
            for folder, path, found in (
                    (mount.path("medium"), "a.mp3", [a]),
                    (mount.path("low/Folder"), ".", [b]),
                    (mount.path("pcm/native"), "Folder/b.wav", [b]),
                    ("/", mount.path("analysis/a.flac.json"), [a]),
                    ("/", mount.path("original/a.flac"), [a]),
                    ("/", mount.point, [b, a])):
                self.assertEqual(self.analyzed(folder, path), found)
            self.assertEqual(mount.counter("segments_rendered"), 0)

    def test_relative(self):
        """Relative paths work in every command, from a mount and a library"""
        with self.mount as mount:
            for folder, path in ((mount.path("medium/Folder"), "b.mp3"),
                                 (self.at("library/Folder"), "./b.flac")):
                shown = self.run_in(folder, "explain", path).stdout
                self.assertIn("Folder/b.flac", shown)
                done = self.run_in(folder, "precache", path)
                self.assertIn("medium Folder/b.flac", done.stdout)
                done = self.run_in(folder, "precache", "--library",
                                   self.library, "--cache", self.at("cache"),
                                   path)
                self.assertIn("Folder/b.flac", done.stdout)
                mount.settle()
                done = self.run_in(folder, "cache", "clear", "--cache",
                                   self.at("cache"), path)
                self.assertRegex(done.stdout, "^[1-9] entries cleared")
            shown = self.run_in(mount.path("low"), "explain", "--library",
                                self.library, "--cache", self.at("cache"),
                                "a.mp3").stdout
            self.assertIn("a.flac", shown)

    def second(self, prefix=(), user=None):
        """Another mount of the same library, that comes first in the table."""
        os.mkdir(self.at("other"))
        os.mkdir(self.at("theirs"))
        for folder in ("other", "theirs"):
            os.chown(self.at(folder), user or 0, -1)
        process = subprocess.Popen(
            [*prefix, BINARY, "mount", "-f", "-o", f"cache={self.at('theirs')}",
             self.library, self.at("other")], stdin=subprocess.DEVNULL)
        self.addCleanup(cut_off, self.at("other"))
        wait_until(lambda: mounted(self.at("other"))
                   or process.poll() is not None, "the other mount")
        return process

    def explains_with(self, cache):
        """Which cache explain looks into."""
        shown = self.run_in("/", "explain", self.at("library/a.flac")).stdout
        self.assertEqual("2 of 2 segments cached" in shown, cache, shown)

    def test_dead(self):
        """A dead mount of the library does not hide a living one"""
        process = self.second()
        process.kill()
        process.wait()
        with self.mount as mount:
            done = self.run_in("/", "precache", self.at("library/a.flac"))
            self.assertIn("1 cached", done.stderr)
            self.explains_with(True)

    def test_anothers(self):
        """Another user's mount of the library is not asked, and is told"""
        nobody = pwd.getpwnam("nobody").pw_uid
        if subprocess.run(["test", "-x", BINARY], user=nobody).returncode:
            self.skipTest("nobody cannot run the program where it is built")
        # with the rights to open /dev/fuse, which not every machine gives
        process = self.second(
            ["setpriv", "--reuid", "nobody", "--inh-caps",
             "+sys_admin,+dac_override", "--ambient-caps",
             "+sys_admin,+dac_override"], nobody)
        with self.mount:
            self.run_in("/", "precache", self.at("library/a.flac"))
            self.explains_with(True)
        for command in ("precache", "explain"):
            done = self.run_in("/", command, self.at("library/a.flac"),
                               status=REFUSED)
            self.assertIn("--library", done.stderr)
        umount(self.at("other"))
        process.wait()

    def is_only_mount(self):
        with open("/proc/self/mounts") as table:
            return table.read().count(" fuse.groovefs ") == 1

    def test_playlists(self):
        """A playlist may lie outside the library, with entries of any kind"""
        os.symlink(self.library, self.at("link"))
        with open(self.at("list.m3u"), "w") as file:
            file.write(f"{self.library}/a.flac\nlibrary/Folder/b.flac\n"
                       f"link/a.flac\n./link/../library/./a.flac\n")
        found = ["Folder/b.flac", "a.flac"]
        with self.mount as mount:
            # where nothing else is mounted --mount is not needed
            only = [] if self.is_only_mount() else ["--mount", mount.point]
            for folder, arguments in (
                    (self.base, [*only, "list.m3u"]),
                    ("/", ["--mount", mount.point, self.at("list.m3u")]),
                    ("/", ["--library", self.library, "--cache",
                           self.at("cache"), self.at("list.m3u")])):
                done = self.run_in(folder, "precache", *arguments)
                self.assertEqual(sorted({line.split()[-1] for line
                                         in done.stdout.splitlines()}), found)
            self.assertEqual(os.getxattr(mount.path("medium/Folder/b.mp3"),
                                         "user.groovefs.state"), b"complete")

    def test_reasons(self):
        """What is missing is told as missing; options without use are
        refused"""
        with self.mount as mount:
            for arguments, word in (
                    (["explain", "/nowhere"], "No such file"),
                    (["precache", mount.path("low/x.mp3")], "No such file"),
                    (["precache", "--mount", "/nowhere", "a"],
                     "No such file"),
                    (["precache", "--mount", self.library, mount.point],
                     "no groovefs is mounted there"),
                    (["explain", "/etc/passwd"], "no mount"),
                    (["precache", "--mount", mount.point, "/etc/passwd"],
                     "no mount")):
                done = self.run_in("/", *arguments, status=REFUSED)
                self.assertIn(word, done.stderr)
            for arguments in (["precache", "-o", "cache=x"],
                              ["precache", "--config", "/dev/null"],
                              ["explain", "--config", "/dev/null"]):
                done = self.run_in("/", *arguments, mount.path("low"),
                                   status=USAGE)
                self.assertIn("--library", done.stderr)

    def test_no_source(self):
        """What no single file of the library stands behind is refused, with
        its reason"""
        cache = ["--cache", self.at("cache")]
        alone = ["--library", self.library, *cache]
        commands = [("explain",), ("precache",), ("analyze", *cache),
                    ("precache", *alone), ("explain", *alone),
                    ("cache", "clear", *cache)]
        with self.mount as mount:
            for name, word in (("analysis/album.json", "of its folder"),
                               ("analysis/Folder/album.json", "of its folder"),
                               (".groovefs/config", "the mount's own"),
                               (".groovefs", "the mount's own")):
                for command in commands:
                    done = self.run_in("/", *command, mount.path(name),
                                       status=REFUSED)
                    self.assertIn(word, done.stderr, command)
            done = self.run_in(mount.path("low"), "explain", "Folder",
                               status=REFUSED)
            self.assertIn("it is a folder", done.stderr)

    def test_sidecars(self):
        """A sidecar stands for its track in every command"""
        with self.mount as mount:
            sidecar = mount.path("analysis/Folder/b.flac.peaks.dat")
            self.assertEqual(self.analyzed("/", sidecar),
                             [self.at("library/Folder/b.flac")])
            for command, shown in (("explain", "Folder/b.flac\n"),
                                   ("precache", "medium Folder/b.flac")):
                self.assertIn(shown, self.run_in("/", command, sidecar).stdout)

    def test_no_audio(self):
        """What is no audio is not precached, and said so"""
        for name, text in (("notes.txt", "no audio"),
                           ("list.m3u", "a.flac\nnotes.txt\n")):
            with open(self.at("library/" + name), "w") as file:
                file.write(text)
        with self.mount as mount:
            for place in (self.at("library"), mount.path("medium")):
                for arguments in ([], ["--library", self.library, "--cache",
                                       self.at("cache")]):
                    for name in ("notes.txt", "list.m3u"):
                        done = self.run_in(place, "precache", *arguments, name,
                                           status=REFUSED)
                        self.assertRegex(done.stderr,
                                         "'notes.txt': .*not an audio file")

    def test_environment(self):
        """explain tells what a mount does, whatever its own environment says"""
        with self.mount as mount:
            done = groovefs("explain", mount.path("low/a.mp3"),
                            env={**os.environ, "GROOVEFS_CACHE": "/dev/null"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    tap.main()
