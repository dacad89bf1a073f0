"""Covers: what players can show, from whatever the library has.

Pictures are made by other people's programs (ImageMagick, libwebp, libtiff)
and put where other people's programs put them (mutagen, FFmpeg); what comes out
is read by mutagen, FFmpeg and Pillow.
"""
import base64
import io
import os
import shutil
import struct
import subprocess
import unittest
import zlib

import mutagen.apev2
import mutagen.asf
import mutagen.flac
import mutagen.id3
import mutagen.mp4
import mutagen.oggflac
import mutagen.oggvorbis
import numpy as np
from PIL import Image

import fixtures
import tap
from harness import Mount, read_file

WIDTH, HEIGHT = 60, 40
KINDS = {  # what ImageMagick or Pillow is told to write
    "gif": ["GIF87:-"], "bmp": ["BMP:-"], "bmp2": ["BMP2:-"],
    "tiff": ["-compress", "LZW", "TIFF:-"],
    "tiff zip": ["-compress", "Zip", "-endian", "MSB", "TIFF:-"],
    "tiff 16": ["-depth", "16", "-compress", "none", "TIFF:-"],
    "webp": ["-quality", "90", "WEBP:-"],
    "webp lossless": ["-define", "webp:lossless=true", "WEBP:-"],
    "cmyk": ["-colorspace", "CMYK", "-quality", "95", "JPEG:-"],
    "progressive": ["-interlace", "Plane", "-quality", "95", "JPEG:-"],
    "rgb": ["-colorspace", "RGB", "-set", "colorspace", "RGB", "-quality",
            "95", "-define", "jpeg:colorspace=RGB", "JPEG:-"],
    "png 16": ["-depth", "16", "PNG48:-"],
    "png interlaced": ["-interlace", "PNG", "PNG24:-"],
}


def drawing(width=WIDTH, height=HEIGHT):
    """Four fields of plain colors; what a lossy format keeps well."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:height // 2, :width // 2] = (200, 40, 40)
    pixels[:height // 2, width // 2:] = (40, 160, 60)
    pixels[height // 2:, :width // 2] = (50, 60, 190)
    pixels[height // 2:, width // 2:] = (230, 220, 210)
    return pixels


def saved(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def converted(*arguments, width=WIDTH, height=HEIGHT):
    """By ImageMagick."""
    return subprocess.run(
        ["/usr/bin/convert-im6.q16", "PNG:-", *arguments],
        input=saved(drawing(width, height)), check=True,
        stdout=subprocess.PIPE).stdout


def fields(data):
    """The middle of each of the four fields, as numbers."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    pixels = np.asarray(image).astype(int)
    h, w = pixels.shape[:2]
    return np.array([pixels[y * h // 4, x * w // 4]
                     for y in (1, 3) for x in (1, 3)])


def markers(data):
    """Of a JPEG, up to the first scan."""
    found, at = [], 2
    while data[at + 1] != 0xda:
        found.append(data[at + 1])
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    return found


def bomb_png(width, height):
    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data
                + struct.pack(">I", zlib.crc32(name + data)))
    packer, parts = zlib.compressobj(9), []
    row = bytes(1 << 20)
    for _ in range(64):
        parts.append(packer.compress(row))
    parts.append(packer.flush())
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 6, 0,
                                         0, 1))
            + chunk(b"IDAT", b"".join(parts)) + chunk(b"IEND", b""))


