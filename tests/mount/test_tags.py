"""Tags and covers: what a player shows of a transcoded track."""
import json
import os
import shutil
import subprocess
import unittest

import mutagen.aiff
import mutagen.flac
import mutagen.id3
import mutagen.mp3

import fixtures
import tap
from harness import Mount, read_file

FIELDS = {
    "title": "A Title", "artist": "An Artist", "albumartist": "The Band",
    "album": "An Album", "tracknumber": "3", "tracktotal": "12",
    "discnumber": "1", "disctotal": "2", "date": "1998-04-23",
    "genre": "Jazz", "composer": "A Composer", "comment": "A comment",
    "copyright": "1998 Somebody", "MOOD": "calm", "ISRC": "DEA123456789",
    "My Own Field": "kept",
}
SCRIPTS = {
    "latin": "Ébène, Ærø, straße, ñandú, İstanbul",
    "greek": "Ελληνικά", "cyrillic": "Привет, мир", "hebrew": "שלום עולם",
    "arabic": "مرحبا بالعالم", "devanagari": "नमस्ते दुनिया",
    "thai": "สวัสดีชาวโลก", "japanese": "こんにちは世界、カタカナ",
    "chinese": "你好，世界", "korean": "안녕하세요", "emoji": "🎵 🎸 👩‍🎤",
    "musical": "𝄞 𝄢 𝅘𝅥", "combining": "e\u0301 a\u0308",
    "long": "long " * 3000, "quotes": "\"'<>&\\%s\t;|/",
}


