"""What goes wrong in a worker or a source stays there."""
import errno
import os
import random
import signal
import struct
import threading
import unittest

import fixtures
import mp3
import tap
from harness import (Background, Mount, SCALE, children, opened, pread_all,
                     read_at, read_file, wait_until)


def make_track(mount, name="a.flac", seconds=20, seed=700):
    fixtures.write(mount.source(name),
                   fixtures.music(seconds, 44100, 2, seed), 44100)


def fresh(name_seconds_seed=("a.flac", 20, 700)):
    """The bytes that an undisturbed mount gives of such a track."""
    name, seconds, seed = name_seconds_seed
    with Mount() as mount:
        make_track(mount, name, seconds, seed)
        return read_file(mount.path("low", name.replace(".flac", ".mp3")))


class Workers(unittest.TestCase):
    limit = 90

    @classmethod
    def setUpClass(cls):
        cls.right = fresh()

    def parked_reader(self, mount):
        """A reader whose first segments wait for the (stopped) workers."""
        before = mount.counter("reads_parked")
        path = mount.path("low", "a.mp3")
        reader = Background(lambda: read_file(path))
        wait_until(lambda: mount.counter("reads_parked") > before,
                   "the reader to park")
        return reader

    def test_killed(self):
        """Workers killed in the middle of a read: right bytes"""
        with Mount() as mount:
            make_track(mount)
            os.stat(mount.path("low", "a.mp3"))
            with mount.frozen() as pids:
                reader = self.parked_reader(mount)
                for pid in pids:
                    os.kill(pid, signal.SIGKILL)
            self.assertTrue(reader.result() == self.right)
            counters = mount.counters()
            self.assertGreaterEqual(counters["workers_died"], 1)
            self.assertGreaterEqual(counters["tasks_retried"], 1)
            self.assertEqual(counters["tasks_failed"], 0)
            self.assertGreaterEqual(len(mount.worker_pids()), 1)

    def test_killed_idle(self):
        """Idle workers that are killed are replaced, and reading goes on"""
        with Mount() as mount:
            make_track(mount)
            os.stat(mount.path("low", "a.mp3"))
            mount.settle()
            old = mount.worker_pids()
            for pid in old:
                os.kill(pid, signal.SIGKILL)
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)
            self.assertFalse(set(old) & set(mount.worker_pids()))

    def test_killed_again_and_again(self):
        """Workers killed at random moments: right bytes or EIO, and right
        bytes once it stops"""
        with Mount() as mount:
            for i in range(6):
                make_track(mount, f"{i}.flac", 20, 700)
            os.listdir(mount.path("low"))
            stop = threading.Event()
            rng = random.Random(fixtures.SEED)

            def killer():
                while not stop.wait(rng.uniform(0.005, 0.08)):
                    pids = children(mount.process.pid)
                    if pids:
                        try:
                            os.kill(rng.choice(pids), signal.SIGKILL)
                        except ProcessLookupError:
                            pass

            thread = Background(killer)
            try:
                for i in range(6):
                    for quality in ("low", "medium"):
                        try:
                            data = read_file(mount.path(quality, f"{i}.mp3"))
                        except OSError as error:
                            self.assertEqual(error.errno, errno.EIO)
                            continue
                        if quality == "low":
                            self.assertTrue(data == self.right)
            finally:
                stop.set()
                thread.result()
            tap.diag({key: mount.counter(key) for key in (
                "workers_died", "tasks_retried", "tasks_failed")})
            self.assertGreater(mount.counter("workers_started"), 2)
            for i in range(6):
                self.assertTrue(read_file(mount.path("low", f"{i}.mp3"))
                                == self.right)

    def test_two_deaths(self):
        """A task whose second worker dies too is given up with EIO, and the
        log names the file"""
        with Mount(workers=1) as mount:
            make_track(mount)
            os.stat(mount.path("low", "a.mp3"))
            stop = threading.Event()

            def killer():
                while not stop.wait(0.0005):
                    for pid in children(mount.process.pid):
                        try:
                            os.kill(pid, signal.SIGKILL)
                        except ProcessLookupError:
                            pass

            def fails():
                try:
                    read_at(mount.path("high", "a.mp3"), 300000, 4096)
                except OSError as error:
                    return error.errno
                return None

            thread = Background(killer)
            try:
                self.assertEqual(wait_until(fails, "a read to fail"),
                                 errno.EIO)
            finally:
                stop.set()
                thread.result()
            self.assertGreaterEqual(mount.counter("tasks_failed"), 1)
            self.assertIn("a.flac", mount.log())
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)

    def test_stopped(self):
        """Workers that fall silent are killed: right bytes"""
        with Mount(worker_timeout=2) as mount:
            make_track(mount)
            os.stat(mount.path("low", "a.mp3"))
            with mount.frozen() as pids:
                reader = self.parked_reader(mount)
                self.assertTrue(reader.result(30) == self.right)
                self.assertGreaterEqual(mount.counter("workers_killed"), 1)
                self.assertNotEqual(sorted(pids),
                                    sorted(mount.worker_pids()))
            self.assertIn("a.flac", mount.log())


