"""Precaching the library, against LAME on the same files, one by one."""

import resource
import shutil
import subprocess

import measure
import peers
from scenarios import Row, Scenario, expect


class Lame(peers.Direct):
    def __init__(self):
        super().__init__(None, "lame")
        self.binary = "lame"

    def is_there(self):
        return bool(shutil.which("lame"))

    def version(self):
        return peers.first_line(["lame", "--version"])


def children():
    """Processor time of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def encode(paths, folder):
    for path in paths:
        subprocess.run(["lame", "--silent", "-b", "192", "-q", "3", path,
                        folder / "out.mp3"], check=True,
                       stdin=subprocess.DEVNULL)


def precache(program, cache, root):
    done = subprocess.run(
        [program.binary, "precache", "-q", "medium", "--library", root,
         "--cache", cache, root], check=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return done.stderr.splitlines()[-1]


def run(bench, program, music, _number):
    root = music.library.root
    before = children()
    if program.name == "lame":
        paths = [root / track.path for track in music.library.tracks]
        seconds, _ = measure.timed(encode, paths, bench.work)
    else:
        bench.empty_cache(program)
        seconds, said = measure.timed(
            precache, program, bench.work / f"{program.name}.cache", root)
        expect("tracks cached", said.split(" cached")[0],
               str(len(music.library.tracks)))
    return {"precache-processor": children() - before,
            "precache": seconds}


def scenario():
    return Scenario("precache", run, [
        Row("precache-processor",
            "processor time, 40 tracks at 192 kbit/s; lame: one by one",
            ratio=1 / 1.15),
        Row("precache", "wall time of the same", ratio=2)],
        most_runs=3, programs=("groovefs", "lame"), notes=[
            "Precaching: groovefs precache -q medium of the whole library, on "
            "all cores, cold cache; lame -b 192 -q 3 on the same FLAC files, "
            "one after the other."])
