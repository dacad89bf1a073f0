"""Extended attributes of virtual files: what they tell, and that listing a
folder does not ask for them again and again."""
import errno
import os
import subprocess
import unittest

import fixtures
import tap
from harness import Mount, opened, pread_all, read_file, wait_until
from mounted import Mounted

TRACK = "Artist/Album/Track"
PREFIX = "user.groovefs."


def attribute(path, name):
    return os.getxattr(path, PREFIX + name).decode()


def names(path):
    return [name.removeprefix(PREFIX) for name in os.listxattr(path)]


class Tells(Mounted):
    make = fixtures.single

    def test_source(self):
        """user.groovefs.source is the file's path in the library"""
        for path in (f"low/{TRACK}.mp3", f"pcm/native/{TRACK}.wav",
                     f"analysis/{TRACK}.flac.json"):
            self.assertEqual(attribute(self.mount.path(path), "source"),
                             TRACK + ".flac")

    def test_bit_rate(self):
        """user.groovefs.bitrate is the quality's"""
        for quality, rate in (("high", "256"), ("medium", "192"),
                              ("low", "128")):
            path = self.mount.path(quality, TRACK + ".mp3")
            self.assertEqual(attribute(path, "bitrate"), rate)

    def test_key(self):
        """user.groovefs.key tells qualities apart, and not sidecars of a
        track"""
        keys = [attribute(self.mount.path(path), "key") for path in (
            f"low/{TRACK}.mp3", f"high/{TRACK}.mp3",
            f"analysis/{TRACK}.flac.json", f"analysis/{TRACK}.flac.25d")]
        self.assertEqual(len(set(keys)), 3, keys)
        self.assertEqual(keys[2], keys[3])
        self.assertRegex(keys[0], "^[0-9a-f]{32}$")

    def test_others(self):
        """Files that pass through and folders have none"""
        for path in (f"original/{TRACK}.flac", "low", "analysis/Artist"):
            self.assertEqual(os.listxattr(self.mount.path(path)), [])

    def test_unknown(self):
        """An attribute that there is not is ENODATA, and another's name space
        is not supported"""
        path = self.mount.path("low", TRACK + ".mp3")
        for name, wanted in ((PREFIX + "color", errno.ENODATA),
                             ("user.mime_type", errno.ENODATA),
                             ("security.selinux", errno.EOPNOTSUPP)):
            with self.assertRaises(OSError) as caught:
                os.getxattr(path, name)
            self.assertEqual(caught.exception.errno, wanted, name)

    def test_read_only(self):
        """They cannot be set nor taken away"""
        path = self.mount.path("low", TRACK + ".mp3")
        for work in (lambda: os.setxattr(path, PREFIX + "state", b"x"),
                     lambda: os.removexattr(path, PREFIX + "state")):
            with self.assertRaises(OSError) as caught:
                work()
            self.assertEqual(caught.exception.errno, errno.EROFS)


class Changes(unittest.TestCase):
    def setUp(self):
        self.library = fixtures.library(fixtures.single)

    def test_state(self):
        """state and progress go from absent over partial to complete"""
        with Mount(self.library) as mount:
            path = mount.path("medium", TRACK + ".mp3")
            seen = [(attribute(path, "state"), attribute(path, "progress"))]
            with opened(path) as fd:
                pread_all(fd, 50000, os.stat(path).st_size // 2)
                # what was read is there before its segment is whole
                wait_until(lambda: attribute(path, "progress") != "0",
                           "a whole segment")
                seen.append(attribute(path, "state"))
                self.assertIn(int(attribute(path, "progress")), range(1, 100))
            read_file(path)
            mount.settle()
            seen.append((attribute(path, "state"),
                         attribute(path, "progress")))
            self.assertEqual(seen, [("absent", "0"), "partial",
                                    ("complete", "100")])

    def test_times(self):
        """What an analysis took is there when it has been made, also after a
        restart"""
        with Mount(self.library) as mount:
            path = mount.path("analysis", TRACK + ".flac.json")
            self.assertNotIn("measure_ms", names(path))
            read_file(path)
            stages = [name for name in names(path) if name.endswith("_ms")]
            self.assertEqual(sorted(stages),
                             ["decode_ms", "draw_ms", "measure_ms"])
            took = {name: attribute(path, name) for name in stages}
            self.assertGreater(int(took["measure_ms"]), 0)
            mount.remount()
            self.assertEqual({name: attribute(path, name) for name in stages},
                             took)

    def test_listing(self):
        """ls -l does not ask for attributes of every file"""
        with Mount(fixtures.library(fixtures.many)) as mount:
            before = mount.counter("attributes")
            listed = subprocess.run(["ls", "-lR", mount.path("medium")],
                                    capture_output=True, text=True, check=True)
            files = listed.stdout.count("\n-")
            self.assertGreater(files, 5)
            self.assertLess(mount.counter("attributes") - before, files)


if __name__ == "__main__":
    tap.main()
