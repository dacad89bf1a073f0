"""A library on a disk that hangs or fails: tests/mount/slow_source.c."""
import contextlib
import os
import shutil
import subprocess
import tempfile

import fixtures
from harness import BINARY, MNT_DETACH, mounted, umount, wait_until

SLOW_SOURCE = os.environ.get("GROOVEFS_SLOW_SOURCE", os.path.join(
    os.path.dirname(BINARY), "../tests/mount/slow-source"))


class Hung:
    """A library that hangs or fails where it is told to: what is called hung*
    in it does not answer to a kind of request meanwhile."""

    def __init__(self):
        self.base = tempfile.mkdtemp(prefix="groovefs-hung-")
        self.folder, self.told, self.point = (os.path.join(self.base, name)
                                              for name in ("behind", "told",
                                                           "slow"))
        for folder in (self.folder, self.told, self.point):
            os.mkdir(folder)
        self.process = subprocess.Popen(
            [SLOW_SOURCE, self.folder, self.told, self.point],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        wait_until(lambda: mounted(self.point), "the slow source")

    def close(self):
        for request in os.listdir(self.told):
            os.unlink(os.path.join(self.told, request))
        umount(self.point, MNT_DETACH)
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.base)

    @contextlib.contextmanager
    def hangs(self, request):
        path = os.path.join(self.told, request)
        open(path, "w").close()
        try:
            yield
        finally:
            os.unlink(path)

    @contextlib.contextmanager
    def fails(self, percent):
        """Nothing beyond so much of what is called hung* can be read."""
        path = os.path.join(self.told, "eio")
        with open(path + ".new", "w") as file:
            file.write(str(percent))
        os.rename(path + ".new", path)
        try:
            yield
        finally:
            os.unlink(path)


def hanging(mount):
    """So many threads of the daemon wait for a FUSE, as the library is one."""
    pid = mount.process.pid
    count = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError), \
                open(f"/proc/{pid}/task/{thread}/wchan") as file:
            count += file.read().startswith("request_wait")
    return count


def make_track(folder, name, seed=700, seconds=4):
    fixtures.write(os.path.join(folder, name),
                   fixtures.music(seconds, 44100, 2, seed), 44100)
