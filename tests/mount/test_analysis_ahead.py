"""What is analyzed before anybody asks for it, and who waits for whom."""
import os
import unittest

import tap
from harness import (Background, Mount, in_threads, read_at, read_file,
                     stopped, wait_until)
from sidecars import (SUFFIXES, album, analysts, in_hand, make, path,
                      read_all, record)
from test_pcm_shared import seconds_of


class InOrder(unittest.TestCase):
    """A folder of tracks whose sidecars are read one after the other."""
    COUNT = 5

    def setUp(self):
        self.mount = self.enterContext(Mount())
        self.names = [f"{i}.flac" for i in range(self.COUNT)]
        for i, name in enumerate(self.names):
            make(self.mount, name, 2, 300 + i)
        self.calm()

    def calm(self):
        """The folder has not changed for long."""
        os.utime(self.mount.library, (0, 10**9))

    def read(self, i, suffix=".json"):
        return read_file(path(self.mount, self.names[i], suffix))

    def made(self, wanted):
        """So many come to be analyzed, and no more."""
        wait_until(lambda: self.mount.counter("analyses") >= wanted,
                   f"analysis {wanted}")
        self.mount.settle()
        self.assertEqual(self.mount.counter("analyses"), wanted)

    def test_first(self):
        """Reading the first track's sidecar has the second analyzed, and no
        more"""
        self.read(0)
        self.made(2)

    def test_in_order(self):
        """Reading on has the one after that analyzed, each time, up to the
        end of the folder"""
        for i in range(self.COUNT):
            self.read(i)
            self.made(min(i + 2, self.COUNT))

    def test_beside_broken(self):
        """So it is in a folder that has a file which cannot be decoded"""
        for name in ("z.m4a", "z.flac"):
            with open(self.mount.source(name), "w") as file:
                file.write("no audio" * 100)
        self.calm()
        for i in range(3):
            self.read(i)
            self.made(i + 2)

    def test_fresh(self):
        """So it is in a folder that changes meanwhile"""
        for i in range(3):
            with open(self.mount.source(f"{i}.txt"), "w") as file:
                file.write("no audio")
            self.read(i)
            self.made(i + 2)

    def test_all_six(self):
        """So does reading all six of each track"""
        for i in range(3):
            read_all(self.mount, self.names[i])
            self.made(i + 2)

    def test_any_suffix(self):
        """Any of the six shows that a folder is read in order"""
        for suffix in SUFFIXES:
            with Mount(self.mount.library) as mount:
                read_file(path(mount, self.names[0], suffix))
                wait_until(lambda: mount.counter("analyses") == 2,
                           f"the second analysis after {suffix}")

    def test_hit(self):
        """What was analyzed ahead costs its reader nothing"""
        self.read(0)
        self.made(2)
        decoded = self.mount.counter("seconds_decoded")
        foreground = self.mount.counter("segments_foreground")
        self.read(1, ".spectrogram.png")
        self.assertEqual(self.mount.counter("segments_foreground"),
                         foreground)
        self.assertEqual(decoded, 4)

    def test_random(self):
        """Reading at random has nothing analyzed but what is read"""
        for count, i in enumerate((3, 1, 4, 2), 1):
            self.read(i)
            self.made(count)

    def test_stat(self):
        """Listing and stat have nothing analyzed"""
        for name in self.names:
            for suffix in SUFFIXES:
                os.stat(path(self.mount, name, suffix))
        os.listdir(self.mount.path("analysis"))
        self.made(0)


class OnPlay(unittest.TestCase):
    """A track that is played in a quality folder."""
    SECONDS = 10

    def play(self, **options):
        mount = self.enterContext(Mount(**options))
        source = make(mount, "a.flac", self.SECONDS, 400)
        self.assertEqual(seconds_of(source), self.SECONDS)
        read_file(mount.path("medium/a.mp3"))
        return mount

    def test_analyzed(self):
        """analyze=on-play: it is analyzed along the way, each second is
        decoded once, and its sidecars cost nothing"""
        mount = self.play(analyze="on-play")
        wait_until(lambda: mount.counter("analyses") == 1, "the analysis")
        read_all(mount, "a.flac")
        mount.settle()
        self.assertEqual(mount.counter("analyses"), 1)
        self.assertEqual(mount.counter("seconds_decoded"), self.SECONDS)

    def test_album(self):
        """Every track of an album that is played through is analyzed,
        however fast it is read"""
        mount = self.enterContext(Mount(analyze="on-play"))
        for i in range(6):
            make(mount, f"{i}.flac", self.SECONDS, 400 + i)
        for i in range(6):
            read_file(mount.path(f"high/{i}.mp3"))
        wait_until(lambda: mount.counter("analyses") == 6, "the analyses")

    def test_at_once(self):
        """So is every one of some that are played at once"""
        mount = self.enterContext(Mount(analyze="on-play"))
        for i in range(4):
            make(mount, f"{i}/a.flac", self.SECONDS, 400 + i)
        in_threads(4, lambda i: read_file(mount.path(f"low/{i}/a.mp3")))
        wait_until(lambda: mount.counter("analyses") == 4, "the analyses")

    def test_again(self):
        """Playing it again, in another quality, too, analyses nothing
        again"""
        mount = self.play(analyze="on-play")
        wait_until(lambda: mount.counter("analyses") == 1, "the analysis")
        for quality in ("medium", "high"):
            read_file(mount.path(quality, "a.mp3"))
        mount.settle()
        self.assertEqual(mount.counter("analyses"), 1)
        self.assertEqual(mount.counter("seconds_decoded"), self.SECONDS)

    def test_head(self):
        """Who looks at a head and at a tail does not play"""
        mount = self.enterContext(Mount(analyze="on-play"))
        make(mount, "a.flac", self.SECONDS, 400)
        name = mount.path("high/a.mp3")
        read_at(name, 0, 65536)
        read_at(name, os.stat(name).st_size - 4096, 4096)
        mount.settle()
        self.assertEqual(mount.counter("analyses"), 0)

    def test_not_analyzed(self):
        """Without the option, and with analyze=on-read, nothing is analyzed
        by playing"""
        for options in ({}, {"analyze": "on-read"}):
            mount = self.play(**options)
            mount.settle()
            self.assertEqual(mount.counter("analyses"), 0)
            self.assertEqual(record(mount, "a.flac")["status"], "ok")


