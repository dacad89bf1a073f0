"""Sources that change under the mount: the new version at the next open at the
latest, and never a mixture of two."""
import ctypes
import errno
import os
import shutil
import time
import unittest

import mutagen.id3

import fixtures
import tap
from harness import (Background, Mount, forget_pages, libc, opened,
                     pread_all, read_file, wait_until)


class Change(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Two versions of a track, and what a fresh mount makes of each."""
        cls.mount = Mount()
        cls.versions = []
        for i, seconds in enumerate((20, 26)):
            path = os.path.join(cls.mount.base, f"{i}.flac")
            fixtures.write(path, fixtures.music(seconds, 44100, 2, 1000 + i),
                           44100, tags={"title": f"Version {i}"})
            cls.versions.append(path)
        cls.right = []
        for path in cls.versions:
            with Mount() as other:
                shutil.copy(path, other.source("a.flac"))
                cls.right.append(read_file(other.path("medium/a.mp3")))
        assert len(cls.right[0]) != len(cls.right[1])
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def setUp(self):
        for name in os.listdir(self.mount.library):
            os.unlink(self.mount.source(name))
        self.name = self._testMethodName + ".flac"
        self.source = self.mount.source(self.name)
        self.path = self.mount.path(
            "medium", self.name.replace(".flac", ".mp3"))
        shutil.copy(self.versions[0], self.source)

    def replace(self):
        """The other version takes the name, as an editor saves."""
        shutil.copy(self.versions[1], self.source + ".tmp")
        os.rename(self.source + ".tmp", self.source)

    def rewrite(self):
        """The other version is written into the same file."""
        with open(self.versions[1], "rb") as new, \
                open(self.source, "r+b") as file:
            file.write(new.read())

    def sees_new(self, change):
        self.assertTrue(read_file(self.path) == self.right[0])
        change()
        with opened(self.path) as fd:
            self.assertEqual(os.fstat(fd).st_size, len(self.right[1]))
            self.assertTrue(pread_all(fd, 1 << 30, 0) == self.right[1])
        self.assertEqual(os.stat(self.path).st_mtime_ns,
                         os.stat(self.source).st_mtime_ns)

    def test_replaced(self):
        """A source that was replaced is seen at the next open"""
        self.sees_new(self.replace)

    def test_rewritten(self):
        """A source that was rewritten in place is seen at the next open"""
        self.sees_new(self.rewrite)

    def keeps_old(self, change):
        """A descriptor opened before gives the old version's bytes or
        ESTALE, wherever it reads."""
        old = self.right[0]
        with opened(self.path) as fd:
            self.assertEqual(pread_all(fd, 1000, 0), old[:1000])
            change()
            for offset in (0, len(old) // 2, 1000, len(old) - 5000):
                forget_pages(fd)
                try:
                    data = pread_all(fd, 5000, offset)
                except OSError as error:
                    self.assertEqual(error.errno, errno.ESTALE)
                else:
                    self.assertTrue(data == old[offset:offset + 5000])
        self.assertTrue(read_file(self.path) == self.right[1])

    def test_reader_of_replaced(self):
        """A reader of a replaced source gets old bytes or ESTALE"""
        self.keeps_old(self.replace)

    def test_reader_of_rewritten(self):
        """A reader of a rewritten source gets old bytes or ESTALE"""
        self.keeps_old(self.rewrite)

    def test_both_readers(self):
        """A reader of the old version and one of the new, taking turns, do
        not disturb each other"""
        old, new = self.right
        with opened(self.path) as first:
            self.assertTrue(pread_all(first, 1 << 30, 0) == old)
            self.replace()
            with opened(self.path) as second:
                for offset in range(0, len(old) - 4096, 50000):
                    self.assertTrue(pread_all(second, 4096, offset)
                                    == new[offset:offset + 4096])
                    try:
                        data = pread_all(first, 4096, offset)
                    except OSError as error:
                        self.assertEqual(error.errno, errno.ESTALE)
                    else:
                        self.assertTrue(data == old[offset:offset + 4096])

    def test_changing_all_the_time(self):
        """Readers of a source that changes again and again get one version
        or an error, never a mixture"""
        rounds = 6 if fixtures.REDUCED else 12
        copies = [path + ".turn" for path in self.versions]

        def changer():
            for i in range(rounds):
                shutil.copy(self.versions[i % 2], copies[i % 2])
                shutil.copy(copies[i % 2], self.source + ".tmp")
                os.rename(self.source + ".tmp", self.source)
                before = self.count
                wait_until(lambda: self.count > before, "a reader")

        self.count, seen, errors = 0, set(), 0
        thread = Background(changer)
        while not thread.done():
            try:
                data = read_file(self.path)
            except OSError as error:
                self.assertIn(error.errno, (errno.ESTALE, errno.ENOENT))
                errors += 1
            else:
                self.assertIn(data, self.right)
                seen.add(self.right.index(data))
            self.count += 1
        thread.result()
        tap.diag(f"{self.count} reads, {errors} errors")
        self.assertTrue(read_file(self.path) in self.right)
        self.assertEqual(seen, {0, 1})

    def test_read_while_rewritten(self):
        """A rewrite between two reads of one cold descriptor mixes nothing"""
        old = self.right[0]
        with opened(self.path) as fd:
            got = {0: pread_all(fd, 4096, 0)}
            self.rewrite()
            for offset in range(65536, len(old), 65536):
                try:
                    got[offset] = pread_all(fd, 4096, offset)
                except OSError as error:
                    self.assertEqual(error.errno, errno.ESTALE)
        for offset, data in got.items():
            self.assertTrue(data == old[offset:offset + len(data)], offset)

    def test_retagged(self):
        """Retagging a FLAC shows the new tag and encodes nothing again"""
        read_file(self.path)
        self.mount.settle()
        before = self.mount.counter("segments_rendered")
        fixtures.tag(self.source, {"title": "A new title " * 1000})
        data = read_file(self.path)
        self.mount.settle()
        self.assertEqual(str(mutagen.id3.ID3(self.path)["TIT2"]),
                         "A new title " * 1000)
        self.assertEqual(len(data), os.stat(self.path).st_size)
        self.assertEqual(self.mount.counter("segments_rendered"), before)
        audio = self.right[0][self.right[0].index(b"Info") - 100:]
        self.assertTrue(data.endswith(audio[-100000:]))

    def test_renamed(self):
        """A renamed or moved FLAC, and a copy of it, encode nothing again"""
        read_file(self.path)
        self.mount.settle()
        before = self.mount.counter("segments_rendered")
        os.rename(self.source, self.mount.source("renamed.flac"))
        shutil.copy(self.mount.source("renamed.flac"),
                    self.mount.source("copied.flac"))
        for name in ("renamed.mp3", "copied.mp3"):
            self.assertTrue(read_file(self.mount.path("medium", name))
                            == self.right[0])
        self.mount.settle()
        self.assertEqual(self.mount.counter("segments_rendered"), before)

    def gone(self, path):
        try:
            os.stat(path)
        except FileNotFoundError:
            return True
        return False

    def test_deleted(self):
        """A deleted source is gone from the listing at once, and by name soon
        after"""
        os.stat(self.path)
        os.unlink(self.source)
        self.assertNotIn(os.path.basename(self.path),
                         os.listdir(self.mount.path("medium")))
        wait_until(lambda: self.gone(self.path), "the name to go", 30)
        with self.assertRaises(OSError):
            open(self.path, "rb")

    def test_new(self):
        """A new source is in the listing at once, and found by name soon
        after"""
        path = self.mount.path("medium/new.mp3")
        self.assertTrue(self.gone(path))
        shutil.copy(self.versions[1], self.mount.source("new.flac"))
        self.assertIn("new.mp3", os.listdir(self.mount.path("medium")))
        wait_until(lambda: not self.gone(path), "the name to come", 30)
        self.assertTrue(read_file(path) == self.right[1])

    def test_cover_changed(self):
        """A folder's new cover changes size and bytes together"""
        folder = self.mount.source("covered")
        self.addCleanup(shutil.rmtree, folder)
        os.mkdir(folder)
        shutil.copy(self.versions[0], folder + "/a.flac")
        path = self.mount.path("medium/covered/a.mp3")
        for picture in (fixtures.png(10, 10, 1), fixtures.png(50, 50, 2),
                        fixtures.png(20, 20, 3)):
            with open(folder + "/cover.png.tmp", "wb") as file:
                file.write(picture)
            os.rename(folder + "/cover.png.tmp", folder + "/cover.png")

            def current():
                with opened(path) as fd:
                    size = os.fstat(fd).st_size
                    try:
                        data = pread_all(fd, 1 << 30, 0)
                    except OSError as error:
                        self.assertEqual(error.errno, errno.ESTALE)
                        return False
                self.assertEqual(size, len(data))
                return picture in data

            wait_until(current, "the new cover", 30)

    def test_passed_through(self):
        """A file that passes through and changes is seen at the next open"""
        source = self.mount.source("notes.txt")
        path = self.mount.path("low/notes.txt")
        for text in (b"one", b"two and more", b"3"):
            with open(source + ".tmp", "wb") as file:
                file.write(text)
            os.rename(source + ".tmp", source)
            wait_until(lambda: os.path.exists(path), "the name", 30)
            with opened(path) as fd:
                self.assertEqual(os.fstat(fd).st_size, len(text))
                self.assertEqual(pread_all(fd, 100, 0), text)
        os.unlink(source)

    def test_page_cache_kept(self):
        """Reading an unchanged and finished file again and again does not
        reach the daemon"""
        for _ in range(2):
            self.assertTrue(read_file(self.path) == self.right[0])
        before = self.mount.counters()["read_bytes"]
        self.assertTrue(read_file(self.path) == self.right[0])
        stats = os.stat(self.mount.path(".groovefs/stats.json")).st_size
        self.assertLess(self.mount.counters()["read_bytes"] - before,
                        4 * stats + 4096)


    def test_page_cache_behind_a_reader(self):
        """What a first reader has come past is in the page cache before he
        closes the file"""
        path = self.mount.path("high", os.path.basename(self.path))
        size = os.stat(path).st_size
        with opened(path) as first:
            at = 0
            while at < size:
                at += len(os.pread(first, 1 << 16, at))
            with opened(path) as second:
                before = self.mount.counter("read_bytes")
                while os.read(second, 1 << 16):
                    pass
                read = self.mount.counter("read_bytes") - before
        stats = os.stat(self.mount.path(".groovefs/stats.json")).st_size
        self.assertLess(read, 4 * stats + size // 2)


class Large(unittest.TestCase):
    def test_arriving(self):
        """A large folder to which files are added is not read again for each
        name that is looked up in it, and what is new, gone or changed shows"""
        with Mount() as mount:
            os.mkdir(mount.source("d"))
            for i in range(6000):
                self.touch(mount, f"{i}.txt")
            for view in ("original", "medium"):
                os.stat(mount.path(view, "d/0.txt"))
                before = mount.counter("listings")
                for i in range(1, 101):
                    self.touch(mount, f"{view}{i}.txt")
                    os.stat(mount.path(view, f"d/{i}.txt"))
                    self.assertFalse(os.path.exists(
                        mount.path(view, f"d/nothing{i}.txt")))
                self.assertLess(mount.counter("listings") - before, 20)
                os.stat(mount.path(view, "d/5000.txt"))
                self.assertEqual(
                    os.stat(mount.path(view, f"d/{view}50.txt")).st_size, 0)
                os.unlink(mount.source("d/4000.txt"))
                self.assertFalse(os.path.exists(
                    mount.path(view, "d/4000.txt")))
                self.touch(mount, "4000.txt")
                with open(mount.source("d/3000.txt"), "w") as file:
                    file.write(view)
                self.assertEqual(read_file(mount.path(view, "d/3000.txt")),
                                 view.encode())

    def test_listed_meanwhile(self):
        """Who reads a folder that changes, and that others read, gets each
        name that stays, and none twice"""
        with Mount() as mount:
            os.mkdir(mount.source("d"))
            for i in range(3000):
                self.touch(mount, f"m{i:04}")
            for i in range(3):
                stay = set(os.listdir(mount.source("d")))
                time.sleep(0.1)  # then listings of it are kept
                os.listdir(mount.path("original/d"))
                reader = os.scandir(mount.path("original/d"))
                names = [next(reader).name for _ in range(600)]
                for j in range(700):
                    self.touch(mount, f"a{i}{j:03}")
                for name in sorted(stay)[600 + 50 * i:900 + 50 * i]:
                    os.unlink(mount.source("d", name))
                    stay.remove(name)
                time.sleep(0.1)
                for _ in range(2):
                    os.listdir(mount.path("original/d"))
                names += [entry.name for entry in reader]
                self.assertEqual(len(names), len(set(names)))
                self.assertEqual(stay - set(names), set())

    def test_told_places(self):
        """seekdir() leads back to where telldir() was"""
        libc.opendir.restype = libc.readdir64.restype = ctypes.c_void_p
        libc.telldir.restype = ctypes.c_long
        with Mount() as mount:
            os.mkdir(mount.source("d"))
            for i in range(3000):
                self.touch(mount, f"m{i:04}")
            folder = ctypes.c_void_p(libc.opendir(os.fsencode(
                mount.path("original/d"))))
            names, places = [], []
            while True:
                places.append(libc.telldir(folder))
                entry = libc.readdir64(folder)
                if not entry:
                    break
                names.append(ctypes.string_at(entry + 19))
            for i in range(900):
                self.touch(mount, f"a{i:03}")
            os.listdir(mount.path("original/d"))
            for i in (2500, 7, 1300, 0, 3001):
                libc.seekdir(folder, ctypes.c_long(places[i]))
                entry = libc.readdir64(folder)
                self.assertEqual(ctypes.string_at(entry + 19), names[i])
            libc.closedir(folder)

    def touch(self, mount, name):
        with open(mount.source("d", name), "w"):
            pass


class SetBack(unittest.TestCase):
    """Sources that change while their size and time stay."""

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def rewrite(self, path, data):
        before = os.stat(path)
        self.assertEqual(len(data), before.st_size)
        with open(path, "r+b") as file:
            file.write(data)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.assertEqual(os.stat(path).st_mtime_ns, before.st_mtime_ns)

    def test_tags(self):
        """New tags are seen, as metaflac --preserve-modtime writes them"""
        path = self.mount.source("tags.flac")
        fixtures.write(path, fixtures.music(1, 44100, 2, 1), 44100,
                       tags={"title": "before"})
        shown = self.mount.path("low/tags.mp3")
        self.assertEqual(mutagen.id3.ID3(shown)["TIT2"].text, ["before"])
        with open(path, "rb") as file:
            data = file.read()
        self.rewrite(path, data.replace(b"before", b"after!"))
        self.assertEqual(mutagen.id3.ID3(shown)["TIT2"].text, ["after!"])
        self.mount.remount()
        self.assertEqual(mutagen.id3.ID3(shown)["TIT2"].text, ["after!"])

    def test_samples(self):
        """New samples are seen, also in one spot, by all views"""
        path = self.mount.source("samples.wav")
        fixtures.write(path, fixtures.music(3, 44100, 2, 2), 44100)
        views = [self.mount.path(view) for view in
                 ("original/samples.wav", "pcm/native/samples.wav",
                  "low/samples.mp3")]
        before = [read_file(view) for view in views]
        data = bytearray(before[0])
        middle = len(data) // 2 & ~3
        data[middle:middle + 8000] = bytes(8000)
        self.rewrite(path, bytes(data))
        after = [read_file(view) for view in views]
        self.assertTrue(after[0] == bytes(data))
        for old, new in zip(before, after):
            self.assertEqual(len(old), len(new))
            self.assertFalse(old == new)
        self.mount.remount()
        self.assertTrue([read_file(view) for view in views] == after)

    def test_open(self):
        """Who has a file open reads on when it is renamed or deleted"""
        path = self.mount.source("open.bin")
        with open(path, "wb") as file:
            file.write(os.urandom(300000))
        with open(path, "rb") as file:
            data = file.read()
        with opened(self.mount.path("original/open.bin")) as fd:
            self.assertEqual(pread_all(fd, 1000, 0), data[:1000])
            os.rename(path, path + ".new")
            forget_pages(fd)
            self.assertEqual(pread_all(fd, 1000, 100000),
                             data[100000:101000])
            os.unlink(path + ".new")
            forget_pages(fd)
            self.assertEqual(pread_all(fd, 1000, 200000),
                             data[200000:201000])


if __name__ == "__main__":
    tap.main()
