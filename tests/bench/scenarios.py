"""What is measured: scenarios, and the rows of the table they fill.

A scenario runs one program once and returns {row name: value}. "Cold" means
a fresh mount on an empty cache; the sources are in the page cache for all.
"""

import operator
import os

import measure


class Row:
    """A line of the table. unit: "s", "B", "share" (of the true size); or
    "B/s", "tracks/s", "x" (times), of which more is better.
    ratio: how many times better than the best peer; limit: at most this, or
    at least, of what more is better."""

    def __init__(self, name, title, unit="s", ratio=None, limit=None):
        self.name = name
        self.title = title
        self.unit = unit
        self.ratio = ratio
        self.limit = limit

    @property
    def better(self):
        return max if self.unit in ("B/s", "tracks/s", "x") else min


class Music:
    """The sources. many: the folder with many tracks, of which it has count."""

    def __init__(self, library, album, many, count):
        self.library = library
        self.album = album
        self.many = many
        self.count = count


class Scenario:
    """run(bench, program, music, number of the run) -> {row: value};
    most_runs: what takes long is not repeated more often; programs: names of
    those it is for, if not for the chosen ones; notes: below the table;
    hang_seconds: a run that takes longer will never end."""

    def __init__(self, name, run, rows, most_runs=1000, programs=None,
                 notes=(), hang_seconds=900):
        self.name = name
        self.run = run
        self.rows = rows
        self.most_runs = most_runs
        self.programs = programs
        self.notes = notes
        self.hang_seconds = hang_seconds


def expect(what, got, wanted):
    if got != wanted:
        raise RuntimeError(f"{what}: {got} instead of {wanted}")


def first_bytes(bench, program, music, number):
    track = music.library.album[number % len(music.library.album)]
    return {"first": head_seconds(bench, program, music, track, 0)}


def seek(bench, program, music, _number):
    track = music.library.longest
    offset = int(track.seconds * 0.9 * program.bytes_per_second)
    return {"seek": head_seconds(bench, program, music, track, offset)}


def head_seconds(bench, program, music, track, offset):
    """Time to read 64 KiB at offset of a cold track."""
    with bench.mounted(program, music.library.root) as mount:
        seconds, data = measure.timed(
            measure.read_at, mount.path(track), offset)
    expect("bytes read", len(data), measure.HEAD_BYTES)
    return seconds


def whole_track(bench, program, music, _number):
    track = music.library.whole
    with bench.mounted(program, music.library.root) as mount:
        values = {"whole": track_seconds(mount, track),
                  "whole-cpu": measure.cpu_seconds(mount.pid),
                  "again": track_seconds(mount, track)}
    with bench.mounted(program, music.library.root, cold=False) as mount:
        values["again-restart"] = track_seconds(mount, track)
    return values


def track_seconds(mount, track):
    return measure.timed(measure.read_whole, mount.path(track))[0]


def album(readers):
    def run(bench, program, music, _number):
        with bench.mounted(program, music.library.root) as mount:
            paths = [mount.path(t) for t in music.album]
            seconds, _ = measure.timed(measure.read_album, paths, readers)
            peak = measure.memory(mount.pid)["peak"]
        values = {f"album-{readers}": seconds}
        if readers == 4:
            values["album-memory"] = peak
        return values
    return run


def listing(bench, program, music, _number):
    values = {}
    with bench.mounted(program, music.many) as mount:
        values["list-first"] = listed(mount, music)
        values["list-again"] = listed(mount, music)
        used = measure.memory(mount.pid)
    with bench.mounted(program, music.many, cold=False) as mount:
        values["list-restart"] = listed(mount, music)
    return values | {"list-memory": used["daemon"], "list-peak": used["peak"],
                     "list-memory-all": used["all"]}


def listed(mount, music):
    seconds, count = measure.timed(measure.stat_tree, mount.root)
    expect("files listed", count, music.count)
    return seconds


def sizes(bench, program, music, _number):
    """Also sees to it that all programs did the work asked for."""
    with bench.mounted(program, music.library.root) as mount:
        paths = [mount.path(t) for t in music.album]
        promised = [os.stat(path).st_size for path in paths]
        delivered = [measure.read_whole(path) for path in paths]
        kbits = {measure.mp3_kbits(measure.read_at(path)) for path in paths}
    least = [t.seconds * program.bytes_per_second for t in music.album]
    expect("bit rates", kbits, {program.kbits})
    expect("tracks cut short", sum(map(operator.lt, delivered, least)), 0)
    return {"sizes": max(abs(size - true) / true
                         for size, true in zip(promised, delivered))}


def all_scenarios(count):
    files = f"{count:,} tracks"
    return [
        Scenario("first", first_bytes, [
            Row("first", "first 64 KiB of an untouched track", ratio=2)]),
        Scenario("seek", seek, [
            Row("seek", "64 KiB at 90 % of the longest track, untouched",
                ratio=50)]),
        Scenario("track", whole_track, [
            Row("whole", "whole track, cold", ratio=1.7),
            Row("whole-cpu", "processor time of that, all cores"),
            Row("again", "whole track again"),
            Row("again-restart", "whole track again, daemon restarted")]),
        *(Scenario(f"album-{n}", album(n), [
            Row(f"album-{n}", f"whole album, cold, {n} reader"
                + ("s" if n > 1 else ""))]
            + ([Row("album-memory", "peak memory of the daemon in that",
                    "B")] if n == 4 else []), most_runs=3)
          for n in (1, 2, 4)),
        Scenario("listing", listing, [
            Row("list-first", f"stat of {files}, cold", ratio=4),
            Row("list-again", f"stat of {files}, again", ratio=50),
            Row("list-restart", f"stat of {files}, daemon restarted",
                ratio=50),
            Row("list-memory", "memory of the daemon after stat, twice", "B",
                limit=64e6),
            Row("list-peak", "its peak until then", "B"),
            Row("list-memory-all", "the same with its workers", "B")],
            most_runs=3),
        Scenario("sizes", sizes, [
            Row("sizes", "size at first stat against bytes delivered, worst",
                "share", limit=0)], most_runs=1)]
