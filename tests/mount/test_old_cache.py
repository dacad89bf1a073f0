"""A cache that an older version left: what it rendered wrong never comes out of
it, and what it rendered right need not be rendered again.

No older version is run. The wrong samples are those of another track, rendered
under the identity that the older version gave to a file whose decoding has been
mended since; then the table of facts is written as that version wrote it.
"""
import ctypes
import os
import sqlite3
import struct

import fixtures
import mp3
import tap
from folders import Folders
from harness import Mount, read_file

SECONDS, RATE = 4, 44100
PLAIN = "alone/plain.flac"  # no other track follows, that would be made ahead
ODD = ("odd.m4a", "odd.wav")  # decoded otherwise than by version 0.1
FIELDS = ("kind", "rate", "channels", "bits", "samples", "identity",
          "tag_size", "has_picture", "codec", "reason", "genre", "failure",
          "failed_at")
TYPES = {"identity": "BLOB", "codec": "TEXT", "reason": "TEXT",
         "genre": "TEXT", "failure": "TEXT"}


class Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def xxh3(data):
    library = ctypes.CDLL("libxxhash.so.0")
    library.XXH3_128bits.restype = Hash
    library.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    found = library.XXH3_128bits(data, len(data))
    return struct.pack(">QQ", found.high, found.low)


def identity(path, form):
    """As version 0.1 ("file-1") had it, and as it is without a revision."""
    st = os.stat(path)
    numbers = [st.st_dev, st.st_ino, st.st_size, st.st_mtime_ns]
    if form == b"file-2":
        numbers.append(st.st_ctime_ns)
    return xxh3(form.ljust(8, b"\0") + struct.pack(f">{len(numbers)}Q",
                                                   *numbers))


def id3():
    title = b"TIT2\0\0\0\2\0\0\0x"
    return b"ID3\3\0\0\0\0\4\0" + title + bytes(512 - len(title))


class Old(Folders):
    limit = 120
    right = None  # the audio of each track, from a cache of its own

    def setUp(self):
        super().setUp()
        os.unlink(self.at("library/a.flac"))
        for i, name in enumerate(self.tracks()):
            self.make(name, 700 + i)
        if not Old.right:
            Old.right = self.render()
        with self.mounted() as mount:
            for name in self.tracks():
                os.stat(self.low(mount, name))
            self.audio(mount, PLAIN)
            mount.settle()

    @staticmethod
    def tracks():
        return (PLAIN,) + ODD + tuple("wrong-" + name for name in ODD)

    def make(self, name, seed):
        """ALAC without an edit list, or a WAV behind a tag: both once wrong."""
        wave = self.at("in.wav")
        path = self.at("library/" + name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        fixtures.write(wave, fixtures.music(SECONDS, RATE, 2, seed), RATE)
        if name.endswith(".m4a"):
            fixtures.ffmpeg("-i", wave, "-c:a", "alac", "-use_editlist", "0",
                            path)
        elif name.endswith(".wav"):
            with open(wave, "rb") as file, open(path, "wb") as out:
                out.write(id3() + file.read())
        else:
            fixtures.ffmpeg("-i", wave, path)

    def mounted(self, cache="cache"):
        return Mount(self.at("library"), cache=self.at(cache))

    @staticmethod
    def low(mount, name):
        return mount.path("low", name.rpartition(".")[0] + ".mp3")

    def audio(self, mount, name):
        return mp3.audio_frames(read_file(self.low(mount, name)))

    def render(self):
        with self.mounted("fresh") as mount:
            return {name: self.audio(mount, name) for name in self.tracks()}

    def facts(self, *statements):
        with sqlite3.connect(self.at("cache/facts.sqlite")) as db:
            for statement in statements:
                db.execute(*statement)
        db.close()

    def set_identity(self, name, value):
        self.facts(("UPDATE track SET identity = ? WHERE ino = ?",
                    (value, os.stat(self.at("library/" + name)).st_ino)))

    def set_traps(self, form):
        """Wrong samples under the old identity of each odd file."""
        for name in ODD:
            self.set_identity("wrong-" + name,
                              identity(self.at("library/" + name), form))
        with self.mounted() as mount:
            for name in ODD:
                self.audio(mount, "wrong-" + name)
            mount.settle()
        for name in ODD:
            self.set_identity(name,
                              identity(self.at("library/" + name), form))

    def as_version_0_1(self):
        columns = ", ".join(f"{name} {TYPES.get(name, 'INTEGER')} NOT NULL"
                            for name in FIELDS)
        keys = "dev, ino, size, mtime_ns"
        names = f"{keys}, {', '.join(FIELDS)}"
        self.facts(
            ("CREATE TABLE former (dev INTEGER NOT NULL, ino INTEGER NOT NULL,"
             " size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, "
             f"{columns}, PRIMARY KEY ({keys})) WITHOUT ROWID",),
            (f"INSERT INTO former ({names}) SELECT {names} FROM track",),
            ("DROP TABLE track",),
            ("ALTER TABLE former RENAME TO track",),
            ("PRAGMA user_version = 3",))

    def check_mended(self):
        with self.mounted() as mount:
            self.assertEqual(self.audio(mount, PLAIN), self.right[PLAIN])
            self.assertEqual(mount.counter("segments_rendered"), 0)
            for name in ODD:
                self.assertEqual(self.audio(mount, name), self.right[name])
            self.assertGreater(mount.counter("segments_rendered"), 0)

    def test_trap(self):
        """Without new probing, the wrong samples would come out"""
        self.set_traps(b"file-2")
        with self.mounted() as mount:
            for name in ODD:
                self.assertEqual(self.audio(mount, name),
                                 self.right["wrong-" + name])
            self.assertEqual(mount.counter("segments_rendered"), 0)

    def test_0_1(self):
        """A cache of version 0.1 gives nothing wrong; plain FLAC keeps it"""
        self.set_traps(b"file-1")
        self.as_version_0_1()
        self.check_mended()

    def test_probed(self):
        """Facts of a decoder that was mended since are found again"""
        self.set_traps(b"file-2")
        self.facts(("UPDATE track SET probed = 1",))
        self.check_mended()
        with sqlite3.connect(self.at("cache/facts.sqlite")) as db:
            least, = db.execute("SELECT min(probed) FROM track WHERE ino IN "
                                "(?, ?)", [os.stat(self.at(
                                    "library/" + name)).st_ino
                                    for name in ODD]).fetchone()
        db.close()
        self.assertGreater(least, 1)


tap.main()
