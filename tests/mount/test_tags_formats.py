"""Tags of every format: programs read the same from an MP3 and its source.

What writes is beets' mediafile, mutagen, FFmpeg, kid3 and metaflac, what reads
mediafile and mutagen; the fields are those that Picard and beets know."""
import datetime
import io
import os
import shutil
import struct
import subprocess
import unittest
import zlib

import mutagen
import mutagen.apev2
import mutagen.asf
import mutagen.id3
import mutagen.mp4

import fixtures
import tap
from harness import Mount, read_file, wait_until

try:
    import mediafile
except ImportError:
    mediafile = None

ID = "b1a9c0e9-d987-4042-ae91-78d6a3267d%02d"
FIELDS = {
    "title": "Títle 標題", "artist": "Some Artist", "album": "An Album",
    "artists": ["First", "Second"], "albumartists": ["One", "Two"],
    "genres": ["Jazz", "Fusion"], "lyricist": "A Lyricist",
    "composer": "A Composer", "composer_sort": "Composer, A",
    "arranger": "An Arranger", "grouping": "A Grouping", "track": 3,
    "tracktotal": 12, "disc": 1, "disctotal": 2,
    "url": "http://example.org/x", "lyrics": "Line one\nLine two",
    "comments": "A comment", "copyright": "1998 Somebody", "bpm": 120,
    "comp": True, "albumartist": "The Band",
    "albumtypes": ["album", "live"], "label": "A Label",
    "artist_sort": "Artist, Some", "albumartist_sort": "Band, The",
    "asin": "B000002UAL", "catalognums": ["CAT 1", "CAT 2"],
    "barcode": "4006381333931", "isrc": "DEA123456789",
    "disctitle": "A Disc", "encoder": "An Encoder", "script": "Latn",
    "languages": ["deu", "eng"], "country": "DE", "albumstatus": "official",
    "media": "CD", "albumdisambig": "the blue one",
    "date": datetime.date(2011, 9, 5),
    "original_date": datetime.date(1998, 4, 23),
    "artist_credit": "Some A.", "albumartist_credit": "B.",
    "mb_trackid": ID % 1, "mb_releasetrackid": ID % 2, "mb_workid": ID % 3,
    "mb_albumid": ID % 4, "mb_artistids": [ID % 5, ID % 6],
    "mb_albumartistids": [ID % 7, ID % 8], "mb_releasegroupid": ID % 9,
    "acoustid_fingerprint": "AQADtEmUaEkSRYE", "acoustid_id": ID % 10,
    "rg_track_gain": -6.48, "rg_track_peak": 0.987654,
    "rg_album_gain": -7.25, "rg_album_peak": 0.999999,
    "r128_track_gain": -3.5, "r128_album_gain": 2.0, "initial_key": "Am",
}
# One of each kind of frame that TagLib and mutagen both know.
FRAMES = [
    ("TIT2", ["A", "B"]), ("TPE1", ["x", "y"]), ("TPE2", ["b"]),
    ("TSO2", ["so2"]), ("TSOC", ["soc"]), ("TSOP", ["sop"]),
    ("TSOA", ["soa"]), ("TSOT", ["sot"]), ("TDOR", ["1998-04-23"]),
    ("TDRC", ["2011-09"]), ("TMED", ["CD"]), ("TPE3", ["conductor"]),
    ("TPE4", ["remixer"]), ("TIT1", ["group"]), ("TIT3", ["subtitle"]),
    ("TSST", ["disc"]), ("TLAN", ["deu", "eng"]), ("TKEY", ["Am"]),
    ("TBPM", ["120"]), ("TOPE", ["original"]), ("TOAL", ["first album"]),
    ("TEXT", ["lyricist"]), ("TCMP", ["1"]), ("TRCK", ["3/12"]),
    ("TPOS", ["1/2"]), ("TSRC", ["DEA123456789"]), ("TMOO", ["calm"]),
    ("TCON", ["Rock", "A Genre"]), ("TCOP", ["1998 x"]), ("TPUB", ["label"]),
    ("TENC", ["by"]), ("TSSE", ["settings"]), ("TOLY", ["poet"]),
    ("TOFN", ["file"]), ("TOWN", ["owner"]), ("TPRO", ["notice"]),
    ("TDTG", ["2020-01-01"]), ("TDRL", ["2019"]), ("GRP1", ["grp"]),
    ("MVNM", ["movement"]), ("MVIN", ["1/3"]),
]


