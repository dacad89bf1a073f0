"""groovefs analyze: what it prints, what it leaves in the cache, what it does
with files that are none, and when it is interrupted."""
import csv
import io
import json
import os
import signal
import subprocess

import fixtures
import tap
from folders import Folders, REFUSED, USAGE, groovefs, on_terminal
from harness import (BINARY, Mount, SANITIZED, SCALE, read_file,
                     wait_until)


class Analyze(Folders):
    def setUp(self):
        super().setUp()
        for i, name in enumerate(("b.flac", "Folder/c.wav", "Folder/d.ogg")):
            fixtures.write(self.at("library/" + name),
                           fixtures.music(3 + i, 44100, 2, 900 + i), 44100,
                           subtype="VORBIS" if "ogg" in name else "PCM_16")
        with open(self.at("library/notes.txt"), "w") as file:
            file.write("no audio")
        self.names = ["a.flac", "b.flac", "Folder/c.wav", "Folder/d.ogg"]
        self.files = sorted(self.at("library/" + name) for name in self.names)

    def analyze(self, *arguments, cache="cache"):
        return groovefs("analyze", "-o", f"cache={self.at(cache)}",
                        *arguments)

    def rows(self, *arguments, **keywords):
        done = self.analyze("--jsonl", *arguments, **keywords)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_table(self):
        """Prints a line for each file below a folder, sorted, and a summary"""
        done = self.analyze(self.at("library"))
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertIn("LUFS", lines[0])
        self.assertEqual([line.split()[-1] for line in lines[1:]], self.files)
        self.assertRegex(done.stderr,
                         r"^4 of 4 analyzed \(0 already known\), 0 failed")

    def test_csv(self):
        """--csv is a table with a line of names"""
        rows = list(csv.DictReader(io.StringIO(
            self.analyze("--csv", self.at("library")).stdout)))
        self.assertEqual([row["path"] for row in rows], self.files)
        for row in rows:
            self.assertEqual(row["status"], "ok")
            self.assertEqual(int(row["sample_rate"]), 44100)
            self.assertLess(float(row["integrated_lufs"]), 0)
            self.assertEqual(len(row), 45)

    def test_quotes(self):
        """Any file name comes out of CSV and JSON as it is"""
        name = 'q"uo,te\nä.flac'
        os.rename(self.at("library/a.flac"), self.at("library/" + name))
        path = self.at("library/" + name)
        done = self.analyze("--csv", path)
        self.assertEqual(list(csv.DictReader(io.StringIO(done.stdout)))[0]
                         ["path"], path)
        self.assertEqual(self.rows(path)[0]["path"], path)

    def test_same_as_sidecars(self):
        """The numbers are those of the sidecars, and cost nothing in a mount
        on the same cache"""
        rows = self.rows(self.at("library"))
        with Mount(self.at("library"), cache=self.at("cache")) as mount:
            for row in rows:
                name = os.path.relpath(row["path"], self.at("library"))
                sidecar = json.loads(read_file(
                    mount.path("analysis", name + ".json")))
                self.assertEqual(row["integrated_lufs"],
                                 sidecar["loudness"]["integrated_lufs"])
                for key, value in sidecar["fingerprint"].items():
                    self.assertEqual(row[key], value, key)
            self.assertEqual(mount.counter("seconds_decoded"), 0)

    def test_again(self):
        """What is in the cache is not done again"""
        first = self.analyze("--jsonl", self.at("library"))
        second = self.analyze("--jsonl", self.at("library"))
        self.assertEqual(second.stdout, first.stdout)
        self.assertIn("(4 already known)", second.stderr)

    def test_jobs(self):
        """The table does not depend on -j"""
        one = self.analyze("-j", "1", "--csv", self.at("library"))
        many = self.analyze("-j", "4", "--csv", self.at("library"),
                            cache="other")
        self.assertEqual(one.stdout, many.stdout)

    def test_mounted(self):
        """Works beside a mount that uses the same cache"""
        with Mount(self.at("library"), cache=self.at("cache")) as mount:
            read_file(mount.path("analysis/b.flac.json"))
            done = self.analyze("--csv", self.at("library"))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("(1 already known)", done.stderr)

    def test_links(self):
        """Links are followed within the folder, out of it when asked, and
        those that go round do no harm"""
        fixtures.write(self.at("elsewhere/e.flac"),
                       fixtures.music(2, 44100, 2, 990), 44100)
        for name, target in (("out.flac", self.at("elsewhere/e.flac")),
                             ("Folder/out", "../../elsewhere"),
                             ("Folder/up", ".."), ("self", "self"),
                             ("notes", "nowhere"),
                             ("again.flac", "Folder/../a.flac"),
                             ("by-name", self.at("library/Folder"))):
            os.symlink(target, self.at("library/" + name))
        os.symlink(self.at("library"), self.at("link"))
        within = sorted([*self.names, "again.flac"])
        for root in ("library", "link"):
            done = self.analyze("--jsonl", self.at(root))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("2 links lead out", done.stderr)
            self.assertEqual([json.loads(line)["path"] for line
                              in done.stdout.splitlines()],
                             [self.at(f"{root}/{name}") for name in within])
        rows = self.rows("-o", "follow_links=yes", self.at("library"))
        self.assertEqual({row["path"] for row in rows},
                         {self.at("library/" + name) for name in
                          [*within, "out.flac", "Folder/out/e.flac"]})

    def test_mounts(self):
        """What a mount below a folder shows is not analyzed with it"""
        point = self.at("library/mount")
        os.mkdir(point)
        os.symlink("mount", self.at("library/by-link"))
        os.symlink("mount/low", self.at("library/deeper"))
        done = groovefs("mount", "-o", f"cache={self.at('cache')}",
                        self.at("library/Folder"), point)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        try:
            for root, names in (("library", self.names),
                                ("library/mount", self.names[2:])):
                self.assertEqual(
                    {row["path"] for row in self.rows(self.at(root))},
                    {self.at("library/" + name) for name in names})
        finally:
            groovefs("umount", point)

    def test_failures(self):
        """What is no audio is named with the reason, the rest is done, and the
        status tells"""
        with open(self.at("library/broken.flac"), "wb") as file:
            file.write(b"fLaC" + bytes(range(256)) * 9)
        done = self.analyze("--jsonl", self.at("library"), self.at("nowhere"),
                            self.at("library/notes.txt"))
        self.assertEqual(done.returncode, REFUSED)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        failed = [row for row in rows if row["status"] == "failed"]
        self.assertEqual([os.path.basename(row["path"]) for row in failed],
                         ["broken.flac", "nowhere", "notes.txt"])
        self.assertIn("FLAC", failed[0]["reason"])
        self.assertEqual([row["reason"] for row in failed[1:]],
                         ["No such file or directory", "it is not an audio file"])
        self.assertEqual(sum(row["status"] == "ok" for row in rows), 4)
        for name in ("broken.flac", "notes.txt", "nowhere"):
            self.assertEqual(sum(name in line for line
                                 in done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("3 failed", done.stderr)

    def test_usage(self):
        """Wrong usage says so and exits 2; --help succeeds"""
        for arguments in ((), ("-j", "0", "x"), ("-j", "x", "x"),
                          ("--nonsense", "x"), ("-o", "workers=0", "x")):
            self.refuses(groovefs("analyze", *arguments), USAGE)
        done = groovefs("analyze", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for word in ("--csv", "--jsonl", "-j", "PATH"):
            self.assertIn(word, done.stdout)

    def test_progress(self):
        """Shows its progress on a terminal, and takes it away"""
        shown, code = on_terminal("analyze", "-o",
                                  f"cache={self.at('cache')}",
                                  self.at("library"))
        self.assertEqual(code, 0)
        self.assertIn(b"4 of 4", shown)
        self.assertRegex(shown, rb"\[#+\]")
        self.assertIn(b"\r\x1b[K4 of 4 analyzed", shown)

    def test_interrupted(self):
        """Interrupted, it ends soon, and goes on where it was"""
        fixtures.write(self.at("library/z.wav"), fixtures.music(
            30, 44100, 2, 1).repeat(4 if SANITIZED else 12, 0), 44100)
        process = subprocess.Popen(
            [BINARY, "analyze", "-j", "1", "-o", f"cache={self.at('cache')}",
             self.at("library")], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: self.cached() >= 4, "the short ones")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60 * SCALE)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.assertIn("interrupted", said)
        done = self.analyze(self.at("library"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"\([34] already known\)")

    def cached(self):
        entries = self.at("cache/entries")
        return sum(name.endswith(".map") for _, _, names in os.walk(entries)
                   for name in names)


if __name__ == "__main__":
    tap.main()
