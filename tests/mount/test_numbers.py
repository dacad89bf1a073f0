"""What stat and df tell: inode numbers, links, owners, modes and disks."""
import os
import stat
import subprocess
import tempfile
import unittest

import fixtures
import tap
from harness import Mount, umount

USER = 65534  # nobody


def make_library(folder):
    for name, mode in (("open", 0o755), ("group", 0o775), ("shared", 0o2775),
                       ("sticky", 0o1777), ("shut", 0o700), ("odd", 0o711)):
        path = os.path.join(folder, name)
        os.makedirs(os.path.join(path, "a/b"))
        fixtures.write(os.path.join(path, "track.flac"),
                       fixtures.music(1, 8000, 1, len(name)), 8000)
        with open(os.path.join(path, "text.txt"), "w") as file:
            file.write(name)
        os.chmod(os.path.join(path, "track.flac"), mode & 0o666)
        os.chmod(os.path.join(path, "text.txt"), 0o4777 & ~0o022)
        os.chmod(path, mode)
    os.chown(os.path.join(folder, "open"), 1234, 2345)
    os.chmod(folder, 0o755)


def walk(point):
    """Every folder and file: its path and what scandir says, by folders."""
    folders = [point]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                yield entry.path, entry.inode()
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)


def as_user(*command, cwd=None):
    return subprocess.run(command, user=USER, group=USER, extra_groups=[],
                          cwd=cwd, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)


class Shared(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(allow_other=True)
        make_library(cls.mount.library)
        os.chmod(cls.mount.base, 0o755)
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def test_modes(self):
        """Owners, permissions, links and times are the source's"""
        for base, folders, files in os.walk(self.mount.library):
            relative = os.path.relpath(base, self.mount.library)
            for name in [".", *files]:
                source = os.lstat(os.path.join(base, name))
                bits = 0o7777 if name == "." else 0o777
                for view, shown in (
                        ("original", name), ("pcm/native", name),
                        ("medium", name.replace(".flac", ".mp3"))):
                    if view == "pcm/native" and name != ".":
                        continue
                    seen = os.lstat(self.mount.path(view, relative, shown))
                    self.assertEqual(
                        (oct(seen.st_mode & 0o7777), seen.st_uid, seen.st_gid,
                         seen.st_nlink, seen.st_mtime_ns),
                        (oct(source.st_mode & bits), source.st_uid,
                         source.st_gid, source.st_nlink, source.st_mtime_ns),
                        (view, relative, name))

    def test_removable(self):
        """A user can remove what he copied with cp -r"""
        with tempfile.TemporaryDirectory(prefix="groovefs-test-") as folder:
            os.chmod(folder, 0o777)
            for view in ("original", "medium", "analysis", "pcm"):
                # what the library keeps from him he cannot copy
                copied = as_user("cp", "-r", self.mount.path(view), "copy",
                                 cwd=folder)
                for line in copied.stderr.splitlines():
                    self.assertTrue("/shut" in line or "/odd" in line, line)
                self.assertIn("open", " ".join(
                    str(x) for x in os.walk(f"{folder}/copy")))
                removed = as_user("rm", "-rf", "copy", cwd=folder)
                self.assertEqual((removed.returncode, removed.stderr), (0, ""))

    def test_denied(self):
        """What the source's modes deny is denied"""
        for view, name in (("original", "track.flac"), ("low", "track.mp3")):
            for folder in ("shut", "odd"):
                path = self.mount.path(view, folder)
                self.assertNotEqual(as_user("ls", path).returncode, 0)
            path = self.mount.path(view, "shut", name)
            self.assertNotEqual(as_user("cat", path).returncode, 0)
            path = self.mount.path(view, "open", name)
            self.assertEqual(as_user("test", "-r", path).returncode, 0)


class Alone(unittest.TestCase):
    def test_inodes(self):
        """A folder that nobody has looked at is read with the numbers that
        stat gives, all different, and the same after a restart"""
        with Mount(fixtures.library(fixtures.mixed)) as mount:
            found = dict(walk(mount.point))
            self.assertGreater(len(found), 100)
            self.assertEqual(len(set(found.values())), len(found))
            for path, inode in found.items():
                self.assertEqual(os.lstat(path).st_ino, inode, path)
            self.check_find(mount, found)
            mount.remount()
            for path in sorted(found, reverse=True):
                self.assertEqual(os.lstat(path).st_ino, found[path], path)
            mount.remount()
            self.assertEqual(dict(walk(mount.point)), found)

    def check_find(self, mount, found):
        printed = subprocess.run(
            ["find", mount.point, "-mindepth", "1", "-printf", "%i %p\\0"],
            capture_output=True, check=True).stdout.split(b"\0")[:-1]
        self.assertEqual({os.fsdecode(line.split(b" ", 1)[1]):
                          int(line.split(b" ", 1)[0]) for line in printed},
                         found)

    def test_rights(self):
        """uid=, gid= and umask= are for all; fmask= and dmask= come first"""
        with Mount(uid=USER, gid="daemon", umask="077") as mount:
            make_library(mount.library)
            paths = [path for path, _ in walk(mount.point)]
            self.assertGreater(len(paths), 50)
            for path in [mount.point, *paths]:
                st = os.lstat(path)
                self.assertEqual(
                    (st.st_uid, st.st_gid, oct(stat.S_IMODE(st.st_mode))),
                    (USER, 1, "0o700"), path)
            mount.remount(umask="077", dmask="022", allow_other=True,
                          fmask="0133")
            os.chmod(mount.base, 0o755)
            for path in [mount.point, *paths]:
                wanted = 0o755 if os.path.isdir(path) else 0o644
                self.assertEqual(oct(stat.S_IMODE(os.lstat(path).st_mode)),
                                 oct(wanted), path)
            seen = as_user("cat", mount.path("original/shut/text.txt"))
            self.assertEqual(seen.stdout, "shut")
            for work in (lambda: os.mkdir(mount.path("low/new")),
                         lambda: os.chmod(paths[0], 0o777)):
                with self.assertRaisesRegex(OSError, "Read-only"):
                    work()

    def test_disk(self):
        """df tells of the library's disk, and below .groovefs of the cache's
        """
        with tempfile.TemporaryDirectory() as base:
            folders = [os.path.join(base, name) for name in ("one", "two")]
            for folder, size in zip(folders, ("size=8M,mode=700",
                                             "size=12M,mode=700")):
                os.mkdir(folder)
                done = subprocess.run(["mount", "-t", "tmpfs", "-o", size,
                                       "none", folder], capture_output=True)
                if done.returncode:
                    self.skipTest("cannot mount a tmpfs")
                self.addCleanup(umount, folder)
            with Mount(folders[0], cache=folders[1]) as mount:
                self.check_disk(mount.path("medium"), folders[0])
                self.check_disk(mount.point, folders[0])
                self.assertEqual(os.statvfs(mount.path(".groovefs")).f_blocks,
                                 os.statvfs(folders[1]).f_blocks)
                shown = subprocess.run(
                    ["df", "--output=pcent", mount.point],
                    capture_output=True, text=True, check=True).stdout
                self.assertEqual(shown.split()[-1], "0%")
            for folder in folders:
                umount(folder)

    def check_disk(self, path, folder):
        seen, source = os.statvfs(path), os.statvfs(folder)
        for key in ("f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree",
                    "f_bsize", "f_frsize", "f_namemax"):
            self.assertEqual(getattr(seen, key), getattr(source, key), key)


if __name__ == "__main__":
    tap.main()