class Library(unittest.TestCase):
    OPTIONS = {}

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount(**cls.OPTIONS)
        cls.mount.__enter__()
        cls.wav = os.path.join(cls.mount.base, "plain.wav")
        fixtures.write(cls.wav, fixtures.music(0.5, 44100, 2, 61), 44100)
        cls.plain = {}
        for extension, codec in (("flac", "flac"), ("wv", "wavpack"),
                                 ("m4a", "alac"), ("oga", "flac")):
            cls.plain[extension] = f"{cls.mount.base}/plain.{extension}"
            fixtures.ffmpeg("-i", cls.wav, "-c:a", codec,
                            cls.plain[extension])

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def copy(self, folder, extension="flac"):
        """A track in a folder of its own: source and MP3."""
        os.makedirs(self.mount.source(folder), exist_ok=True)
        source = self.mount.source(folder, f"a.{extension}")
        shutil.copy(self.plain[extension], source)
        return source, self.mount.path("low", folder, "a.mp3")

    def embed(self, folder, *pictures):
        """A FLAC with pictures (type, MIME, description, bytes)."""
        source, mp3 = self.copy(folder)
        file = mutagen.flac.FLAC(source)
        for kind, mime, description, data in pictures:
            picture = mutagen.flac.Picture()
            picture.type, picture.mime = kind, mime
            picture.desc, picture.data = description, data
            file.add_picture(picture)
        file.save()
        return mp3

    def pictures(self, mp3):
        """(type, MIME, description, bytes) in the order of the file, which
        has the size that it promised."""
        size = os.stat(mp3).st_size
        data = read_file(mp3)
        self.assertEqual(size, len(data))
        frames = mutagen.id3.ID3(io.BytesIO(data)).getall("APIC")
        frames.sort(key=lambda f: data.find(f.data))
        return [(int(f.type), f.mime, f.desc.strip(), f.data)
                for f in frames]  # mutagen makes keys differ by spaces

    def shown(self, mp3):
        """The one picture, a baseline JPEG."""
        (_, mime, _, data), = self.pictures(mp3)
        self.assertEqual(mime, "image/jpeg")
        self.assertIn(0xc0, markers(data))
        return data


