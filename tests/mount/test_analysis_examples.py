"""examples/similar_tracks.py and chunk_processor.py do what they say."""
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import soundfile

import fixtures
import tap
from harness import SCALE, Mount, read_file
from test_pcm import view

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../../examples")
sys.path.append(EXAMPLES)

from chunk_analysis import fingerprint, nine_numbers  # noqa: E402
from chunk_mastering import Processor  # noqa: E402

SONG, TWIN, NOISE = "Artist/Song.flac", "Artist/Twin.wav", "Noise/White.flac"
MONO, BROKEN = "Other/Song.wav", "Other/Broken.flac"
GOOD = sorted((SONG, TWIN, NOISE, MONO))
SECONDS = 32  # three chunks


def make_library(folder):
    """A song, nearly the same again, what is unlike it, and no audio."""
    song = fixtures.music(SECONDS, 44100, 2, 900)
    rng = np.random.default_rng(901)
    for name, audio in (
            (SONG, song), (TWIN, 0.9 * song + rng.normal(0, 1e-4, song.shape)),
            (NOISE, rng.normal(0, 0.1, (5 * 44100, 2))),
            (MONO, fixtures.music(5, 44100, 1, 902))):
        fixtures.write(os.path.join(folder, name), audio, 44100)
    with open(os.path.join(folder, BROKEN), "wb") as broken:
        broken.write(b"fLaC, but nothing else" * 100)


class Example(unittest.TestCase):
    program = None

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        make_library(cls.mount.library)
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def run_it(self, *arguments, **keywords):
        return subprocess.run(
            [sys.executable, os.path.join(EXAMPLES, self.program), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=50 * SCALE,
            **keywords)

    def output(self, *arguments, **keywords):
        done = self.run_it(*arguments, **keywords)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refuses(self, about, *arguments):
        """Exit code 1, and one line at the end that tells why."""
        done = self.run_it(*arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1],
                         f"^{self.program[:-3]}: .*{about}")

    def sidecar(self, track):
        return json.loads(read_file(self.mount.path("analysis",
                                                    track + ".25d")))


class SimilarTracks(Example):
    program = "similar_tracks.py"

    def rows(self, *arguments):
        text = self.output("--csv", *arguments, self.mount.point)
        return list(csv.DictReader(text.splitlines()))

    def test_help(self):
        """--help tells how tracks are compared"""
        self.assertIn("standardised", self.output("--help"))

    def test_csv(self):
        """--csv has a row for each track, sorted, with its 25 dimensions"""
        rows = self.rows()
        self.assertEqual([row["path"] for row in rows], GOOD)
        for row in rows:
            wanted = self.sidecar(row.pop("path"))["fingerprint"]
            self.assertEqual(len(row), 25)
            self.assertEqual(list(row), list(wanted))
            for name, value in row.items():
                self.assertAlmostEqual(float(value), wanted[name], 3, name)

    def test_table(self):
        """Without --csv the columns are aligned, and paths come last"""
        head, *lines = self.output(self.mount.point).splitlines()
        begin = head.index("path")
        self.assertEqual([line[begin:] for line in lines], GOOD)
        self.assertEqual({line[begin - 1] for line in lines}, {" "})

    def test_like(self):
        """--like sorts by distance: the track, its twin, the others"""
        for wanted in (SONG, "ist/Song"):
            rows = self.rows("--like", wanted)
            self.assertEqual([row["path"] for row in rows[:2]], [SONG, TWIN])
            apart = [float(row["distance"]) for row in rows]
            self.assertEqual((len(apart), apart[0]), (len(GOOD), 0))
            self.assertEqual(apart, sorted(apart))
            self.assertGreater(apart[2], 2 * apart[1])

    def test_top(self):
        """--top limits the rows"""
        self.assertEqual(len(self.rows("--like", SONG, "--top", "2")), 2)

    def test_folder(self):
        """A folder of analysis/ gives the tracks below it"""
        text = self.output(self.mount.path("analysis", "Artist"))
        self.assertEqual([line.split()[-1] for line in text.splitlines()[1:]],
                         [SONG, TWIN])

    def test_failed(self):
        """A track without an analysis is named on stderr, and left out"""
        reason = self.sidecar(BROKEN)["metadata"]["reason"]
        done = self.run_it(self.mount.point)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr,
                         f"similar_tracks: {BROKEN}: {reason}\n")
        self.assertNotIn(BROKEN, done.stdout)

    def test_errors(self):
        """What cannot be done ends with 1 and a reason"""
        self.refuses("nowhere", "/nowhere")
        self.refuses("no analyzed tracks", self.mount.path("pcm"))
        self.refuses("no analyzed track", "--like", BROKEN, self.mount.point)
        self.refuses("2 paths", "--like", "/Song", self.mount.point)

    def test_usage(self):
        """A wrong command line ends with 2"""
        for arguments in ((), ("--top", "0", "x"), ("--nonsense", "x")):
            self.assertEqual(self.run_it(*arguments).returncode, 2, arguments)