def frames():
    """The same as mutagen's objects, and those that are no plain texts."""
    f = vars(mutagen.id3)
    return [f[name](encoding=3, text=text) for name, text in FRAMES] + [
        f["TIPL"](encoding=3, people=[["arranger", "X"], ["mix", "Y"]]),
        f["TMCL"](encoding=3, people=[["violin", "Z"]]),
        f["UFID"](owner="http://musicbrainz.org", data=b"id-1"),
        f["UFID"](owner="other", data=b"\1\2\0\3"),
        f["USLT"](encoding=3, lang="deu", desc="", text="Worte\nnoch mehr"),
        f["USLT"](encoding=3, lang="eng", desc="x", text="words"),
        f["COMM"](encoding=3, lang="fra", desc="", text="commentaire"),
        f["COMM"](encoding=3, lang="eng", desc="iTunNORM", text=" 00 01"),
        f["TXXX"](encoding=3, desc="MusicBrainz Album Id", text=[ID % 1]),
        f["TXXX"](encoding=3, desc="albumartist", text=["not TPE2"]),
        f["TXXX"](encoding=3, desc="Key", text=["1", "標題", "3"]),
        f["WOAR"](url="http://a"), f["WOAR"](url="http://b"),
        f["WXXX"](encoding=3, desc="d", url="http://c"),
        f["POPM"](email="a@b", rating=100, count=3), f["PCNT"](count=7),
        f["PRIV"](owner="p", data=b"\0\1"), f["MCDI"](data=b"toc"),
        f["CHAP"](element_id="c1", start_time=0, end_time=100,
                  start_offset=0xffffffff, end_offset=0xffffffff,
                  sub_frames=[f["TIT2"](encoding=3, text=["chapter"])]),
    ]


def dsf(path, pairs=20):
    """A short DSF file of silence."""
    sound = (b"\x69" * 4096) * 2 * pairs
    form = struct.pack("<4sQIIIIIIQII", b"fmt ", 52, 1, 0, 2, 2, 2822400, 1,
                       pairs * 4096 * 8, 4096, 0)
    data = struct.pack("<4sQ", b"data", 12 + len(sound)) + sound
    with open(path, "wb") as file:
        file.write(struct.pack("<4sQQQ", b"DSD ", 28,
                               28 + len(form) + len(data), 0) + form + data)


def dff(path, pairs=20):
    """The same as DSDIFF."""
    def chunk(name, data):
        return struct.pack(">4sQ", name, len(data)) + data

    form = (b"SND " + chunk(b"FS  ", struct.pack(">I", 2822400))
            + chunk(b"CHNL", struct.pack(">H4s4s", 2, b"SLFT", b"SRGT"))
            + chunk(b"CMPR", b"DSD \x0enot compressed\0"))
    with open(path, "wb") as file:
        file.write(chunk(b"FRM8", b"DSD " + chunk(b"FVER", b"\1\5\0\0")
                         + chunk(b"PROP", form)
                         + chunk(b"DSD ", b"\x69" * 8192 * pairs)))


def id3_frame(version, name, body, flags=0):
    size = len(body)
    if version == 4:
        size = sum((size >> 7 * i & 127) << 8 * i for i in range(4))
    return name + struct.pack(">IH", size, flags) + body


def id3_tag(version, frames, flags=0):
    size = len(frames)
    return b"ID3" + bytes((version, 0, flags)) + bytes(
        size >> shift & 127 for shift in (21, 14, 7, 0)) + frames


CODECS = {"m4a": "alac", "wv": "wavpack", "tta": "tta", "oga": "flac",
          "mka": "flac", "caf": "pcm_s16be", "wma": "wmav2",
          "mp3": "libmp3lame", "ogg": "libvorbis", "opus": "libopus"}


