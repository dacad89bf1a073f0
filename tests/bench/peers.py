"""The programs that are compared, and how each is mounted.

All make MP3 at a constant 192 kbit/s and are otherwise left at their
defaults. Each runs in the foreground as this program's own child, so that
its process can be measured and ended without looking for it.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time

KBITS = 192
MOUNT_SECONDS = 20
EXIT_SECONDS = 20
SETTLE_SECONDS = 0.3


class Program:
    """name; binary; command(library, mountpoint, cache) -> argv; suffix: what
    ".flac" becomes; folder: where under the mount the MP3 files stand;
    package: Debian's, if any."""

    def __init__(self, name, binary, command, suffix=".mp3", folder="",
                 package=None):
        self.name = name
        self.binary = binary
        self.command = command
        self.suffix = suffix
        self.folder = folder
        self.package = package
        self.kbits = KBITS
        self.bytes_per_second = KBITS * 125

    def is_there(self):
        return shutil.which(self.binary) is not None

    def version(self):
        if self.package:
            return first_line(["dpkg-query", "-W", "-f=${Version}",
                               self.package])
        return first_line([self.binary, "--version"]).removeprefix(
            self.name + " ")


class Direct(Program):
    """No mount at all: for scenarios that say what it does instead."""

    def __init__(self, version, name="direct"):
        super().__init__(name, "/usr/bin/python3", None)
        self.about = version

    def version(self):
        return self.about


class Mount:
    """A running daemon. root: the folder with the MP3 files."""

    def __init__(self, pid, root, suffix):
        self.pid = pid
        self.root = root
        self.suffix = suffix

    def path(self, track):
        return self.root / track.path.with_suffix(self.suffix)


def ffmpegfs():
    def command(library, mountpoint, cache):
        return ["ffmpegfs", "-f", "--desttype=mp3",
                f"--audiobitrate={KBITS}K", f"--cachepath={cache}",
                library, mountpoint]
    return Program("ffmpegfs", "ffmpegfs", command, suffix=".flac.mp3",
                   package="ffmpegfs")


def mp3fs(name="mp3fs", *options):
    def command(library, mountpoint, _cache):
        return ["mp3fs", "-f", "-b", str(KBITS), *options, library,
                mountpoint]
    return Program(name, "mp3fs", command, package="mp3fs")


def mp3fs_q3():
    """mp3fs with the encoder's effort that the two others have."""
    return mp3fs("mp3fs-q3", "--quality=3")


def groovefs(binary):
    def command(library, mountpoint, cache):
        return [binary, "mount", "-f", "-o", f"cache={cache}",
                library, mountpoint]
    return Program("groovefs", binary, command, folder="medium")


def first_line(command):
    answer = subprocess.run(command, text=True, capture_output=True)
    lines = (answer.stdout or answer.stderr).splitlines()
    return lines[0].strip() if lines else "?"


def is_mounted(mountpoint):
    """From the kernel's table: stat could hang on a sick daemon."""
    with open("/proc/self/mountinfo", encoding="utf-8") as table:
        return any(line.split()[4] == str(mountpoint) for line in table)


def wait_until_mounted(process, mountpoint, log):
    end = time.monotonic() + MOUNT_SECONDS
    while not is_mounted(mountpoint):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("did not mount: " + last_line(log))
        time.sleep(0.005)


def last_line(log):
    lines = log.read_text(errors="replace").splitlines()
    return lines[-1] if lines else "no message"


def unmount(mountpoint):
    for command in (["fusermount3", "-u"], ["fusermount3", "-u", "-z"],
                    ["umount", "-l"]):
        if not is_mounted(mountpoint):
            return
        subprocess.run([*command, str(mountpoint)], capture_output=True)


def end(process):
    try:
        process.wait(EXIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Bench:
    """The work folder: mountpoints, caches, logs. Leaves nothing behind."""

    PREFIX = "groovefs-bench-"

    def __init__(self, base):
        self.base = pathlib.Path(base).resolve()
        self.work = self.base / f"{self.PREFIX}{os.getpid()}"
        self.daemons = []

    def __enter__(self):
        for stale in self.base.glob(self.PREFIX + "*"):
            if not pathlib.Path("/proc", stale.name.split("-")[-1]).exists():
                self.remove(stale)
        self.work.mkdir(mode=0o700)
        return self

    def __exit__(self, *_):
        self.remove(self.work)

    @staticmethod
    def remove(work):
        for mountpoint in work.glob("*.mount"):
            unmount(mountpoint)
        shutil.rmtree(work, ignore_errors=True)

    def empty_cache(self, program):
        cache = self.work / f"{program.name}.cache"
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(mode=0o700)

    @contextlib.contextmanager
    def mounted(self, program, library, cold=True):
        """Mounts for the time of a with block; cold: on an empty cache."""
        if cold:
            self.empty_cache(program)
        mountpoint = self.work / f"{program.name}.mount"
        mountpoint.mkdir(exist_ok=True)
        log = self.work / f"{program.name}.log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [str(word) for word in program.command(
                    library, mountpoint, self.work / f"{program.name}.cache")],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True)
        self.daemons = [process]
        try:
            wait_until_mounted(process, mountpoint, log)
            time.sleep(SETTLE_SECONDS)
            yield Mount(process.pid, mountpoint / program.folder,
                        program.suffix)
        finally:
            unmount(mountpoint)
            end(process)
            os.sync()
