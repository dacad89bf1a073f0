"""A tag scanner that opens every file must not set encoders going."""
import json
import os
import subprocess
import unittest

import mutagen
import mutagen.flac

import fixtures
import tap
from harness import Mount, files_below, in_threads


class Scanner(unittest.TestCase):
    limit = 150

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(fixtures.many)
        cls.sources = files_below(cls.library)
        cls.mount = Mount(cls.library)
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def check(self, names):
        wrong = []
        for name in names:
            source = mutagen.flac.FLAC(os.path.join(self.library, name))
            found = mutagen.File(self.mount.path(
                "medium", name.replace(".flac", ".mp3")), easy=True)
            same = all(found[key] == source[key] for key in (
                "title", "artist", "album", "genre", "tracknumber"))
            if not same or abs(found.info.length - source.info.length) > 1e-3:
                wrong.append((name, dict(found), found.info.length,
                              source.info.length))
        return wrong

    def test_mutagen(self):
        """mutagen reads the right tags and lengths of all tracks"""
        self.assertEqual(self.check(self.sources), [])

    def test_cost(self):
        """That rendered at most the first segment of each"""
        self.mount.settle()
        counters = self.mount.counters()
        tap.diag(f"{len(self.sources)} tracks: {counters['probes']} probes, "
                 f"{counters['tags_rendered']} tags, "
                 f"{counters['segments_rendered']} segments")
        self.assertGreaterEqual(counters["tags_rendered"], 1)
        self.assertLessEqual(counters["segments_rendered"],
                             len(self.sources))

    def test_probed_once(self):
        """Each source was probed once"""
        self.assertLessEqual(self.mount.counter("probes"), len(self.sources))

    def test_again(self):
        """After a restart the scan probes nothing"""
        self.mount.remount()
        self.assertEqual(self.check(self.sources[:50]), [])
        self.assertEqual(self.mount.counter("probes"), 0)

    def test_four_scanners(self):
        """Four scanners at once of a cold library see the same"""
        with Mount(self.library) as self_mount:
            keep, self.mount = self.mount, self_mount
            try:
                for wrong in in_threads(
                        4, lambda i: self.check(self.sources[:40])):
                    self.assertEqual(wrong, [])
                self.mount.settle()
                self.assertLessEqual(
                    self.mount.counter("segments_rendered"), 40)
            finally:
                self.mount = keep

    def test_ffprobe(self):
        """ffprobe, which reads further, costs few segments a track"""
        names = self.sources[-5:]
        with Mount(self.library) as mount:
            for name in names:
                path = mount.path("low", name.replace(".flac", ".mp3"))
                shown = json.loads(subprocess.run(
                    ["ffprobe", "-v", "error", "-show_format", "-of", "json",
                     path], check=True, stdout=subprocess.PIPE).stdout)
                source = mutagen.flac.FLAC(os.path.join(self.library, name))
                self.assertEqual(shown["format"]["tags"]["title"],
                                 source["title"][0])
            mount.settle()
            self.assertLessEqual(mount.counter("segments_rendered"),
                                 3 * len(names))


if __name__ == "__main__":
    tap.main()
