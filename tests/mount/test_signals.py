"""What a running daemon does at SIGUSR1 and SIGHUP, and what its log tells."""
import os
import re
import signal
import tempfile
import unittest

import fixtures
import tap
from harness import Mount, read_file, wait_until

TRACK = "Artist/Album/Track.mp3"


class Signals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="groovefs-config-")
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "config")
        self.library = fixtures.library(fixtures.single)
        old = os.environ["GROOVEFS_CONFIG"]
        self.addCleanup(os.environ.__setitem__, "GROOVEFS_CONFIG", old)
        os.environ["GROOVEFS_CONFIG"] = self.file
        self.configure("cache_size = 1G\n")

    def configure(self, text):
        with open(self.file, "w") as file:
            file.write(text)

    def send(self, mount, number, answer):
        mount.process.send_signal(number)
        wait_until(lambda: re.search(answer, mount.log()), answer)

    def test_stats(self):
        """SIGUSR1 writes the statistics to the log, line by line"""
        with Mount(self.library) as mount:
            read_file(mount.path("low", TRACK))
            self.send(mount, signal.SIGUSR1, r'stats: .*"segments_rendered"')
            lines = [line for line in mount.log().splitlines()
                     if "stats: " in line]
            self.assertGreater(len(lines), 20)
            self.assertTrue(all(line.startswith("groovefs: info: stats: ")
                                for line in lines))

    def test_limits(self):
        """SIGHUP brings a smaller cache about at once"""
        with Mount(self.library) as mount:
            read_file(mount.path("high", TRACK))
            mount.settle()
            self.assertEqual(mount.counter("entries_evicted"), 0)
            self.configure("cache_size = 4K\n")
            self.send(mount, signal.SIGHUP, "configuration reloaded")
            wait_until(lambda: mount.counter("entries_evicted") > 0,
                       "the cache to become smaller")

    def test_log_level(self):
        """SIGHUP takes another log level on, and debug tells what each segment
        took"""
        with Mount(self.library) as mount:
            self.configure("log_level = debug\n")
            self.send(mount, signal.SIGHUP, "configuration reloaded")
            read_file(mount.path("low", TRACK))
            self.assertRegex(mount.log(), r"debug: render 'Artist/Album/Track"
                             r".flac' \(low, segment 1 of \d+\): \d+ ms")

    def test_remount(self):
        """What needs a remount is named, and stays as it was"""
        with Mount(self.library) as mount:
            self.configure("memory = 1M\n[quality x]\nbit_rate = 96\n")
            self.send(mount, signal.SIGHUP, "configuration reloaded")
            self.assertRegex(mount.log(), "'memory' has changed; .* next mount")
            self.assertRegex(mount.log(), "qualities .* next mount")
            self.assertTrue(os.path.isdir(mount.path("medium")))
            self.assertFalse(os.path.exists(mount.path("x")))

    def test_bad_configuration(self):
        """A configuration that makes no sense is refused, and all stays as it
        was"""
        with Mount(self.library) as mount:
            self.configure("cache_size = lots\n")
            self.send(mount, signal.SIGHUP, "keeping the old one")
            self.assertRegex(mount.log(), re.escape(self.file) + ":1: ")
            read_file(mount.path("low", TRACK))


if __name__ == "__main__":
    tap.main()
