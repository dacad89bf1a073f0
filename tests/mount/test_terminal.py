"""What commands show on a terminal: nothing that a file's name makes it do,
and no line within another."""
import csv
import io
import json
import os
import re
import subprocess

import fixtures
import tap
from folders import Folders, REFUSED, groovefs, on_terminal
from harness import BINARY, Mount

# ESC, a line's end, CSI as a character and as a byte, and Latin-1
NAMES = (b"a\x1b[2J\nb.flac", "c\u009b2J.flac".encode(), b"d\x9b2J.flac",
         b"caf\xe9.flac", b"caf\\xe9.flac")
OBEYED = re.compile(rb"\x1b\[2J|\x9b|[^\r]\nb")


class Names(Folders):
    def setUp(self):
        super().setUp()
        library = os.fsencode(self.at("library"))
        with open(self.at("library/a.flac"), "rb") as file:
            audio = file.read()
        os.unlink(self.at("library/a.flac"))
        self.paths = [os.path.join(library, name) for name in NAMES]
        for path in self.paths:
            with open(path, "wb") as file:
                file.write(audio)

    def own(self):
        return ["-o", f"cache={self.at('cache')}"]

    def assertPlain(self, shown):
        shown = re.sub(rb"\r\x1b\[K", b"", shown)
        self.assertIsNone(OBEYED.search(shown), shown)

    def test_terminal(self):
        """Control characters in names are shown escaped by all commands"""
        library = self.at("library")
        with open(os.path.join(os.fsencode(library), b"x\x1b[2J\nb.flac"),
                  "wb") as file:
            file.write(b"fLaC" + bytes(range(256)) * 9)
        with Mount(self.at("library")) as mount:
            for arguments in (
                    ["analyze", *self.own(), library],
                    ["analyze", "--csv", *self.own(), library],
                    ["analyze", "--jsonl", *self.own(), library],
                    ["explain", "--library", library, *self.own(),
                     *self.paths],
                    ["explain", "--json", "--library", library, *self.own(),
                     *self.paths],
                    ["precache", mount.path("low")],
                    ["precache", "--library", library, *self.own(), library],
                    ["cache", "ls", *self.own()],
                    ["cache", "ls", "--json", *self.own()],
                    ["cache", "clear", "-n", *self.own()],
                    ["explain", b"\x1b[2J\nb"], ["analyze", b"\x1b[2J\nb"],
                    ["mount", b"\x1b[2J\nb", b"\x9b2J"], [b"\x9b2J\x1b[2J\nb"],
                    ["umount", b"\x1b[2J\nb"], ["-\x1b[2J"],
                    ["analyze", b"--\x1b[2J\nb"]):
                shown, _ = on_terminal(*arguments, stdout=True)
                self.assertTrue(shown)
                self.assertPlain(shown)

    def test_pipes(self):
        """Through a pipe each file has its line"""
        for command in (["analyze", *self.own()],
                        ["precache", *self.own(), "--library",
                         self.at("library")]):
            done = groovefs(*command, self.at("library"))
            self.assertEqual(len(done.stdout.splitlines()),
                             len(NAMES) + (command[0] == "analyze"))
            self.assertIn(r"caf\xe9.flac", done.stdout)
            self.assertIn(r"caf\x5cxe9.flac", done.stdout)

    def test_bytes(self):
        """JSON and CSV keep names that are no UTF-8: os.fsencode gives them
        back"""
        found = groovefs("analyze", "--jsonl", *self.own(), self.at("library"))
        rows = [json.loads(line) for line in found.stdout.splitlines()]
        self.assertEqual({os.fsencode(row["path"]) for row in rows},
                         set(self.paths))
        table = subprocess.run(
            [BINARY, "analyze", "--csv", *self.own(), self.at("library")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        rows = csv.DictReader(io.StringIO(
            table.stdout.decode(errors="surrogateescape"), newline=""))
        self.assertEqual({os.fsencode(row["path"]) for row in rows},
                         set(self.paths))
        for name, path in zip(NAMES, self.paths):
            done = groovefs("explain", "--json", "--library",
                            self.at("library"), *self.own(), path)
            self.assertEqual(os.fsencode(json.loads(done.stdout)[0]["path"]),
                             name)
        listed = json.loads(groovefs("cache", "ls", "--json",
                                     *self.own()).stdout)
        self.assertLessEqual({os.fsencode(row["path"])
                              for row in listed["entries"] if row["path"]},
                             set(NAMES) | set(self.paths))


class Lines(Folders):
    def setUp(self):
        super().setUp()
        for i in range(6):
            fixtures.write(self.at(f"library/{i}.flac"),
                           fixtures.music(1, 44100, 2, 870 + i), 44100)
            with open(self.at(f"library/{i}x.flac"), "wb") as file:
                file.write(b"fLaC" + bytes(range(256)) * 9)

    def screen(self, shown):
        """Lines as they stand on the screen in the end, and the bar with
        anything behind it on its line."""
        lines, mixed = [], []
        for line in shown.decode().replace("\r\n", "\n").split("\n"):
            parts = line.split("\r\x1b[K")
            for part in parts[:-1]:
                if part and not re.fullmatch(r"[a-z]+ \[[# ]*\] .*left", part):
                    mixed.append(part)
            if "[#" in parts[-1] or "[ " in parts[-1]:
                mixed.append(parts[-1])
            lines.append(parts[-1])
        return lines, mixed

    def test_lines(self):
        """Rows and errors stand on lines of their own, never in the
        progress bar's"""
        library, own = self.at("library"), f"cache={self.at('cache')}"
        with Mount(library) as mount:
            for arguments, rows in (
                    (["analyze", "-o", own, library], 13),
                    (["analyze", "--jsonl", "-o", own, library], 13),
                    (["precache", "-o", own, "--library", library, library],
                     0),
                    (["precache", mount.path("low")], 0)):
                shown, code = on_terminal(*arguments, stdout=True)
                self.assertEqual(code, REFUSED)
                lines, mixed = self.screen(shown)
                self.assertEqual(mixed, [], shown.decode())
                self.assertEqual(sum(line.startswith("groovefs: error: ")
                                     for line in lines), 6, lines)
                self.assertGreaterEqual(len(lines), rows + 6)
                self.assertIn(b"[#", shown)


if __name__ == "__main__":
    tap.main()
