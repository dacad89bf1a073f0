"""Analysing: the files of analysis/, against what they spare a user.

"without" makes about the same of a track with ffmpeg and fpcalc, one after the
other on the same core; for the example that works in chunks, it is the
example's analysis of every chunk.
"""

import contextlib
import copy
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import threading

import corpus
import measure
import peers
from scenarios import Row, Scenario, expect

SUFFIXES = (".json", ".25d", ".peaks.dat", ".peaks.json", ".waveform.png",
            ".spectrogram.png")
TRACK_SECONDS = 240
READS = 200
LOOK_SECONDS = 0.2
HANG_SECONDS = 3600  # ten hours of audio, were it a tenth of the goal
LONG_SECONDS = 10 * 3600
QUICK_SECONDS = 20 * 60
TRACKS = 1000
TOOLS = {"ffmpeg": "ffmpeg", "fpcalc": "libchromaprint-tools"}
FFMPEG = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
EXAMPLE = (pathlib.Path(__file__).parents[2] / "examples" /
           "chunk_processor.py")


class Without(peers.Direct):
    def __init__(self):
        super().__init__(None, "without")
        self.binary = " or no ".join(TOOLS)

    def is_there(self):
        return all(shutil.which(tool) for tool in TOOLS)

    def version(self):
        found = (f"{tool} " + peers.first_line(
            ["dpkg-query", "-W", "-f=${Version}", package])
            for tool, package in TOOLS.items())
        return f"({', '.join(found)})"


def usual(music):
    """A track of about four minutes."""
    return corpus.nearest(music.library.tracks, TRACK_SECONDS, 1)[0]


def sidecars(mount, track):
    folder = mount.root.parent / "analysis" / track.path.parent
    return [folder / (track.path.name + suffix) for suffix in SUFFIXES]


def read_all(paths):
    for path in paths:
        measure.read_whole(path)


def stats(mount):
    path = mount.root.parent / ".groovefs/stats.json"
    return json.loads(path.read_text())


def read_json(path):
    """Its seconds; what failed is no result."""
    seconds, text = measure.timed(path.read_bytes)
    found = json.loads(text)
    if found["status"] != "ok":
        raise RuntimeError(f"'{path.name}': {found.get('reason')}")
    return seconds


def expect_work(mount, tracks, seconds):
    """Nothing was analyzed, nothing decoded, more than was needed."""
    counters = stats(mount)["counters"]
    expect("tracks analyzed", counters["analyses"], tracks)
    expect("seconds decoded", counters["seconds_decoded"], seconds)


# One track, one core --------------------------------------------------------

def on_one_core(command):
    core = max(os.sched_getaffinity(0))
    return ["taskset", "-c", str(core), *map(str, command)]


def pinned(program):
    """The same program; all that it starts stays on one core."""
    other = copy.copy(program)
    other.command = lambda *where: on_one_core(program.command(*where))
    return other


def tools(source, folder):
    """What gives loudness and true peak, AcoustID, and two pictures."""
    return [
        [*FFMPEG, "-i", source, "-map", "0:a", "-af", "ebur128=peak=true",
         "-f", "null", "-"],
        ["fpcalc", "-plain", source],
        [*FFMPEG, "-i", source, "-lavfi",
         "showspectrumpic=s=1200x512:fscale=log", folder / "spectrum.png"],
        [*FFMPEG, "-i", source, "-lavfi", "showwavespic=s=1800x280",
         folder / "waves.png"]]


