"""analysis/: made once for everybody, kept by what the audio is, resident in
memory as long as there is room."""
import os
import shutil
import unittest

import fixtures
import tap
from harness import Mount, in_threads, read_file, wait_until
from sidecars import (PICTURES, SUFFIXES, make, parse, path, read_all, record,
                      uncached, without)
from test_pcm_shared import seconds_of

COSTS = ("analyses", "seconds_decoded", "blocks_made", "segments_rendered")


def costs(mount):
    """What has been made so far, when all has come to rest."""
    mount.settle()
    counters = mount.counters()
    return tuple(counters[name] for name in COSTS)


def resident(mount):
    found = mount.stats()["analysis"]
    return found["resident_tracks"], found["resident_bytes"]


class Once(unittest.TestCase):
    def setUp(self):
        self.mount = self.enterContext(Mount())
        self.source = make(self.mount, "a.flac", 5)
        self.seconds = seconds_of(self.source)

    def check_one_pass(self):
        analyses, decoded, _, rendered = costs(self.mount)
        self.assertEqual((analyses, decoded, rendered),
                         (1, self.seconds, 1))

    def test_one_pass(self):
        """Reading one sidecar makes all six, whichever it is: one analysis,
        each second decoded once, no block made twice"""
        seconds = 0
        for i, first in enumerate(SUFFIXES):
            name = f"{i}/a.flac"
            seconds += seconds_of(make(self.mount, name, 3, 10 + i))
            read_file(path(self.mount, name, first))
            made = self.mount.counter("blocks_made")
            read_all(self.mount, name)
            counters = self.mount.counters()
            self.assertEqual((counters["analyses"],
                              counters["seconds_decoded"],
                              counters["blocks_made"]),
                             (i + 1, seconds, made), first)
        self.assertEqual(costs(self.mount), (6, seconds, made, 6))

    def test_at_once(self):
        """Six readers, one for each, who come at once, cause one pass"""
        found = in_threads(6, lambda i: len(read_file(
            path(self.mount, "a.flac", SUFFIXES[i]))))
        self.assertEqual(found, [os.stat(path(self.mount, "a.flac", s)).st_size
                                 for s in SUFFIXES])
        self.check_one_pass()

    def test_many_readers(self):
        """So do many readers of the same one"""
        found = in_threads(8, lambda i: read_file(
            path(self.mount, "a.flac", ".json")))
        self.assertEqual(len(set(found)), 1)
        self.check_one_pass()

    def test_shared_seconds(self):
        """Seconds that were decoded for a sidecar serve pcm/ and a quality
        folder, and the other way round"""
        readers = [lambda: read_all(self.mount, "a.flac"),
                   lambda: read_file(self.mount.path("pcm/native/a.wav")),
                   lambda: read_file(self.mount.path("high/a.mp3"))]
        for first in range(len(readers)):
            self.mount.remount(cache=os.path.join(self.mount.base,
                                                  f"cache {first}"))
            for reader in readers[first:] + readers[:first]:
                reader()
                self.mount.settle()
                self.assertEqual(self.mount.counter("seconds_decoded"),
                                 self.seconds)

    def test_second_read(self):
        """The second read of each comes from memory, with no page cache in
        the way"""
        first = read_all(self.mount, "a.flac")
        made = costs(self.mount)
        for suffix in SUFFIXES:
            before = self.mount.counters()
            self.assertTrue(uncached(path(self.mount, "a.flac", suffix))
                            == first[suffix], suffix)
            after = self.mount.counters()
            self.assertGreater(after["analysis_hits"],
                               before["analysis_hits"], suffix)
            self.assertEqual(after["analysis_misses"],
                             before["analysis_misses"], suffix)
            self.assertEqual(after["segments_found"],
                             before["segments_found"], suffix)
        self.assertEqual(costs(self.mount), made)

    def test_page_cache(self):
        """The third does not even reach the daemon"""
        name = path(self.mount, "a.flac", ".waveform.png")
        for _ in range(2):
            first = read_file(name)
        before = self.mount.counter("analysis_hits")
        self.assertTrue(read_file(name) == first)
        self.assertEqual(self.mount.counter("analysis_hits"), before)

    def test_remount(self):
        """After a remount the bytes are the same, and nothing is decoded"""
        first = read_all(self.mount, "a.flac")
        self.mount.remount()
        self.assertEqual(read_all(self.mount, "a.flac"), first)
        self.assertEqual(costs(self.mount), (0, 0, 0, 0))

    def test_stages(self):
        """stats.json says what the stages of an analysis took"""
        read_file(path(self.mount, "a.flac", ".25d"))
        counters = self.mount.counters()
        for stage in ("decode", "measure", "draw"):
            self.assertGreater(counters[f"analysis_{stage}_us"], 0, stage)


