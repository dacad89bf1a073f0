"""album.json: a folder's tracks taken together, when it is read."""
import errno
import os
import unittest

import fixtures
import tap
from harness import (Mount, forget_pages, in_threads, opened, pread_all,
                     read_file)
from sidecars import (ALBUM, ALBUM_SIZE, album, ebur128, gated, make, parse,
                      record, uncached)
from test_analysis_shared import costs


class Album(unittest.TestCase):
    """Tracks of other loudness, length and rate."""
    TRACKS = (("b 2.flac", 5, 44100, 1), ("a 1.flac", 4, 44100, 0.1),
              ("c 10.flac", 3, 44100, 0.3), ("d.flac", 6, 48000, 0.5))

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        cls.mount.__enter__()
        for i, (name, seconds, rate, gain) in enumerate(cls.TRACKS):
            make(cls.mount, "Album/" + name, seconds, 600 + i, rate,
                 gain=gain)
        cls.names = sorted(name for name, *_ in cls.TRACKS)
        cls.size = os.stat(cls.mount.path("analysis/Album", ALBUM)).st_size
        cls.before = cls.mount.counter("analyses")
        cls.data = read_file(cls.mount.path("analysis/Album", ALBUM))
        cls.found = parse(cls.data)

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def test_size(self):
        """It has its exact size before anything is analyzed"""
        self.assertEqual((self.size, len(self.data), self.before),
                         (ALBUM_SIZE, ALBUM_SIZE, 0))

    def test_loudness(self):
        """Its loudness is the gated one of its tracks one after the other,
        within 0.1 LU, and no mean of theirs"""
        theirs = ebur128(*(self.mount.source("Album", n)
                           for n in self.names))
        ours = self.found["loudness"]["integrated_lufs"]
        self.assertAlmostEqual(ours, theirs, delta=0.1)
        tracks = [t["integrated_lufs"] for t in self.found["tracks"]]
        self.assertGreater(abs(ours - sum(tracks) / len(tracks)), 1)
        self.assertAlmostEqual(ours, gated(*(self.mount.source("Album", n)
                                             for n in self.names)),
                               delta=0.06)
        self.assertAlmostEqual(self.found["replaygain"]["gain_db"],
                               -18 - theirs, delta=0.11)

    def test_tracks(self):
        """Its tracks are in the order of the folder, with the numbers of
        their own sidecars"""
        self.assertEqual([t["name"] for t in self.found["tracks"]],
                         self.names)
        for track in self.found["tracks"]:
            own = record(self.mount, "Album/" + track["name"])
            self.assertEqual(
                (track["status"], track["integrated_lufs"], track["gain_db"],
                 track["peak"]),
                ("ok", own["loudness"]["integrated_lufs"],
                 own["replaygain"]["gain_db"], own["replaygain"]["peak"]))

    def test_whole(self):
        """Peak, length and number are those of all tracks"""
        found = self.found
        self.assertEqual(found["replaygain"]["peak"],
                         max(t["peak"] for t in found["tracks"]))
        self.assertEqual(found["loudness"]["true_peak_dbtp"], max(
            record(self.mount, "Album/" + name)["loudness"]["true_peak_dbtp"]
            for name in self.names))
        self.assertEqual(found["duration_s"], 18)
        self.assertEqual((found["status"], found["folder"],
                          found["tracks_total"], found["tracks_analysed"],
                          found["tracks_listed"]), ("ok", "Album", 4, 4, 4))

    def test_again(self):
        """A second reading analyses and decodes nothing"""
        made = costs(self.mount)
        self.assertTrue(uncached(self.mount.path("analysis/Album", ALBUM))
                        == self.data)
        self.assertEqual(costs(self.mount), made)

    def test_ranges(self):
        """Any range of bytes is that of the whole file"""
        with opened(self.mount.path("analysis/Album", ALBUM)) as fd:
            for offset, size in ((0, 1), (100, 5000), (4095, 2),
                                 (ALBUM_SIZE - 1, 10), (ALBUM_SIZE, 1)):
                self.assertEqual(pread_all(fd, size, offset),
                                 self.data[offset:offset + size])

    def test_other_cache(self):
        """Another cache gives the same bytes"""
        with Mount(self.mount.library) as other:
            self.assertTrue(read_file(other.path("analysis/Album", ALBUM))
                            == self.data)
            self.assertEqual(other.counter("analyses"), 4)


