"""The ways to mount and to unmount."""
import json
import mmap
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess

import tap
from folders import Folders, REFUSED, USAGE, groovefs, run
from harness import (BINARY, MNT_DETACH, Mount, SCALE, alive, mounted,
                     read_file, umount, wait_until)


class Ways(Folders):
    def daemon(self):
        with open(self.at("mount/.groovefs/stats.json")) as file:
            return json.load(file)["daemon"]["pid"]

    def ends(self, pid):
        wait_until(lambda: not alive(pid), "the daemon's end")

    def in_namespace(self, script):
        """$1: the program, $2: the folder of the test."""
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, "sh",
             os.path.realpath(BINARY), self.base], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=30 * SCALE)

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
        done = self.in_namespace(script)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout[:3], b"ID3")

    def test_fstab(self):
        """mount(8) mounts by the README's line of fstab"""
        with open(os.path.join(os.path.dirname(__file__),
                               "../../README.md")) as file:
            line = re.search(r"^ +(/\S+ .* fuse\.groovefs .*)", file.read(),
                             re.M)[1]
        for there, here in (("/srv/music", "library"),
                            ("/srv/groovefs", "mount"),
                            ("/var/cache/groovefs", "cache")):
            self.assertEqual(line.count(there), 1)
            line = line.replace(there, self.at(here))
        with open(self.at("fstab"), "w") as file:
            file.write(line + "\n")
        script = """
            mount -t tmpfs none /usr/local/bin &&
            ln -s "$1" /usr/local/bin/groovefs &&
            mount --fstab "$2/fstab" "$2/mount" &&
            cat "$2/mount/low/a.mp3" && umount "$2/mount" """
        done = self.in_namespace(script)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout[:3], b"ID3")
        self.assertIn("facts.sqlite", os.listdir(self.at("cache")))

    def test_generic_options(self):
        """All options that mount(8) has for any file system work in fstab, for
        root and for a user"""
        generic = """async atime noatime auto noauto defaults dev nodev
            diratime nodiratime dirsync exec noexec group iversion noiversion
            mand nomand _netdev nofail relatime norelatime strictatime
            nostrictatime lazytime nolazytime suid nosuid silent loud owner ro
            rw sync user nouser users nosymfollow x-systemd.automount X-mount.x
            comment=x""".split()
        user = pwd.getpwnam("nobody").pw_uid
        os.mkdir(self.at("theirs"))
        for folder in ("mount", "theirs"):
            os.chown(self.at(folder), user, -1)
        options = f"cache={self.at('cache')}," + ",".join(generic)
        done = self.mount(options=options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.unmount()
        with open(self.at("fstab"), "w") as file:
            for option in ("users", "user", "owner"):
                file.write(f"{self.at('library')} {self.at('mount')} "
                           f"fuse.groovefs cache={self.at('theirs')},"
                           f"{option},noauto,relatime,lazytime 0 0\n")
        script = """
            unset GROOVEFS_CONFIG
            mount -t tmpfs none /usr/local/bin && chmod 755 /usr/local/bin &&
            ln -s "$1" /usr/local/bin/groovefs &&
            mount -t tmpfs -o mode=700 none /root &&
            mount --bind "$2/fstab" /etc/fstab &&
            mknod -m 666 "$2/fuse" c 10 229 &&
            mount --bind "$2/fuse" /dev/fuse &&
            chmod u+s /usr/bin/fusermount3 &&
            setpriv --reuid nobody --regid nogroup --clear-groups sh -c '
                HOME=/nonexistent mount "$1/mount" &&
                cat "$1/mount/low/a.mp3" && fusermount3 -u "$1/mount"
                ' sh "$2" """
        probe = subprocess.run(["test", "-x", BINARY], user=user)
        if probe.returncode:
            self.skipTest("nobody cannot run the program where it is built")
        done = self.in_namespace(script)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout[:3], b"ID3")

    def test_nosymfollow(self):
        """nosymfollow is obeyed, and remount is refused with a hint"""
        self.assertEqual(self.mount(options="nosymfollow").returncode, 0)
        with open("/proc/self/mounts") as table:
            line = next(line for line in table if self.at("mount") in line)
        self.assertIn("nosymfollow", line)
        self.unmount()
        done = self.mount(options="remount,ro")
        self.refuses(done, done.returncode, "mount it again")

    def in_table(self):
        """mounted() looks at the folder."""
        with open("/proc/self/mounts") as table:
            return f" {self.at('mount')} fuse" in table.read()

    def die(self, looked_at=True):
        """Mounts, and the daemon dies. What was looked at, the kernel still
        remembers for a while."""
        with subprocess.Popen(
                [BINARY, "mount", "-f", "-o", f"cache={self.at('cache')}",
                 self.at("library"), self.at("mount")],
                stdin=subprocess.DEVNULL) as daemon:
            wait_until(self.in_table, "the mount")
            os.statvfs(self.at("mount"))
            if looked_at:
                os.stat(self.at("mount"))
            daemon.kill()

    def test_umount_dead(self):
        """umount takes a dead mount away, whatever way it is spelled"""
        os.symlink("mount", self.at("link"))
        for name in ("mount", "mount/", "mount//", "./mount/.", "link",
                     "link/", "../" + os.path.basename(self.base) + "/mount/"):
            self.die(looked_at=False)
            done = groovefs("umount", name, cwd=self.base)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)
            self.assertFalse(mounted(self.at("mount")), name)

    def test_mount_over_dead(self):
        """mount replaces a dead mount, and says so; a living one stays"""
        for point, looked_at in (("mount", True), ("mount/", False)):
            self.die(looked_at)
            done = self.mount(point=point)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("died", done.stderr)
            self.assertTrue(read_file(self.at("mount/low/a.mp3")))
            self.unmount()
            self.assertFalse(mounted(self.at("mount")))

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
        """SIGTERM and SIGINT end the daemon well and unmount"""
        for number in (signal.SIGTERM, signal.SIGINT):
            with Mount(self.at("library")) as mount:
                read_file(mount.path("low", "a.mp3"))
                mount.process.send_signal(number)
                self.assertEqual(mount.process.wait(20 * SCALE), 0)
                self.assertFalse(mounted(mount.point))
                mount.check_log()
                mount._ended()

    def test_lazily(self):
        """A daemon that was unmounted lazily leaves the mount that came after
        it, and ends without a word"""
        with Mount(self.at("library")) as mount:
            kept = open(mount.path("low/a.mp3"), "rb")
            self.assertEqual(umount(mount.point, MNT_DETACH), 0)
            other = Mount(self.at("library"))
            other.point = mount.point
            with other:
                mount.process.send_signal(signal.SIGTERM)
                self.assertEqual(mount.process.wait(20 * SCALE), 0)
                kept.close()
                self.assertTrue(mounted(other.point))
                self.assertTrue(read_file(other.path("low/a.mp3")))
                self.assertNotIn("unmount", mount.log())
            mount._ended()

    def test_ready(self):
        """mount succeeds only when the kernel and the daemon agree"""
        for option in ("max_read=131072", "max_read=4096"):
            done = self.mount(options=option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            with open("/proc/self/mounts") as table:
                line, = [line for line in table if f"{self.at('mount')} " in line]
            self.assertIn(option, line)
            self.assertTrue(read_file(self.at("mount/low/a.mp3")))
            self.unmount()
        for option in ("max_read=x", "blkdev"):
            self.refuses(self.mount(options=option))

    def test_names(self):
        """What mounts are known by cannot be chosen"""
        for option in ("fsname=x", "subtype=x"):
            self.refuses(self.mount(options=option), USAGE, option)

    def test_slow_worker(self):
        """A worker that is too slow to start is started again"""
        worker = os.path.join(os.path.dirname(os.path.realpath(BINARY)),
                              "../transcode/worker/groovefs-worker")
        os.mkdir(self.at("bin"))
        shutil.copy(BINARY, self.at("bin/groovefs"))
        with open(self.at("bin/groovefs-worker"), "w") as script:
            script.write(f"#!/bin/sh\nmkdir {self.at('once')} && sleep 600\n"
                         f"exec {worker}\n")
        os.chmod(self.at("bin/groovefs-worker"), 0o755)
        done = run(self.at("bin/groovefs"), "mount", "-o",
                   f"worker_timeout=1,cache={self.at('cache')}",
                   self.at("library"), self.at("mount"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("again", done.stderr)
        self.assertTrue(read_file(self.at("mount/low/a.mp3")))
        self.unmount()

    def test_umount_busy(self):
        """umount of a mount in use leaves it, and says which processes use
        it, and what"""
        shutil.copy(shutil.which("sleep"), self.at("library"))
        self.mount()
        point = self.at("mount")
        holders = {}
        with open(f"{point}/original/a.flac", "rb") as file, \
                open(f"{point}/pcm/native/a.wav", "rb") as mapped:
            for path, options in (
                    ("low", {"cwd": f"{point}/low"}),
                    ("original/a.flac", {"stdin": file}),
                    ("original/sleep",
                     {"executable": f"{point}/original/sleep"})):
                process = subprocess.Popen(["sleep", "1000"], **options)
                self.addCleanup(process.kill)
                holders[f"{process.pid} (sleep)"] = path, process
            pages = mmap.mmap(mapped.fileno(), 0, prot=mmap.PROT_READ)
        with open("/proc/self/comm") as file:
            holders[f"{os.getpid()} ({file.read().strip()})"] = (
                "pcm/native/a.wav", None)
        done = groovefs("umount", point)
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        self.assertEqual(
            sorted(re.findall(r"in use by process (.*): '(.*)'", done.stderr)),
            sorted((who, f"{point}/{path}")
                   for who, (path, _) in holders.items()))
        self.assertTrue(mounted(point))
        pages.close()
        for _, process in holders.values():
            if process:
                process.kill()
                process.wait()
        self.unmount()

    def test_in_use_by_a_mount(self):
        """So does another mount in it; who calls umount from within does
        not keep it"""
        self.mount()
        point = self.at("mount")
        done = self.in_namespace("""
            mount --bind "$2/library" "$2/mount/low" &&
            "$1" umount "$2/mount"; echo $?""")
        self.assertEqual(done.stdout.strip(), str(REFUSED).encode())
        self.assertIn(f"in use by the mount '{point}/low'",
                      done.stderr.decode())
        done = groovefs("umount", ".", cwd=point)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_lazy(self):
        """umount --lazy takes away a mount in use; who uses it goes on, and
        then its daemon ends"""
        self.mount()
        pid = self.daemon()
        whole = read_file(self.at("mount/low/a.mp3"))
        with open(self.at("mount/medium/a.mp3"), "rb") as file:
            done = groovefs("umount", "--lazy", self.at("mount"))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertFalse(mounted(self.at("mount")))
            self.assertGreater(len(file.read()), len(whole))
            self.assertTrue(alive(pid))
        self.ends(pid)

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


if __name__ == "__main__":
    tap.main()
