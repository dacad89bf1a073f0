"""analysis/: which files there are, of which size, and what is in them."""
import math
import os
import random

import numpy as np

import fixtures
import tap
from fixtures import FORMATS
from harness import Mount, files_below, forget_pages, opened, pread_all
from mounted import Mounted
from sidecars import (ALBUM, ALBUM_SIZE, DIMENSIONS, PICTURES, SIZES,
                      SUFFIXES, check_chunks, check_fingerprint, colors,
                      columns, ebur128, fpcalc, numbers, parse, parsed_peaks,
                      path, pixels, plain_peaks, read_all)
from test_pcm import source_samples, view

AUDIO = [name for name in fixtures.MIXED_NAMES
         if not name.endswith((".txt", ".JPG"))]


class Names(Mounted):
    make = fixtures.mixed

    def test_root(self):
        """analysis/ is listed among the other folders"""
        self.assertIn("analysis", os.listdir(self.mount.point))

    def test_names(self):
        """Every audio file has six sidecars named after the whole of its
        name, its folder an album.json, and nothing else is shown"""
        folders = {os.path.dirname(name) for name in AUDIO}
        self.assertEqual(
            files_below(self.mount.path("analysis")),
            sorted([name + suffix for name in AUDIO for suffix in SUFFIXES]
                   + [os.path.join(folder, ALBUM) for folder in folders]))

    def test_stat(self):
        """Sizes and times of modification are known before anything is
        analyzed, the time is the source's"""
        for name in AUDIO:
            mtime = os.stat(os.path.join(self.library, name)).st_mtime_ns
            for suffix, size in SIZES.items():
                found = os.stat(path(self.mount, name, suffix))
                self.assertEqual(found.st_mtime_ns, mtime, name + suffix)
                self.assertEqual(found.st_size, size or found.st_size)
                self.assertGreater(found.st_size, 0, name + suffix)
                self.assertEqual(found.st_mode & 0o7000, 0, name + suffix)
        self.assertEqual(
            os.stat(self.mount.path("analysis/Artist/Album", ALBUM)).st_size,
            ALBUM_SIZE)
        self.assertEqual(self.mount.counter("analyses"), 0)
        self.assertEqual(self.mount.counter("seconds_decoded"), 0)

    def test_no_such(self):
        """Names that are no sidecar's do not exist"""
        for name in ("Artist/Album/Cover.JPG", "Artist/Album/Cover.JPG.json",
                     "Artist/Kinds/notes.txt", "Artist/Kinds/notes.txt.json",
                     "Artist/Kinds/Mono.flac", "Artist/Kinds/Mono.json",
                     "Artist/Kinds/Mono.mp3.json", "Artist/album.json",
                     "Artist/Kinds/Mono.flac.png", "Artist/Kinds/none.json"):
            self.assertFalse(os.path.lexists(
                self.mount.path("analysis", name)), name)