class Changes(unittest.TestCase):
    """What becomes of album.json when the folder changes."""

    def setUp(self):
        self.mount = self.enterContext(Mount())
        for i in range(3):
            make(self.mount, f"{i}.flac", 3, 620 + i)
        self.first = album(self.mount)
        self.path = self.mount.path("analysis", ALBUM)

    def replace(self, name, seed, gain=1.0):
        new = os.path.join(self.mount.base, "new.flac")
        fixtures.write(new, gain * fixtures.music(3, 44100, 2, seed), 44100)
        os.rename(new, self.mount.source(name))

    def check(self, names):
        found = album(self.mount)
        self.assertEqual([t["name"] for t in found["tracks"]], names)
        self.assertAlmostEqual(
            found["loudness"]["integrated_lufs"],
            gated(*(self.mount.source(name) for name in names)), delta=0.06)
        return found

    def test_replaced(self):
        """A track that was replaced is seen at the next open"""
        self.replace("1.flac", 4630, 0.2)
        found = self.check(["0.flac", "1.flac", "2.flac"])
        self.assertNotEqual(found["tracks"][1], self.first["tracks"][1])
        self.assertEqual(found["tracks"][0], self.first["tracks"][0])

    def test_rewritten(self):
        """So is one that was rewritten in place, which leaves the folder as
        it was"""
        new = os.path.join(self.mount.base, "new.flac")
        fixtures.write(new, 0.1 * fixtures.music(3, 44100, 2, 4631), 44100)
        with open(new, "rb") as data, \
                open(self.mount.source("2.flac"), "wb") as file:
            file.write(data.read())
        found = self.check(["0.flac", "1.flac", "2.flac"])
        self.assertNotEqual(found["tracks"][2], self.first["tracks"][2])

    def test_added(self):
        """A new track is in it at the next open"""
        make(self.mount, "00.flac", 3, 640, gain=0.3)
        self.check(["0.flac", "00.flac", "1.flac", "2.flac"])

    def test_removed(self):
        """A removed one is not"""
        os.unlink(self.mount.source("0.flac"))
        self.check(["1.flac", "2.flac"])
        self.assertEqual(self.mount.counter("analyses"), 3)

    def test_retagged(self):
        """Other tags change nothing but its time, and analyze nothing"""
        fixtures.tag(self.mount.source("1.flac"), {"title": "x" * 5000})
        self.assertEqual(album(self.mount), self.first)
        self.assertEqual(self.mount.counter("analyses"), 3)

    def test_mtime(self):
        """Its time of modification is that of what changed last in it"""
        for name, when in (("0.flac", 2_000_000_000), ("1.flac", 10)):
            os.utime(self.mount.source(name), (0, when))
            with opened(self.path) as fd:
                self.assertEqual(os.fstat(fd).st_mtime // 1, 2_000_000_000)

    def test_reader(self):
        """Who opened it before a change gets what was or ESTALE"""
        old = read_file(self.path)
        with opened(self.path) as fd:
            self.replace("1.flac", 4632, 0.1)
            forget_pages(fd)
            try:
                data = pread_all(fd, 1 << 20, 0)
            except OSError as error:
                self.assertEqual(error.errno, errno.ESTALE)
            else:
                self.assertEqual(data, old)
        self.check(["0.flac", "1.flac", "2.flac"])


class Odd(unittest.TestCase):
    def test_no_good_track(self):
        """A folder of nothing but broken files has one that says so"""
        with Mount() as mount:
            for name in ("a.flac", "b.mp3"):
                with open(mount.source(name), "w") as file:
                    file.write("no audio")
            found = album(mount)
            self.assertEqual((found["status"], found["tracks_analysed"]),
                             ("failed", 0))
            self.assertEqual([t["status"] for t in found["tracks"]],
                             ["failed"] * 2)
            self.assertIsNone(found["loudness"]["integrated_lufs"])

    def test_one_track(self):
        """That of one track has its loudness"""
        with Mount() as mount:
            make(mount, "a.flac", 4, 650)
            self.assertAlmostEqual(
                album(mount)["loudness"]["integrated_lufs"],
                record(mount, "a.flac")["loudness"]["integrated_lufs"],
                delta=0.1)

    def test_many(self):
        """Of very many tracks it counts all, and lists as many as fit"""
        count = 90 if fixtures.REDUCED else 150
        with Mount() as mount:
            for i in range(count):
                make(mount, f"{i:03} {'long name ' * 9}.flac", 0.5, 660)
            found = album(mount)
            self.assertEqual((found["tracks_total"],
                              found["tracks_analysed"]), (count, count))
            self.assertTrue(9 < found["tracks_listed"] < count)
            self.assertEqual(len(found["tracks"]), found["tracks_listed"])
            self.assertEqual(mount.counter("analyses"), 1)

    def test_at_once(self):
        """Many readers of it at once get the same, and each track is
        analyzed once"""
        with Mount() as mount:
            for i in range(3):
                make(mount, f"{i}.flac", 3, 670 + i)
            found = in_threads(8, lambda i: read_file(
                mount.path("analysis", ALBUM)))
            self.assertEqual(len(set(found)), 1)
            self.assertEqual(mount.counter("analyses"), 3)

    def test_subfolders(self):
        """Tracks in subfolders belong to theirs"""
        with Mount() as mount:
            make(mount, "a.flac", 1, 680)
            make(mount, "CD 2/b.flac", 1, 681)
            self.assertEqual(album(mount)["tracks_total"], 1)
            self.assertEqual(album(mount, "CD 2")["folder"], "CD 2")


if __name__ == "__main__":
    tap.main()