class Identity(unittest.TestCase):
    """What belongs to the audio, and what to the file."""

    def setUp(self):
        self.mount = self.enterContext(Mount())
        self.source = make(self.mount, "a.flac", 4, 100, tags={
            "title": "One", "genre": "Jazz"})
        self.first = read_all(self.mount, "a.flac")
        self.made = costs(self.mount)

    def same_audio(self, found):
        """Numbers and pictures are those of before."""
        file = ("source.path", "source.size_bytes", "source.modified_at",
                "content_profile.genre.tag")
        self.assertEqual(without(parse(found[".json"]), *file),
                         without(parse(self.first[".json"]), *file))
        for suffix in (*PICTURES, ".peaks.dat", ".peaks.json"):
            self.assertTrue(found[suffix] == self.first[suffix], suffix)
        self.assertEqual(parse(found[".25d"])["fingerprint"],
                         parse(self.first[".25d"])["fingerprint"])

    def test_retagged(self):
        """Other tags keep the numbers, cost no decoding, and are seen in
        the text"""
        fixtures.tag(self.source, {"title": "x" * 9999, "genre": "Rock"})
        found = read_all(self.mount, "a.flac")
        self.same_audio(found)
        full = parse(found[".json"])
        self.assertEqual(full["content_profile"]["genre"]["tag"], "Rock")
        self.assertEqual(parse(self.first[".json"])["content_profile"]
                         ["genre"]["tag"], "Jazz")
        self.assertEqual(full["source"]["size_bytes"],
                         os.path.getsize(self.source))
        self.assertEqual(os.stat(path(self.mount, "a.flac",
                                      ".json")).st_mtime_ns,
                         os.stat(self.source).st_mtime_ns)
        self.assertEqual(costs(self.mount), self.made)

    def test_no_genre(self):
        """Without a genre in the tags there is none in the text"""
        make(self.mount, "b.flac", 1, 101)
        self.assertIsNone(record(self.mount, "b.flac")["content_profile"]
                          ["genre"]["tag"])

    def test_renamed(self):
        """A renamed file keeps its analysis and shows its new path"""
        os.mkdir(self.mount.source("d"))
        os.rename(self.source, self.mount.source("d/b.flac"))
        found = read_all(self.mount, "d/b.flac")
        self.same_audio(found)
        self.assertEqual(parse(found[".json"])["source"]["path"], "d/b.flac")
        self.assertEqual(parse(found[".25d"])["audio_file"]["path"],
                         "d/b.flac")
        self.assertEqual(costs(self.mount), self.made)

    def test_renamed_folder(self):
        """So do the files of a renamed folder"""
        os.mkdir(self.mount.source("d"))
        os.rename(self.source, self.mount.source("d/a.flac"))
        read_all(self.mount, "d/a.flac")
        os.rename(self.mount.source("d"), self.mount.source("e"))
        found = read_all(self.mount, "e/a.flac")
        self.same_audio(found)
        self.assertEqual(parse(found[".json"])["source"]["path"], "e/a.flac")
        self.assertEqual(costs(self.mount), self.made)

    def test_copied(self):
        """A copy under another name, with tags of its own, shares it"""
        shutil.copy(self.source, self.mount.source("b.flac"))
        fixtures.tag(self.mount.source("b.flac"), {"genre": "Folk"})
        found = read_all(self.mount, "b.flac")
        self.same_audio(found)
        self.assertEqual(record(self.mount, "b.flac")["content_profile"]
                         ["genre"]["tag"], "Folk")
        self.assertEqual(record(self.mount, "a.flac")["content_profile"]
                         ["genre"]["tag"], "Jazz")
        self.assertEqual(costs(self.mount), self.made)

    def test_renamed_wave(self):
        """A file of another format than FLAC keeps it when its folder is
        renamed; when it is renamed itself it is analyzed again: nothing tells
        that from a change"""
        os.mkdir(self.mount.source("w"))
        fixtures.write(self.mount.source("w/w.wav"),
                       fixtures.music(3, 44100, 2, 4102), 44100)
        before = read_all(self.mount, "w/w.wav")[".peaks.dat"]
        made = costs(self.mount)
        os.rename(self.mount.source("w"), self.mount.source("v"))
        self.assertEqual(read_all(self.mount, "v/w.wav")[".peaks.dat"],
                         before)
        self.assertEqual(costs(self.mount), made)
        os.rename(self.mount.source("v/w.wav"), self.mount.source("v/v.wav"))
        self.assertEqual(read_all(self.mount, "v/v.wav")[".peaks.dat"],
                         before)


