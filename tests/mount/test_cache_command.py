"""groovefs cache: what it tells of a cache and clears, with a mount beside it
and without. (Its verify: test_cache_verify.py)"""
import json
import os

import fixtures
import tap
from cached import ALONE, Cached, TRACKS
from folders import Folders, USAGE, groovefs
from harness import Mount, forget_pages, opened, pread_all, read_file


class Looking(Cached):
    def test_ls(self):
        """ls has a line for each entry, sorted by path"""
        done = self.cache("ls")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0].split(),
                         "size cached last use quality path".split())
        rows = [line.split(maxsplit=5) for line in lines[1:]]
        self.assertEqual([(row[5], row[4]) for row in rows],
                         sorted((path, quality)
                                for quality, path in self.entries()))
        for name in TRACKS:
            self.assertIn(["low", name], [row[4:] for row in rows])
            self.assertIn(["tag", name], [row[4:] for row in rows])
        self.assertIn(["high", ALONE], [row[4:] for row in rows])
        self.assertIn(["analysis", ALONE], [row[4:] for row in rows])
        self.assertTrue(all(row[1] == "100%" for row in rows))

    def test_ls_json(self):
        """ls --json gives each entry's numbers"""
        parsed = self.json("ls")
        rows = self.entries()
        self.assertEqual(parsed["summary"]["entries"], len(rows))
        self.assertEqual(parsed["summary"]["bytes"],
                         sum(row["bytes"] for row in rows.values()))
        row = rows["low", TRACKS[3]]
        self.assertEqual(row["there"], row["size"])
        self.assertEqual(row["segments"], row["segments_there"])
        self.assertRegex(row["key"], "^[0-9a-f]{32}$")
        self.assertRegex(row["used"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_lines(self):
        """--jsonl gives the rows of --json a line each, and the summary on
        the last"""
        self.flip("low", TRACKS[0])
        for command, name, status in (
                (("ls",), "entries", 0), (("stats",), "qualities", 0),
                (("verify",), "problems", 1),
                (("clear", "--dry-run"), "entries", 0)):
            whole = self.json(*command, status=status)
            done = self.cache(*command, "--jsonl")
            self.assertEqual(done.returncode, status, done.stderr)
            *rows, last = [json.loads(line)
                           for line in done.stdout.splitlines()]
            self.assertEqual(rows, whole[name])
            self.assertTrue(rows)
            self.assertEqual(last, {"summary": whole["summary"]})

    def test_partial(self):
        """What is there in part is shown as that"""
        fixtures.write(self.at("library/long.flac"),
                       fixtures.music(30, 44100, 2, 990), 44100)
        with self.mounted() as mount:
            with opened(self.low(mount, "long.flac")) as fd:
                pread_all(fd, 1000, 0)
        row = self.entries()["low", "long.flac"]
        self.assertLess(row["percent"], 100)
        self.assertLess(row["segments_there"], row["segments"])
        self.assertEqual(self.json("stats")["summary"]["partial"], 1)

    def test_stats(self):
        """stats counts what ls lists"""
        rows = self.entries()
        parsed = self.json("stats")
        summary = parsed["summary"]
        self.assertEqual(summary["entries"], len(rows))
        self.assertEqual(summary["whole"], len(rows))
        self.assertEqual((summary["useless"], summary["strays"]), (0, 0))
        self.assertEqual(summary["bytes"],
                         sum(row["bytes"] for row in rows.values()))
        self.assertEqual(summary["oldest_use"],
                         min(row["used"] for row in rows.values()))
        self.assertEqual(summary["youngest_use"],
                         max(row["used"] for row in rows.values()))
        self.assertEqual(summary["files_known"], len(TRACKS))
        names = [row["quality"] for row in parsed["qualities"]]
        self.assertEqual(names, sorted({quality for quality, _ in rows}))
        self.assertEqual({row["quality"]: row["entries"]
                          for row in parsed["qualities"]}["low"], 4)
        text = self.cache("stats")
        self.assertEqual((text.returncode, text.stderr), (0, ""))
        for word in ("low", "high", "tag", "analysis", "4 files"):
            self.assertIn(word, text.stdout)

    def test_nothing_changes(self):
        """Looking changes nothing, not even the last use"""
        before = self.snapshot()
        for arguments in (("ls",), ("stats",), ("verify",),
                          ("verify", "--repair"), ("clear", "--dry-run")):
            self.assertEqual(self.cache(*arguments).returncode, 0)
        self.assertEqual(self.snapshot(), before)

    def test_in_use(self):
        """All that looks works beside a mount that reads and renders"""
        with self.mounted() as mount:
            with opened(self.low(mount, TRACKS[0])) as fd:
                pread_all(fd, 1000, 0)
                for arguments in (("ls",), ("stats",), ("verify",)):
                    done = self.cache(*arguments)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_renamed(self):
        """A source that has moved is listed where it was opened last"""
        os.rename(self.at("library/" + TRACKS[3]),
                  self.at("library/moved.flac"))
        with self.mounted() as mount:
            read_file(self.low(mount, "moved.flac"))
        self.assertIn(("low", "moved.flac"), self.entries())
        self.assertNotIn(("low", TRACKS[3]), self.entries())

    def test_odd_names(self):
        """Any file name comes out of JSON as it is, and harms no terminal"""
        name = 'q"uo\tte\n\x1b[31mä.flac'
        os.rename(self.at("library/" + TRACKS[3]), self.at("library/" + name))
        with self.mounted() as mount:
            read_file(self.low(mount, name))
        self.assertIn(("low", name), self.entries())
        out = self.cache("ls").stdout
        self.assertNotIn("\x1b", out)
        self.assertIn('q"uo\\x09te\\x0a\\x1b[31mä.flac', out)

    def test_long_names(self):
        """Of a path that is too long the end is kept"""
        name = "/".join(["ä" * 100] * 4) + "/end.flac"
        os.makedirs(os.path.dirname(self.at("library/" + name)))
        os.rename(self.at("library/" + TRACKS[3]), self.at("library/" + name))
        with self.mounted() as mount:
            read_file(self.low(mount, name))
        ends = [path for _, path in self.entries()
                if path.endswith("ä/end.flac")]
        self.assertTrue(ends)
        self.assertTrue(all(name.endswith(path) for path in ends))
        self.assertEqual(
            self.json("clear", name)["summary"]["cleared"], len(ends))


class Clearing(Cached):
    def clear(self, *arguments):
        before = self.entries()
        parsed = self.json("clear", *arguments)
        gone = set(before) - set(self.entries())
        self.assertEqual({(row["quality"], row["path"])
                          for row in parsed["entries"]
                          if row["status"] == "cleared"}, gone)
        self.assertEqual(parsed["summary"]["cleared"], len(gone))
        return gone

    def all_of(self, *names):
        return {entry for entry in self.entries() if entry[1] in names}

    def test_all(self):
        """Without a filter all goes, and is made again"""
        size = self.json("stats")["summary"]["bytes"]
        with open(self.at("cache/entries/x.tmp"), "w"):
            pass
        done = self.cache("clear")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^10 entries cleared, \d")
        self.assertEqual(self.snapshot(), {})
        self.assertGreater(size, 0)
        with self.mounted() as mount:
            for name in TRACKS:
                self.assertTrue(read_file(self.low(mount, name))
                                == self.right[name])

    def test_dry_run(self):
        """--dry-run says what would go, and leaves it"""
        before = self.snapshot()
        for option in ("-n", "--dry-run"):
            done = self.cache("clear", option, "--quality", "low")
            lines = done.stdout.splitlines()
            self.assertEqual(lines[:-1], [f"would be cleared: low {name}"
                                          for name in TRACKS])
            self.assertRegex(lines[-1], "^4 entries would be cleared, ")
        parsed = self.json("clear", "-n")
        self.assertEqual({row["status"] for row in parsed["entries"]},
                         {"would be cleared"})
        self.assertEqual(len(parsed["entries"]), 10)
        self.assertEqual(self.snapshot(), before)

    def test_quality(self):
        """--quality clears those of that quality, or of several"""
        low = {entry for entry in self.entries() if entry[0] == "low"}
        self.assertEqual(self.clear("--quality", "low"), low)
        self.assertEqual(self.clear("--quality", "nonsense"), set())
        done = self.cache("clear", "--dry-run", "-q", "tag,nonsense")
        self.assertEqual(done.stderr, "groovefs: info: the cache has no entries of quality 'nonsense'\n")
        self.assertEqual(self.clear("-q", "high,analysis"),
                         {("high", ALONE), ("analysis", ALONE)})

    def test_paths(self):
        """A PATH means a file, or all below a folder; it may be absolute"""
        one, two = self.all_of(*TRACKS[:2]), self.all_of(TRACKS[2])
        self.assertEqual(self.clear("Art", "c.flac", "/nowhere"), set())
        self.assertEqual(self.clear(self.at("library/Artist/One/")), one)
        self.assertEqual(self.clear("./Artist"), two)
        self.assertEqual(self.clear(self.at("library/d.flac")),
                         {("low", "d.flac"), ("tag", "d.flac")})

    def test_nothing_meant(self):
        """A PATH that means nothing is named, and is no failure"""
        done = self.cache("clear", "Artist/Three", TRACKS[0])
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn("'Artist/Three'", done.stderr)

    def test_filters_together(self):
        """Filters are met together"""
        self.assertEqual(self.clear("-q", "low", "Artist/One"),
                         {("low", TRACKS[0]), ("low", TRACKS[1])})

    def test_older_than(self):
        """--older-than clears what was not used for so long"""
        payload = self.file_of("low", TRACKS[2], "data")
        used = os.stat(payload).st_mtime - 31 * 86400
        os.utime(payload, (used, used))
        self.assertEqual(self.clear("--older-than", "32d"), set())
        self.assertEqual(self.clear("--older-than", "30d"),
                         {("low", TRACKS[2])})
        self.assertEqual(self.clear("-t", "100000d"), set())
        self.assertEqual(len(self.clear("-t", "0")), 9)

    def test_while_read(self):
        """What a reader has open is in use and stays; he gets the right
        bytes, and the rest goes"""
        with self.mounted() as mount:
            with opened(self.low(mount, TRACKS[0])) as fd:
                start = pread_all(fd, 5000, 0)
                parsed = self.json("clear")
                in_use = {(row["quality"], row["path"])
                          for row in parsed["entries"]
                          if row["status"] == "in use"}
                self.assertIn(("low", TRACKS[0]), in_use)
                self.assertEqual(parsed["summary"]["in_use"], len(in_use))
                self.assertEqual(set(self.entries()), in_use)
                forget_pages(fd)
                rest = pread_all(fd, 1 << 30, len(start))
                self.assertTrue(start + rest == self.right[TRACKS[0]])
                self.assertEqual(mount.counter("segments_rendered"), 0)
                said = self.cache("clear").stdout
                self.assertIn(f"in use: low {TRACKS[0]}", said)
                self.assertIn("in use, left alone", said)
            for name in TRACKS:
                self.assertTrue(read_file(self.low(mount, name))
                                == self.right[name])

    def test_while_rendered(self):
        """Clearing again and again while tracks are rendered and read: right
        bytes"""
        with self.mounted() as mount:
            for _ in range(4):
                for name in TRACKS:
                    self.cache("clear")
                    self.assertTrue(read_file(self.low(mount, name))
                                    == self.right[name])

    def test_by_analyze(self):
        """What 'groovefs analyze' made is cleared by its absolute path"""
        done = groovefs("analyze", "-o", f"cache={self.at('cache')}", "d.flac",
                        cwd=self.at("library"))
        self.assertEqual(done.returncode, 0, done.stderr)
        path = os.path.realpath(self.at("library/d.flac"))
        self.assertIn(("analysis", path), self.entries())
        self.assertEqual(self.clear(path), {
            ("analysis", path), ("low", "d.flac"), ("tag", "d.flac")})


class Arguments(Folders):
    def test_usage(self):
        """Wrong usage says so and exits 2"""
        cache = self.at("cache")
        for arguments in (
                (), ("nonsense",), ("ls", "x"), ("stats", "--repair"),
                ("verify", "x"), ("ls", "--older-than", "1d"),
                ("clear", "--repair"), ("clear", "--older-than", "soon"),
                ("clear", "--older-than", "1w"), ("clear", "-t", ""),
                ("clear", "-t", "99999999999999999999d"),
                ("clear", "--quality", ""), ("clear", ""),
                ("clear", "--older-than"), ("ls", "--cache"),
                ("--nonsense",), ("--json", "ls"),
                ("ls", "--cache", ""), ("ls", "-o", "workers=0"),
                ("ls", "-x")):
            done = groovefs("cache", *arguments, env={
                **os.environ, "XDG_CACHE_HOME": cache})
            self.refuses(done, USAGE)
            self.assertEqual(done.stdout, "")
        self.assertFalse(os.path.exists(cache))

    def test_help(self):
        """--help succeeds everywhere and names every option"""
        for arguments, words in (
                ((), ("stats", "verify", "clear", "ls", "--json", "--cache")),
                (("stats",), ("--json", "--cache", "-o")),
                (("verify",), ("--repair", "--json", "--cache")),
                (("clear",), ("--older-than", "--quality", "--dry-run", "-n",
                              "PATH", "--json", "--cache")),
                (("ls",), ("--json", "--cache"))):
            for option in ("--help", "-h"):
                done = groovefs("cache", *arguments, option)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                for word in words:
                    self.assertIn(word, done.stdout)
                self.assertLess(max(map(len, done.stdout.splitlines())), 80)

    def test_no_cache(self):
        """A cache that is not there is named, and not made"""
        for command in ("stats", "verify", "clear", "ls"):
            self.refuses(groovefs("cache", command, "--cache",
                                  self.at("nowhere")), about="nowhere")
        self.assertFalse(os.path.exists(self.at("nowhere")))

    def test_empty(self):
        """An empty cache is right"""
        with Mount(self.at("library"), cache=self.at("cache")):
            pass
        for command in ("stats", "verify", "clear", "ls"):
            for more in ((), ("--json",)):
                done = groovefs("cache", command, *more, "--cache",
                                self.at("cache"))
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                if more:
                    json.loads(done.stdout)

    def test_places(self):
        """--cache, -o cache= and the default place name the same cache"""
        place = self.at("groovefs")
        with Mount(self.at("library"), cache=place) as mount:
            read_file(mount.path("low/a.mp3"))
        environment = {**os.environ, "XDG_CACHE_HOME": self.base}
        answers = {groovefs("cache", "ls", *arguments, env=environment).stdout
                   for arguments in ((), ("--cache", place),
                                     ("-o", f"cache={place}"))}
        self.assertEqual(len(answers), 1)
        self.assertIn("a.flac", answers.pop())


if __name__ == "__main__":
    tap.main()