class Tags(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        cls.mount.__enter__()
        cls.audio = fixtures.music(2, 44100, 2, 600)
        cls.plain = os.path.join(cls.mount.base, "plain.flac")
        fixtures.write(cls.plain, cls.audio, 44100)

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def flac(self, name, tags, picture=None):
        """Makes folder/name.flac, gives the path of its MP3."""
        path = self.mount.source(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(self.plain, path)
        fixtures.tag(path, tags, picture)
        return self.mount.path("low", name.replace(".flac", ".mp3"))

    def id3(self, path):
        return mutagen.id3.ID3(path, translate=False)

    def test_fields(self):
        """The usual fields become their frames"""
        tags = self.id3(self.flac("fields/a.flac", FIELDS))
        self.assertEqual(tags.version[:2], (2, 4))
        for frame, value in (
                ("TIT2", "A Title"), ("TPE1", "An Artist"),
                ("TPE2", "The Band"), ("TALB", "An Album"),
                ("TRCK", "3/12"), ("TPOS", "1/2"), ("TCON", "Jazz"),
                ("TCOM", "A Composer"), ("TCOP", "1998 Somebody")):
            self.assertEqual(str(tags[frame]), value, frame)
        self.assertEqual(str(tags["TDRC"]), "1998-04-23")
        comments = [str(c) for c in tags.getall("COMM")]
        self.assertEqual(comments, ["A comment"])

    def test_date(self):
        """A full date keeps its day and month"""
        tags = mutagen.id3.ID3(self.flac("date/a.flac", FIELDS))
        self.assertEqual(str(tags["TDRC"]), "1998-04-23")

    def test_other_fields(self):
        """Fields without a frame of their own become TXXX"""
        tags = self.id3(self.flac("other/a.flac", FIELDS))
        self.assertEqual({f.desc.upper(): str(f)
                          for f in tags.getall("TXXX")}.get("MY OWN FIELD"), "kept")

    def test_scripts(self):
        """Tags in any script survive"""
        for script, text in SCRIPTS.items():
            path = self.flac(f"scripts/{script}.flac",
                             {"title": text, "artist": text, "X": text})
            tags = self.id3(path)
            self.assertEqual(str(tags["TIT2"]), text)
            self.assertEqual(str(tags["TPE1"]), text)
            self.assertEqual(str(tags["TXXX:X"]), text)

    def test_several_values(self):
        """A field with two values has both"""
        tags = self.id3(self.flac("several/a.flac",
                                  {"artist": ["First", "Second"]}))
        self.assertEqual(tags["TPE1"].text, ["First", "Second"])

    def test_no_tags(self):
        """A track without tags has an MP3 that mutagen and ffprobe accept"""
        path = self.flac("none/a.flac", {})
        self.assertAlmostEqual(mutagen.mp3.MP3(path).info.length, 2,
                               delta=0.05)

    def test_ffprobe(self):
        """ffprobe shows the same tags, and the length to three frames"""
        path = self.flac("ffprobe/a.flac", FIELDS)
        shown = json.loads(subprocess.run(
            ["ffprobe", "-v", "error", "-show_format", "-of", "json", path],
            check=True, stdout=subprocess.PIPE).stdout)["format"]
        tags = {key.lower(): value for key, value in shown["tags"].items()}
        self.assertEqual(tags["title"], "A Title")
        self.assertEqual(tags["album_artist"], "The Band")
        self.assertEqual(tags["track"], "3/12")
        self.assertAlmostEqual(float(shown["duration"]), 2, delta=0.078)

    def test_mutagen_info(self):
        """mutagen takes the length from the Info frame, as LAME's CBR"""
        info = mutagen.mp3.MP3(self.flac("info/a.flac", FIELDS)).info
        self.assertAlmostEqual(info.length, 2, delta=0.001)
        self.assertEqual(info.bitrate_mode, mutagen.mp3.BitrateMode.CBR)
        self.assertFalse(info.sketchy)

    def test_formats(self):
        """Title and artist come through from every lossless format"""
        folder = self.mount.source("formats")
        os.makedirs(folder)
        wav = os.path.join(self.mount.base, "plain.wav")
        fixtures.write(wav, self.audio, 44100)
        made = []
        for extension, codec in (("m4a", "alac"), ("wv", "wavpack"),
                                 ("tta", "tta"), ("wav", "pcm_s16le"),
                                 ("oga", "flac"), ("mka", "flac")):
            fixtures.ffmpeg("-i", wav, "-c:a", codec, "-metadata",
                            "title=Títle 標題", "-metadata", "artist=Nobody",
                            f"{folder}/{extension}.{extension}")
            made.append(extension)
        fixtures.write(f"{folder}/aiff.aiff", self.audio, 44100)
        aiff = mutagen.aiff.AIFF(f"{folder}/aiff.aiff")
        aiff.add_tags()
        aiff.tags.add(mutagen.id3.TIT2(encoding=1, text="Títle 標題"))
        aiff.tags.add(mutagen.id3.TPE1(encoding=1, text="Nobody"))
        aiff.save()
        for extension in (*made, "aiff"):
            tags = self.id3(self.mount.path("high", "formats",
                                            extension + ".mp3"))
            self.assertEqual(str(tags.get("TIT2")), "Títle 標題", extension)
            self.assertEqual(str(tags.get("TPE1")), "Nobody", extension)

    # Covers

    def cover(self, path):
        pictures = self.id3(path).getall("APIC")
        self.assertLessEqual(len(pictures), 1)
        return (pictures[0].data, pictures[0].mime) if pictures else None

    def test_embedded_cover(self):
        """An embedded picture is there byte for byte, with its MIME type"""
        for picture, mime in ((fixtures.png(40, 30), "image/png"),
                              (fixtures.jpeg(), "image/jpeg")):
            path = self.flac(f"embedded/{mime[6:]}.flac", FIELDS, picture)
            self.assertEqual(self.cover(path), (picture, mime))

    def test_large_cover(self):
        """A picture of three megabytes survives, and the size is right"""
        picture = fixtures.png(1100, 960)
        self.assertGreater(len(picture), 3 << 20)
        path = self.flac("large/a.flac", FIELDS, picture)
        size = os.stat(path).st_size
        self.assertEqual(size, len(read_file(path)))
        self.assertTrue(self.cover(path)[0] == picture)

    def test_folder_covers(self):
        """cover, folder and front, .jpg and .png, in any case, are taken"""
        jpeg, png = fixtures.jpeg(), fixtures.png(20, 20)
        for name, data in (
                ("cover.jpg", jpeg), ("Cover.JPG", jpeg), ("FOLDER.png", png),
                ("Front.jpg", jpeg), ("folder.Jpg", jpeg)):
            path = self.flac(f"folder {name}/a.flac", FIELDS)
            with open(os.path.join(self.mount.source(f"folder {name}"), name),
                      "wb") as file:
                file.write(data)
            self.assertEqual(self.cover(path)[0], data, name)

    def test_embedded_first(self):
        """An embedded picture is preferred to the folder's"""
        inside, beside = fixtures.png(10, 10, 1), fixtures.png(10, 10, 2)
        path = self.flac("both/a.flac", FIELDS, inside)
        with open(self.mount.source("both/cover.png"), "wb") as file:
            file.write(beside)
        self.assertEqual(self.cover(path)[0], inside)

    def test_cover_size(self):
        """The size counts the folder's cover from the first stat on"""
        with open(os.path.join(self.mount.base, "c.png"), "wb") as file:
            file.write(fixtures.png(100, 100, 3))
        path = self.flac("sized/a.flac", FIELDS)
        shutil.move(os.path.join(self.mount.base, "c.png"),
                    self.mount.source("sized/cover.png"))
        size = os.stat(path).st_size
        self.assertEqual(size, len(read_file(path)))
        self.assertIsNotNone(self.cover(path))

    def test_attached_picture(self):
        """FFmpeg sees the cover as an attached picture"""
        path = self.flac("attached/a.flac", FIELDS, fixtures.jpeg())
        shown = json.loads(subprocess.run(
            ["ffprobe", "-v", "error", "-show_streams", "-of", "json", path],
            check=True, stdout=subprocess.PIPE).stdout)["streams"]
        pictures = [s for s in shown if s["codec_type"] == "video"]
        self.assertEqual(len(pictures), 1)
        self.assertEqual(pictures[0]["disposition"]["attached_pic"], 1)

    def test_not_a_picture(self):
        """A file named cover.jpg that is a folder, or empty, harms nothing"""
        for name, make in (("dir", os.mkdir),
                           ("empty", lambda p: open(p, "w").close())):
            path = self.flac(f"odd {name}/a.flac", FIELDS)
            make(self.mount.source(f"odd {name}/cover.jpg"))
            self.assertEqual(os.stat(path).st_size, len(read_file(path)))
            self.assertIsNone(self.cover(path))


if __name__ == "__main__":
    tap.main()