class Sources(unittest.TestCase):
    limit = 120

    @classmethod
    def setUpClass(cls):
        cls.right = fresh()

    def test_truncated(self):
        """A truncated FLAC has the promised size, silence at its end, and a
        line in the log"""
        with Mount() as mount:
            make_track(mount)
            path = mount.source("a.flac")
            os.truncate(path, os.path.getsize(path) * 6 // 10)
            virtual = mount.path("low", "a.mp3")
            size = os.stat(virtual).st_size
            self.assertEqual(size, len(self.right))
            self.assertEqual(len(read_file(virtual)), size)
            decoded, said = mp3.decode(virtual, 2)
            self.assertEqual(said, "")
            self.assertEqual(len(decoded), 20 * 44100)
            whole = mp3.decode_bytes(self.right, 2)
            start = slice(0, 10 * 44100)
            _, noise = mp3.gain_and_noise(decoded[start], whole[start])
            self.assertGreater(noise, 20)
            self.assertLess(abs(decoded[16 * 44100:]).max(), 1e-3)
            self.assertIn("a.flac", mount.log())
            self.assertGreaterEqual(mount.counter("silence_added"), 1)

    def test_random_bytes(self):
        """Random bytes named .flac: listed with size 0, EIO at open, and
        nothing else suffers"""
        with Mount() as mount:
            make_track(mount)
            with open(mount.source("bad.flac"), "wb") as file:
                file.write(random.Random(1).randbytes(100000))
            path = mount.path("low", "bad.mp3")
            self.assertEqual(sorted(os.listdir(mount.path("low"))),
                             ["a.mp3", "bad.mp3"])
            self.assertEqual(os.stat(path).st_size, 0)
            with self.assertRaises(OSError) as caught:
                os.open(path, os.O_RDONLY)
            self.assertEqual(caught.exception.errno, errno.EIO)
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)
            self.assertIn("bad.flac", mount.log())
            with open(mount.source("bad.flac"), "rb") as file:
                self.assertTrue(read_file(mount.path("original", "bad.flac"))
                                == file.read())

    def test_many_random(self):
        """A folder of 10,000 such files is listed and statted"""
        count = 500 if fixtures.REDUCED else 10000
        with Mount(log_level="error") as mount:
            rng = random.Random(2)
            block = rng.randbytes(1 << 16)
            for i in range(count):
                with open(mount.source(f"{i:05}.flac"), "wb") as file:
                    at = rng.randrange(60000)
                    file.write(block[at:at + rng.randrange(2000)])
            make_track(mount)
            names = os.listdir(mount.path("medium"))
            self.assertEqual(len(names), count + 1)
            sizes = {entry.stat().st_size
                     for entry in os.scandir(mount.path("medium"))
                     if entry.name != "a.mp3"}
            self.assertEqual(sizes, {0})
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)
            tap.diag(f"probes {mount.counter('probes')}, daemon "
                     f"{mount.memory() >> 20} MB")

    def test_empty_flac(self):
        """An empty file named .flac fails at open and harms nobody"""
        with Mount() as mount:
            open(mount.source("empty.flac"), "w").close()
            name, = os.listdir(mount.path("low"))
            self.assertEqual(os.stat(mount.path("low", name)).st_size, 0)
            with self.assertRaises(OSError) as caught:
                os.open(mount.path("low", name), os.O_RDONLY)
            self.assertEqual(caught.exception.errno, errno.EIO)

    def test_source_gone(self):
        """A source that vanishes fails its readers and nobody else"""
        with Mount() as mount:
            make_track(mount)
            make_track(mount, "b.flac", 5, 701)
            os.stat(mount.path("low", "b.mp3"))
            os.unlink(mount.source("b.flac"))
            with self.assertRaises(OSError) as caught:
                read_file(mount.path("low", "b.mp3"))
            self.assertIn(caught.exception.errno,
                          (errno.ENOENT, errno.ESTALE, errno.EIO))
            self.assertTrue(read_file(mount.path("low", "a.mp3"))
                            == self.right)


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


class Hostile(unittest.TestCase):
    """Files made to hurt. Each stands in a mount beside a good one."""
    limit = 120

    @classmethod
    def setUpClass(cls):
        cls.right = fresh()
        cls.mount = Mount(worker_timeout=4 * SCALE)
        cls.mount.__enter__()
        make_track(cls.mount)
        with open(cls.mount.source("a.flac"), "rb") as file:
            data = file.read()
        cls.audio = data[data.index(b"\xff\xf8", 42):]

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def tearDown(self):
        """The mount is well and other files are right."""
        low = os.path.join(self.mount.path("low"), "a.mp3")
        with opened(low) as fd:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
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
        """A FLAC that claims 2^36 - 1 samples keeps its promised size, and
        reading its end comes back"""
        size = self.survive("endless.flac",
                            flac_header((1 << 36) - 1) + self.audio[:200000])
        tap.diag(f"promised {size} bytes")
        self.assertTrue(size == 0 or size > (1 << 36) // 1152 * 800, size)

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
        make_track(self.mount, "bomb.flac", 2, 702)
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

    def test_daemon_memory(self):
        """None of this has blown up the daemon's memory"""
        self.assertLess(self.mount.memory(), (200 << 20) * SCALE)


if __name__ == "__main__":
    tap.main()
