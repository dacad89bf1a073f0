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


def make(folder):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.join(HERE, "corpus"), folder)
    for name in ("map", "media"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    make_map(os.path.join(folder, "map"))
    make_audio(os.path.join(folder, "media"))


if __name__ == "__main__":
    make(sys.argv[1])
    with open(sys.argv[2], "w"):
        pass
