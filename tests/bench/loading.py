"""Loading audio for training: tasks in parallel processes, each mixing 5 s of
a noise file, and reads of a decoded track.

The tasks are those of examples/audiomentations_backend.py. "direct" does what
is done without a mount: soundfile and soxr, on the whole file, for each task;
and it reads a WAV from tmpfs where groovefs reads one from pcm/.
"""

import os
import pathlib
import statistics
import sys

import corpus
import measure
import peers
from scenarios import Row, Scenario, expect

sys.path.append(str(pathlib.Path(__file__).parents[2] / "examples"))

import audiomentations_backend as example  # noqa: E402

TASKS = 200
CHUNK = 1 << 20
READS = 7
LARGEST_DIFFERENCE = 1e-2  # two filters, near half the rate


def direct():
    return peers.Direct(f"(soundfile and {example.resampler()[0]})")


def noise():
    return corpus.made_once(corpus.store() / "noise-20", example.make_noise)


def run(bench, program, music, _number):
    folder = noise()
    paths = [str(path) for path in sorted(folder.glob("*.flac"))]
    track = music.library.root / music.library.whole.path
    if program.name == "direct":
        return directly(paths, track)
    return through_mount(bench, program, music, folder, paths)


def directly(paths, track):
    tasks = example.Tasks(example.Direct(), paths)
    (seconds, _), = example.run_tasks(tasks, TASKS)
    return {"load-first": seconds, "load-again": seconds,
            "pcm-read": tmpfs_speed(track)}


def through_mount(bench, program, music, folder, paths):
    with bench.mounted(program, folder) as mount:
        point = mount.root.parent
        tasks = example.Tasks(example.GroovefsBackend(point, folder), paths)
        first, again = example.run_tasks(tasks, TASKS, 2)
    check(paths, first[1], again[1])
    with bench.mounted(program, music.library.root) as mount:
        path = (mount.root.parent / "pcm/native" /
                music.library.whole.path.with_suffix(".wav"))
        pages = read_speed(path)
        pool = read_speed(path, forget=True)
    return {"load-first": first[0], "load-again": again[0],
            "pcm-read": pages, "pcm-pool": pool}


def check(paths, *found):
    """The first tasks' results must be those that direct work gives."""
    tasks = example.Tasks(example.Direct(), paths)
    right = [tasks(number) for number in range(8)]
    for results in found:
        off = example.difference(results[:8], right)
        expect("tasks that differ", off > LARGEST_DIFFERENCE, False)


def tmpfs_speed(track):
    import soundfile
    audio, rate = soundfile.read(track, dtype="float32")
    path = f"/dev/shm/groovefs-bench-{os.getpid()}.wav"
    try:
        soundfile.write(path, audio, rate, subtype="FLOAT")
        return read_speed(path)
    finally:
        os.unlink(path)


def read_speed(path, forget=False):
    """Bytes a second of the middle one of some reads, the first not counted.
    forget: from the daemon, not from the kernel's page cache."""
    buffer = bytearray(CHUNK)

    def read():
        total = 0
        with open(path, "rb", buffering=0) as file:
            while count := file.readinto(buffer):
                total += count
        return total

    def speed():
        if forget:
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0,
                                 os.POSIX_FADV_DONTNEED)
        seconds, total = measure.timed(read)
        return total / seconds

    read()
    return statistics.median(speed() for _ in range(READS))


def scenario():
    cores = os.cpu_count()
    return Scenario("loading", run, [
        Row("load-first", f"{TASKS} loading tasks in {cores} processes, "
            "nothing decoded yet"),
        Row("load-again", "the same tasks again", ratio=20),
        Row("pcm-read", "warm read of a decoded WAV; direct: on tmpfs",
            "B/s", ratio=0.5),
        Row("pcm-pool", "the same without the kernel's page cache", "B/s")],
        programs=("groovefs", "direct"), notes=[
            "Loading: each task mixes 5 s at 44.1 kHz of one of "
            f"{example.NOISE_FILES} noise files (FLAC, mono, "
            f"{example.NOISE_SECONDS} s at 48 kHz); direct: without a mount, "
            f"soundfile and {example.resampler()[0]}, the whole file each "
            "time. What decodes each file once cannot be more than "
            f"{TASKS // example.NOISE_FILES} times quicker in the first "
            "pass."])
