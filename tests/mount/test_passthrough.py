"""original/ is the library, and what is not transcoded passes through."""
import errno
import os
import stat
import tempfile
import unittest

import fixtures
import tap
from harness import Mount, files_below, opened, pread_all, read_file
from mounted import Mounted


class Original(Mounted):
    make = fixtures.mixed

    def same(self, virtual, source):
        self.assertTrue(read_file(virtual) == read_file(source), virtual)

    def test_identical(self):
        """original/ has the same names and bytes as the library"""
        names = files_below(self.library)
        self.assertEqual(files_below(self.mount.path("original")), names)
        for name in names:
            self.same(self.mount.path("original", name),
                      os.path.join(self.library, name))

    def test_attributes(self):
        """original/ has the library's sizes, times, owners and modes"""
        for name in files_below(self.library):
            a = os.stat(os.path.join(self.library, name))
            b = os.stat(self.mount.path("original", name))
            self.assertEqual((a.st_size, a.st_mtime_ns, a.st_uid, a.st_gid),
                             (b.st_size, b.st_mtime_ns, b.st_uid, b.st_gid))
            self.assertTrue(stat.S_ISREG(b.st_mode))
            self.assertEqual(a.st_mode & 0o777, b.st_mode & 0o777)

    def test_virtual_times(self):
        """A transcoded file has its source's modification time, or that of
        the folder's cover when it is newer"""
        for source, name in fixtures.MIXED_AUDIO.items():
            path = os.path.join(self.library, source)
            covers = [os.path.join(os.path.dirname(path), cover)
                      for cover in os.listdir(os.path.dirname(path))
                      if cover.lower().startswith("cover.")]
            times = [os.stat(p).st_mtime_ns for p in [path, *covers]]
            self.assertIn(os.stat(self.mount.path("low", name)).st_mtime_ns,
                          {times[0], max(times)}, name)

    def test_nothing_rendered(self):
        """Reading original/ renders nothing"""
        with Mount(self.library) as mount:
            for name in files_below(self.library):
                read_file(mount.path("original", name))
            counters = mount.counters()
            self.assertEqual(counters["segments_rendered"], 0)
            self.assertEqual(counters["tags_rendered"], 0)

    def test_lossy(self):
        """Lossy audio and other files are the same in every quality"""
        for name in fixtures.MIXED_REST:
            for quality in ("high", "low"):
                self.same(self.mount.path(quality, name),
                          os.path.join(self.library, name))

    def test_sendfile(self):
        """sendfile works from original/ and from a quality"""
        for name in ("original/Artist/Kinds/Wave.wav",
                     "low/Artist/Kinds/Wave.mp3",
                     "low/Artist/Kinds/Lossy.ogg"):
            path = self.mount.path(name)
            size = os.stat(path).st_size
            with opened(path) as fd, tempfile.TemporaryFile() as out:
                sent = 0
                while sent < size:
                    sent += os.sendfile(out.fileno(), fd, sent, size - sent)
                self.assertTrue(os.pread(out.fileno(), size, 0)
                                == read_file(path))

    def test_splice_in_pieces(self):
        """original/ gives the right bytes at any place"""
        path = self.mount.path("original/Artist/Kinds/Wave.wav")
        whole = read_file(os.path.join(self.library,
                                       "Artist/Kinds/Wave.wav"))
        with opened(path) as fd:
            for offset, size in ((0, 1), (1, 4095), (4097, 10), (50000, 99999),
                                 (len(whole) - 3, 10), (len(whole), 5)):
                self.assertEqual(pread_all(fd, size, offset),
                                 whole[offset:offset + size])

    def test_no_such_name(self):
        """Names that are not there answer ENOENT, source names too where the
        file has another name"""
        for name in ("nothing", "low/nothing", "original/nothing/below",
                     "low/Artist/Kinds/Wave.wav", "low/Artist/nothing.mp3",
                     ".groovefs/nothing", "low/Artist/Kinds/Wave.flac",
                     "low/Artist/Kinds/Wave.MP3"):
            with self.assertRaises(OSError) as caught:
                os.stat(self.mount.path(name))
            self.assertEqual(caught.exception.errno, errno.ENOENT, name)

    def test_statfs(self):
        """statfs answers"""
        space = os.statvfs(self.mount.path("low"))
        self.assertGreaterEqual(space.f_namemax, 255)


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        cls.track = os.path.join(cls.mount.base, "a.flac")
        fixtures.write(cls.track, fixtures.music(1, 44100, 2, 900), 44100)
        with open(cls.track, "rb") as file:
            cls.flac = file.read()
        with Mount() as other:
            cls.put(other.source("a.flac"), cls.flac)
            cls.mp3 = read_file(other.path("low/a.mp3"))
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    @staticmethod
    def put(path, data):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)

    def check(self, folder, source, name):
        self.put(os.path.join(os.fsencode(self.mount.source(folder)), source),
                 self.flac)
        listed = os.listdir(os.fsencode(self.mount.path("low", folder)))
        self.assertIn(name, listed)
        path = os.path.join(os.fsencode(self.mount.path("low", folder)), name)
        self.assertTrue(read_file(path) == self.mp3, name)
        self.assertTrue(read_file(os.path.join(os.fsencode(
            self.mount.path("original", folder)), source)) == self.flac)

    def test_odd_names(self):
        """Odd names in any script work"""
        for stem in ("with space", " leading", "trailing ", "dots..and...",
                     "quote'\"", "back\\slash", "new\nline", "tab\t", "*?[x]",
                     "$(id)", "-o", "日本語", "🎵", "e\u0301", "é", "%00%2e",
                     ".hidden", "a,b=c", "ünï", "x" * 240):
            self.check("odd", os.fsencode(stem + ".flac"),
                       os.fsencode(stem + ".mp3"))

    def test_not_utf8(self):
        """Names that are not UTF-8 work, and keep their bytes"""
        for stem in (b"latin \xe9\xe8", b"\xff\xfe", b"\x80abc", b"a\xc3"):
            self.check("bytes", stem + b".flac", stem + b".mp3")

    def test_longest_name(self):
        """A name of 255 bytes, whose MP3 has a shorter one, works"""
        self.check("long", b"y" * 250 + b".flac", b"y" * 250 + b".mp3")

    def test_extension_case(self):
        """Extensions in capitals are known too"""
        self.check("case", b"Song.FLAC", b"Song.mp3")
        self.check("case", b"Other.FlAc", b"Other.mp3")

    def test_double_extension(self):
        """Only the last extension is replaced"""
        self.check("double", b"a.b.flac", b"a.b.mp3")
        self.check("double", b"c.mp3.flac", b"c.mp3.mp3")

    def test_name_taken(self):
        """A name that is taken in the folder gives way to Song.flac.mp3"""
        self.put(self.mount.source("taken/Song.mp3"), b"not really music")
        self.check("taken", b"Song.flac", b"Song.flac.mp3")
        self.assertEqual(read_file(self.mount.path("low/taken/Song.mp3")),
                         b"not really music")

    def test_byte_order(self):
        """Of several lossless files of one stem, the first in byte order has
        the short name"""
        wav = os.path.join(self.mount.base, "a.wav")
        aiff = os.path.join(self.mount.base, "a.aiff")
        for path, seed in ((wav, 901), (aiff, 902)):
            fixtures.write(path, fixtures.music(1, 44100, 2, seed), 44100)
        self.put(self.mount.source("order/S.wav"), open(wav, "rb").read())
        self.put(self.mount.source("order/S.flac"), self.flac)
        self.put(self.mount.source("order/S.aiff"), open(aiff, "rb").read())
        self.assertEqual(sorted(os.listdir(self.mount.path("low/order"))),
                         ["S.flac.mp3", "S.mp3", "S.wav.mp3"])
        self.assertTrue(read_file(self.mount.path("low/order/S.flac.mp3"))
                        == self.mp3)
        self.assertFalse(read_file(self.mount.path("low/order/S.mp3"))
                         == self.mp3)

    def test_lossy_stays(self):
        """A folder of MP3s keeps its names"""
        for name in ("a.mp3", "b.MP3", "c.ogg", "d.txt", "e"):
            self.put(self.mount.source("lossy", name), b"x")
        self.assertEqual(sorted(os.listdir(self.mount.path("low/lossy"))),
                         ["a.mp3", "b.MP3", "c.ogg", "d.txt", "e"])

    def test_deep(self):
        """Folders forty deep work"""
        folder = "/".join(f"level {i}" for i in range(40))
        self.check(folder, b"a.flac", b"a.mp3")

    def test_folder_named_flac(self):
        """A folder named Album.flac is a folder of that name"""
        self.check("Album.flac", b"a.flac", b"a.mp3")
        self.assertIn("Album.flac", os.listdir(self.mount.path("low")))


