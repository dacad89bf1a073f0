"""Makes what libFuzzer begins with: seeds.py FOLDER STAMP

FOLDER gets a folder for each target: the texts in corpus/, a map as the cache
writes it, and a twentieth of a second of audio in each format."""
import os
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = 0xffffffffffffffff

# Extension: what FFmpeg is to write it with.
FORMATS = {
    "aac": [], "ac3": [], "aiff": [], "au": [], "caf": [], "flac": [],
    "m4a": ["-c:a", "alac"], "mka": ["-c:a", "flac"], "mp2": [],
    "mp3": ["-id3v2_version", "4"], "oga": ["-c:a", "flac"],
    "ogg": ["-c:a", "libvorbis"], "opus": ["-c:a", "libopus"], "tta": [],
    "w64": [], "wav": [], "wma": [], "wv": [],
}


def save(folder, name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def make_map(folder):
    """Of three segments, the second of which is absent."""
    starts = (0, 700, 1400, 2000)
    records = b"".join(struct.pack("=QQ", n, n ^ MARK if n else 0)
                       for n in (5, 0, 7))
    label = b"medium\tArtist/Song.flac".ljust(504, b"\0")
    save(folder, "map",
         struct.pack("=8sIIQQ", b"grvfsmap", 2, len(starts) - 1, starts[-1], 0)
         + records + struct.pack("=4Q", *starts) + label + bytes(8))


def make_audio(folder):
    for extension, options in FORMATS.items():
        subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i",
             "sine=d=0.05:r=44100", "-ac", "2", "-metadata", "title=T",
             "-metadata", "artist=A", *options,
             os.path.join(folder, "a." + extension)], check=True)


def make_reports(folder):
    """What a worker says of each profile and kind of job: wants, fills and
    returns a block, then bytes, facts, notes, and DONE or FAILED."""
    alive, data, facts, note, done, failed, want, filled, returned = range(2, 11)
    say = lambda kind, second=0: bytes((7, kind, 0, second, 0))
    ring = lambda size: b"\1" + struct.pack(">HB", size, 7)
    lent = b"".join(say(kind, second) for second in range(3)
                    for kind in (want, filled, returned))
    for profile in range(4):
        for job in range(3):
            head = bytes((profile, job))
            save(folder, f"lent-{profile}-{job}", head + lent + say(done))
            save(folder, f"sent-{profile}-{job}", head + say(alive)
                 + (ring(8000) + say(data)) * 3 + say(facts) + say(note)
                 + say(done))
            save(folder, f"failed-{profile}-{job}", head + say(failed))


def make_tasks(folder):
    """Each task of each source and profile, with room and answers after it."""
    say = lambda choice, state=0: bytes((choice, 1, state, 0))
    for choice in range(256):
        if choice % 8 in (1, 2, 3, 4):
            answers = b"".join(say(6, state) for state in (0, 1, 2, 0, 1, 2))
            save(folder, f"{choice}", say(choice) + say(5) + answers
                 + say(choice))


def make_ioctls(folder):
    """Each path is asked for, then its task is looked at and canceled."""
    end = bytes(3)  # nothing changed, the command as it is, its owner asks
    save(folder, "all", b"".join(b"\0" + bytes((path,)) + end
                                 + b"\1" + bytes((path + 1,)) + end
                                 + b"\1" + bytes((path + 1,)) + end
                                 + b"\2" + bytes((path + 1,)) + end
                                 for path in range(7)))


def make(folder):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.join(HERE, "corpus"), folder)
    for name, write in (("map", make_map), ("media", make_audio),
                        ("ioctl", make_ioctls), ("reports", make_reports), ("tasks", make_tasks)):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        write(os.path.join(folder, name))


if __name__ == "__main__":
    make(sys.argv[1])
    with open(sys.argv[2], "w"):
        pass