class Formats(Mounted):
    """A track of every format, all of whose sidecars are read once."""
    limit = 120
    make = fixtures.every_format

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sizes = {name: {suffix: os.stat(path(cls.mount, name,
                                                 suffix)).st_size
                            for suffix in SUFFIXES} for name in FORMATS}
        cls.all = {name: read_all(cls.mount, name) for name in FORMATS}

    def test_sizes(self):
        """Each has the bytes that its size promised"""
        for name, found in self.all.items():
            self.assertEqual({s: len(data) for s, data in found.items()},
                             self.sizes[name], name)

    def test_source(self):
        """.json tells what the source is"""
        for name, (rate, channels, _) in FORMATS.items():
            found = parse(self.all[name][".json"])
            self.assertEqual((found["status"], found["reason"]), ("ok", None))
            source, frames = found["source"], fixtures.format_frames(name)
            self.assertEqual(source["path"], name)
            self.assertEqual(
                (source["sample_rate"], source["channels"],
                 source["size_bytes"]),
                (rate, channels, os.path.getsize(
                    os.path.join(self.library, name))), name)
            self.assertAlmostEqual(source["duration_s"], frames / rate, None,
                                   name, 0.06)
            self.assertRegex(source["audio_identity"], "^[0-9a-f]{32}$")

    def test_fields(self):
        """.json has every field of every measure, and every number is
        finite"""
        wanted = {
            "loudness": "integrated_lufs range_lu true_peak_dbtp "
                        "sample_peak_dbfs short_term_max momentary_max",
            "replaygain": "gain_db peak",
            "tempo": "bpm confidence beat_count first_beat_s",
            "key": "tonic mode confidence",
            "content_profile": "rms peak crest_factor_db spectral_centroid_hz"
                               " spectral_rolloff_hz zero_crossing_rate "
                               "energy_level dynamic_range_db stereo_width "
                               "genre",
            "mastering_targets": "target_lufs target_crest_db "
                                 "eq_adjustments_db compression",
            "algorithms": "version"}
        for name, found in self.all.items():
            found = parse(found[".json"])
            for part, keys in wanted.items():
                for key in keys.split():
                    self.assertIn(key, found[part], name)
                    if part != "tempo":  # there may be none
                        self.assertIsNotNone(found[part][key],
                                             f"{name}: {part}.{key}")
            self.assertTrue(all(map(math.isfinite, numbers(found))), name)
            check_fingerprint(self, found["fingerprint"], name)
            genre = found["content_profile"]["genre"]
            self.assertEqual(list(genre), ["tag"], name)

    def test_targets(self):
        """The mastering targets are what the documented formulas make of the
        fingerprint"""
        usual = (7, 53, 16.5, 17.5, 4, 1.5, .5)
        for name, found in self.all.items():
            found = parse(found[".json"])
            dims, targets = found["fingerprint"], found["mastering_targets"]
            eq = [max(-6, min(6, 5 * math.log10(share / 100 / dims[key])))
                  if dims[key] > 1e-4 else ours
                  for share, key, ours in
                  zip(usual, DIMENSIONS,
                      targets["eq_adjustments_db"].values())]
            for ours, formula in (
                    (targets["target_lufs"], 0.4 * dims["lufs"] - 8.4),
                    (targets["target_crest_db"],
                     max(10, 0.85 * dims["crest_db"])),
                    *zip(targets["eq_adjustments_db"].values(), eq)):
                self.assertAlmostEqual(ours, formula, delta=0.03, msg=name)
            self.assertEqual(targets["compression"],
                             {"ratio": 2.5, "amount": 0.6})

    def test_25d(self):
        """.25d is of format 2.0 and has the numbers of .json"""
        for name, found in self.all.items():
            ours, full = parse(found[".25d"]), parse(found[".json"])
            self.assertEqual(ours["format_version"], "2.0")
            for key in ("fingerprint", "mastering_targets"):
                self.assertEqual(ours[key], full[key], name)
            self.assertEqual(ours["fingerprint_algorithm_version"],
                             full["algorithms"]["version"])
            self.assertEqual(ours["audio_file"],
                             {key: full["source"][key] for key in
                              ("path", "size_bytes", "modified_at")}, name)
            for key in ("generated_at", "processing_cache", "metadata"):
                self.assertIn(key, ours)

    def test_padding(self):
        """The texts are padded with nothing but white space"""
        for name, found in self.all.items():
            for suffix in (".json", ".25d"):
                text = found[suffix].rstrip()
                self.assertEqual((text[:1], text[-1:]), (b"{", b"}"), name)

    def test_peaks(self):
        """.peaks.dat is what a plain reading of the samples gives by
        audiowaveform's rules"""
        for name, (rate, _, _) in FORMATS.items():
            if name.endswith((".flac", ".wav", ".aiff", ".wv", ".tta",
                              "alac.m4a", "alac24.m4a")):
                right = source_samples(os.path.join(self.library, name))
                floats = "float" in name
            else:
                right, floats = view(self.mount, "native", name), True
            self.assertTrue(self.all[name][".peaks.dat"]
                            == plain_peaks(right, rate, floats), name)

    def test_peaks_json(self):
        """.peaks.json says what .peaks.dat says"""
        for name, found in self.all.items():
            self.assertEqual(parse(found[".peaks.json"]),
                             parsed_peaks(found[".peaks.dat"]), name)

    def test_pictures(self):
        """The pictures are sound PNGs of their size, and show something"""
        for name, found in self.all.items():
            for suffix, (width, height) in PICTURES.items():
                check_chunks(found[suffix])
                picture = pixels(found[suffix], width, height)
                self.assertGreater(colors(picture), 8, name + suffix)
                self.assertGreater(columns(picture), 100, name + suffix)

    def test_pictures_differ(self):
        """Other music gives other pictures"""
        for suffix in PICTURES:
            self.assertNotEqual(self.all["flac16.flac"][suffix],
                                self.all["flac24.flac"][suffix])

    def test_ranges(self):
        """Any range of bytes is that of the whole file"""
        rng = random.Random(f"{fixtures.SEED} sidecars")
        tap.diag(f"seed {fixtures.SEED}")
        for name in ("flac24.flac", "wav8.wav", "opus.opus"):
            for suffix, whole in self.all[name].items():
                with opened(path(self.mount, name, suffix)) as fd:
                    for _ in range(25):
                        offset = rng.randrange(len(whole) + 100)
                        size = rng.choice((1, 7, 4096, rng.randrange(90000)))
                        forget_pages(fd)
                        self.assertTrue(
                            pread_all(fd, size, offset)
                            == whole[offset:offset + size],
                            f"{name}{suffix}: {size} at {offset}")

    def test_loudness(self):
        """The loudness is within 0.1 LU of what FFmpeg's ebur128 measures"""
        for name in FORMATS:
            theirs = ebur128(os.path.join(self.library, name))
            ours = parse(self.all[name][".json"])
            self.assertAlmostEqual(ours["loudness"]["integrated_lufs"],
                                   theirs, delta=0.1, msg=name)
            self.assertAlmostEqual(ours["replaygain"]["gain_db"],
                                   -18 - theirs, delta=0.11, msg=name)

    def test_sample_peak(self):
        """Sample peak and RMS are those of the samples"""
        for name in ("flac16.flac", "flac24.flac", "wav float.wav",
                     "flac mono.flac", "surround.flac"):
            right = source_samples(os.path.join(self.library, name))
            found = parse(self.all[name][".json"])
            peak = abs(right).max()
            self.assertAlmostEqual(found["content_profile"]["peak"], peak,
                                   places=5, msg=name)
            self.assertAlmostEqual(found["loudness"]["sample_peak_dbfs"],
                                   20 * math.log10(peak), delta=0.01)
            self.assertAlmostEqual(
                found["content_profile"]["rms"],
                np.sqrt(np.mean(right.astype(np.float64) ** 2)), places=5)

    def test_acoustid(self):
        """acoustid is what fpcalc prints"""
        for name in ("flac16.flac", "flac24.flac", "flac mono.flac",
                     "wav16.wav", "wav24.wav", "lame.mp3", "alac.m4a",
                     "surround.flac", "vorbis.ogg", "opus.opus", "pack.wv"):
            self.assertEqual(parse(self.all[name][".json"])["acoustid"],
                             fpcalc(os.path.join(self.library, name)), name)

    def test_mono(self):
        """Mono has no width, and correlates with itself"""
        dims = parse(self.all["flac mono.flac"][".json"])["fingerprint"]
        self.assertEqual((dims["stereo_width"], dims["phase_correlation"]),
                         (0, 1))

    def test_deterministic(self):
        """Another cache gives the same bytes"""
        names = ("flac24.flac", "lame.mp3", "surround.flac")
        with Mount(self.library, workers=1) as other:
            for name in names:
                for suffix, data in read_all(other, name).items():
                    self.assertTrue(data == self.all[name][suffix],
                                    name + suffix)


if __name__ == "__main__":
    tap.main()
