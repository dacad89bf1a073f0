"""groovefs explain: what it says of files, with a mount and without."""
import contextlib
import json
import os
import signal
import threading

import fixtures
import tap
from folders import Folders, REFUSED, USAGE, groovefs
from harness import Background, Mount, opened, pread_all, read_file


class Explain(Folders):
    def setUp(self):
        super().setUp()
        self.library = self.at("library")
        fixtures.write(os.path.join(self.library, "Folder/long.flac"),
                       fixtures.music(30, 44100, 2, 930), 44100)
        with open(os.path.join(self.library, "broken.flac"), "wb") as file:
            file.write(b"fLaC" + bytes(range(256)) * 9)
        with open(os.path.join(self.library, "notes.txt"), "w") as file:
            file.write("no audio")

    def explain(self, *arguments, library=True):
        places = ["--library", self.library] if library else []
        return groovefs("explain", *places, "--cache", self.at("cache"),
                        *arguments)

    def views(self, *arguments, **keywords):
        done = self.explain("--json", *arguments, **keywords)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        (told,) = json.loads(done.stdout)
        return told, {view["view"]: view for view in told["views"]}

    def test_track(self):
        """Of a track: its source, and how each folder shows it"""
        told, views = self.views("Folder/long.flac")
        self.assertEqual(told["path"], "Folder/long.flac")
        source = told["source"]
        self.assertEqual((source["kind"], source["codec"], source["samples"]),
                         ("lossless", "flac", 30 * 44100))
        self.assertEqual(list(views), ["original", "high", "medium", "low",
                                       "analysis", "pcm/native"])
        self.assertEqual([view["shown"] for view in views.values()],
                         ["as it is"] + 3 * ["transcoded"]
                         + ["analyzed", "decoded"])
        self.assertEqual(views["low"]["bit_rate_kbps"], 128)

    def test_sizes(self):
        """Names and sizes are those of the mount"""
        _, views = self.views("Folder/long.flac")
        with Mount(self.library) as mount:
            for name, view in views.items():
                path = mount.path(name, "Folder", view["name"])
                self.assertEqual(os.stat(path).st_size, view["size_bytes"])

    def test_segments(self):
        """Tells which segments are in the cache"""
        with Mount(self.library, cache=self.at("cache")) as mount:
            path = mount.path("high/Folder/long.mp3")
            with opened(path) as fd:
                pread_all(fd, 1, os.stat(path).st_size // 2)
            mount.settle()
            _, views = self.views("Folder/long.flac")
        self.assertEqual(views["high"]["segments_cached"], 1)
        self.assertRegex(views["high"]["cached"], r"^[1-9]$")
        self.assertEqual(views["low"]["segments_cached"], 0)

    def test_in_mount(self):
        """A path in a mount is explained without --library, by its folder"""
        with Mount(self.library, cache=self.at("cache")) as mount:
            told, views = self.views(mount.path("low/Folder/long.mp3"),
                                     library=False)
            self.assertEqual(told["path"], "Folder/long.flac")
            self.assertEqual(list(views), ["low"])
            told, views = self.views(
                os.path.join(self.library, "Folder/long.flac"), library=False)
            self.assertEqual(len(views), 6)

    def test_broken(self):
        """Of a broken file: why, and when that was found"""
        told, views = self.views("broken.flac")
        self.assertEqual(told["source"]["kind"], "broken")
        self.assertTrue(told["source"]["reason"])
        self.assertEqual(told["last_failure"]["reason"],
                         told["source"]["reason"])
        self.assertRegex(told["last_failure"]["at"], r"^20\d\d-.*Z$")
        self.assertEqual(views["medium"]["shown"], "cannot be decoded")

    def test_failed(self):
        """What failed in a mount is told later"""
        with Mount(self.library, cache=self.at("cache")) as mount:
            path = mount.path("low/Folder/long.mp3")
            os.stat(path)
            over = threading.Event()
            killer = Background(lambda: self.kill_workers(mount, over))
            with self.assertRaises(OSError):
                read_file(path)
            over.set()
            killer.result()
        told, _ = self.views("Folder/long.flac")
        self.assertIn("the worker", told["last_failure"]["reason"])

    def kill_workers(self, mount, over):
        """Those at work on a track: one that does not start is no fault of
        the track."""
        while not over.is_set():
            for pid in mount.worker_pids():
                with contextlib.suppress(ProcessLookupError,
                                         FileNotFoundError):
                    if self.has_source(pid):
                        os.kill(pid, signal.SIGABRT)

    @staticmethod
    def has_source(pid):
        folder = f"/proc/{pid}/fd"
        return any(os.readlink(os.path.join(folder, fd)).endswith(".flac")
                   for fd in os.listdir(folder))

    def test_text(self):
        """For people: a line for each folder"""
        done = self.explain("Folder/long.flac", "notes.txt")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "Folder/long.flac")
        for word in ("source", "original", "high", "analysis", "pcm/native"):
            self.assertTrue(any(line.split()[0] == word for line in lines))
        self.assertIn("not shown", done.stdout)

    def test_lines(self):
        """--json is one value and --jsonl a line each, also of what fails"""
        paths = ("Folder/long.flac", "notes.txt", "nowhere.flac")
        whole = self.explain("--json", *paths)
        lines = self.explain("--jsonl", *paths)
        self.assertEqual((whole.returncode, lines.returncode), (1, 1))
        rows = [json.loads(line) for line in lines.stdout.splitlines()]
        self.assertEqual([row["path"] for row in rows], list(paths))
        self.assertEqual(rows[2], {"path": paths[2],
                                   "reason": "No such file or directory"})
        self.assertEqual(rows, json.loads(whole.stdout))

    def test_nothing(self):
        """A file that there is not, and one that is in no mount, are refused"""
        self.refuses(self.explain("nowhere.flac"), REFUSED, "nowhere.flac")
        self.refuses(self.explain("/etc/passwd", library=False), REFUSED,
                     "/etc/passwd")

    def test_usage(self):
        """Wrong usage says so and exits 2; --help succeeds"""
        for arguments in ((), ("--nonsense", "x")):
            self.refuses(groovefs("explain", *arguments), USAGE)
        done = groovefs("explain", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    tap.main()
