"""The command line: its usage, and what it refuses and how."""
import os
import pwd
import subprocess
import unittest

import tap
from folders import Folders, REFUSED, USAGE, groovefs
from harness import BINARY, MNT_DETACH, SCALE, mounted, umount


class Usage(Folders):
    def test_help(self):
        """--help says how to use it, on stdout, and succeeds"""
        for arguments, words in (
                (("--help",), ("mount", "umount", "LIBRARY", "MOUNTPOINT")),
                (("mount", "--help"), ("cache=", "cache_size=", "cache_age=",
                                       "min_free=", "workers="))):
            done = groovefs(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for word in words:
                self.assertIn(word, done.stdout)

    def test_version(self):
        """--version tells the version, on stdout, and succeeds"""
        done = groovefs("--version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"groovefs.* \d+\.\d+\.\d+")

    def test_wrong_usage(self):
        """Wrong usage says so and exits 2"""
        for arguments in ((), ("mount",), ("mount", self.at("library")),
                          ("mount", "a", "b", "c"), ("nonsense",),
                          ("umount",), ("umount", "a", "b"),
                          ("mount", "--nonsense", "a", "b")):
            self.refuses(groovefs(*arguments), USAGE)

    def test_wrong_options(self):
        """Options with values that make no sense are refused by name"""
        for option in ("workers=0", "workers=x", "workers=-1", "workers=",
                       "cache_size=abc", "cache_size=-1", "cache_size=1X",
                       "cache_age=soon", "min_free=1Z", "worker_timeout=0",
                       "worker_timeout=x", "memory=lots", "log_level=loud",
                       "cache_size=99999999999999999999", "cache_size="):
            done = self.mount(options=option)
            self.assertIn(done.returncode, (USAGE, REFUSED), option)
            self.refuses(done, done.returncode, option.split("=")[0])

    def test_what_is_unknown(self):
        """An unknown option or command is named, and the nearest one told"""
        for arguments, words in (
                (("analyze", "--nonsense"), ("'--nonsense'",)),
                (("precache", "-x", "a"), ("'-x'",)),
                (("cache", "ls", "--color"), ("'--color'",)),
                (("umount", "--force"), ("'--force'",)),
                (("analyze", "--jobs"), ("'--jobs'",)),
                (("analize", self.at("library")), ("'analize'", "'analyze'")),
                (("help", "mout"), ("'mout'", "'mount'")),
                (("nonsense", "--json"), ("'nonsense'",))):
            done = groovefs(*arguments)
            self.refuses(done, USAGE)
            for word in words:
                self.assertIn(word, done.stderr, arguments)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_wrong_everywhere(self):
        """Every command names the argument that is wrong, on one line, and
        which help tells more"""
        commands = ("mount", "umount", "precache", "analyze", "explain",
                    "config", "cache stats", "cache verify", "cache clear",
                    "cache ls", "cache")
        for command in commands:
            words = command.split()
            for wrong in ("--bogus", "--bogus=3", "-X", "--help=3"):
                done = groovefs(*words, wrong)
                self.refuses(done, USAGE, f"'{wrong[:6]}")
                self.assertEqual(len(done.stderr.splitlines()), 1)
                self.assertIn(f"see 'groovefs {command} --help'", done.stderr)
                self.assertEqual(done.stdout, "")
        for arguments, wrong in (
                (("umount", "a", "x y"), "x y"), (("version", "x"), "x"),
                (("mount", "a", "b", "c"), "c"), (("config", "x"), "x"),
                (("cache", "ls", "x"), "x"), (("cache", "nope"), "nope"),
                (("cache", "--json", "ls"), "--json"), (("-x",), "-x"),
                (("analyze", "-j", "0", "x"), "0"),
                (("help", "cache", "nope"), "nope")):
            done = groovefs(*arguments)
            self.refuses(done, USAGE, f"'{wrong}'")
            self.assertNotIn("did you mean", done.stderr)
        for command in ("analyze", "explain"):
            self.refuses(groovefs(command, "--cache", "", "x"), USAGE,
                         "--cache")

    def test_mistyped(self):
        """A mistyped command is no library to be mounted"""
        done = groovefs("anlayze", self.at("mount"))
        self.refuses(done, USAGE, "anlayze")
        self.assertFalse(mounted(self.at("mount")))

    def test_help_of(self):
        """help COMMAND, COMMAND --help and -h tell the same, in 80 columns"""
        for command in ("mount", "umount", "precache", "analyze", "explain",
                        "config", "cache", "cache stats", "cache verify",
                        "cache clear", "cache ls"):
            command = command.split()
            told = {groovefs(*words).stdout for words in (
                ("help", *command), (*command, "--help"), (*command, "-h"))}
            self.assertEqual(len(told), 1, command)
            self.assertIn("Usage", *told)
            for line in told.pop().splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_british(self):
        """analyse is analyze, too"""
        self.assertEqual(groovefs("analyse", "--help").stdout,
                         groovefs("analyze", "--help").stdout)

    def test_missing(self):
        """A file that is not there is told as such"""
        for command in ("analyze", "explain", "precache"):
            done = groovefs(command, self.at("nowhere.flac"))
            self.assertEqual(done.returncode, REFUSED, command)
            self.assertIn("No such file", done.stderr, command)

    def test_unknown_option(self):
        """An unknown option is refused"""
        done = self.mount(options="nonsense=1")
        self.assertIn(done.returncode, (USAGE, REFUSED))
        self.refuses(done, done.returncode, "nonsense")


class Refusals(Folders):
    def test_no_library(self):
        """A library that is not there is refused"""
        self.refuses(self.mount(library="nowhere"), about="nowhere")

    def test_library_is_a_file(self):
        """A library that is a file is refused"""
        self.refuses(self.mount(library="library/a.flac"), about="a.flac")

    def test_unreadable_library(self):
        """A library that the user may not read is refused"""
        os.chmod(self.at("library"), 0o700)
        os.chmod(self.at("mount"), 0o777)
        nobody = pwd.getpwnam("nobody")
        probe = subprocess.run(["test", "-x", BINARY], user=nobody.pw_uid)
        if probe.returncode:
            self.skipTest("nobody cannot run the program where it is built")
        done = self.mount(options=f"cache={self.at('mount')}/../other",
                          user=nobody.pw_uid, group=nobody.pw_gid,
                          extra_groups=[])
        self.refuses(done, about="library")

    def test_no_mountpoint(self):
        """A mountpoint that is not there is refused"""
        self.refuses(self.mount(point="nowhere"), about="nowhere")

    def test_mountpoint_is_a_file(self):
        """A mountpoint that is a file is refused"""
        self.refuses(self.mount(point="library/a.flac"), about="a.flac")

    def test_mountpoint_not_empty(self):
        """A mountpoint that is not empty is refused"""
        os.mkdir(self.at("mount/something"))
        self.refuses(self.mount(), about="empty")

    def test_mountpoint_busy(self):
        """A mountpoint that is one already is refused, and stays as it was"""
        self.assertEqual(self.mount().returncode, 0)
        done = self.mount()
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("original", os.listdir(self.at("mount")))
        self.unmount()

    def test_unwritable_cache(self):
        """A cache that cannot be made or written is refused"""
        open(self.at("file"), "w").close()
        self.refuses(self.mount(options=f"cache={self.at('file')}"),
                     about="file")
        self.refuses(self.mount(options=f"cache={self.at('file')}/below"),
                     about="file")
        os.mkdir(self.at("disk"))
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none",
                        self.at("disk")], check=True)
        try:
            self.refuses(self.mount(options=f"cache={self.at('disk')}/c"),
                         about="disk")
        finally:
            umount(self.at("disk"), MNT_DETACH)

    def test_cache_under_library(self):
        """A cache in the library is refused, whatever way it is spelled"""
        os.symlink(self.at("library"), self.at("link"))
        for cache in ("library", "library/cache", "link/cache",
                      "mount/../library/x", "library/new/folder"):
            self.refuses(self.mount(options=f"cache={self.at(cache)}"),
                         about="cache")
        self.assertEqual(os.listdir(self.at("library")), ["a.flac"])

    def test_cache_under_mount(self):
        """A cache under the mount is refused"""
        for cache in ("mount", "mount/cache"):
            self.refuses(self.mount(options=f"cache={self.at(cache)}"),
                         about="cache")
        self.assertEqual(os.listdir(self.at("mount")), [])

    def test_mount_over_library(self):
        """Mounting over the library is refused"""
        done = self.mount(point="library")
        self.assertEqual(done.returncode, REFUSED)
        self.assertFalse(mounted(self.at("library")))

    def test_umount_nothing(self):
        """umount of what is not mounted is refused in one line"""
        for name in ("mount", "nowhere"):
            self.refuses(groovefs("umount", self.at(name)), about=name)

    def test_no_fuse(self):
        """Without /dev/fuse there is one clear line"""
        script = ("mount -t tmpfs none /dev && exec \"$@\"")
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, "sh", BINARY, "mount",
             "-o", f"cache={self.at('cache')}", self.at("library"),
             self.at("mount")], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=30 * SCALE)
        self.assertNotEqual(done.returncode, 0)
        self.assertGreaterEqual(len(done.stderr.splitlines()), 1)
        self.assertFalse(mounted(self.at("mount")))


class Program(unittest.TestCase):
    def test_no_media_library(self):
        """The daemon's program is linked with no media library"""
        shown = subprocess.run(["ldd", BINARY], check=True, text=True,
                               stdout=subprocess.PIPE).stdout
        self.assertIn("libfuse3", shown)
        for word in ("avcodec", "avformat", "avutil", "swresample",
                     "mp3lame", "sndfile", "FLAC", "vorbis"):
            self.assertNotIn(word, shown)


if __name__ == "__main__":
    tap.main()