class Covers(Library):
    def test_kinds(self):
        """GIF, BMP, TIFF, WebP, CMYK and the like become baseline JPEG"""
        for kind, arguments in KINDS.items():
            data = converted(*arguments)
            mp3 = self.embed(f"kind {kind}", (3, "image/x", "", data))
            got = self.shown(mp3)
            self.assertEqual(Image.open(io.BytesIO(got)).size,
                             (WIDTH, HEIGHT), kind)
            self.assertLess(np.abs(fields(got) - fields(data)).max(), 12, kind)

    def test_folder_kinds(self):
        """So they do as the folder's cover"""
        for kind in ("gif", "webp", "tiff", "cmyk", "progressive", "bmp"):
            data = converted(*KINDS[kind])
            name = {"cmyk": "jpg", "progressive": "jpeg"}.get(kind, kind)
            source, mp3 = self.copy(f"folder {kind}")
            with open(os.path.join(os.path.dirname(source), f"cover.{name}"),
                      "wb") as file:
                file.write(data)
            self.assertLess(np.abs(fields(self.shown(mp3))
                                   - fields(data)).max(), 12, kind)

    def test_progressive(self):
        """A progressive JPEG keeps every pixel and what it says of itself"""
        pixels = np.random.default_rng(7).integers(
            0, 256, (50, 70, 3), dtype=np.uint8)
        data = saved(pixels, "JPEG", progressive=True, quality=80,
                     comment=b"a comment", dpi=(300, 300))
        got = self.shown(self.embed("progressive", (3, "image/jpeg", "",
                                                    data)))
        was, now = (Image.open(io.BytesIO(d)) for d in (data, got))
        self.assertTrue(np.array_equal(np.asarray(was), np.asarray(now)))
        self.assertEqual(now.info["dpi"], (300, 300))
        self.assertEqual(now.info["comment"], b"a comment")

    def test_transparent(self):
        """What can be seen through is white"""
        pixels = np.zeros((20, 20, 4), np.uint8)
        pixels[:10] = (255, 0, 0, 255)
        got = self.shown(self.embed("transparent", (
            3, "image/webp", "", saved(pixels, "WEBP", lossless=True))))
        image = np.asarray(Image.open(io.BytesIO(got))).astype(int)
        self.assertLess(np.abs(image[3, 10] - (255, 0, 0)).max(), 12)
        self.assertGreater(image[17, 10].min(), 245)

    def test_mime(self):
        """The content decides, whatever the MIME type says"""
        jpeg, png = fixtures.jpeg(), fixtures.png(9, 9)
        for i, (mime, data, want) in enumerate((
                ("IMAGE/JPEG", jpeg, "image/jpeg"), ("", jpeg, "image/jpeg"),
                ("image/jpeg", png, "image/png"), ("PNG", png, "image/png"))):
            got = self.pictures(self.embed(f"mime {i}", (3, mime, "", data)))
            self.assertEqual(got, [(3, want, "", data)], mime)

    def test_several(self):
        """Pictures keep types and descriptions; the front cover comes first"""
        made = [(4, "image/png", "the back", fixtures.png(8, 8, 1)),
                (8, "image/png", "Ünïcode ♫", fixtures.png(8, 8, 2)),
                (3, "image/png", "", fixtures.png(8, 8, 3)),
                (2, "image/png", "icon", fixtures.png(8, 8, 4))]
        got = self.pictures(self.embed("several", *made))
        self.assertEqual(got, [made[2], made[0], made[1], made[3]])

    def test_ape(self):
        """WavPack: by the item's name, with and without a file extension"""
        front, back = fixtures.png(8, 8, 5), fixtures.jpeg()
        for i, name in enumerate((b"cover.png\0", b"front\0", b"\0", b"")):
            source, mp3 = self.copy(f"ape {i}", "wv")
            tags = mutagen.apev2.APEv2()
            tags["Cover Art (Back)"] = mutagen.apev2.APEValue(
                b"b.jpg\0" + back, mutagen.apev2.BINARY)
            tags["Cover Art (Front)"] = mutagen.apev2.APEValue(
                name + front, mutagen.apev2.BINARY)
            tags.save(source)
            self.assertEqual([(t, m, d) for t, m, _, d in self.pictures(mp3)],
                             [(3, "image/png", front),
                              (4, "image/jpeg", back)], name)

    def test_ogg(self):
        """Ogg FLAC: native blocks, and those in comments"""
        picture = mutagen.flac.Picture()
        picture.type, picture.mime, picture.desc = 3, "image/PNG", "here"
        picture.data = fixtures.png(120, 120, 6)
        source, mp3 = self.copy("ogg comment", "oga")
        file = mutagen.oggflac.OggFLAC(source)
        file["metadata_block_picture"] = base64.b64encode(
            picture.write()).decode()
        file.save()
        want = [(3, "image/png", "here", picture.data)]
        self.assertEqual(self.pictures(mp3), want)
        # flac writes the blocks of a picture into Ogg as they are
        _, mp3 = self.copy("ogg native", "oga")
        image = os.path.join(self.mount.base, "native.png")
        with open(image, "wb") as out:
            out.write(picture.data)
        subprocess.run(["flac", "-s", "-f", "--ogg",
                        f"--picture=3|image/png|here||{image}", "-o",
                        self.mount.source("ogg native/a.oga"), self.wav],
                       check=True)
        self.assertEqual(self.pictures(mp3), want)

    def test_mp4(self):
        """ALAC: covers, the first one in front"""
        source, mp3 = self.copy("mp4", "m4a")
        file = mutagen.mp4.MP4(source)
        jpeg, png = fixtures.jpeg(), fixtures.png(8, 8, 8)
        file["covr"] = [
            mutagen.mp4.MP4Cover(jpeg, mutagen.mp4.MP4Cover.FORMAT_JPEG),
            mutagen.mp4.MP4Cover(png, mutagen.mp4.MP4Cover.FORMAT_PNG)]
        file.save()
        self.assertEqual([(t, m, d) for t, m, _, d in self.pictures(mp3)],
                         [(3, "image/jpeg", jpeg), (0, "image/png", png)])

    def test_bombs(self):
        """A picture that cannot be decoded costs little: the track plays,
        and the log says why"""
        bomb = bomb_png(65535, 65535)
        gif = converted(*KINDS["gif"])
        huge = gif[:6] + b"\xff\xff\xff\xff" + gif[10:]
        cut = converted(*KINDS["webp"])[:60]
        for i, (data, kept) in enumerate((
                (bomb, True), (huge, False), (cut, False),
                (b"BM" + bytes(60), False), (b"<html>" + bytes(60), False),
                (b"\xff\xd8\xff\xe0" + bytes(60), True))):
            mp3 = self.embed(f"bomb {i}", (3, "image/png", "", data))
            self.assertEqual([d for *_, d in self.pictures(mp3)],
                             [data] if kept else [], i)
            self.assertIn(f"bomb {i}/a.flac': a picture is left out: ",
                          self.mount.log())
        self.assertEqual(self.mount.counter("workers_died"), 0)

    def test_no_picture(self):
        """A cover.jpg that is no picture is none, and the log says so"""
        source, mp3 = self.copy("secret")
        with open(self.mount.source("secret/cover.jpg"), "wb") as file:
            file.write(b"root:x:0:0:root:/root:/bin/bash\n" * 20)
        self.assertEqual(self.pictures(mp3), [])
        self.assertIn("secret/cover.jpg", self.mount.log())

    def test_times(self):
        """A cover that changes or goes moves the time or size of the MP3"""
        source, mp3 = self.copy("times")
        cover = self.mount.source("times/cover.jpg")
        os.utime(source, (1000, 1000))
        seen = set()
        for time, data in ((2000, fixtures.jpeg()),
                           (3000, fixtures.jpeg()[:-1] + b"\0")):
            with open(cover, "wb") as file:
                file.write(data)
            os.utime(cover, (time, time))
            read_file(mp3)  # to open it is to look again
            self.assertEqual(os.stat(mp3).st_mtime, time)
            self.assertEqual(self.pictures(mp3)[0][3], data)
            seen.add(os.stat(mp3).st_size)
        os.remove(cover)
        read_file(mp3)
        self.assertEqual(os.stat(mp3).st_mtime, 1000)
        self.assertNotIn(os.stat(mp3).st_size, seen)
        wav = self.mount.path("pcm/native/times/a.wav")
        self.assertEqual(os.stat(wav).st_mtime, 1000)

    def test_same_bytes(self):
        """A picture is converted to the same bytes each time"""
        data = converted(*KINDS["webp"])
        first = self.pictures(self.embed("same 1", (3, "", "", data)))
        again = self.pictures(self.embed("same 2", (3, "", "", data)))
        self.assertEqual(first, again)


