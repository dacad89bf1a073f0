"""Compares groovefs with ffmpegfs and mp3fs, side by side in one run.

Runs are interleaved (A B C A B C), so that a drift of the machine hits all
programs alike. Nothing is left mounted and nothing stays in the work folder;
the music stays in ~/.cache/groovefs-bench for the next run.
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import threading

import analyzing
import corpus
import loading
import machine
import measure
import music_table
import peers
import precaching
import report
import scenarios

MANY = 10000
QUICK_MANY = 1000
QUICK_ALBUM = 4
QUIET = 0.05


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench",
                                     description=__doc__.split("\n\n")[0])
    parser.add_argument("--runs", type=int, metavar="N",
                        help="runs of each measure, 5 unless told; "
                        "albums and listings run at most 3 times")
    parser.add_argument("--only", action="append", metavar="NAME",
                        help="only this scenario; may be repeated: first, "
                        "seek, track, album-1, album-2, album-4, listing, "
                        "sizes, loading, precache, music (tempo and key, "
                        "nothing else), analysis-track, -again, -long, "
                        "-library, -album, -chunks; album and analysis mean "
                        "all of theirs")
    parser.add_argument("--programs", default="groovefs,ffmpegfs,mp3fs",
                        metavar="LIST", help="default: %(default)s; there is "
                        "also mp3fs-q3: at LAME's quality 3, as the others")
    parser.add_argument("--groovefs", default="build/cli/groovefs",
                        metavar="FILE", help="measure this program; builds "
                        "and installs nothing")
    parser.add_argument("--quick", action="store_true",
                        help=f"one run, an album of {QUICK_ALBUM} and "
                        f"{QUICK_MANY:,} tracks: does it work?")
    parser.add_argument("--work", default=os.environ.get("TMPDIR", "/tmp"),
                        metavar="DIR", help="where mountpoints and caches "
                        "stand during the run; default: %(default)s")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="form", action="store_const",
                      const=report.as_json, help="all values, as JSON")
    form.add_argument("--markdown", dest="form", action="store_const",
                      const=report.as_markdown,
                      help="the table as for BENCHMARKS.md")
    options = parser.parse_args()
    options.runs = options.runs or (1 if options.quick else 5)
    options.form = options.form or report.as_text
    return options


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def chosen_programs(options, scenarios_chosen):
    known = [peers.groovefs(options.groovefs), peers.ffmpegfs(),
             peers.mp3fs(), peers.mp3fs_q3(), loading.direct(),
             analyzing.Without(), precaching.Lame()]
    wanted = {name for scenario in scenarios_chosen for name in (
        scenario.programs or options.programs.split(","))}
    chosen = [p for p in known if p.name in wanted]
    missing = [p.binary for p in chosen if not p.is_there()]
    missing += wanted - {p.name for p in chosen}
    if missing:
        raise SystemExit(f"bench: there is no {' and no '.join(missing)}")
    return chosen


def chosen_scenarios(options, count):
    known = [*scenarios.all_scenarios(count), loading.scenario(),
             precaching.scenario(),
             *analyzing.scenarios(peers.groovefs(options.groovefs),
                                  options.quick)]
    if not options.only:
        return known
    chosen = [s for s in known
              if {s.name, s.name.split("-")[0]} & set(options.only)]
    if not chosen:
        names = ", ".join(s.name for s in known)
        raise SystemExit(f"bench: there is no such scenario; these: {names}")
    return chosen


def prepare(options, chosen, count):
    """Makes the music that the scenarios need and warms the page cache."""
    say(f"preparing the music in {corpus.store()}")
    library = corpus.library()
    corpus.warm(library.root)
    many = None
    if any(s.name == "listing" for s in chosen):
        many = corpus.many_tracks(library, count)
        corpus.warm(many)
    album = library.album[:QUICK_ALBUM] if options.quick else library.album
    return scenarios.Music(library, album, many, count)


def run_once(bench, scenario, program, music, number):
    """A daemon that hangs is killed after a while, which ends every read."""
    watch = threading.Timer(scenario.hang_seconds,
                            lambda: [d.kill() for d in bench.daemons])
    watch.daemon = True
    watch.start()
    try:
        return scenario.run(bench, program, music, number)
    finally:
        watch.cancel()


def run_scenario(bench, scenario, programs, music, options, results):
    names = scenario.programs or options.programs.split(",")
    programs = [p for p in programs if p.name in names]
    for number in range(min(options.runs, scenario.most_runs)):
        for program in programs:
            say(f"{scenario.name}, run {number + 1}: {program.name}")
            try:
                values = run_once(bench, scenario, program, music, number)
            except (OSError, RuntimeError, ValueError,
                    subprocess.SubprocessError) as error:
                say(f"{program.name} failed: {error}")
                for row in scenario.rows:
                    results.fail(row.name, program.name,
                                 f"{scenario.name}: {error}")
                continue
            for row, value in values.items():
                results.add(row, program.name, value)


def notes(music, others):
    library = music.library
    minutes = sum(t.seconds for t in music.album) / 60
    return [
        "Medians (minimum to maximum), [number of runs]; the programs take "
        "turns.",
        "MP3, constant 192 kbit/s, from 16 bit 44.1 kHz stereo FLAC; "
        "otherwise each program's defaults (LAME quality: mp3fs 5, the others 3).",
        "Cold: a new mount with an empty cache. The source files were read "
        "once before, so all programs find them in the page cache.",
        "Again: immediately, on the same mount; no page cache is dropped. "
        "Times better: best peer / groovefs.",
        f"Whole track: {library.whole.seconds:.0f} s; longest: "
        f"{library.longest.seconds:.0f} s; album: {len(music.album)} tracks, "
        f"{minutes:.0f} min.",
        f"Other processes used {others * 100:.0f} % of the processors during "
        "the run" + ("." if others < QUIET else ": TOO MUCH to compare.")] + ([
            "stat: find -type f -printf %s; on the source files themselves "
            f"it takes {bare_listing(music.many)}."] if music.many else [])


def bare_listing(folder):
    """What no mount can be expected to beat."""
    seconds = min(measure.timed(measure.stat_tree, folder)[0]
                  for _ in range(3))
    return report.number(seconds, "s")


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.only == ["music"]:
        build = pathlib.Path(options.groovefs).resolve().parents[1]
        music_table.run(build / "tests" / "unit" / "measure-music",
                        corpus.store() / "tempo")
        return
    count = QUICK_MANY if options.quick else MANY
    chosen = chosen_scenarios(options, count)
    programs = chosen_programs(options, chosen)
    music = prepare(options, chosen, count)
    about, results = machine.describe(programs), report.Results()
    others = machine.Others()
    with peers.Bench(options.work) as bench:
        for scenario in chosen:
            run_scenario(bench, scenario, programs, music, options, results)
    taken = others.share()
    rows = [row for scenario in chosen for row in scenario.rows]
    print(options.form(results, rows, [p.name for p in programs], about,
                       notes(music, taken) + [
                           n for s in chosen for n in s.notes]))


if __name__ == "__main__":
    main()
