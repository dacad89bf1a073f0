"""groovefs cache verify: what it finds in a damaged cache, and mends, with a
mount beside it and without."""
import contextlib
import os
import pty
import subprocess

import tap
from cached import Cached, TRACKS
from folders import REFUSED
from harness import (BINARY, SCALE, forget_pages, opened, pread_all,
                     read_file)


class Verifying(Cached):
    def problems(self, *arguments, status=REFUSED):
        parsed = self.json("verify", *arguments, status=status)
        return parsed["problems"], parsed["summary"]

    def test_right(self):
        """A cache that is right passes, and all of it is read"""
        done = self.cache("verify")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^\d+ segments of \d+ entries checked, "
                                      r".*: 0 damaged, 0 orphans\n$")
        problems, summary = self.problems(status=0)
        self.assertEqual(problems, [])
        rows = self.entries().values()
        self.assertEqual(summary["entries"], len(rows))
        self.assertEqual(summary["segments"],
                         sum(row["segments"] for row in rows))
        self.assertEqual(summary["bytes"], sum(row["size"] for row in rows))

    def test_flipped(self):
        """A flipped bit is found each time, and mended by --repair"""
        self.flip("low", TRACKS[1])
        for _ in range(2):
            problems, summary = self.problems()
            self.assertEqual(len(problems), 1)
            self.assertEqual(problems[0]["problem"], "damaged segment")
            self.assertEqual((problems[0]["quality"], problems[0]["path"]),
                             ("low", TRACKS[1]))
            self.assertEqual(problems[0]["segment"], 0)
            self.assertIsNone(problems[0]["outcome"])
            self.assertEqual((summary["damaged"], summary["cleared"]), (1, 0))
        problems, summary = self.problems("--repair")
        self.assertEqual(problems[0]["outcome"], "cleared")
        self.assertEqual(summary["cleared"], 1)
        self.assertEqual(self.problems(status=0)[0], [])
        with self.mounted() as mount:
            for name in TRACKS:
                self.assertTrue(read_file(self.low(mount, name))
                                == self.right[name])
            self.assertEqual(mount.counter("segments_rendered"), 1)
            self.assertEqual(mount.counter("segments_corrupt"), 0)

    def test_lines(self):
        """Each problem is one line that names the file"""
        self.flip("low", TRACKS[1])
        self.flip("tag", TRACKS[2], 20)
        done = self.cache("verify", "--repair")
        self.assertEqual((done.returncode, done.stderr), (REFUSED, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[0], f"^segment 0 of .* is damaged, cleared: "
                                   f"low {TRACKS[1]}$")
        self.assertRegex(lines[1], f"tag {TRACKS[2]}$")
        self.assertIn("2 damaged (2 cleared)", lines[2])

    def test_orphans(self):
        """Orphans of each kind are found; --repair removes what is ours"""
        payload = self.file_of("low", TRACKS[0], "data")
        lone_map = self.file_of("low", TRACKS[0], "map")
        lone_payload = self.file_of("low", TRACKS[1], "data")
        os.unlink(payload)
        os.unlink(self.file_of("low", TRACKS[1], "map"))
        paths = [self.at("cache/entries/README"),
                 os.path.join(os.path.dirname(payload), "old.tmp")]
        for path in paths:
            with open(path, "w") as file:
                file.write("mine")
        kinds = ["foreign file", "map without a payload",
                 "payload without a map", "temporary file"]
        problems, summary = self.problems()
        self.assertEqual(sorted(p["problem"] for p in problems), kinds)
        self.assertEqual((summary["orphans"], summary["removed"]), (4, 0))
        self.assertEqual(self.json("stats")["summary"]["strays"], 3)
        self.assertEqual(self.json("stats")["summary"]["useless"], 1)
        problems, summary = self.problems("-r")
        self.assertEqual((summary["orphans"], summary["removed"]), (4, 3))
        self.assertFalse(any(map(os.path.exists,
                                 (lone_map, lone_payload, paths[1]))))
        self.assertTrue(os.path.exists(paths[0]))
        problems, _ = self.problems("--repair")
        self.assertEqual([p["name"] for p in problems], ["README"])
        os.unlink(paths[0])
        self.problems(status=0)

    def test_garbage_map(self):
        """A map that is garbage is no crash, and goes with its payload"""
        path = self.file_of("low", TRACKS[0], "map")
        size = os.path.getsize(path)
        for garbage in (b"", b"\xff" * size, bytes(size), os.urandom(size)):
            with open(path, "wb") as file:
                file.write(garbage)
            problems, _ = self.problems()
            self.assertEqual([p["problem"] for p in problems],
                             ["payload without a map"])
        self.problems("--repair")
        self.problems(status=0)

    def test_old_version(self):
        """An entry whose map is of version 1 is made anew by a mount"""
        path = self.file_of("low", TRACKS[0], "map")
        with open(path, "r+b") as file:
            file.seek(8)
            file.write(b"\1")
        self.problems()
        with self.mounted() as mount:
            self.assertTrue(read_file(self.low(mount, TRACKS[0]))
                            == self.right[TRACKS[0]])
            self.assertGreater(mount.counter("segments_rendered"), 0)
        self.problems(status=0)

    def test_mended_while_read(self):
        """A segment of a file that is open is mended; its reader gets the
        right bytes"""
        with self.mounted() as mount:
            path = self.low(mount, TRACKS[1])
            with opened(path) as fd:
                self.flip("low", TRACKS[1])
                _, summary = self.problems("--repair")
                self.assertEqual(summary["cleared"], 1)
                forget_pages(fd)
                self.assertTrue(
                    pread_all(fd, 1 << 30, 0) == self.right[TRACKS[1]])
        self.problems(status=0)

    def test_progress(self):
        """Shows its progress on a terminal, and takes it away"""
        terminal, child = pty.openpty()
        with subprocess.Popen(
                [BINARY, "cache", "verify", "--cache", self.at("cache")],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=child) as process:
            os.close(child)
            shown = b""
            with contextlib.suppress(OSError):  # the other end is closed
                while part := os.read(terminal, 4096):
                    shown += part
            self.assertEqual(process.wait(60 * SCALE), 0)
        os.close(terminal)
        count = len(self.entries())
        self.assertIn(f"verifying [{'#' * 24}] {count} of {count}".encode(),
                      shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)


if __name__ == "__main__":
    tap.main()