class Formats(unittest.TestCase):
    limit = 120

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(transcode_lossy_above=1)
        cls.mount.__enter__()
        cls.plain = os.path.join(cls.mount.base, "plain")
        cls.number = 0
        os.mkdir(cls.plain)
        audio = fixtures.music(0.5, 44100, 2, 600)
        for name in ("flac", "wav", "aiff"):
            fixtures.write(cls.file(name), audio, 44100)
        for name, codec in CODECS.items():
            fixtures.ffmpeg("-i", cls.file("wav"), "-bitexact", "-c:a", codec,
                            cls.file(name))
        dsf(cls.file("dsf"))
        dff(cls.file("dff"))

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    @classmethod
    def file(cls, name):
        return os.path.join(cls.plain, "plain." + name)

    def copy(self, name):
        """A source of its own, of this extension."""
        type(self).number += 1
        path = self.mount.source(f"{self.number}.{name}")
        shutil.copy(self.file(name), path)
        return path

    def mp3(self, source):
        """The path of its MP3, whose size is what comes."""
        path = self.mount.path("low", os.path.splitext(
            os.path.basename(source))[0] + ".mp3")
        self.assertEqual(os.stat(path).st_size, len(read_file(path)))
        return path

    def id3(self, source):
        return mutagen.id3.ID3(self.mp3(source))

    def texts(self, source):
        """Frame: values, of all text frames of the MP3."""
        return {key: [str(t) for t in frame.text]
                for key, frame in self.id3(source).items()
                if hasattr(frame, "text") and isinstance(frame.text, list)}

    def vorbis(self, tags, name="flac"):
        """The MP3's text frames when a source has these Vorbis comments."""
        path = self.copy(name)
        file = mutagen.File(path)
        for key, value in tags.items():
            file[key] = value
        file.save()
        return self.texts(path)

    @unittest.skipUnless(mediafile, "python3-mediafile is not installed")
    def test_mediafile(self):
        """beets reads each of its fields alike from MP3 and source"""
        for name in ("flac", "wav", "aiff", "m4a", "wv", "dsf", "mp3", "ogg",
                     "opus", "wma"):
            path = self.copy(name)
            file = mediafile.MediaFile(path)
            for field, value in FIELDS.items():
                setattr(file, field, value)
            file.save()
            source = mediafile.MediaFile(path)
            made = mediafile.MediaFile(self.mp3(path))
            for field in sorted(set(mediafile.MediaFile.fields())
                                - {"art", "images"}):
                self.assertEqual(getattr(made, field), getattr(source, field),
                                 f"{name}: {field}")

    def test_frames(self):
        """ID3v2 frames arrive as themselves, from every place of a tag"""
        for version in (4, 3):
            for name in ("wav", "aiff", "dsf", "dff", "tta", "mp3"):
                path = self.copy(name)
                file = mutagen.File(path)
                if file.tags is None:
                    file.add_tags()
                for frame in frames():
                    file.tags.add(frame)
                if version == 3:
                    file.tags.update_to_v23()
                file.save(v2_version=version)
                source = mutagen.File(path).tags
                made = self.id3(path)
                self.assertEqual(made.version[:2], (2, 4))
                self.assertEqual(sorted(made), sorted(source), name)
                for key in source:
                    self.assertEqual(made[key], source[key], f"{name} {key}")

    def test_tag_in_front(self):
        """An ID3v2 tag in front of a WAV file is read"""
        path = self.copy("wav")
        tag = io.BytesIO()
        id3 = mutagen.id3.ID3()
        id3.add(mutagen.id3.TIT2(encoding=3, text=["In front"]))
        id3.save(tag)
        with open(path, "rb") as file:
            sound = file.read()
        with open(path, "wb") as file:
            file.write(tag.getvalue() + sound)
        self.assertEqual(self.texts(path)["TIT2"], ["In front"])

    def test_old_id3(self):
        """ID3v2.2 is read, with unsynchronisation, too"""
        def frame(name, text):
            data = b"\0" + text
            return name + len(data).to_bytes(3, "big") + data

        body = (frame(b"TT2", b"Old") + frame(b"TRK", b"3/12")
                + frame(b"TCO", b"(17)") + frame(b"TP2", b"Band")
                + b"UFI" + (5).to_bytes(3, "big") + b"x\0\1\2\3")
        for flags, data in ((0, body), (0x80, body.replace(b"\xff", b"\xff\0"))):
            path = self.copy("tta")
            with open(path, "rb") as file:
                sound = file.read()
            size = bytes(len(data) >> shift & 0x7f for shift in (21, 14, 7, 0))
            with open(path, "wb") as file:
                file.write(b"ID3\2\0" + bytes([flags]) + size + data + sound)
            made = self.id3(path)
            self.assertEqual(made["TIT2"].text, ["Old"])
            self.assertEqual(made["TRCK"].text, ["3/12"])
            self.assertEqual(made["TCON"].text, ["Rock"])
            self.assertEqual(made["UFID:x"].data, b"\1\2\3")

    def test_info_beside_id3(self):
        """INFO and bext beside an id3 chunk lose none of its text"""
        path = self.copy("wav")
        fixtures.ffmpeg("-i", self.file("wav"), "-write_bext", "1",
                        "-metadata", "title=INFO title", "-metadata",
                        "genre=INFO genre", "-metadata",
                        "originator=An Originator", path)
        file = mutagen.File(path)
        file.add_tags()
        file.tags.add(mutagen.id3.TIT2(encoding=3, text=["Title"]))
        file.tags.add(mutagen.id3.TPE1(encoding=3, text=["Artist"]))
        file.save(v2_version=3)
        made = self.texts(path)
        self.assertEqual(made["TIT2"], ["Title"])
        self.assertEqual(made["TPE1"], ["Artist"])
        self.assertEqual(made["TCON"], ["INFO genre"])
        self.assertEqual(made["TENC"], ["An Originator"])

    def test_info_alone(self):
        """INFO has frames for its people; its ISRC is no ISRC"""
        def chunk(name, data):
            return name + struct.pack("<I", len(data)) + data + (
                b"\0" * (len(data) & 1))

        path = self.copy("wav")
        info = b"INFO" + b"".join(chunk(name, text) for name, text in (
            (b"INAM", b"Odd"), (b"IENG", b"Engineer\0"), (b"IPRT", b"7\0"),
            (b"IMUS", b"Composer\0"), (b"ISRC", b"A tape\0")))
        with open(path, "r+b") as file:
            file.seek(0, os.SEEK_END)
            file.write(chunk(b"LIST", info))
            size = file.tell() - 8
            file.seek(4)
            file.write(struct.pack("<I", size))
        made = self.texts(path)
        self.assertEqual(made["TIT2"], ["Odd"])
        self.assertEqual(made["TRCK"], ["7"])
        self.assertEqual(made["TCOM"], ["Composer"])
        self.assertEqual(made["TXXX:Source"], ["A tape"])
        self.assertNotIn("TSRC", made)
        self.assertEqual(self.id3(path)["TIPL"].people,
                         [["engineer", "Engineer"]])

    def test_caf(self):
        """CAF's names have frames, but for those of its audio"""
        info = {"title": "Title", "comments": "Words", "key signature": "Am",
                "recorded date": "2011-09", "tempo": "120", "mine": "x",
                "nominal bit rate": "128", "source encoder": "y",
                "approximate duration in seconds": "1"}
        text = struct.pack(">I", len(info)) + b"".join(
            part.encode() + b"\0" for pair in info.items() for part in pair)
        path = self.copy("caf")
        with open(path, "rb") as file:
            data = file.read()
        at = data.index(b"data")
        with open(path, "wb") as file:
            file.write(data[:at] + b"info" + struct.pack(">q", len(text))
                       + text + data[at:])
        made = self.texts(path)
        made.pop("TSSE")
        self.assertEqual(made, {
            "TIT2": ["Title"], "COMM::eng": ["Words"], "TKEY": ["Am"],
            "TDRC": ["2011-09"], "TBPM": ["120"], "TXXX:mine": ["x"]})

    def test_old_tags_at_the_end(self):
        """ID3v1 fills what ID3v2 has not; APEv2 is read in MP3 and TTA"""
        path = self.copy("mp3")
        file = mutagen.File(path)
        if file.tags is None:
            file.add_tags()
        file.tags.add(mutagen.id3.TIT2(encoding=3, text=["Title"]))
        file.tags.add(mutagen.id3.TPE1(encoding=3, text=["Artist"]))
        file.save(v1=2)
        with open(path, "r+b") as data:
            data.seek(-31, os.SEEK_END)
            data.write(b"a comment".ljust(28, b"\0") + b"\0\5\x11")
        source = mutagen.id3.ID3(path)
        made = self.id3(path)
        for key in source:
            if key != "TSSE":
                self.assertEqual(made[key], source[key], key)
        for name in ("mp3", "tta"):
            path = self.copy(name)
            tags = mutagen.apev2.APEv2()
            tags["Artist"] = ["A", "B"]
            tags.save(path)
            self.assertEqual(self.texts(path)["TPE1"], ["A", "B"], name)

    def test_odd_id3(self):
        """ID3v2 as programs write it against the standard, or as few expect
        it, loses no frame"""
        title, artist = b"\0Title", b"\0Artist"
        wide = "Title".encode("utf-16-le")
        packed = zlib.compress(title)

        def two(version, name, body, flags=0):
            """A tag of this frame and an artist."""
            return id3_tag(version, id3_frame(version, name, body, flags)
                           + id3_frame(version, b"TPE1", artist))

        tags = {
            "unsynchronized": id3_tag(3, (
                id3_frame(3, b"PRIV", b"p\0\xff\xe0")
                + id3_frame(3, b"TIT2", title)
                + id3_frame(3, b"TPE1", artist)).replace(
                    b"\xff", b"\xff\0"), 0x80),
            "compressed": two(3, b"TIT2", struct.pack(">I", len(title))
                              + packed, 0x80),
            "compressed 4": two(4, b"TIT2", b"\0\0\0" + bytes([len(title)])
                                + packed, 9),
            "sizes of 2.3 in 2.4": id3_tag(
                4, id3_frame(3, b"TXXX", b"\0K\0" + b"long " * 60)
                + id3_frame(3, b"TIT2", title)
                + id3_frame(3, b"TPE1", artist)),
            "footer": two(4, b"TIT2", title)[:5] + b"\x10"
                      + (two(4, b"TIT2", title) + b"3DI"
                         + two(4, b"TIT2", title)[3:10])[6:],
            "two tags": id3_tag(3, id3_frame(3, b"TIT2", title) + bytes(99))
                        + id3_tag(4, id3_frame(4, b"TPE1", artist)),
            "extended header": id3_tag(
                3, struct.pack(">IHI", 6, 0, 0)
                + id3_frame(3, b"TIT2", title)
                + id3_frame(3, b"TPE1", artist), 0x40),
            "group": two(3, b"TIT2", b"\x80" + title, 0x20),
            "group 4": two(4, b"TIT2", b"\x80" + title, 0x40),
            "no such encoding": two(3, b"TIT2", b"\7Title"),
            "UTF-16 without a mark": two(3, b"TIT2", b"\1" + wide),
            "UTF-16BE": two(4, b"TIT2", b"\2" + "Title".encode("utf-16-be")),
            "UTF-8 in 2.3": two(3, b"TIT2", b"\3Title"),
            "padding": two(3, b"TIT2", title + bytes(9)) + bytes(0),
            "2.2": b"ID3\2\0\0" + bytes(3) + b"\x19TT2\0\0\6" + title
                   + b"TP1\0\0\7" + artist,
        }
        with open(self.file("mp3"), "rb") as file:
            audio = file.read()
        audio = audio[mutagen.id3.ID3(io.BytesIO(audio)).size:]
        for name, tag in tags.items():
            path = self.copy("mp3")
            with open(path, "wb") as file:
                file.write(tag + audio)
            made = self.texts(path)
            self.assertEqual(made.get("TIT2"), ["Title"], name)
            self.assertEqual(made.get("TPE1"), ["Artist"], name)

    def test_odd_words(self):
        """Lyrics whose byte order stands before the description only; dates
        of 2.3; encrypted frames and those without an encoding are named"""
        path = self.copy("mp3")
        with open(path, "rb") as file:
            audio = file.read()
        audio = audio[mutagen.id3.ID3(io.BytesIO(audio)).size:]
        with open(path, "wb") as file:
            file.write(id3_tag(3, b"".join(id3_frame(3, *parts) for parts in (
                (b"USLT", b"\1deu\xff\xfe\0\0"
                 + "Wörter".encode("utf-16-le")),
                (b"TYER", b"\0001998"), (b"TDAT", b"\0002304"),
                (b"TIT2", b"\x85secret", 0x40), (b"TALB", b"Album")))) + audio)
        made = self.id3(path)
        self.assertEqual(made["USLT::deu"].text, "Wörter")
        self.assertEqual(str(made["TDRC"]), "1998-04-23")
        self.assertNotIn("TALB", made)
        wait_until(lambda: "tags without TIT2, TALB" in self.mount.log(),
                   "the log to name what is left out, and no more")

    def test_gapless(self):
        """What tells the source's encoder delay is left out, and named"""
        path = self.copy("m4a")
        file = mutagen.mp4.MP4(path)
        file["----:com.apple.iTunes:iTunSMPB"] = [b" 00000000 00000840"]
        file["----:com.apple.iTunes:iTunNORM"] = [b" 00000001 00000002"]
        file.save()
        made = self.texts(path)
        self.assertEqual(made["COMM:iTunNORM:eng"], [" 00000001 00000002"])
        self.assertFalse([key for key in made if "iTunSMPB" in key])
        wait_until(lambda: "tags without iTunSMPB" in self.mount.log(),
                   "the log to name what is left out")

    def test_too_much(self):
        """A file of a million atoms is played, and its tags are FFmpeg's"""
        path = self.copy("m4a")
        file = mutagen.mp4.MP4(path)
        file["\xa9nam"] = ["Title"]
        file.save()
        with open(path, "ab") as file:
            file.write(b"\0\0\0\10free" * 1000000)
        self.assertEqual(self.texts(path)["TIT2"], ["Title"])
        wait_until(lambda: "too large or too deep" in self.mount.log(),
                   "the log to say that tags were not read")

    def test_several_values(self):
        """Several values stay several, in all formats that have them"""
        for name in ("flac", "oga", "ogg", "opus"):
            made = self.vorbis({"ARTIST": ["A", "B"], "X": ["1", "2"]}, name)
            self.assertEqual(made["TPE1"], ["A", "B"], name)
            self.assertEqual(made["TXXX:X"], ["1", "2"], name)
        path = self.copy("wv")
        tags = mutagen.apev2.APEv2()
        tags["Artist"] = ["A", "B"]
        tags.save(path)
        self.assertEqual(self.texts(path)["TPE1"], ["A", "B"])
        path = self.copy("m4a")
        file = mutagen.mp4.MP4(path)
        file["\xa9ART"] = ["A", "B"]
        file["----:com.apple.iTunes:MOOD"] = [b"calm", b"blue"]
        file["----:org.other:Field"] = [b"kept"]
        file.save()
        made = self.texts(path)
        self.assertEqual(made["TPE1"], ["A", "B"])
        self.assertEqual(made["TMOO"], ["calm", "blue"])
        self.assertEqual(made["TXXX:Field"], ["kept"])

    def test_asf(self):
        """Attributes of ASF keep their order and their kinds"""
        path = self.copy("wma")
        file = mutagen.asf.ASF(path)
        file["WM/Genre"] = ["A", "B", "C"]
        file["WM/Year"] = "2011-09"
        file["WM/Lyrics"] = "words"
        file["WM/TrackNumber"] = mutagen.asf.ASFDWordAttribute(7)
        file["WM/IsCompilation"] = mutagen.asf.ASFBoolAttribute(True)
        file.save()
        made = self.id3(path)
        self.assertEqual(made["TCON"].text, ["A", "B", "C"])
        self.assertEqual(str(made["TDRC"]), "2011-09")
        self.assertEqual(made["USLT::eng"].text, "words")
        self.assertEqual(made["TRCK"].text, ["7"])
        self.assertEqual(made["TCMP"].text, ["1"])

    def test_ape(self):
        """APEv2's own names are known"""
        path = self.copy("wv")
        tags = mutagen.apev2.APEv2()
        for key, value in (("Track", "3/12"), ("Disc", "1/2"),
                           ("Year", "2011-09-05"), ("Album Artist", "Band"),
                           ("MixArtist", "Remixer"), ("Comment", "c"),
                           ("Performer", "Z (violin)"), ("Key Of It", "x")):
            tags[key] = value
        tags["Blob"] = mutagen.apev2.APEValue(b"\0\1", mutagen.apev2.BINARY)
        tags.save(path)
        made = self.texts(path)
        for key, value in (("TRCK", "3/12"), ("TPOS", "1/2"),
                           ("TDRC", "2011-09-05"), ("TPE2", "Band"),
                           ("TPE4", "Remixer"), ("COMM::eng", "c"),
                           ("TXXX:Key Of It", "x")):
            self.assertEqual(made[key], [value])
        self.assertEqual(self.id3(path)["TMCL"].people, [["violin", "Z"]])
        wait_until(lambda: "tags without Blob" in self.mount.log(),
                   "the log to name what is left out")

    def test_ffmpeg_containers(self):
        """What only FFmpeg reads has its tags, too"""
        for name in ("mka", "caf"):
            path = self.mount.source(f"by-ffmpeg-{name}.{name}")
            fixtures.ffmpeg("-i", self.file("wav"), "-c:a", CODECS[name],
                            "-metadata", "title=Title", "-metadata",
                            "artist=Artist", "-metadata", "MOOD=calm", path)
            made = self.texts(path)
            self.assertEqual(made["TIT2"], ["Title"], name)
            self.assertEqual(made["TPE1"], ["Artist"], name)
            self.assertEqual(made["TMOO"], ["calm"], name)

    def test_latin1(self):
        """INFO in ISO 8859-1, as old programs write it, is read as such"""
        path = self.copy("wav")
        with open(path, "ab") as file:
            file.write(b"LIST\x12\0\0\0INFOINAM\6\0\0\0Caf\xe9\0\0")
        with open(path, "r+b") as file:
            size = os.stat(path).st_size - 8
            file.seek(4)
            file.write(struct.pack("<I", size))
        self.assertEqual(self.texts(path)["TIT2"], ["Café"])

    # Vorbis comments as people write them

    def test_dates(self):
        """Dates of any precision are kept; YEAR serves when DATE is odd"""
        for given, kept in (("2011", "2011"), ("2011-09", "2011-09"),
                            ("2011-9-5", "2011-09-05"),
                            ("2011/09/05", "2011-09-05"),
                            ("2011-09-05T07:00:00Z", "2011-09-05 07:00:00")):
            self.assertEqual(self.vorbis({"DATE": given})["TDRC"], [kept])
        made = self.vorbis({"DATE": "some spring", "YEAR": "1998"})
        self.assertEqual(made["TDRC"], ["1998"])
        self.assertEqual(made["TXXX:DATE"], ["some spring"])
        made = self.vorbis({"DATE": "1998 (remastered)"})
        self.assertEqual(made["TDRC"], ["1998"])
        self.assertEqual(made["TXXX:DATE"], ["1998 (remastered)"])

    def test_numbers(self):
        """Totals come with their numbers, and without"""
        for given, kept in (
                ({"TRACKNUMBER": "3", "TOTALTRACKS": "12"}, ["3/12"]),
                ({"TRACKNUMBER": "3/12", "TRACKTOTAL": "99"}, ["3/12"]),
                ({"TRACKNUMBER": "A1"}, ["A1"]),
                ({"TRACKTOTAL": "12"}, ["0/12"])):
            self.assertEqual(self.vorbis(given)["TRCK"], kept)

    def test_comments(self):
        """COMMENT is kept beside DESCRIPTION, LYRICS beside each other"""
        made = self.vorbis({"COMMENT": "c", "DESCRIPTION": "d"})
        self.assertEqual(made["COMM::eng"], ["c"])
        self.assertEqual(made["COMM::XXX"], ["d"])
        self.assertEqual(self.vorbis({"DESCRIPTION": "d"})["COMM::eng"],
                         ["d"])
        path = self.copy("flac")
        file = mutagen.File(path)
        file["LYRICS"] = ["one", "two"]
        file["LANGUAGE"] = ["deu"]
        file.save()
        made = self.id3(path)
        self.assertEqual([f.text for f in made.getall("USLT")],
                         ["one", "two"])
        self.assertEqual(made["TLAN"].text, ["deu"])

    def test_people(self):
        """Roles and performers become lists of people"""
        path = self.copy("flac")
        file = mutagen.File(path)
        file["PRODUCER"] = ["P1", "P2"]
        file["MIXER"] = ["M"]
        file["PERFORMER"] = ["Z (violin)", "Y"]
        file.save()
        made = self.id3(path)
        self.assertEqual(made["TIPL"].people, [["producer", "P1"],
                                               ["producer", "P2"],
                                               ["mix", "M"]])
        self.assertEqual(made["TMCL"].people, [["violin", "Z"],
                                               ["performer", "Y"]])

    def test_two_names_of_one_field(self):
        """Of two names of a field, what differs is kept under its own"""
        made = self.vorbis({"LABEL": "A", "PUBLISHER": "B",
                            "ALBUMARTIST": "C", "ALBUM ARTIST": "C"})
        self.assertEqual(made["TPUB"], ["A"])
        self.assertEqual(made["TXXX:PUBLISHER"], ["B"])
        self.assertEqual(made["TPE2"], ["C"])
        self.assertNotIn("TXXX:ALBUM ARTIST", made)

    def test_large(self):
        """Values over 64 KiB and more than 256 fields are kept"""
        words = "long words " * 20000
        made = self.vorbis({"MINE": words, **{
            f"FIELD{i}": str(i) for i in range(600)}})
        self.assertEqual(made["TXXX:MINE"], [words])
        for i in range(600):
            self.assertEqual(made[f"TXXX:FIELD{i}"], [str(i)])

    def test_broken_utf8(self):
        """A value that is not UTF-8 is not lost"""
        path = self.copy("flac")
        file = mutagen.File(path)
        file["ARTIST"] = "Bjork!"
        file["TITLE"] = "A Title"
        file.save()
        with open(path, "rb") as source:
            data = source.read()
        with open(path, "wb") as source:
            source.write(data.replace(b"Bjork!", b"Bj\xf6rk!"))
        self.assertEqual(self.texts(path)["TPE1"], ["Björk!"])

    def test_other_writers(self):
        """What metaflac and kid3 write is read"""
        path = self.copy("flac")
        subprocess.run(["metaflac", "--set-tag=ARTIST=A", "--set-tag=ARTIST=B",
                        "--set-tag=MUSICBRAINZ_TRACKID=" + ID % 1, path],
                       check=True)
        made = self.id3(path)
        self.assertEqual(made["TPE1"].text, ["A", "B"])
        self.assertEqual(made["UFID:http://musicbrainz.org"].data.decode(),
                         ID % 1)
        if not shutil.which("kid3-cli"):
            return "kid3-cli is not installed"
        for name in ("flac", "m4a", "wv", "aiff", "wma", "oga", "tta"):
            path = self.copy(name)
            subprocess.run(
                ["kid3-cli", "-c", "set title 'A Title'",
                 "-c", "set 'Album Artist' 'The Band'",
                 "-c", "set conductor 'A Conductor'", path], check=True,
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
                stdout=subprocess.DEVNULL)
            made = self.texts(path)
            self.assertEqual(made["TIT2"], ["A Title"], name)
            self.assertEqual(made["TPE2"], ["The Band"], name)
            self.assertEqual(made["TPE3"], ["A Conductor"], name)
        return None