def run_tools(source, folder):
    for command in tools(source, folder):
        subprocess.run(on_one_core(command), check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def one_track(bench, program, music, _number):
    track = usual(music)
    if program.name == "without":
        seconds, _ = measure.timed(
            run_tools, music.library.root / track.path, bench.work)
        return {"sidecars": seconds, "sidecar-speed": track.seconds / seconds}
    with bench.mounted(pinned(program), music.library.root) as mount:
        paths = sidecars(mount, track)
        first = read_json(paths[0])
        rest, _ = measure.timed(read_all, paths[1:])
        expect_work(mount, 1, whole_seconds(track))
    return {"sidecar": first, "sidecars": first + rest,
            "sidecar-speed": track.seconds / first}


def whole_seconds(track):
    return -(-track.samples // track.rate)


# Reads of what is there -----------------------------------------------------

def again(bench, program, music, _number):
    track = usual(music)
    with bench.mounted(program, music.library.root) as mount:
        paths = sidecars(mount, track)
        read_all(paths)
        before = stats(mount)["counters"]["reads"]
        times = [[forgotten(path) for _ in range(READS)] for path in paths]
        asked = stats(mount)["counters"]["reads"] - before
        expect("reads that reached the daemon",
               asked >= READS * len(paths), True)
    with bench.mounted(program, music.library.root, cold=False) as mount:
        first = [measure.timed(measure.read_whole, path)[0]
                 for path in sidecars(mount, track)]
        expect_work(mount, 0, 0)
    return {"sidecar-again": statistics.median(times[0]),
            "sidecar-slowest": max(map(statistics.median, times)),
            "sidecar-worst": max(map(max, times)),
            "sidecar-restart": first[0],
            "sidecar-restart-slowest": max(first)}


def forgotten(path):
    """Seconds to read a file that the kernel's page cache has nothing of."""
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return measure.timed(measure.read_whole, path)[0]


# Ten hours ------------------------------------------------------------------

def written(pid):
    """Bytes that a process wrote to disks so far (proc(5), io)."""
    text = pathlib.Path(f"/proc/{pid}/io").read_text()
    return int(re.search(r"^write_bytes: (\d+)", text, re.MULTILINE)[1])


class Used:
    """The most memory that a daemon and its workers have in a with block, and
    what it writes."""

    def __init__(self, pid):
        self.pid = pid
        self.all = 0
        self.own = 0  # without decoded audio, which others can use
        self.written = written(pid)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def look(self):
        with contextlib.suppress(OSError):  # a worker that just ended
            used = measure.memory(self.pid)
            self.all = max(self.all, used["all"])
            self.own = max(self.own, used["own"])

    def watch(self):
        while not self.ended.wait(LOOK_SECONDS):
            self.look()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        self.look()
        self.written = written(self.pid) - self.written


def long_list(library, seconds):
    """The library again and again, shuffled each time."""
    shuffled, length = random.Random(seconds), 0
    while length < seconds:
        for track in shuffled.sample(library.tracks, len(library.tracks)):
            length += track.seconds
            yield f"file '{library.root / track.path}'\n"


def long_file(library, seconds):
    """A library of one file, now louder, now softer."""
    def make(folder):
        names = folder / "names"
        names.write_text("".join(long_list(library, seconds)))
        corpus.run_all([[
            *FFMPEG, "-f", "concat", "-safe", "0", "-i", names, "-t",
            str(seconds), "-map", "0:a", "-af",
            "volume='0.8+0.2*sin(t/600)':eval=frame", "-sample_fmt", "s16",
            "-compression_level", "3", folder / "long.flac"]])
        names.unlink()

    name = f"long-{seconds // 60}"
    root = corpus.made_once(corpus.store() / name, make)
    return root, corpus.Track(root, root / "long.flac")


def long_track(seconds):
    def run(bench, program, music, _number):
        root, track = long_file(music.library, seconds)
        _, short = analyzed(bench, program, music.library.root, usual(music))
        taken, used = analyzed(bench, program, root, track)
        return {"long": taken, "long-speed": track.seconds / taken,
                "long-all": used.all, "long-own": used.own,
                "short-own": short.own, "long-written": used.written}
    return run


def analyzed(bench, program, root, track):
    """(seconds, what was used)"""
    with bench.mounted(program, root) as mount:
        path = sidecars(mount, track)[0]
        with Used(mount.pid) as used:
            seconds = read_json(path)
    return seconds, used


# groovefs analyze -----------------------------------------------------------

def analyze(bench, program, paths, count, jobs, known=0):
    """Seconds for so many tracks; known: that are in the cache."""
    if not known:
        bench.empty_cache(program)
    cache = bench.work / f"{program.name}.cache"
    seconds, done = measure.timed(lambda: subprocess.run(
        [program.binary, "analyze", "--csv", "-j", str(jobs), "-o",
         f"cache={cache}", *paths], stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        timeout=HANG_SECONDS))
    expect("what analyze says", done.stderr.splitlines()[-1].split(", in")[0],
           f"{count} of {count} analyzed ({known} were already), 0 failed")
    return seconds


def on_all_cores(name, choose):
    def run(bench, program, music, _number):
        paths, count = choose(music)
        cores = os.cpu_count()
        one = analyze(bench, program, paths, count, 1)
        all_at_once = analyze(bench, program, paths, count, cores)
        warm = analyze(bench, program, paths, count, cores, known=count)
        return {f"{name}-1": one, f"{name}-all": all_at_once,
                f"{name}-rate": count / all_at_once,
                f"{name}-scaling": one / all_at_once, f"{name}-warm": warm}
    return run


def rows_of_analyze(name, title):
    cores = os.cpu_count()
    return [
        Row(f"{name}-1", f"groovefs analyze -j 1, {title}, cold"),
        Row(f"{name}-all", f"the same with -j {cores}"),
        Row(f"{name}-rate", f"{title}, -j {cores}: a second", "tracks/s"),
        Row(f"{name}-scaling", f"{title}: -j 1 / -j {cores}", "x"),
        Row(f"{name}-warm", f"{title}, all in the cache")]


def thousand(music):
    folder = corpus.many_tracks(music.library, TRACKS)
    corpus.warm(folder)
    return [folder], TRACKS


def real_album(music):
    paths = [music.library.root / track.path for track in music.album]
    return paths, len(paths)


# In chunks ------------------------------------------------------------------

def in_chunks(groovefs):
    def run(bench, program, music, _number):
        track = usual(music)
        with bench.mounted(groovefs, music.library.root) as mount:
            times = compare(mount, track)
        if program.name == "without":
            return {"chunks-9": times["without, 9 numbers"],
                    "chunks-25": times["without, 25 dimensions"]}
        return dict.fromkeys(("chunks-9", "chunks-25"),
                             times["with the sidecar"])
    return run


def compare(mount, track):
    """The example's own table: {name: seconds}."""
    said = subprocess.run(
        [sys.executable, EXAMPLE, "--dry-run", "--compare",
         mount.root.parent, track.path], check=True, text=True,
        stdout=subprocess.PIPE).stdout
    return {name: float(seconds) for name, seconds in re.findall(
        r"^(with\S* .*?)  .*?([\d.]+) +[\d.]+$", said, re.MULTILINE)}


# ----------------------------------------------------------------------------

def scenarios(groovefs, quick):
    both = ("groovefs", "without")
    length = QUICK_SECONDS if quick else LONG_SECONDS
    long = f"{length // 60} min" if quick else f"{length // 3600} h"
    return [
        Scenario("analysis-track", one_track, [
            Row("sidecar", "a track's .json, cold, one core"),
            Row("sidecars", "all six of its files, cold, one core; without: "
                "ffmpeg and fpcalc"),
            Row("sidecar-speed", "real time / that of the .json; without: of "
                "all", "x", limit=100)], programs=both, notes=[
            "One core: the daemon, its workers and the tools are bound to the "
            f"same core; the track lasts about {TRACK_SECONDS} s. "
            "Without: ffmpeg ebur128=peak=true, fpcalc, ffmpeg "
            "showspectrumpic, ffmpeg showwavespic, one after the other; these "
            "give no tempo, no key and none of the 25 dimensions."]),
        Scenario("analysis-again", again, [
            Row("sidecar-again", f"second read of a .json, {READS} times",
                limit=1e-3),
            Row("sidecar-slowest", "of the six files, the slowest one's",
                limit=1e-3),
            Row("sidecar-worst", f"worst of all {READS * len(SUFFIXES):,}"),
            Row("sidecar-restart",
                "first read of the .json, daemon restarted"),
            Row("sidecar-restart-slowest", "of the six files, the slowest")],
            programs=("groovefs",), notes=[
            "Second reads include open and close, without the kernel's page "
            "cache; median of each run. After the restart nothing was "
            "decoded or analyzed (according to the counters)."]),
        Scenario("analysis-long", long_track(length), [
            Row("long", f".json of a track of {long}, cold"),
            Row("long-speed", "real time / that", "x"),
            Row("long-all", "peak memory of daemon and workers in that", "B"),
            Row("long-own", "the same without decoded audio kept for others",
                "B"),
            Row("short-own", f"that for a track of {TRACK_SECONDS} s", "B"),
            Row("long-written", f"bytes written to disk for {long}", "B")],
            most_runs=1, programs=("groovefs",), hang_seconds=HANG_SECONDS,
            notes=["Peak memory: proportional, looked at every "
                   f"{LOOK_SECONDS:g} s. Decoded audio is kept for others up "
                   "to -o memory=, a quarter of the machine's or 1 GiB."]),
        Scenario("analysis-library", on_all_cores("thousand", thousand),
                 rows_of_analyze("thousand", f"{TRACKS:,} tracks"),
                 most_runs=3, programs=("groovefs",),
                 hang_seconds=HANG_SECONDS, notes=[
                     f"The {TRACKS:,} tracks are of {corpus.CUT_SECONDS} s "
                     "each: what a track costs, more than a second."]),
        Scenario("analysis-album", on_all_cores("real", real_album),
                 rows_of_analyze("real", "album"),
                 most_runs=3, programs=("groovefs",),
                 hang_seconds=HANG_SECONDS),
        Scenario("analysis-chunks", in_chunks(groovefs), [
            Row("chunks-9", "chunk example; without: 9 numbers a chunk"),
            Row("chunks-25", "chunk example; without: 25 dimensions a chunk",
                ratio=10)], most_runs=3, programs=both, notes=[
            "Chunk example: examples/chunk_processor.py --compare, 15 s every "
            "10 s of the usual track; audio and sidecar are ready before it "
            "begins."])]
