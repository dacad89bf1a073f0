"""Tags and attachments of Matroska, as mkvtoolnix and FFmpeg write them."""
import os
import shutil
import struct
import subprocess
import unittest
from xml.sax.saxutils import escape

import mutagen.id3

import fixtures
import tap
from harness import Mount, read_file


def simple(name, value, *inner, language=None):
    """A tag as mkvtoolnix' XML, with tags in it."""
    words = f"<TagLanguage>{language}</TagLanguage>" if language else ""
    return (f"<Simple><Name>{name}</Name><String>{escape(value)}</String>"
            f"{words}{''.join(inner)}</Simple>")


def level(number, *tags, kind=None, more=""):
    """Tags of a level; None: it is not said."""
    target = more
    if number:
        target += f"<TargetTypeValue>{number}</TargetTypeValue>"
    if kind:
        target += f"<TargetType>{kind}</TargetType>"
    return f"<Tag><Targets>{target}</Targets>{''.join(tags)}</Tag>"


def element(name, data):
    """EBML, with a size of eight bytes; `data` may be its length."""
    size = data if isinstance(data, int) else len(data)
    head = bytes.fromhex(name) + struct.pack(">Q", size | 1 << 56)
    return head if isinstance(data, int) else head + data


@unittest.skipUnless(shutil.which("mkvpropedit"), "mkvtoolnix is not installed")
class Matroska(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(transcode_lossy_above=1)
        cls.mount.__enter__()
        cls.number = 0
        cls.base = cls.mount.base
        cls.wav = os.path.join(cls.base, "plain.wav")
        fixtures.write(cls.wav, fixtures.music(0.5, 44100, 2, 62), 44100)
        cls.flac = os.path.join(cls.base, "plain.flac")
        fixtures.ffmpeg("-i", cls.wav, cls.flac)

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def merge(self, *sources, title=None):
        """What mkvmerge makes of them; the path of its MP3, too."""
        type(self).number += 1
        path = self.mount.source(f"{self.number}.mka")
        subprocess.run(["mkvmerge", "-q", "-o", path]
                       + (["--title", title] if title else [])
                       + list(sources or [self.flac]), check=True)
        return path, self.mount.path("low", f"{self.number}.mp3")

    def edit(self, path, *arguments):
        subprocess.run(["mkvpropedit", "-q", path, *arguments], check=True)

    def put(self, path, *levels, selector="global"):
        xml = os.path.join(self.base, "tags.xml")
        with open(xml, "w", encoding="utf-8") as file:
            file.write(f"<Tags>{''.join(levels)}</Tags>")
        self.edit(path, "--tags", f"{selector}:{xml}")

    def texts(self, mp3):
        """Frame: values, of all text frames but ours; the size is what
        comes."""
        self.assertEqual(os.stat(mp3).st_size, len(read_file(mp3)))
        return {key: [str(t) for t in frame.text]
                for key, frame in mutagen.id3.ID3(mp3).items()
                if hasattr(frame, "text") and isinstance(frame.text, list)
                and key != "TSSE"}

    def made(self, *levels, title=None):
        path, mp3 = self.merge(title=title)
        self.put(path, *levels)
        return self.texts(mp3)

    def test_levels(self):
        """Track, album and disc keep what has the same name in each"""
        self.assertEqual(self.made(
            level(50, simple("TITLE", "The Album",
                             simple("SORT_WITH", "Album, The")),
                  simple("ARTIST", "The Band",
                         simple("SORT_WITH", "Band, The")),
                  simple("DATE_RELEASED", "2011-09-05"),
                  simple("GENRE", "Jazz"), simple("TOTAL_PARTS", "2"),
                  simple("REPLAYGAIN_GAIN", "-7.25 dB")),
            level(40, simple("TITLE", "Live"), simple("PART_NUMBER", "1"),
                  simple("TOTAL_PARTS", "12")),
            level(30, simple("TITLE", "The Song",
                             simple("SORT_WITH", "Song, The")),
                  simple("ARTIST", "One"), simple("ARTIST", "標題"),
                  simple("PART_NUMBER", "3"), simple("GENRE", "Fusion"),
                  simple("COMPOSER", "A B", simple("SORT_WITH", "B, A")),
                  simple("MY_OWN", "x"), simple("MY_OWN", "y"),
                  simple("REPLAYGAIN_GAIN", "-6.48 dB"))), {
            "TIT2": ["The Song"], "TPE1": ["One", "標題"],
            "TALB": ["The Album"], "TPE2": ["The Band"],
            "TSOT": ["Song, The"], "TSOA": ["Album, The"],
            "TSO2": ["Band, The"], "TXXX:ALBUMARTISTSORT": ["Band, The"],
            "TDRC": ["2011-09-05"], "TCON": ["Fusion"], "TRCK": ["3/12"],
            "TPOS": ["1/2"], "TSST": ["Live"], "TCOM": ["A B"],
            "TSOC": ["B, A"], "TXXX:MY_OWN": ["x", "y"],
            "TXXX:REPLAYGAIN_TRACK_GAIN": ["-6.48 dB"],
            "TXXX:REPLAYGAIN_ALBUM_GAIN": ["-7.25 dB"]})

    def test_inherited(self):
        """What only the album says holds for the track, but its title"""
        made = self.made(
            level(50, simple("TITLE", "Album"), simple("ARTIST", "Band"),
                  simple("TOTAL_PARTS", "9"), kind="ALBUM"),
            level(30, simple("PART_NUMBER", "2")), title="The file's")
        self.assertEqual(made, {
            "TIT2": ["The file's"], "TPE1": ["Band"], "TPE2": ["Band"],
            "TALB": ["Album"], "TRCK": ["2/9"]})

    def test_higher(self):
        """A collection's title is not the album's"""
        made = self.made(level(30, simple("TITLE", "Song")),
                         level(50, simple("TITLE", "Album"),
                               simple("PART_NUMBER", "2")),
                         level(70, simple("TITLE", "All"),
                               simple("TOTAL_PARTS", "5"),
                               simple("LABEL", "A Label")))
        self.assertEqual(made, {
            "TIT2": ["Song"], "TALB": ["Album"], "TPOS": ["2/5"],
            "TPUB": ["A Label"], "TXXX:COLLECTION/TITLE": ["All"]})

    def test_no_level(self):
        """FFmpeg's tags have no level and are the track's"""
        path = self.mount.source("ffmpeg.mka")
        fixtures.ffmpeg("-i", self.wav, "-c:a", "flac",
                        *(part for text in (
                            "title=Song", "artist=Artist", "album=Album",
                            "album_artist=Band", "track=3/12", "disc=1/2",
                            "date=2011", "comment=Words")
                          for part in ("-metadata", text)), path)
        self.assertEqual(self.texts(self.mount.path("low/ffmpeg.mp3")), {
            "TIT2": ["Song"], "TPE1": ["Artist"], "TALB": ["Album"],
            "TPE2": ["Band"], "TRCK": ["3/12"], "TPOS": ["1/2"],
            "TDRC": ["2011"], "COMM::eng": ["Words"]})
        self.assertEqual(self.made(level(None, simple("TITLE", "Song"),
                                         simple("ARTIST", "A"))),
                         {"TIT2": ["Song"], "TPE1": ["A"]})

    def test_tracks(self):
        """Of several tracks, the first one's tags count, before the file's"""
        path, mp3 = self.merge(self.flac, self.wav)
        song = level(30, simple("TITLE", "First"))
        self.put(path, level(30, simple("TITLE", "Both"),
                             simple("MOOD", "calm")))
        self.put(path, song, selector="track:a1")
        self.put(path, level(30, simple("TITLE", "Second"),
                             simple("ARTIST", "B")), selector="track:a2")
        self.assertEqual(self.texts(mp3),
                         {"TIT2": ["First"], "TMOO": ["calm"]})

    def test_words(self):
        """Lyrics and comments keep their language"""
        path, mp3 = self.merge()
        self.put(path, level(30, simple("LYRICS", "Wörter", language="ger"),
                             simple("COMMENT", "mots", language="fre")))
        frames = mutagen.id3.ID3(mp3)
        self.assertEqual(frames["USLT::ger"].text, "Wörter")
        self.assertEqual(frames["COMM::fre"].text, ["mots"])

    def test_webm(self):
        """WebM's tags are read, with many of one name"""
        path = self.mount.source("w.webm")
        fixtures.ffmpeg("-i", self.wav, "-c:a", "libopus", path)
        names = [f"Artist {i}" for i in range(300)]
        self.put(path, level(30, simple("TITLE", "x" * 70000),
                             *(simple("ARTIST", name) for name in names)))
        made = self.texts(self.mount.path("low/w.mp3"))
        self.assertEqual(made["TIT2"], ["x" * 70000])
        self.assertEqual(made["TPE1"], names)

    def attach(self, path, data, name, mime, text=""):
        file = os.path.join(self.base, "attached")
        with open(file, "wb") as out:
            out.write(data)
        self.edit(path, "--attachment-name", name, "--attachment-mime-type",
                  mime, "--attachment-description", text, "--add-attachment",
                  file)

    def test_attachments(self):
        """Pictures among other attachments are found"""
        path, mp3 = self.merge()
        jpeg, png = fixtures.jpeg(), fixtures.png(9, 9)
        self.attach(path, b"no picture", "font.ttf", "font/ttf")
        self.attach(path, png, "back.png", "image/png", "the back")
        self.attach(path, jpeg, "cover.jpg", "application/octet-stream")
        self.assertEqual(os.stat(mp3).st_size, len(read_file(mp3)))
        self.assertEqual(
            sorted((int(f.type), f.desc, f.mime, f.data)
                   for f in mutagen.id3.ID3(mp3).getall("APIC")),
            [(0, "the back", "image/png", png), (3, "", "image/jpeg", jpeg)])

    def test_large(self):
        """One of 1 GiB costs nothing but itself, and the log names it"""
        for mime, lines in (("image/jpeg", 1), ("font/ttf", 0)):
            path, mp3 = self.merge()
            self.put(path, level(30, simple("TITLE", "Song"),
                                 simple("ARTIST", "A"),
                                 simple("ARTIST", "B")))
            self.attach(path, bytes(1 << 16), "a", mime)
            self.enlarge(path, mime, 1 << 30)
            self.assertEqual(self.texts(mp3),
                             {"TIT2": ["Song"], "TPE1": ["A", "B"]})
            log = [line for line in self.mount.log().splitlines()
                   if os.path.basename(path) in line]
            self.assertEqual(len(log), lines, log)
            for line in log:
                self.assertIn("a picture is left out: it is too large", line)
        self.assertEqual(self.mount.counter("workers_died"), 0)

    def enlarge(self, path, mime, size):
        """Gives the attachment at the file's end `size` bytes, a hole."""
        with open(path, "rb") as file:
            data = file.read()
        at = data.rindex(bytes.fromhex("1941a469"))
        head = (element("466e", b"cover.jpg")
                + element("4660", mime.encode())
                + element("46ae", b"\1") + element("465c", size))
        whole = element("61a7", len(head) + size) + head
        whole = element("1941a469", len(whole) + size) + whole
        segment = data.index(bytes.fromhex("18538067")) + 4
        data = (data[:segment]
                + struct.pack(">Q", at + len(whole) + size - segment - 8
                              | 1 << 56)
                + data[segment + 8:at] + whole)
        with open(path, "wb") as file:
            file.write(data)
            file.truncate(len(data) + size)


if __name__ == "__main__":
    tap.main()