def id3_frame(name, body, version):
    if version == 2:
        return name + struct.pack(">I", len(body))[1:] + body
    return name + struct.pack(">IH", len(body), 0) + body


def id3_tag(frames, version):
    size = len(frames)
    return b"ID3" + bytes((version, 0, 0, size >> 21 & 127, size >> 14 & 127,
                           size >> 7 & 127, size & 127)) + frames


class WrongTypes(Library):
    """What stands beside a picture is believed in no format."""
    OPTIONS = {"transcode_lossy_above": 1}
    MIMES = ["", "IMAGE/JPEG", "image/x-png", "PNG", "JPG", "jpeg", "image/",
             "image/gif", "application/octet-stream", "text/plain", "\xe9"]
    JPEG, PNG = fixtures.jpeg(), fixtures.png(9, 9)
    EXPECTED = [(3, "image/jpeg", "front", JPEG), (4, "image/png", "b", PNG)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for extension, codec in (("mp3", "libmp3lame"), ("wma", "wmav2"),
                                 ("aiff", "pcm_s16be"), ("tta", "tta"),
                                 ("mka", "flac")):
            cls.plain[extension] = f"{cls.mount.base}/plain.{extension}"
            fixtures.ffmpeg("-i", cls.wav, "-bitexact", "-c:a", codec,
                            cls.plain[extension])
        cls.plain["wav"] = cls.wav
        cls.plain["rf64"] = f"{cls.mount.base}/plain.rf64"
        fixtures.ffmpeg("-i", cls.wav, "-rf64", "always", "-f", "wav",
                        cls.plain["rf64"])

    def id3(self, version, mimes):
        """Tags as bytes, each with two pictures of a MIME type."""
        for mime in mimes:
            def picture(kind, text, data, mime=mime.encode("latin-1")):
                if version == 2:
                    head = (mime.upper() + b"   ")[:3]
                    return id3_frame(b"PIC", b"\0" + head + bytes((kind,))
                                     + text + b"\0" + data, 2)
                return id3_frame(b"APIC", b"\0" + mime + b"\0"
                                 + bytes((kind,)) + text + b"\0" + data, 3)
            yield id3_tag(picture(3, b"front", self.JPEG)
                          + picture(4, b"b", self.PNG), version)

    def test_id3(self):
        """ID3v2.2 and 2.3, in front and in chunks"""
        for extension in ("mp3", "tta", "wav", "aiff", "rf64"):
            for version in (2, 3):
                mimes = self.MIMES if extension == "wav" else ["", "PNG", "x"]
                for i, tag in enumerate(self.id3(version, mimes)):
                    folder = f"{extension} {version} {i}"
                    source, mp3 = self.copy(
                        folder, "wav" if extension == "rf64" else extension)
                    self.put_id3(source, extension, tag)
                    self.assertEqual(self.pictures(mp3), self.EXPECTED,
                                     folder)

    def put_id3(self, path, extension, tag):
        with open(self.plain[extension], "rb") as file:
            data = file.read()
        order = ">" if extension == "aiff" else "<"
        if extension in ("mp3", "tta"):
            data = tag + data
        else:
            data += bytes(len(data) & 1)
            data += b"id3 " if order == "<" else b"ID3 "
            data += struct.pack(order + "I", len(tag)) + tag
            data += bytes(len(data) & 1)
            if extension != "rf64":
                data = (data[:4] + struct.pack(order + "I", len(data) - 8)
                        + data[8:])
        with open(path, "wb") as file:
            file.write(data)

    def test_mp4(self):
        """Atoms of any type, in one cover or in several"""
        for i, flag in enumerate((0, 1, 13, 14, 21, 27, 255)):
            source, mp3 = self.copy(f"mp4 {i}", "m4a")
            file = mutagen.mp4.MP4(source)
            file["covr"] = [mutagen.mp4.MP4Cover(d, flag)
                            for d in (self.JPEG, self.PNG)]
            file["\xa9nam"] = ["Title"]
            file.save()
            want = [(3, "image/jpeg", "", self.JPEG),
                    (0, "image/png", "", self.PNG)]
            self.assertEqual(self.pictures(mp3), want, flag)
            self.assertEqual(str(mutagen.id3.ID3(mp3)["TIT2"]), "Title")

    def test_asf(self):
        """WM/Picture"""
        for i, mime in enumerate(self.MIMES):
            source, mp3 = self.copy(f"asf {i}", "wma")
            file = mutagen.asf.ASF(source)
            file["WM/Picture"] = [
                mutagen.asf.ASFByteArrayAttribute(
                    struct.pack("<BI", kind, len(data))
                    + (mime + "\0" + text + "\0").encode("utf-16-le") + data)
                for kind, _, text, data in self.EXPECTED]
            file.save()
            self.assertEqual(self.pictures(mp3), self.EXPECTED, mime)

    def test_matroska(self):
        """Attachments"""
        jpeg = os.path.join(self.mount.base, "attached")
        with open(jpeg, "wb") as file:
            file.write(self.JPEG)
        for i, mime in enumerate(("image/jpeg", "IMAGE/JPEG", "image/x",
                                  "application/octet-stream")):
            os.makedirs(self.mount.source(f"mka {i}"))
            fixtures.ffmpeg(
                "-i", self.wav, "-attach", jpeg, "-metadata:s:t",
                f"mimetype={mime}", "-metadata:s:t", "filename=cover.jpg",
                "-c:a", "flac", self.mount.source(f"mka {i}/a.mka"))
            self.assertEqual(
                self.pictures(self.mount.path(f"low/mka {i}/a.mp3")),
                [(3, "image/jpeg", "", self.JPEG)], mime)

    def test_links(self):
        """The address of a picture is none, and the log says so"""
        for extension in ("mp3", "wav"):
            source, mp3 = self.copy(f"link {extension}", extension)
            self.put_id3(source, extension, id3_tag(
                id3_frame(b"APIC", b"\0-->\0\3\0http://a/b.jpg", 3)
                + id3_frame(b"APIC", b"\0image/png\0\4b\0" + self.PNG, 3),
                3))
            self.assertEqual(self.pictures(mp3), self.EXPECTED[1:])
            self.assertIn("a picture is left out: it is a link",
                          self.mount.log())

    def test_shifted(self):
        """Bytes between description and picture do not matter"""
        source, mp3 = self.copy("shifted", "wav")
        text = "déjà".encode("utf-16")  # encoding 0 ends it early
        self.put_id3(source, "wav", id3_tag(
            id3_frame(b"APIC", b"\0image/png\0\3" + text + b"\0\0"
                      + self.PNG, 3), 3))
        (kind, _, _, data), = self.pictures(mp3)
        self.assertEqual((kind, data), (3, self.PNG))


class Large(Library):
    """Pictures of impossible sizes, as holes in sparse files."""
    HUGE = 1 << 30

    def enlarge(self, path, mark, parents, more):
        """`more` bytes instead of a mark, in atoms of these names."""
        with open(path, "rb") as file:
            data = bytearray(file.read())
        at = data.index(mark)
        for name in parents:
            place = data.rindex(name, 0, at) - 4
            size, = struct.unpack_from(">I", data, place)
            struct.pack_into(">I", data, place, size + more - len(mark))
        with open(path, "wb") as file:
            file.write(data[:at] + b"\xff\xd8\xff\xe0")
            file.seek(at + more)
            file.write(data[at + len(mark):])

    def expect_texts(self, mp3, name, problem):
        """All texts, no picture, one line in the log; it plays."""
        self.assertEqual(self.pictures(mp3), [])
        tags = mutagen.id3.ID3(mp3)
        self.assertEqual(str(tags["TIT2"]), "Title")
        self.assertEqual(str(tags["TALB"]), "Album")
        lines = [line for line in self.mount.log().splitlines()
                 if f"{name}/a." in line]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(problem, lines[0])
        self.assertEqual(self.mount.counter("workers_died"), 0)

    def test_mp4(self):
        """A cover of 1 GiB in MP4 costs its track nothing but the cover"""
        source, mp3 = self.copy("huge m4a", "m4a")
        file = mutagen.mp4.MP4(source)
        file["\xa9nam"], file["\xa9alb"] = "Title", "Album"
        file["covr"] = [mutagen.mp4.MP4Cover(b"*" * 99)]
        file.save()
        self.enlarge(source, b"*" * 99, (b"data", b"covr", b"ilst", b"meta",
                                         b"udta", b"moov"), self.HUGE)
        self.expect_texts(mp3, "huge m4a",
                          "a picture is left out: it is too large")

    def test_id3(self):
        """So does one of as much as ID3v2 can have, in WAV"""
        source, mp3 = self.copy("huge wav", "flac")
        source = source.replace("a.flac", "a.wav")
        os.remove(self.mount.source("huge wav/a.flac"))
        shutil.copy(self.wav, source)
        size = (1 << 28) - 200
        texts = [id3_frame(name, b"\0" + text, 3)
                 for name, text in ((b"TIT2", b"Title"), (b"TALB", b"Album"))]
        head = b"\0image/jpeg\0\3\0\xff\xd8\xff\xe0"
        all_size = sum(map(len, texts)) + 10 + size
        with open(source, "r+b") as file:
            begin = file.seek(0, os.SEEK_END)
            file.write(b"id3 " + struct.pack("<I", all_size + 10)
                       + id3_tag(b"", 3)[:6]
                       + bytes(all_size >> s & 127 for s in (21, 14, 7, 0))
                       + texts[0] + b"APIC" + struct.pack(">IH", size, 0)
                       + head)
            file.seek(size - len(head), os.SEEK_CUR)
            file.write(texts[1])
            end = file.tell()
            file.seek(4)
            file.write(struct.pack("<I", end - 8))
        self.assertEqual(end, begin + 8 + 10 + all_size)
        self.expect_texts(mp3, "huge wav",
                          "a picture is left out: it is too large")


class Scaled(Library):
    OPTIONS = {"cover_max": 100}

    def test_scaled(self):
        """cover_max= is the longest side; the shape stays"""
        for kind, arguments in {"jpeg": ["JPEG:-"], "png": ["PNG24:-"],
                                "tiff": ["TIFF:-"], "webp": ["WEBP:-"],
                                "cmyk": KINDS["cmyk"]}.items():
            data = converted(*arguments, width=300, height=750)
            got = self.shown(self.embed(f"scaled {kind}", (3, "", "", data)))
            self.assertEqual(Image.open(io.BytesIO(got)).size, (40, 100), kind)
            self.assertLess(np.abs(fields(got) - fields(data)).max(), 14, kind)

    def test_small(self):
        """What is small enough is left alone"""
        data = saved(drawing(100, 50))
        mp3 = self.embed("small", (3, "", "", data))
        self.assertEqual(self.pictures(mp3)[0][3], data)

    def test_folder(self):
        """It holds for the folder's cover"""
        _, mp3 = self.copy("folder")
        with open(self.mount.source("folder/front.png"), "wb") as file:
            file.write(saved(drawing(500, 200)))
        got = self.shown(mp3)
        self.assertEqual(Image.open(io.BytesIO(got)).size, (100, 40))

    def test_changed_option(self):
        """Another mount with the same cache has its own sizes"""
        data = saved(drawing(400, 400))
        mp3 = self.embed("other", (3, "", "", data))
        self.assertEqual(Image.open(io.BytesIO(self.shown(mp3))).size,
                         (100, 100))
        with Mount(self.mount.library, self.mount.cache,
                   cover_max=0) as other:
            self.assertEqual(self.pictures(
                other.path("low/other/a.mp3"))[0][3], data)


if __name__ == "__main__":
    tap.main()
