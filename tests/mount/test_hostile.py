"""Files that are made to hurt: headers that lie about what follows."""
import errno
import os
import re
import struct
import unittest

import fixtures
import tap
from harness import (Mount, SANITIZED, SCALE, forget_pages, opened, pread_all,
                     read_file)

SECONDS, SEED = 20, 700


def streaminfo(total, rate=44100, channels=2, bits=16):
    packed = rate << 44 | (channels - 1) << 41 | (bits - 1) << 36 | total
    return (struct.pack(">HH", 4096, 4096) + bytes(6)
            + packed.to_bytes(8, "big") + bytes(16))


def flac_header(total, *blocks, **shape):
    """fLaC, STREAMINFO, and blocks of (type, claimed length, bytes)."""
    blocks = [(0, 34, streaminfo(total, **shape)), *blocks]
    return b"fLaC" + b"".join(
        bytes([kind | (0x80 if i == len(blocks) - 1 else 0)])
        + claimed.to_bytes(3, "big") + body
        for i, (kind, claimed, body) in enumerate(blocks))


def vorbis_comment(claimed, count=1, body=b"TITLE=x"):
    return (struct.pack("<I", 4) + b"test" + struct.pack("<I", count)
            + struct.pack("<I", claimed) + body)


def syncsafe(size):
    return bytes(size >> shift & 0x7f for shift in (21, 14, 7, 0))


