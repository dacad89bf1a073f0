"""groovefs precache without a mount: what it caches, what it says, playlists,
interruptions, limits, and what appears while it watches."""
import json
import os
import shutil
import signal
import subprocess

import fixtures
import tap
from folders import Folders, REFUSED, USAGE, groovefs, on_terminal
from harness import BINARY, Mount, SANITIZED, SCALE, read_file

XSPF = """<?xml version="1.0" encoding="UTF-8"?>
<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList>
<track><location>Folder/c%20d.flac</location><title>x</title></track>
<track><location>file://{root}/a.flac</location></track>
<track><location>http://example.org/stream.mp3</location></track>
</trackList></playlist>
"""


class Library(Folders):
    def setUp(self):
        super().setUp()
        self.library = self.at("library")
        for i, name in enumerate(("b.wav", "Folder/c d.flac")):
            fixtures.write(os.path.join(self.library, name),
                           fixtures.music(3 + i, 44100, 2, 910 + i), 44100)
        fixtures.write(os.path.join(self.library, "Folder/e.ogg"),
                       fixtures.music(2, 44100, 2, 920), 44100,
                       subtype="VORBIS")
        self.put("Folder/notes.txt", "no audio")

    def put(self, name, text):
        with open(os.path.join(self.library, name), "w") as file:
            file.write(text)

    def precache(self, *arguments):
        return groovefs("precache", "--library", self.library, "--cache",
                        self.at("cache"), *arguments)

    def done(self, *arguments):
        """What became of each track."""
        done = self.precache(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return sorted(line.split(None, 2) for line
                      in done.stdout.splitlines())


class Precache(Library):
    def test_folder(self):
        """Caches what a quality folder transcodes, below a folder, and says
        what passes"""
        self.assertEqual(self.done(self.library), [
            ["cached", "medium", "Folder/c d.flac"],
            ["cached", "medium", "a.flac"], ["cached", "medium", "b.wav"],
            ["passes", "medium", "Folder/e.ogg"]])

    def test_mounts(self):
        """What another mount of groovefs shows below a folder is left out,
        whatever leads there"""
        point = self.at("library/mount")
        other = self.at("other")
        os.makedirs(os.path.join(other, "sub"))
        fixtures.write(os.path.join(other, "sub/x.wav"),
                       fixtures.music(1, 44100, 2, 9), 44100)
        os.mkdir(point)
        os.symlink("mount/pcm/native/sub", self.at("library/by-link"))
        done = groovefs("mount", "-o", f"cache={self.at('other-cache')}",
                        other, point)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        try:
            self.assertEqual(
                {line[2] for line in self.done(self.library)},
                {"Folder/c d.flac", "a.flac", "b.wav", "Folder/e.ogg"})
            self.assertEqual(self.done("mount/pcm/native"), [
                ["cached", "medium", "mount/pcm/native/sub/x.wav"]])
        finally:
            groovefs("umount", point)

    def test_mount_finds_it(self):
        """A mount on that cache renders nothing, tags and sizes included"""
        self.precache("-q", "low,high", self.library)
        with Mount(self.library, cache=self.at("cache")) as mount:
            for quality in ("low", "high"):
                for name in ("a.mp3", "b.mp3", "Folder/c d.mp3"):
                    path = mount.path(quality, name)
                    self.assertEqual(len(read_file(path)),
                                     os.stat(path).st_size)
            for counter in ("segments_rendered", "tags_rendered",
                            "seconds_decoded"):
                self.assertEqual(mount.counter(counter), 0, counter)

    def test_same_bytes(self):
        """What was cached ahead is what a reader would have got"""
        self.precache(self.library)
        with Mount(self.library, cache=self.at("cache")) as mount:
            cached = read_file(mount.path("medium/Folder/c d.mp3"))
        with Mount(self.library) as mount:
            self.assertTrue(read_file(mount.path("medium/Folder/c d.mp3"))
                            == cached)

    def test_again(self):
        """What is there is not done again"""
        self.precache(self.library)
        self.assertEqual({line[0] for line in self.done(self.library)},
                         {"there", "passes"})

    def test_files(self):
        """Takes files and folders, absolute or by their path in the library"""
        self.assertEqual(
            self.done("Folder/c d.flac", os.path.join(self.library, "a.flac")),
            [["cached", "medium", "Folder/c d.flac"],
             ["cached", "medium", "a.flac"]])

    def test_playlists(self):
        """Caches what a playlist names, of each kind, relative and absolute"""
        lists = {
            "x.m3u": "\ufeff#EXTM3U\r\n#EXTINF:3,x\r\nFolder/c d.flac\r\n"
                     f"{self.library}/a.flac\r\n",
            "Folder/y.m3u8": "c d.flac\n./../a.flac\n",
            "z.pls": "[playlist]\nFile1=Folder/c d.flac\nTitle1=x\n"
                     f"File2=file://localhost{self.library}/a.flac\n",
            "w.xspf": XSPF.format(root=self.library),
        }
        for name, text in lists.items():
            self.put(name, text)
            shutil.rmtree(self.at("cache"), ignore_errors=True)
            self.assertEqual(self.done(name), [
                ["cached", "medium", "Folder/c d.flac"],
                ["cached", "medium", "a.flac"]], name)

    def test_missing_entries(self):
        """What a playlist names that is not in the library is told, and the
        rest is cached"""
        self.put("x.m3u", "a.flac\ngone.flac\n../../etc/passwd\n")
        done = self.precache("x.m3u")
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn("cached medium a.flac", done.stdout)
        for name in ("gone.flac", "../../etc/passwd"):
            self.assertEqual(done.stderr.count(f"'{name}'"), 1, done.stderr)
        self.assertIn("2 failed", done.stderr)

    def test_broken(self):
        """A broken file and a broken playlist are named with their reasons,
        the rest is cached"""
        self.put("broken.flac", "fLaC" + "x" * 5000)
        self.put("w.xspf", XSPF[:120])
        done = self.precache(self.library, "w.xspf", "nowhere")
        self.assertEqual(done.returncode, REFUSED)
        for name in ("broken.flac", "w.xspf", "nowhere"):
            lines = [line for line in done.stderr.splitlines() if name in line]
            self.assertEqual(len(lines), 1, done.stderr)
            self.assertRegex(lines[0], rf"cannot cache '.*{name}'.*: .+")
        self.assertIn("3 cached", done.stderr)

    def test_json(self):
        """--json is one value, --jsonl one a line; names keep their bytes"""
        name = b"caf\xe9.flac"
        os.link(os.path.join(self.library, "a.flac"),
                os.path.join(os.fsencode(self.library), name))
        with open(os.path.join(self.library, "broken.flac"), "wb") as file:
            file.write(b"fLaC" + b"x" * 5000)
        done = self.precache("--json", self.library, "nowhere")
        self.assertEqual(done.returncode, REFUSED)
        told = json.loads(done.stdout)
        rows = {os.fsencode(row["path"]): row for row in told["tracks"]}
        self.assertEqual(set(rows), {
            name, b"a.flac", b"b.wav", b"broken.flac", b"Folder/c d.flac",
            b"Folder/e.ogg", b"nowhere"})
        self.assertEqual(
            [path for path, row in rows.items() if row["reason"]],
            [path for path, row in rows.items() if row["status"] == "failed"])
        self.assertIsNone(rows[b"nowhere"]["quality"])
        self.assertEqual(told["summary"]["failed"], 2)
        lines = [json.loads(line) for line in self.precache(
            "--jsonl", "--quiet", "a.flac").stdout.splitlines()]
        self.assertEqual(lines[0], {"status": "there", "quality": "medium",
                                    "path": "a.flac", "reason": None})
        self.assertEqual(lines[1]["summary"]["there"], 1)
        self.assertEqual(len(lines), 2)

    def test_usage(self):
        """Wrong usage says so and exits 2; --help succeeds"""
        for arguments in ((), ("--library", "x"), ("-j", "0", "x"),
                          ("--nonsense",)):
            self.refuses(groovefs("precache", *arguments), USAGE)
        done = groovefs("precache", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for word in ("--quality", "--jobs", "--library", "--watch"):
            self.assertIn(word, done.stdout)

    def test_unknown_quality(self):
        """A quality that there is not is refused by name"""
        done = self.precache("-q", "medium,nonsense", self.library)
        self.refuses(done, REFUSED, "nonsense")

    def test_too_small(self):
        """Stays inside cache_size=, and says that not all found room"""
        done = self.precache("-o", "cache_size=100K", "-q", "high,low",
                             self.library)
        self.assertIn("too small", done.stderr)
        used = sum(os.stat(os.path.join(base, name)).st_blocks * 512
                   for base, _, names in os.walk(self.at("cache/entries"))
                   for name in names)
        self.assertLessEqual(used, 100 << 10)

    def test_progress(self):
        """Shows tracks, MB, speed and the time left on a terminal"""
        shown, code = on_terminal("precache", "--library", self.library,
                                  "--cache", self.at("cache"), self.library)
        self.assertEqual(code, 0)
        self.assertRegex(
            shown, rb"caching \[#+\] 4 of 4, \d\.\d MB, \d+ x, 0:00 left")


class Ends(Library):
    def start(self, *arguments):
        return subprocess.Popen(
            [BINARY, "precache", "--library", self.library, "--cache",
             self.at("cache"), *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_interrupted(self):
        """Interrupted, it ends soon, and goes on where it was"""
        fixtures.write(os.path.join(self.library, "z.wav"),
                       fixtures.music(30, 44100, 2, 1).repeat(
                           3 if SANITIZED else 8, 0), 44100)
        process = self.start("-j", "1", self.library)
        for _ in range(4):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60 * SCALE)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.assertIn("interrupted", said)
        self.assertEqual(
            sorted(line[0] for line in self.done(self.library)),
            ["cached", "passes", "there", "there", "there"])

    def tells(self, process, name):
        """What was written slowly may be told of before, again."""
        for line in process.stdout:
            if line.split()[1:] == ["low", name]:
                return
        self.fail(f"nothing is told of {name}")

    def test_watch(self):
        """--watch caches what is written, moved and listed later, until it is
        stopped"""
        process = self.start("--watch", "-q", "low", "b.wav")
        self.assertEqual(process.stdout.readline(), "cached low b.wav\n")
        os.mkdir(os.path.join(self.library, "New"))
        shutil.copy(os.path.join(self.library, "Folder/c d.flac"),
                    os.path.join(self.library, "New/x.flac"))
        self.tells(process, "New/x.flac")
        os.rename(os.path.join(self.library, "b.wav"),
                  os.path.join(self.library, "New/y.wav"))
        self.tells(process, "New/y.wav")
        self.put("new.m3u", "a.flac\n")
        self.tells(process, "a.flac")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60 * SCALE)
        self.assertIsNotNone(process.returncode)


if __name__ == "__main__":
    tap.main()
