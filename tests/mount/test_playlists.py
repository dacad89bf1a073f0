"""Playlists in the quality folders name the files as they are called there."""
import os
import random
import shutil
import subprocess
import unicodedata
import unittest
import urllib.parse
import xml.etree.ElementTree

import fixtures
import tap
from harness import Mount, SCALE, read_file

NOBODY = 65534
SEED = int.from_bytes(os.urandom(4), "little")
RELATIVE = "Some Artist/Álbum/01 Söng.flac"
SHOWN = "Some Artist/Álbum/01 Söng.mp3"


class Playlists(unittest.TestCase):
    limit = 90

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(allow_other=True)
        os.chmod(cls.mount.base, 0o755)
        cls.flac = os.path.join(cls.mount.base, "song.flac")
        fixtures.write(cls.flac, fixtures.music(1, 44100, 2, 5), 44100)
        for name in (RELATIVE, "Some Artist/Álbum/#2 & so on.flac",
                     "Album.flac", "both.flac", "both.wav", "Deep/1/2/x.flac",
                     "Deep/1/y.flac", "Deeper.flac", "日本.flac",
                     "Песня.flac"):
            cls.copy(name)
        subprocess.run(["ffmpeg", "-v", "error", "-i", cls.flac,
                        cls.mount.source("Some Artist/lossy.mp3")],
                       check=True, stdin=subprocess.DEVNULL)
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    @classmethod
    def copy(cls, name):
        path = cls.mount.source(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(cls.flac, path)

    def put(self, name, text):
        path = self.mount.source(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        self.addCleanup(os.unlink, path)

    def shows(self, name, text, folder="medium"):
        """Its text in a folder of the mount, as long as it says it is."""
        path = self.mount.path(folder, name)
        size = os.stat(path).st_size
        shown = read_file(path)
        self.assertEqual(shown.decode(), text)
        self.assertEqual(size, len(shown))

    def test_kinds(self):
        """Each kind of playlist names the tracks of its folder, and the rest
        of its text stays"""
        head = "[playlist]\r\nTitle1=FILE\r\nnumberofentries=2\r\n"
        xspf = ('<?xml version="1.0"?>\n<playlist version="1" '
                'xmlns="http://xspf.org/ns/0/"><title>a &amp; b</title>'
                '<trackList><track><location>{}</location><title>x</title>'
                '</track><!-- y --></trackList></playlist>\n')
        for name, text, shown in (
                ("a.m3u", f"\ufeff#EXTM3U\r\n#EXTINF:1,x\r\n{RELATIVE}\r\n",
                 f"\ufeff#EXTM3U\r\n#EXTINF:1,x\r\n{SHOWN}\r\n"),
                ("Lists/a.M3U8", f"  ../{RELATIVE}  \n../Album.flac",
                 f"  ../{SHOWN}  \n../Album.mp3"),
                ("a.pls", f"{head}File1={RELATIVE}\r\nFile2= Album.flac\r\n",
                 f"{head}File1={SHOWN}\r\nFile2= Album.mp3\r\n"),
                ("Lists/a.xspf",
                 xspf.format(f"../{urllib.parse.quote(RELATIVE)}"),
                 xspf.format(f"../{urllib.parse.quote(SHOWN)}")),
                ("b.xspf",
                 xspf.format("\n Some Artist/Álbum/%232 &amp; so on.flac "),
                 xspf.format("Some%20Artist/%C3%81lbum/"
                             "%232%20%26%20so%20on.mp3")),
                ("Album.cue", 'TITLE "a"\r\nFILE "Album.flac" WAVE\r\n'
                 '  TRACK 01 AUDIO\r\n    INDEX 01 00:00:00\r\n',
                 'TITLE "a"\r\nFILE "Album.mp3" MP3\r\n'
                 '  TRACK 01 AUDIO\r\n    INDEX 01 00:00:00\r\n'),
                ("b.cue", "FILE Album.wav WAVE\n", 'FILE "Album.mp3" MP3\n'),
                ("both.m3u", "both.flac\nboth.wav\n",
                 "both.mp3\nboth.wav.mp3\n"),
                ("Some Artist/Álbum/a.m3u8", "./#2 & so on.flac\n",
                 "./#2 & so on.mp3\n"),
                ("Deep/1/a.m3u", "2/x.flac\ny.flac\n../../Deeper.flac\n"
                 "../../Deep/1/y.flac\n",
                 "2/x.mp3\ny.mp3\n../../Deeper.mp3\ny.mp3\n")):
            with self.subTest(name):
                self.put(name, text)
                self.shows(name, shown)
                self.shows(name, text, "original")

    def test_spellings(self):
        """Entries as other programs and machines write them are found"""
        mp3 = "Some Artist/lossy.mp3"
        quoted = urllib.parse.quote(RELATIVE)
        backslashes = RELATIVE.replace("/", "\\")
        for i, (entry, shown) in enumerate((
                (RELATIVE.upper(), SHOWN), (RELATIVE.lower(), SHOWN),
                (unicodedata.normalize("NFD", RELATIVE), SHOWN),
                (backslashes, SHOWN), (f".\\{backslashes}", SHOWN),
                (f"C:\\Users\\me\\Music\\{backslashes}", SHOWN),
                (f"/home/me/Music/{RELATIVE}", SHOWN),
                (self.mount.source(RELATIVE), SHOWN), (quoted, SHOWN),
                (f"file://{urllib.parse.quote(self.mount.source(mp3))}", mp3),
                (f"file://localhost/elsewhere/{quoted}", SHOWN),
                (f"file:///D:/Music/{quoted}", SHOWN),
                ("SOME ARTIST\\LOSSY.MP3", mp3),
                (RELATIVE.encode("cp1252"), SHOWN),
                ("日本.flac".encode("cp932"), "日本.mp3"),
                ("日本.flac".encode("gbk"), "日本.mp3"),
                ("Песня.flac".encode("cp1251"), "Песня.mp3"))):
            with self.subTest(entry):
                name = f"spelling{i}.m3u"
                entry = entry if isinstance(entry, bytes) else entry.encode()
                self.put(name, entry + b"\r\nAlbum.flac\r\n")
                self.shows(name, f"{shown}\r\nAlbum.mp3\r\n")

    def test_unknown(self):
        """What matches nothing stays, byte for byte"""
        for i, entry in enumerate((
                b"http://radio.example/stream.mp3", b"gone.flac", b"Deep",
                b"../Album.flac", b"/Album.flac", b"Album.flac/x", b"%2e%2e",
                b"\xff\xfe.flac", b"Some Artist\\..\\..\\x", b"a" * 5000,
                b"/etc/passwd", b"file:", b"\\", b"%", b"C:\\",
                "Al\u0000bum.flac\nAlbum.flac".encode())):
            with self.subTest(entry[:40]):
                name = f"unknown{i}.m3u8"
                self.put(name, entry + b"\n")
                self.assertEqual(read_file(self.mount.path("low", name)),
                                 entry + b"\n")

    def test_broken(self):
        """A broken playlist is the file that it is"""
        text = "<playlist><trackList><track><location>Album.flac</location>"
        for name in ("broken.xspf", "empty.m3u"):
            self.put(name, text if name[0] == "b" else "")
            self.shows(name, text if name[0] == "b" else "")
        os.symlink("empty.m3u", self.mount.source("link.m3u"))
        self.addCleanup(os.unlink, self.mount.source("link.m3u"))
        self.assertEqual(os.readlink(self.mount.path("low/link.m3u")),
                         "empty.m3u")

    def test_endless(self):
        """A playlist made to keep us busy is the file that it is"""
        text = "".join(f"a\\b%20\xe9{i}/c/d/e\n" for i in range(50000))
        self.put("endless/list.m3u", text.encode("latin-1"))
        self.assertEqual(read_file(self.mount.path("low/endless/list.m3u")),
                         text.encode("latin-1"))
        self.assertIn("'endless/list.m3u' is shown as it is",
                      self.mount.log())

    def test_changes(self):
        """Another file in the library is another text, of the right size"""
        self.put("Later/a.m3u", "later.flac\n")
        self.shows("Later/a.m3u", "later.flac\n")
        self.copy("Later/later.flac")
        self.mount.remount()
        self.shows("Later/a.m3u", "later.mp3\n")
        os.unlink(self.mount.source("Later/later.flac"))
        self.mount.remount()
        self.shows("Later/a.m3u", "later.flac\n")

    def test_private(self):
        """A playlist tells nothing of folders that its readers may not see"""
        self.copy("closed/secret.flac")
        os.chmod(self.mount.source("closed"), 0o700)
        os.makedirs(self.mount.source("his"), exist_ok=True)
        self.put("his/a.m3u", "../closed/secret.flac\n../Album.flac\n")
        os.chown(self.mount.source("his"), NOBODY, NOBODY)
        self.shows("his/a.m3u", "../closed/secret.flac\n../Album.mp3\n")
        self.put("closed/b.m3u", "secret.flac\n")
        self.shows("closed/b.m3u", "secret.mp3\n")
        self.put("his/c.m3u", "../Album.flac\n")
        os.chmod(self.mount.source("his/c.m3u"), 0o600)
        self.mount.remount()
        read = subprocess.run(
            ["setpriv", "--reuid", "1", "--regid", "1", "--clear-groups",
             "cat", self.mount.path("low/his/c.m3u")], capture_output=True)
        self.assertNotEqual(read.returncode, 0)

    def test_made_at_random(self):
        """A library and playlists made at random: every entry leads to the
        track that was meant"""
        print(f"# seed {SEED}")
        rng = random.Random(SEED)
        letters = "aäßéÜñ ōжщ語ẞ&%#'!+=,;()[]{}.-_~"
        tracks = {}
        for i in range(40):
            parts = ["Random"] + ["".join(rng.choices(letters, k=6)).strip(
                " .") + f"x{i}" for _ in range(rng.randint(1, 3))]
            path = "/".join(parts)
            self.copy(f"{path}.flac")
            tracks[path] = f"{path}.mp3"
        self.addCleanup(shutil.rmtree, self.mount.source("Random"))
        for kind in ("m3u", "pls", "xspf", "cue"):
            folder = os.path.dirname(rng.choice(list(tracks)))
            names = rng.sample(list(tracks), 30)
            entries = [self.spell(rng, f"{name}.flac", folder, kind == "xspf")
                       for name in names]
            self.put(f"{folder}/list.{kind}", self.text(kind, entries))
            shown = read_file(self.mount.path(
                "high", folder, f"list.{kind}")).decode()
            found = [os.path.normpath(os.path.join(folder, path))
                     for path in self.entries(kind, shown)]
            self.assertEqual(found, [tracks[name] for name in names], kind)
            for path in found:
                self.assertTrue(os.path.isfile(self.mount.path("high", path)))

    @staticmethod
    def spell(rng, path, folder, uri):
        way = rng.randrange(4)
        text = os.path.relpath(path, folder)
        if way == 1:
            text = unicodedata.normalize("NFD", text)
        elif way == 2 and not uri:
            text = text.replace("/", "\\")
        elif way == 3:
            text = f"/somewhere/else/{path}"
        if not text.startswith((".", "/")):
            text = f"./{text}"
        return urllib.parse.quote(text) if uri else text

    @staticmethod
    def text(kind, entries):
        if kind == "m3u":
            return "#EXTM3U\n" + "".join(f"{e}\n" for e in entries)
        if kind == "pls":
            return "[playlist]\n" + "".join(
                f"File{i}={e}\n" for i, e in enumerate(entries, 1))
        if kind == "cue":
            return "".join(f'FILE "{e}" WAVE\n  TRACK {i:02} AUDIO\n'
                           for i, e in enumerate(entries, 1))
        return ('<playlist xmlns="http://xspf.org/ns/0/"><trackList>' +
                "".join(f"<track><location>{e}</location></track>"
                        for e in entries) + "</trackList></playlist>")

    @staticmethod
    def entries(kind, text):
        if kind == "m3u":
            return text.splitlines()[1:]
        if kind == "pls":
            return [line.split("=", 1)[1] for line in text.splitlines()[1:]]
        if kind == "cue":
            return [line[6:line.rindex('"')] for line in text.splitlines()
                    if line.startswith("FILE")]
        return [urllib.parse.unquote(place.text) for place in
                xml.etree.ElementTree.fromstring(text).iter(
                    "{http://xspf.org/ns/0/}location")]

    def test_mpv(self):
        """mpv plays a playlist of a quality folder to its end"""
        if not shutil.which("mpv"):
            self.skipTest("mpv is not installed")
        self.put("play.m3u8", f"{RELATIVE}\nAlbum.flac\n")
        played = subprocess.run(
            ["mpv", "--no-config", "--no-video", "--ao=null", "--untimed",
             "--no-terminal", "--msg-level=all=info",
             f"--playlist={self.mount.path('medium/play.m3u8')}"],
            capture_output=True, text=True, timeout=60 * SCALE)
        self.assertEqual(played.returncode, 0, played.stdout + played.stderr)


if __name__ == "__main__":
    tap.main()
