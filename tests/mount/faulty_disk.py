"""A disk under a cache that fails when it is told to: see faulty_disk.c."""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile

from harness import BINARY, cut_off, mounted, wait_until

FAULTY_DISK = os.environ.get("GROOVEFS_FAULTY_DISK", os.path.join(
    os.path.dirname(BINARY), "../tests/mount/faulty-disk"))


class FaultyDisk:
    """`point` is the disk, `folder` what is really on it."""

    def __init__(self):
        self.base = tempfile.mkdtemp(prefix="groovefs-disk-")
        self.folder, self.removed, self.told, self.point = (
            os.path.join(self.base, name)
            for name in ("behind", "removed", "told", "disk"))
        for folder in (self.folder, self.removed, self.told, self.point):
            os.mkdir(folder, 0o700)
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process:
            self.vanish()
        shutil.rmtree(self.base)

    def start(self, seed=0):
        """Of an odd seed, names are kept only with their folder."""
        self.process = subprocess.Popen(
            [FAULTY_DISK, self.folder, self.removed, self.told, self.point,
             str(seed)], stdin=subprocess.DEVNULL)
        wait_until(lambda: mounted(self.point), "the disk")

    def cut_power(self):
        """What was not synced is lost in part. start() turns it on again."""
        self.process.send_signal(signal.SIGUSR1)
        code = self.process.wait(60)
        self.process = None
        cut_off(self.point)
        assert code == 0, f"the disk ended with {code}"

    def vanish(self):
        self.process.kill()
        self.process.wait()
        self.process = None
        cut_off(self.point)

    @contextlib.contextmanager
    def fault(self, fault):
        """"eio", "full" or "slow" meanwhile."""
        path = os.path.join(self.told, fault)
        open(path, "w").close()
        try:
            yield
        finally:
            os.unlink(path)