class Hostile(unittest.TestCase):
    """Each stands in a mount beside a good file."""
    limit = 120

    @classmethod
    def setUpClass(cls):
        audio = fixtures.music(SECONDS, 44100, 2, SEED)
        with Mount() as undisturbed:
            fixtures.write(undisturbed.source("a.flac"), audio, 44100)
            cls.right = read_file(undisturbed.path("low/a.mp3"))
        cls.mount = Mount(worker_timeout=4 * SCALE)
        cls.mount.__enter__()
        fixtures.write(cls.mount.source("a.flac"), audio, 44100)
        with open(cls.mount.source("a.flac"), "rb") as file:
            data = file.read()
        cls.audio = data[data.index(b"\xff\xf8", 42):]

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def tearDown(self):
        """The mount is well and other files are right."""
        with opened(self.mount.path("low/a.mp3")) as fd:
            forget_pages(fd)
            self.assertTrue(pread_all(fd, len(self.right), 0) == self.right)

    def survive(self, name, data):
        """Reads a hostile file's ends. Delivered must be what was promised,
        unless the reader gets EIO. Gives the size."""
        with open(self.mount.source(name), "wb") as file:
            file.write(data)
        stem = os.path.splitext(name)[0]
        shown = [n for n in os.listdir(self.mount.path("high"))
                 if n.startswith(stem + ".")]
        self.assertEqual(len(shown), 1, shown)
        path = self.mount.path("high", shown[0])
        size = os.stat(path).st_size
        try:
            with opened(path) as fd:
                self.assertEqual(os.fstat(fd).st_size, size)
                for offset in (0, size // 2, max(0, size - 5000)):
                    wanted = min(4096, size - offset)
                    self.assertEqual(len(pread_all(fd, wanted, offset)),
                                     wanted, name)
        except OSError as error:
            self.assertEqual(error.errno, errno.EIO, name)
        return size

    def test_endless(self):
        """A FLAC that claims more samples than its bytes can hold is counted,
        not believed"""
        size = self.survive("endless.flac",
                            flac_header((1 << 36) - 1) + self.audio[:200000])
        tap.diag(f"promised {size} bytes")
        self.assertTrue(0 < size < 200000, size)

    def test_long(self):
        """A FLAC that claims hours it does not have keeps its promised size,
        and reading its end comes back"""
        claimed = 200000 // 10 * 4096 // 2  # of streaminfo()'s blocks
        size = self.survive("long.flac",
                            flac_header(claimed) + self.audio[:200000])
        tap.diag(f"promised {size} bytes")
        self.assertGreater(size, claimed // 1152 * 400)

    def test_endless_high_rate(self):
        """So does one of 2^36 - 1 samples at 655,350 Hz in 8 channels"""
        self.survive("wide.flac", flac_header((1 << 36) - 1, rate=655350,
                                              channels=8, bits=32)
                     + self.audio[:100000])

    def test_zero_rate(self):
        """A FLAC with a rate of 0 is refused"""
        self.assertEqual(self.survive("zero.flac", flac_header(
            44100, rate=0) + self.audio[:100000]), 0)

    def test_huge_tag(self):
        """Tags that claim more than the file has are survived"""
        for i, block in enumerate((
                (4, 0xffffff, vorbis_comment(0xfffffff0)),
                (4, 100, vorbis_comment(7, 0xffffffff).ljust(100, b"\0")),
                (4, 40, vorbis_comment(0x7fffffff).ljust(40, b"\0")))):
            self.survive(f"tag{i}.flac",
                         flac_header(882000, block) + self.audio)

    def test_huge_picture(self):
        """Pictures that claim gigabytes are survived"""
        body = struct.pack(">II", 3, 9) + b"image/png" + struct.pack(
            ">IIIIII", 0, 0xffffffff, 0xffffffff, 24, 0, 0xfffffff0)
        for i, claimed in enumerate((len(body), 0xffffff)):
            self.survive(f"picture{i}.flac", flac_header(
                882000, (6, claimed, body)) + self.audio)

    def test_bomb_picture(self):
        """A small picture that unpacks to gigabytes is passed on, not
        unpacked"""
        picture = fixtures.png(8, 8).replace(
            struct.pack(">II", 8, 8), struct.pack(">II", 60000, 60000), 1)
        fixtures.write(self.mount.source("bomb.flac"),
                       fixtures.music(2, 44100, 2, SEED + 1), 44100)
        fixtures.tag(self.mount.source("bomb.flac"), {"title": "x"}, picture)
        path = self.mount.path("low", "bomb.mp3")
        size = os.stat(path).st_size
        data = read_file(path)
        self.assertEqual(size, len(data))
        self.assertIn(picture, data)

    def test_many_blocks(self):
        """A FLAC of 50,000 metadata blocks is survived"""
        self.survive("blocks.flac", flac_header(
            882000, *[(2, 4, b"test")] * 50000) + self.audio)

    def test_wave_sizes(self):
        """WAVs whose sizes lie are survived"""
        head = struct.pack("<HHIIHH", 1, 2, 44100, 176400, 4, 16)
        for i, (riff, data, fmt) in enumerate((
                (0xffffffff, 0xfffffffc, head), (36, 0, head), (0, 1, head),
                (0x7fffffff, 0x7ffffff0, head),
                (100, 4000, struct.pack("<HHIIHH", 1, 65535, 44100, 1, 1, 16)),
                (100, 4000, struct.pack("<HHIIHH", 1, 2, 0xffffffff, 1, 0, 0))
        )):
            self.survive(f"wave{i}.wav", b"RIFF" + struct.pack("<I", riff)
                         + b"WAVEfmt " + struct.pack("<I", 16) + fmt
                         + b"data" + struct.pack("<I", data) + bytes(4000))

    def test_aiff_sizes(self):
        """AIFFs whose sizes lie are survived"""
        comm = struct.pack(">HIH", 2, 0xffffffff, 16) + bytes.fromhex(
            "400eac44000000000000")
        self.survive("lie.aiff", b"FORM" + struct.pack(">I", 0xffffffff)
                     + b"AIFFCOMM" + struct.pack(">I", 18) + comm + b"SSND"
                     + struct.pack(">III", 0xfffffff0, 0, 0) + bytes(4000))

    def test_mp4_tables(self):
        """An ALAC file with absurd sample tables is survived"""
        path = os.path.join(self.mount.base, "x.m4a")
        fixtures.ffmpeg("-f", "lavfi", "-i", "sine=duration=2", "-c:a",
                        "alac", path)
        with open(path, "rb") as file:
            data = file.read()
        for box in (b"stsz", b"stts", b"stsc", b"stco"):
            at = data.index(box) + 8
            for offset, value in ((0, 0xffffffff), (4, 0xfffffff0),
                                  (8, 0x7fffffff)):
                broken = bytearray(data)
                struct.pack_into(">I", broken, at + offset, value)
                self.survive(f"mp4 {box.decode()} {offset}.m4a",
                             bytes(broken))

    def test_id3_claims(self):
        """An ID3 tag of 256 MB that is not there is survived"""
        self.survive("id3.flac", b"ID3\x04\0\0\x7f\x7f\x7f\x7f"
                     + flac_header(882000) + self.audio[:10000])
        self.survive("id3b.wav", b"ID3\x03\0\0\x7f\x7f\x7f\x7f" + bytes(500))

    def test_playlist_named_flac(self):
        """A file that refers to other files opens none of them"""
        for i, text in enumerate((
                "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"
                "file:///etc/passwd\n#EXT-X-ENDLIST\n",
                "ffconcat version 1.0\nfile /etc/passwd\n",
                "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\n"
                "t=0 0\nm=audio 5004 RTP/AVP 0\n")):
            self.assertEqual(self.survive(f"refers{i}.flac", text.encode()),
                             0)

    def test_endless_probe(self):
        """Probing a file that is nearly all hole ends, whatever it claims,
        and is not tried again; the mount ends as well"""
        with Mount(workers=1, worker_timeout=SCALE) as mount:
            fixtures.write(mount.source("good.flac"),
                           fixtures.music(2, 44100, 2, SEED), 44100)
            for codec, name in (("alac", "a.caf"), ("pcm_s16be", "b.caf"),
                                ("flac", "c.mka")):
                fixtures.ffmpeg("-f", "lavfi", "-i", "sine=duration=3",
                                "-c:a", codec, mount.source(name))
            with open(mount.source("d.caf"), "wb") as file:
                file.write(b"#!AMR\n")  # a hole behind it is frames
            names = ("a.caf", "b.caf", "c.mka", "d.caf")
            for name in names:
                os.truncate(mount.source(name), 200 << 30)
            for name in names:
                for _ in range(2):  # shown or not, an answer comes
                    os.path.exists(mount.path("low", name[0] + ".mp3"))
                self.assertGreater(len(read_file(
                    mount.path("low/good.mp3"))), 0)
            self.assertEqual(mount.counter("tasks_retried"), 0)
            self.assertEqual(mount.log().count(
                "'d.caf': the worker was not finished after"), 1)

    @unittest.skipIf(SANITIZED, "sanitizers need memory of their own")
    def test_memory_of_a_worker(self):
        """A tag that unpacks to gigabytes takes no more memory than a probe
        may have, and the audio is there"""
        with Mount(workers=1) as mount:
            path = mount.source("list.mp3")
            fixtures.ffmpeg("-f", "lavfi", "-i", "sine=duration=2", "-c:a",
                            "libmp3lame", "-id3v2_version", "0", path)
            with open(path, "rb") as file:
                audio = file.read()
            artists = b"\x03" + b"a\0" * (16 << 20)
            frame = b"TPE1" + syncsafe(len(artists)) + b"\0\0" + artists
            with open(path, "wb") as file:
                file.write(b"ID3\x04\0\0" + syncsafe(len(frame)) + frame
                           + audio)
            self.assertGreater(len(read_file(
                mount.path("pcm/native/list.wav"))), 2 * 44100 * 4)
            self.assertEqual(mount.counter("workers_died"), 0)
            for pid in mount.worker_pids():
                with open(f"/proc/{pid}/status") as file:
                    most = re.search(r"VmHWM:\s+(\d+)", file.read())[1]
                self.assertLess(int(most) << 10, 600 << 20)

    def test_daemon_memory(self):
        """None of this has blown up the daemon's memory"""
        self.assertLess(self.mount.memory(), (200 << 20) * SCALE)


if __name__ == "__main__":
    tap.main()