class Version3(unittest.TestCase):
    def mount(self, **options):
        mount = Mount(id3_version="2.3", **options)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        path = mount.source("a.flac")
        fixtures.write(path, fixtures.music(0.5, 44100, 2, 600), 44100)
        fixtures.tag(path, {
            "TITLE": "標題", "ARTIST": ["A", "B"], "DATE": "2011-09-05T07:30",
            "ORIGINALDATE": "1998-04-23", "PRODUCER": "P", "MOOD": "calm",
            "PERFORMER": "Z (violin)", "ALBUMARTISTSORT": "Band, The",
            "MUSICBRAINZ_TRACKID": ID % 1})
        path = mount.path("low", "a.mp3")
        self.assertEqual(os.stat(path).st_size, len(read_file(path)))
        return path

    def test_version_3(self):
        """id3_version=2.3 writes its frames, and joins values"""
        path = self.mount()
        raw = mutagen.id3.ID3(path, translate=False)
        self.assertEqual(raw.version[:2], (2, 3))
        for key, value in (("TIT2", "標題"), ("TPE1", "A/B"),
                           ("TXXX:ARTISTS", "A/B"), ("TYER", "2011"),
                           ("TDAT", "0509"), ("TIME", "0730"),
                           ("TORY", "1998"), ("TXXX:mood", "calm"),
                           ("TSO2", "Band, The")):
            self.assertEqual(str(raw[key]), value, key)
        self.assertEqual(raw["IPLS"].people, [["producer", "P"],
                                              ["violin", "Z"]])
        self.assertEqual(raw["UFID:http://musicbrainz.org"].data.decode(),
                         ID % 1)
        for frame in raw.values():
            if hasattr(frame, "encoding"):
                self.assertIn(frame.encoding, (0, 1))
        self.assertEqual(str(mutagen.id3.ID3(path)["TDRC"]),
                         "2011-09-05 07:30:00")

    def test_separator(self):
        """id3_separator= stands between values"""
        raw = mutagen.id3.ID3(self.mount(id3_separator="; "), translate=False)
        self.assertEqual(str(raw["TPE1"]), "A; B")


if __name__ == "__main__":
    tap.main()