class Memory(unittest.TestCase):
    """Little memory for finished analyses, or little time."""
    COUNT = 6

    @classmethod
    def setUpClass(cls):
        cls.base = Mount()
        cls.base.__enter__()
        cls.names = [f"{i}.flac" for i in range(cls.COUNT)]
        for i, name in enumerate(cls.names):
            make(cls.base, name, 2, 200 + i)
        cls.right = {name: read_all(cls.base, name) for name in cls.names}

    @classmethod
    def tearDownClass(cls):
        cls.base.__exit__(None, None, None)

    def other(self, **options):
        """Another mount on the same cache and library."""
        return Mount(self.base.library, self.base.cache, **options)

    def check(self, mount):
        for name in self.names:
            self.assertEqual(read_all(mount, name, uncached),
                             self.right[name])

    def test_all_fit(self):
        """By default all of a few tracks are resident, and within 4 MiB"""
        with self.other() as mount:
            self.assertEqual(resident(mount), (0, 0))
            self.check(mount)
            tracks, used = resident(mount)
            self.assertEqual(tracks, self.COUNT)
            self.assertTrue(0 < used <= 4 << 20, used)
            misses = mount.counter("analysis_misses")
            self.check(mount)
            self.assertEqual(mount.counter("analysis_misses"), misses)

    def test_one_track(self):
        """analysis_tracks=1: just the last one is resident, all is right"""
        with self.other(analysis_tracks=1) as mount:
            for name in self.names:
                self.assertEqual(read_all(mount, name), self.right[name])
                self.assertEqual(resident(mount)[0], 1)
            misses = mount.counter("analysis_misses")
            uncached(path(mount, self.names[-1], ".json"))
            self.assertEqual(mount.counter("analysis_misses"), misses)
            uncached(path(mount, self.names[0], ".json"))
            self.assertGreater(mount.counter("analysis_misses"), misses)
            self.check(mount)
            self.assertEqual(mount.counter("analyses"), 0)

    def test_little_memory(self):
        """A small analysis_memory is never exceeded, old tracks make room,
        all is right"""
        with self.other(analysis_memory="40K") as mount:
            for name in self.names * 2:
                for suffix in SUFFIXES:
                    uncached(path(mount, name, suffix))
                    self.assertLessEqual(resident(mount)[1], 40 << 10)
            self.assertTrue(0 < resident(mount)[0] < self.COUNT)
            self.check(mount)
            self.assertEqual(mount.counter("analyses"), 0)

    def test_nothing_resident(self):
        """analysis_memory=0 keeps nothing in memory, and all is right"""
        with self.other(analysis_memory=0) as mount:
            self.check(mount)
            self.assertEqual(resident(mount), (0, 0))
            self.assertEqual(mount.counter("analysis_hits"), 0)
            self.assertEqual(mount.counter("analyses"), 0)

    def test_cold_without_memory(self):
        """With analysis_memory=0 a track is still analyzed once"""
        with Mount(self.base.library, analysis_memory=0) as mount:
            self.assertEqual(read_all(mount, self.names[-1]),
                             self.right[self.names[-1]])
            self.assertEqual(mount.counter("analyses"), 1)

    def test_time_to_live(self):
        """analysis_ttl=1s: what is older is read from the cache again, and
        is not made again"""
        with self.other(analysis_ttl="1s") as mount:
            name = path(mount, self.names[0], ".json")
            read_file(name)
            misses = mount.counter("analysis_misses")

            def expired():
                self.assertTrue(uncached(name)
                                == self.right[self.names[0]][".json"])
                return mount.counter("analysis_misses") > misses
            wait_until(expired, "a miss")
            self.assertEqual(mount.counter("analyses"), 0)
            self.assertEqual(resident(mount)[0], 1)


if __name__ == "__main__":
    tap.main()