class ChunkProcessor(Example):
    program = "chunk_processor.py"

    def master(self, track, *options):
        """(samples in rows, rate)"""
        out = os.path.join(self.mount.base, "out.wav")
        self.output(*options, self.mount.point, track, out)
        self.assertEqual(soundfile.info(out).subtype, "FLOAT")
        result = soundfile.read(out, dtype="float32", always_2d=True)
        os.remove(out)
        return result

    def source(self, track, name="native"):
        """As the examples have it: (channels, samples)."""
        return np.ascontiguousarray(view(self.mount, name, track).T)

    def test_help(self):
        """--help tells how it is used"""
        self.assertIn("--compare", self.output("--help"))

    def test_shape(self):
        """The result has the source's samples, rate and channels"""
        for track, shape in ((SONG, (SECONDS * 44100, 2)),
                             (MONO, (5 * 44100, 1))):
            audio, rate = self.master(track)
            self.assertEqual((audio.shape, rate), (shape, 44100))

    def test_view(self):
        """--view works on another rate"""
        audio, rate = self.master(SONG, "--view", "22050-mono")
        self.assertEqual((audio.shape, rate), ((SECONDS * 22050, 1), 22050))

    def test_target(self):
        """The result comes near to the sidecar's target"""
        wanted = self.sidecar(SONG)["mastering_targets"]["target_lufs"]
        audio, rate = self.master(SONG)
        found = nine_numbers(np.ascontiguousarray(audio.T), rate)["lufs"]
        self.assertLess(abs(found - wanted), 2.5, (found, wanted))

    def test_seams(self):
        """Chunks join to what the whole track at once would become"""
        sidecar = self.sidecar(SONG)
        processor = Processor(sidecar["mastering_targets"],
                              sidecar["fingerprint"], 44100)
        audio, _ = self.master(SONG)
        wanted = processor(self.source(SONG)).T
        self.assertLess(np.std(audio - wanted), 0.01 * np.std(wanted))

    def test_dry_run(self):
        """--dry-run writes nothing, and tells the time"""
        with tempfile.TemporaryDirectory() as folder:
            text = self.output("--dry-run", self.mount.point, SONG, cwd=folder)
            self.assertEqual(os.listdir(folder), [])
        self.assertIn(f"{SECONDS}.0 s of audio", text)

    def test_compare(self):
        """--compare shows the time with and without the sidecar"""
        lines = self.output("--dry-run", "--compare", self.mount.point,
                            SONG).splitlines()[-4:]
        self.assertEqual(lines[0].split()[:3],
                         ["seconds", "reading", "analysis"])
        self.assertEqual([line[:24].strip() for line in lines[1:]], [
            "with the sidecar", "without, 9 numbers",
            "without, 25 dimensions"])

    def test_analysis(self):
        """Its own analysis gives groovefs's numbers, where it claims to"""
        simpler = {"tempo_bpm", "rhythm_stability", "transient_density",
                   "chroma_energy"}
        decibels = {"lufs", "crest_db", "bass_mid_ratio",
                    "loudness_variation_std"}
        for track in (SONG, TWIN, MONO):
            wanted = self.sidecar(track)["fingerprint"]
            found = fingerprint(self.source(track), 44100)
            self.assertEqual(set(found), set(wanted))
            for name in set(wanted) - simpler:
                limit = 0.1 if name in decibels else 0.05
                self.assertLess(abs(found[name] - wanted[name]), limit,
                                (track, name))

    def test_errors(self):
        """What cannot be done ends with 1 and a reason"""
        point = self.mount.point
        self.refuses("no track 'nothing'", "--dry-run", point, "nothing")
        reason = self.sidecar(BROKEN)["metadata"]["reason"]
        self.refuses(re.escape(reason), "--dry-run", point, BROKEN)
        self.refuses("/nowhere/out.wav", point, SONG, "/nowhere/out.wav")

    def test_usage(self):
        """A wrong command line ends with 2"""
        point = self.mount.point
        for arguments in ((point,), (point, SONG),
                          ("--dry-run", point, SONG, "out.wav")):
            self.assertEqual(self.run_it(*arguments).returncode, 2, arguments)


if __name__ == "__main__":
    tap.main()
