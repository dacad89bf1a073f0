"""A read somewhere costs the segments it touches, not the track."""
import os
import unittest

import fixtures
import mp3
import tap
from harness import Mount, read_at

NAME = "Artist/Album/Long.mp3"


class Seek(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.long_track)

    def rendered(self, where):
        """Bytes read at where(size) of a cold file, and segments it took."""
        with Mount(self.library) as mount:
            path = mount.path("medium", NAME)
            offset, size = where(os.stat(path).st_size)
            data = read_at(path, offset, size)
            self.assertEqual(len(data), size)
            mount.settle()
            return data, mount.counter("segments_rendered")

    def test_last_bytes(self):
        """The last 128 bytes of a cold hour render at most two segments"""
        _, count = self.rendered(lambda size: (size - 128, 128))
        self.assertLessEqual(count, 2)

    def test_seek(self):
        """64 KiB at 90 % of a cold hour render at most two segments"""
        _, count = self.rendered(lambda size: (size * 9 // 10, 65536))
        self.assertTrue(1 <= count <= 2, count)

    def test_stat(self):
        """stat and the first KiB of a cold hour render at most a segment"""
        _, count = self.rendered(lambda size: (0, 1024))
        self.assertLessEqual(count, 1)

    def test_right_place(self):
        """What a seek gives is the music of that place, and the bytes that a
        reader coming from further ahead gets"""
        at = {}

        def near(size):
            at["size"], at["offset"] = size, size * 9 // 10
            return at["offset"], 500000

        data, _ = self.rendered(near)
        more, _ = self.rendered(lambda size: (size * 9 // 10 - 1000000,
                                              1300000))
        self.assertTrue(more[1000000:] == data[:300000])

        start = self.first_frame(data)
        decoded = mp3.decode_piece(data[start:start + 300000], 2)
        frame = (at["offset"] + start) * 44100 / (144 * 192000)
        place = int(frame * 1152) - 44100
        source = mp3.source_samples_part(
            os.path.join(self.library, "Artist/Album/Long.flac"), place,
            12 * 44100)
        lag, noise = mp3.best_match(decoded[4 * 1152:150 * 1152], source)
        self.assertGreater(noise, 7)
        # Head and tag lie before the first frame: some frames' time.
        self.assertLess(abs(lag + place - (frame + 4) * 1152), 12 * 1152)

    def first_frame(self, data):
        """Where a frame begins that others follow."""
        at = data.index(b"\xff\xfb")
        while True:
            next_at = at
            for _ in range(4):
                next_at += 144000 * 192 // 44100 + (data[next_at + 2] >> 1
                                                    & 1)
            if data[next_at:next_at + 2] == b"\xff\xfb":
                return at
            at = data.index(b"\xff\xfb", at + 1)


if __name__ == "__main__":
    tap.main()