class Turns(unittest.TestCase):
    """workers=1, and the worker that analyses is stopped: whoever would wait
    for it does not come back."""

    def setUp(self):
        self.mount = self.enterContext(Mount(workers=1))
        self.names = [f"{i}/a.flac" for i in range(4)]
        for i, name in enumerate(self.names):
            make(self.mount, name, 3, 500 + i)
        make(self.mount, "music/a.flac", 6, 510)
        make(self.mount, "new/a.flac", 3, 511)
        for name in self.names:
            os.stat(path(self.mount, name, ".json"))
        os.stat(self.mount.path("medium/music/a.mp3"))
        record(self.mount, self.names[0])
        self.mount.settle()

    def waiting(self):
        """Readers of three analyses, of which one is in hand."""
        readers = []
        for name in self.names[1:]:
            parked = self.mount.counter("reads_parked")
            readers.append(Background(lambda n=name: record(self.mount, n)))
            if len(readers) == 1:
                in_hand(self.mount, parked)
            else:
                wait_until(lambda: self.mount.counter("reads_parked")
                           > parked, "the reader to park")
        self.assertEqual(self.mount.stats()["queue"]["slow"], 2)
        return readers

    def beside(self, work):
        """work() comes back while three analyses wait, and they come after
        it."""
        pids = analysts(self.mount)
        self.assertEqual(len(pids), 1)
        with stopped(pids):
            readers = self.waiting()
            Background(work).result(15)
            self.assertEqual([r.done() for r in readers], [False] * 3)
            self.assertEqual(self.mount.counter("analyses"), 1)
        self.assertEqual([r.result()["status"] for r in readers], ["ok"] * 3)
        self.assertEqual(self.mount.counter("analyses"), 4)

    def test_quality(self):
        """A reader of medium/ is served while analyses wait"""
        with Mount(self.mount.library) as other:
            right = read_file(other.path("medium/music/a.mp3"))

        def work():
            self.assertTrue(read_file(self.mount.path("medium/music/a.mp3"))
                            == right)
        self.beside(work)

    def test_decoded(self):
        """So is one of pcm/"""
        self.beside(lambda: read_file(self.mount.path(
            "pcm/44100-mono/music/a.wav")))

    def test_facts(self):
        """So is one who looks for files nobody has seen yet"""
        self.beside(lambda: os.stat(self.mount.path("high/new/a.mp3")))

    def test_known(self):
        """So is a reader of an analysis that is there"""
        self.beside(lambda: read_all(self.mount, self.names[0]))

    def test_many(self):
        """With workers=1 and many cold analyses and qualities at once,
        everybody is served"""
        def work(i):
            name = self.names[i // 2]
            return (record(self.mount, name)["status"] if i % 2 else len(
                read_file(self.mount.path("low", name[:-5] + ".mp3"))))
        found = in_threads(8, work)
        self.assertEqual(found[1::2], ["ok"] * 4)
        self.assertTrue(all(found[::2]))
        self.assertEqual(self.mount.counter("analyses"), 4)

    def test_album_waits(self):
        """An album.json that waits for analyses holds up nobody either"""
        for i, name in enumerate(("x.flac", "y.flac")):
            make(self.mount, "album/" + name, 2, 520 + i)
            os.stat(path(self.mount, "album/" + name, ".json"))
        self.mount.settle()
        with stopped(analysts(self.mount)):
            parked = self.mount.counter("reads_parked")
            reader = Background(lambda: album(self.mount, "album"))
            wait_until(lambda: self.mount.counter("reads_parked") > parked,
                       "the analysis to wait")
            Background(lambda: read_file(self.mount.path(
                "medium/music/a.mp3"))).result(15)
            self.assertFalse(reader.done())
        self.assertEqual(reader.result()["tracks_analysed"], 2)


class Options(unittest.TestCase):
    def test_spelling(self):
        """Values that make no sense are refused, with the option named"""
        for option, value in (("analyze", "sometimes"),
                              ("analysis_memory", "much"),
                              ("analysis_tracks", "-1"),
                              ("analysis_ttl", "soon")):
            with self.assertRaises(AssertionError, msg=option) as caught:
                with Mount(**{option: value}):
                    pass
            self.assertIn(option, str(caught.exception))


if __name__ == "__main__":
    tap.main()
