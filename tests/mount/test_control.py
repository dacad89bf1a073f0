"""The files in .groovefs/: sizes, metrics, configuration and statistics."""
import os
import re
import subprocess

import fixtures
import tap
from harness import Mount, SCALE, read_file
from mounted import Mounted
from test_readers_real import need

MUSIC = "Artist/Album/Track"


def parse_metrics(text):
    """Prometheus' text format 0.0.4, strictly, with the habits that promtool
    asks for: {name with labels: value}, {name: type}."""
    name = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
    label = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
    sample = re.compile(rf"({name})(\{{{label}(?:,{label})*\}})?[ \t]+"
                        r"(\d+(?:\.\d+)?)")
    values, types, helps, current = {}, {}, {}, None
    assert text.endswith("\n") and "\r" not in text
    for line in text.split("\n")[:-1]:
        word = line.split(" ", 3)
        if line.startswith("# HELP "):
            assert word[2] not in helps and len(word[3]) > 3, line
            assert not re.search(r"\\(?![\\n])", word[3]), line
            helps[word[2]], current = word[3], word[2]
        elif line.startswith("# TYPE "):
            assert word[2] == current and word[2] not in types, line
            assert word[3] in ("counter", "gauge"), line
            types[word[2]] = word[3]
        else:
            found = sample.fullmatch(line)
            assert found and found[1] == current, line
            assert found[1] in types and found[1] in helps, line
            key = found[1] + (found[2] or "")
            assert key not in values, line
            values[key] = float(found[3])
    for metric, kind in types.items():
        assert metric.startswith("groovefs_") and metric.islower(), metric
        assert metric.endswith("_total") == (kind == "counter"), metric
        for wrong in ("us", "ms", "ns", "s", "kb", "mb", "b", "count", "sum"):
            assert f"_{wrong}_" not in metric + "_", metric
    return values, types


class Files(Mounted):
    make = fixtures.single
    limit = 120

    def file(self, name, mount=None):
        """A control file, whose size must be what was promised."""
        path = (mount or self.mount).path(".groovefs", name)
        size = os.stat(path).st_size
        text = read_file(path)
        self.assertEqual(len(text), size, name)
        return text.decode()

    def test_folder(self):
        """The folder has its five files"""
        self.assertEqual(sorted(os.listdir(self.mount.path(".groovefs"))),
                         ["buffers.json", "config", "events", "metrics",
                          "stats.json"])

    def test_sizes(self):
        """Each file is as long as its size says"""
        for name in ("buffers.json", "config", "metrics", "stats.json"):
            self.assertTrue(self.file(name))

    def test_metrics(self):
        """metrics is Prometheus' format and agrees with stats.json"""
        read_file(self.mount.path(f"low/{MUSIC}.mp3"))
        read_file(self.mount.path(f"analysis/{MUSIC}.flac.json"))
        self.mount.settle()
        before = self.mount.counters()
        values, types = parse_metrics(self.file("metrics"))
        stats = self.mount.stats()
        for name, value in stats["counters"].items():
            scale = 1
            if name.endswith("_us"):
                name, scale = name[:-3] + "_seconds", 1e6
            shown = values.pop(f"groovefs_{name}_total") * scale
            low = before[name if scale == 1 else name[:-8] + "_us"]
            self.assertLessEqual(low, round(shown), name)
            self.assertLessEqual(round(shown), value, name)
        for name, value in (
                ("memory_budget_bytes", stats["memory"]["budget_bytes"]),
                ("memory_used_bytes", stats["memory"]["used_bytes"]),
                ("cache_used_bytes", stats["cache"]["used_bytes"]),
                ("resident_tracks", stats["analysis"]["resident_tracks"]),
                ("resident_bytes", stats["analysis"]["resident_bytes"]),
                ("workers", len(stats["workers"]["pids"])),
                ("workers_busy", stats["workers"]["busy"]),
                ("start_time_seconds", stats["daemon"]["started"])):
            self.assertEqual(values["groovefs_" + name], value, name)
        self.assertGreater(values["groovefs_resident_bytes"], 0)
        for queue in stats["queue"]:
            self.assertIn(f'groovefs_queue_jobs{{queue="{queue}"}}', values)
        self.assertIn("gauge", types.values())

    def test_promtool(self):
        """promtool has nothing to say about metrics"""
        with open(self.mount.path(".groovefs/metrics")) as metrics:
            done = subprocess.run([need("promtool"), "check", "metrics"],
                                  stdin=metrics, capture_output=True,
                                  timeout=60 * SCALE)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_config(self):
        """config is a text"""
        self.assertTrue(self.file("config").endswith("\n"))

    def test_hit_rate(self):
        """Reads are hits when all was there, else misses; tasks have times"""
        with Mount(self.library) as mount:
            stats = mount.stats()
            self.assertEqual((stats["cache"]["hits"],
                              stats["cache"]["misses"],
                              stats["cache"]["hit_rate"]), (0, 0, None))
            self.assertIsNone(stats["times"]["segment"]["mean_ms"])
            read_file(mount.path(f"low/{MUSIC}.mp3"))
            mount.settle()
            cold = mount.stats()
            self.assertGreater(cold["cache"]["misses"], 0)
            self.assertGreater(cold["cache"]["renders"], 0)
            for kind in ("probe", "tag", "segment", "wait"):
                self.assertGreater(cold["times"][kind]["mean_ms"], 0, kind)
            self.assertEqual(cold["times"]["segment"]["count"],
                             cold["cache"]["renders"])
            mount.remount()
            read_file(mount.path(f"low/{MUSIC}.mp3"))
            warm = mount.stats()["cache"]
            self.assertGreater(warm["hits"], 0)
            self.assertEqual((warm["misses"], warm["hit_rate"],
                              warm["renders"]), (0, 1, 0))


if __name__ == "__main__":
    tap.main()