class Links(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        source = cls.mount.source
        fixtures.write(source("d/a.flac"), fixtures.music(1, 44100, 2, 910),
                       44100)
        with open(source("d/t.txt"), "w") as file:
            file.write("text")
        os.symlink("d", source("folder"))
        os.symlink("t.txt", source("d/link.txt"))
        os.symlink("a.flac", source("d/link.flac"))
        os.symlink("/etc/passwd", source("d/outside.flac"))
        os.symlink("../../../../etc/passwd", source("d/dots.txt"))
        os.symlink("nothing", source("d/dangling.flac"))
        os.symlink("loop.flac", source("d/loop.flac"))
        os.link(source("d/a.flac"), source("d/hard.flac"))
        os.mkfifo(source("d/fifo.flac"))
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def test_inside(self):
        """A link to a file or a folder of the library leads there"""
        self.assertEqual(read_file(self.mount.path("original/d/link.txt")),
                         b"text")
        self.assertEqual(read_file(self.mount.path("original/folder/t.txt")),
                         b"text")
        self.assertTrue(read_file(self.mount.path("low/folder/a.mp3")))

    def test_link_to_track(self):
        """A link to a track is a track in the quality folders"""
        found = os.listdir(self.mount.path("low/d"))
        self.assertIn("link.mp3", found)
        self.assertTrue(read_file(self.mount.path("low/d/link.mp3"))
                        == read_file(self.mount.path("low/d/a.mp3")))

    def test_hard_link(self):
        """A hard link is a track of its own name"""
        self.assertTrue(read_file(self.mount.path("low/d/hard.mp3"))
                        == read_file(self.mount.path("low/d/a.mp3")))

    def test_listing_survives(self):
        """Links that dangle, loop or leave the library, and a FIFO, neither
        hang nor break a listing"""
        for folder in ("original/d", "low/d"):
            for entry in os.scandir(self.mount.path(folder)):
                try:
                    entry.stat()
                except OSError as error:
                    self.assertIn(error.errno, (errno.ENOENT, errno.ELOOP,
                                                errno.EXDEV, errno.EACCES))

    def test_outside(self):
        """The daemon follows no link out of the library"""
        with open("/etc/passwd", "rb") as file:
            secret = file.read()
        for name in os.listdir(self.mount.path("low/d")):
            path = self.mount.path("low/d", name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue  # the reader follows it, with the reader's rights
            try:
                self.assertNotIn(secret[:40], read_file(path), name)
            except OSError:
                pass


if __name__ == "__main__":
    tap.main()
