"""The command line: what it refuses and how, and the ways to mount."""
import errno
import os
import pwd
import re
import signal
import stat
import subprocess
import tempfile
import unittest

import fixtures
import tap
from harness import (BINARY, MNT_DETACH, Mount, SCALE, cut_off, mounted,
                     read_file, umount, wait_until)

USAGE, REFUSED = 2, 1


def groovefs(*arguments, **keywords):
    return subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=30 * SCALE, **keywords)


class Folders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="groovefs-cli-")
        self.addCleanup(folder.cleanup)
        self.base = folder.name
        os.chmod(self.base, 0o755)
        for name in ("library", "mount"):
            os.mkdir(self.at(name))
        fixtures.write(self.at("library/a.flac"),
                       fixtures.music(2, 44100, 2, 800), 44100)
        self.addCleanup(self.clean)

    def clean(self):
        if mounted(self.at("mount")):
            cut_off(self.at("mount"))

    def at(self, name):
        return os.path.join(self.base, name)

    def mount(self, library="library", point="mount", options="", **keywords):
        cache = "" if "cache=" in options else f"cache={self.at('cache')},"
        options = (cache + options).strip(",")
        return groovefs("mount", *(["-o", options] if options else []),
                        self.at(library), self.at(point), **keywords)

    def unmount(self):
        done = groovefs("umount", self.at("mount"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse(mounted(self.at("mount")))

    def refuses(self, done, code=REFUSED, about=None):
        self.assertEqual(done.returncode, code, done.stderr)
        lines = done.stderr.splitlines()
        if code == REFUSED:
            self.assertEqual(len(lines), 1, done.stderr)
        else:
            self.assertGreaterEqual(len(lines), 1, done.stderr)
        self.assertRegex(done.stderr, r"^groovefs: ")
        if about:
            self.assertIn(about, done.stderr)
        self.assertFalse(mounted(self.at("mount")))


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


class Ways(Folders):
    def daemon(self):
        import json
        with open(self.at("mount/.groovefs/stats.json")) as file:
            return json.load(file)["daemon"]["pid"]

    def ends(self, pid):
        from harness import alive
        wait_until(lambda: not alive(pid), "the daemon's end")

    def test_daemon(self):
        """mount returns when the mount is there; umount when it is gone"""
        done = self.mount()
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "", ""))
        self.assertTrue(mounted(self.at("mount")))
        self.assertTrue(read_file(self.at("mount/low/a.mp3")))
        pid = self.daemon()
        self.unmount()
        self.ends(pid)

    def test_detached(self):
        """The daemon has a session of its own and holds no terminal"""
        self.mount()
        pid = self.daemon()
        self.assertEqual(os.getsid(pid), pid)
        for fd in (0, 1, 2):
            self.assertEqual(os.readlink(f"/proc/{pid}/fd/{fd}"),
                             "/dev/null")
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), "/")
        self.unmount()

    def test_relative_paths(self):
        """Relative paths mean the same in a daemon"""
        done = groovefs("mount", "-o", "cache=cache", "library", "mount",
                        cwd=self.base)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(read_file(self.at("mount/low/a.mp3")))
        self.assertIn("facts.sqlite", os.listdir(self.at("cache")))
        self.unmount()

    def test_helper(self):
        """LIBRARY MOUNTPOINT -o options, as mount(8) calls a helper"""
        done = groovefs(self.at("library"), self.at("mount"), "-o",
                        f"rw,noatime,nosuid,nodev,cache={self.at('cache')}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(read_file(self.at("mount/low/a.mp3")))
        self.unmount()

    def test_mount_8(self):
        """mount -t fuse.groovefs works, and so does umount(8)"""
        script = """
            mount -t tmpfs none /usr/local/bin &&
            ln -s "$1" /usr/local/bin/groovefs &&
            mount -t fuse.groovefs -o cache="$2/cache,allow_other" \\
                "$2/library" "$2/mount" &&
            cat "$2/mount/low/a.mp3" && umount "$2/mount" """
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, "sh",
             os.path.realpath(BINARY), self.base], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=30 * SCALE)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout[:3], b"ID3")

    def test_fuse_options(self):
        """allow_other and ro go through to the mount, and its type is
        fuse.groovefs"""
        self.assertEqual(self.mount(options="allow_other,ro").returncode, 0)
        with open("/proc/self/mounts") as table:
            line = next(line for line in table if self.at("mount") in line)
        self.assertIn(" fuse.groovefs ", line)
        options = line.split()[3].split(",")
        self.assertIn("allow_other", options)
        self.assertIn("ro", options)
        nobody = pwd.getpwnam("nobody").pw_uid
        shown = subprocess.run(["ls", self.at("mount/low")], user=nobody,
                               stdout=subprocess.PIPE, text=True)
        self.assertEqual(shown.stdout, "a.mp3\n")
        self.unmount()

    def test_read_only_always(self):
        """The mount is read-only without being asked"""
        self.assertEqual(self.mount().returncode, 0)
        self.assertTrue(os.statvfs(self.at("mount")).f_flag & os.ST_RDONLY)
        self.unmount()

    def test_signals(self):
        """SIGTERM, SIGINT and SIGHUP end the daemon well and unmount"""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with Mount(self.at("library")) as mount:
                read_file(mount.path("low", "a.mp3"))
                mount.process.send_signal(number)
                self.assertEqual(mount.process.wait(20 * SCALE), 0)
                self.assertFalse(mounted(mount.point))
                mount.check_log()
                mount._ended()

    def test_umount_busy(self):
        """umount of a mount in use says so and leaves it"""
        self.mount()
        with open(self.at("mount/original/a.flac"), "rb"):
            done = groovefs("umount", self.at("mount"))
            self.assertEqual(done.returncode, REFUSED, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertTrue(mounted(self.at("mount")))
        self.unmount()

    def test_default_cache(self):
        """The cache is $XDG_CACHE_HOME/groovefs, mode 0700, else
        ~/.cache/groovefs"""
        for variables, cache in (
                ({"XDG_CACHE_HOME": self.at("xdg")}, "xdg/groovefs"),
                ({"HOME": self.at("home")}, "home/.cache/groovefs")):
            environment = {key: value for key, value in os.environ.items()
                           if key not in ("XDG_CACHE_HOME", "HOME")}
            done = groovefs("mount", self.at("library"), self.at("mount"),
                            env={**environment, **variables})
            self.assertEqual(done.returncode, 0, done.stderr)
            mode = stat.S_IMODE(os.stat(self.at(cache)).st_mode)
            self.assertEqual(mode, 0o700)
            self.unmount()

    def test_log_level(self):
        """log_level= sets what is logged"""
        with open(self.at("library/bad.flac"), "wb") as file:
            file.write(b"not a flac" * 100)
        for level, shown in (("error", False), ("debug", True)):
            with Mount(self.at("library"), log_level=level) as mount:
                os.listdir(mount.path("low"))
                read_file(mount.path("low", "a.mp3"))
                mount.stop()
                found = re.search("groovefs: (warning|info|debug): ",
                                  mount.log())
                self.assertEqual(bool(found), shown, mount.log())


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
