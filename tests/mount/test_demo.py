"""What groovefs says of the demo library's music is what was composed: the demo
is the first thing that anybody analyzes."""
import concurrent.futures
import json
import os
import sys

import tap
from folders import Folders, groovefs

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.append(os.path.join(ROOT, "scripts"))
from demo import catalogue, encode  # noqa: E402

# Of each kind of file one, from every album; all 21 take twice as long.
SAMPLE = ("Leader", "Splice", "Wow and Flutter", "Run-out", "One ear",
          "Small speaker", "Pocket", "夜明けの汽車", "Greenhouse")
PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def save(path, track):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    encode.save_track(path, track, track.seconds, None)


class Demo(Folders):
    limit = 120

    def setUp(self):
        super().setUp()
        tracks = [track for album in catalogue.ALBUMS
                  for track in album.tracks if track.tags["title"] in SAMPLE]
        self.tracks = {self.at("demo/" + track.path): track
                       for track in tracks}
        self.assertEqual(len(tracks), len(SAMPLE))
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(save, self.tracks, tracks))

    def test_truth(self):
        """Each track has the key that it was composed in, and its tempo
        within 1 %, not twice or half of it"""
        done = groovefs("analyze", "--jsonl", "--cache", self.at("cache"),
                        self.at("demo"))
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({row["path"] for row in rows}, set(self.tracks))
        wrong = []
        for row in rows:
            key, mode, tempo = self.tracks[row["path"]].music
            if ((row["key"], row["mode"]) != (PITCHES[key % 12], mode)
                    or not .99 < row["bpm"] / tempo < 1.01):
                wrong.append((row["path"], row["key"], row["mode"],
                              row["bpm"], PITCHES[key % 12], mode, tempo))
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    tap.main()
