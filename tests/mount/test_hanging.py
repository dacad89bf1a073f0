"""What hangs holds up nobody but who waits for it, and not the mount's end."""
import contextlib
import os
import shutil
import unittest

import fixtures
import tap
from harness import BINARY, Background, Mount, SCALE, children, read_file, wait_until

WORKER = os.path.join(os.path.dirname(BINARY),
                      "../transcode/worker/groovefs-worker")


def with_worker(mount, script):
    """Has the daemon start this shell script as its workers; $WORKER is the
    real one."""
    folder = mount._folder("bin")
    mount.binary = shutil.copy(BINARY, folder)
    path = os.path.join(folder, "groovefs-worker")
    with open(path, "w") as file:
        file.write(f"#!/bin/sh\nWORKER={os.path.realpath(WORKER)}\n{script}\n")
    os.chmod(path, 0o755)


def command(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()


class Starting(unittest.TestCase):
    limit = 90

    def test_end_while_a_worker_starts(self):
        """The end of the mount does not wait for workers that do not come
        up"""
        mount = Mount(workers=1, worker_timeout=600)
        slow = os.path.join(mount.base, "slow")
        with_worker(mount, f"[ -e {slow} ] && exec sleep 1000\nexec $WORKER")
        with mount:
            fixtures.write(mount.source("a.flac"),
                           fixtures.music(2, 44100, 2, 700), 44100)
            path = mount.path("analysis/a.flac.json")
            os.stat(path)
            open(slow, "w").close()  # for those in the background
            reader = Background(lambda: read_file(path))
            wait_until(lambda: "sleep" in map(
                command, children(mount.process.pid)), "a worker to start")
            mount.process.terminate()
            with self.assertRaises(OSError):
                reader.result()
            self.assertEqual(mount.process.wait(20 * SCALE), 0)
            mount._ended()


if __name__ == "__main__":
    tap.main()
