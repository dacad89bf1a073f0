"""A package that is upgraded while its old version is mounted: the mount keeps
the workers that it was built with, and says so where it cannot."""
import errno
import os
import subprocess
import unittest

import fixtures
import tap
from harness import SCALE, Mount, kill_workers, read_file, with_worker

# The first packet of a worker whose packets have another length than ours.
OTHER = ("""exec /usr/bin/python3 -c 'import socket, struct
socket.socket(fileno=3).send(struct.pack("=III", 1, 0, 99))'""")


class Upgrade(unittest.TestCase):
    limit = 90

    def setUp(self):
        self.mount = Mount()
        self.addCleanup(self.mount.clean)
        self.worker = with_worker(self.mount, "exec $WORKER")

    def new(self, name):
        """Reads a track that no worker has ever seen."""
        fixtures.write(self.mount.source(f"{name}.flac"),
                       fixtures.music(3, 44100, 2, ord(name)), 44100)
        return self.low(name)

    def low(self, name):
        return read_file(self.mount.path("low", f"{name}.mp3"))

    def write_worker(self, script):
        with open(self.worker, "w") as file:
            file.write(f"#!/bin/sh\n{script}\n")

    def test_replaced(self):
        """A worker program that is replaced or removed does not matter to a
        mount"""
        with self.mount as mount:
            self.assertTrue(self.new("a"))
            os.rename(self.worker, self.worker + ".old")
            kill_workers(mount)
            self.assertTrue(self.new("b"))
            self.write_worker(OTHER)
            os.chmod(self.worker, 0o755)
            os.remove(self.worker + ".old")
            kill_workers(mount)
            self.assertTrue(self.new("c"))
            self.assertEqual(mount.counter("tasks_failed"), 0)

    def test_overwritten(self):
        """A worker program that is overwritten by another version's gives
        EIO, a line that tells what to do, and nothing that lasts"""
        with open(self.worker) as file:
            ours = file.read().partition("\n")[2]
        with self.mount as mount:
            right = self.new("a")
            mount.settle()  # a program that is just started cannot be written
            self.write_worker(OTHER)
            kill_workers(mount)
            with self.assertRaises(OSError) as got:
                self.new("b")
            self.assertEqual(got.exception.errno, errno.EIO)
            self.assertIn("not of this version of groovefs", mount.log())
            self.assertIn("mount again", mount.log())
            self.assertTrue(self.low("a") == right)
            self.write_worker(ours)
            self.assertTrue(self.low("b"))
            self.assertTrue(self.new("c"))

    def test_start(self):
        """A mount does not start with another version's worker, and says
        why"""
        self.write_worker(OTHER)
        done = subprocess.run(
            [self.mount.binary, "mount", "-o", f"cache={self.mount.cache}",
             self.mount.library, self.mount.point],
            capture_output=True, text=True, timeout=60 * SCALE, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("not of this version of groovefs", done.stderr)


if __name__ == "__main__":
    tap.main()
