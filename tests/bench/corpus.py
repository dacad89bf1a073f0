"""The music: real tracks as FLAC, made once and kept for the next run.

Debian's wesnoth-1.16-music comes as Ogg Vorbis. Two libraries are made of it:

    library/       the tracks as 16 bit FLAC, sorted into three albums
    tracks-N/      N short cuts, each with its own audio and its own tags,
                   ten to a folder

Both appear whole: they are made under a temporary name and then renamed.
No pictures are embedded, so that a file's first 64 KiB are music.
"""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess

MUSIC_PACKAGE = "wesnoth-1.16-music"
ARTIST = "Wesnoth"
ALBUM_TRACKS = 12
ALBUM_TRACK_SECONDS = 215
WHOLE_TRACK_SECONDS = 207
SHORT_SECONDS = 30
CUT_SECONDS = 2
FOLDER_TRACKS = 10
FOLDERS_PER_ARTIST = 10


class Track:
    """A source file: its path inside its library, and its length."""

    def __init__(self, library, path):
        self.path = path.relative_to(library)
        self.samples, self.rate = flac_length(path)

    @property
    def seconds(self):
        return self.samples / self.rate


class Library:
    """The decoded tracks, and which of them serve which measure."""

    def __init__(self, root):
        self.root = root
        self.tracks = [Track(root, path)
                       for path in sorted(root.rglob("*.flac"))]

    def of_album(self, album):
        return [t for t in self.tracks if t.path.parent.name == album]

    @property
    def album(self):
        return self.of_album("Album")

    @property
    def short(self):
        return self.of_album("Short")

    @property
    def longest(self):
        return max(self.tracks, key=lambda t: t.seconds)

    @property
    def whole(self):
        return nearest(self.tracks, WHOLE_TRACK_SECONDS, 1)[0]


def nearest(tracks, seconds, count):
    return sorted(tracks, key=lambda t: abs(t.seconds - seconds))[:count]


def flac_length(path):
    """Samples and sample rate of a FLAC file (RFC 9639, STREAMINFO)."""
    with open(path, "rb") as file:
        head = file.read(42)
    if head[:4] != b"fLaC":
        raise ValueError(f"'{path}' is not FLAC")
    bits = int.from_bytes(head[18:26], "big")
    return bits & (1 << 36) - 1, bits >> 44


def store():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "groovefs-bench"


def package_music():
    """The package's Ogg files, without the one that is silent."""
    listing = subprocess.run(["dpkg", "-L", MUSIC_PACKAGE], text=True,
                             capture_output=True)
    files = [pathlib.Path(line) for line in listing.stdout.splitlines()
             if line.endswith(".ogg") and "silence" not in line]
    if not files:
        raise SystemExit(f"bench: no music: install {MUSIC_PACKAGE}")
    return sorted(files)


def run_all(commands):
    """Runs commands, as many at once as there are cores."""
    def run(command):
        subprocess.run(["nice", *command], check=True,
                       stdin=subprocess.DEVNULL)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(run, command) for command in commands]:
            done.result()


def made_once(folder, make):
    """Calls make(temporary folder) unless the folder is there already."""
    if folder.is_dir():
        return folder
    temporary = folder.with_name(folder.name + ".part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    make(temporary)
    temporary.rename(folder)
    return folder


def decode_command(source, target):
    title = source.stem.replace("_", " ").replace("-", " ").title()
    return ["ffmpeg", "-v", "error", "-i", str(source), "-map", "0:a",
            "-sample_fmt", "s16", "-metadata", f"TITLE={title}",
            "-metadata", f"ARTIST={ARTIST}", str(target)]


def sort_into_albums(root):
    tracks = [Track(root, path) for path in sorted(root.glob("*.flac"))]
    short = [t for t in tracks if t.seconds <= SHORT_SECONDS]
    album = nearest(tracks, ALBUM_TRACK_SECONDS, ALBUM_TRACKS)
    for track in tracks:
        name = ("Album" if track in album else
                "Short" if track in short else "More")
        folder = root / ARTIST / name
        folder.mkdir(parents=True, exist_ok=True)
        (root / track.path).rename(folder / track.path.name)


def decode_library(folder):
    run_all(decode_command(source, folder / (source.stem + ".flac"))
            for source in package_music())
    sort_into_albums(folder)


def library():
    return Library(made_once(store() / "library", decode_library))


def cuts(tracks, count):
    """count (track, first sample) pairs, spread over all of the music."""
    tracks = [t for t in tracks if t.seconds > 2 * CUT_SECONDS]
    room = [t.samples - CUT_SECONDS * t.rate for t in tracks]
    step = sum(room) // count
    ends, position = iter(zip(tracks, room)), 0
    track, left = next(ends)
    for _ in range(count):
        while position >= left:
            position -= left
            track, left = next(ends)
        yield track, position
        position += step


def cut_command(library_root, folder, number, track, first):
    album, place = divmod(number, FOLDER_TRACKS)
    artist, disc = divmod(album, FOLDERS_PER_ARTIST)
    target = (folder / f"Artist {artist:03}" / f"Album {disc}" /
              f"{place + 1:02} Track {number:05}.flac")
    target.parent.mkdir(parents=True, exist_ok=True)
    tags = {"TITLE": f"Track {number:05}", "ARTIST": f"Artist {artist:03}",
            "ALBUM": f"Album {disc}", "TRACKNUMBER": place + 1,
            "TRACKTOTAL": FOLDER_TRACKS, "DATE": 1970 + artist % 50,
            "GENRE": "Soundtrack"}
    last = first + CUT_SECONDS * track.rate
    return ["flac", "--totally-silent", "-3",
            f"--skip={first}", f"--until={last}",
            *(f"--tag={key}={value}" for key, value in tags.items()),
            "-o", str(target), str(library_root / track.path)]


def many_tracks(music, count):
    """A library of count short tracks."""
    def cut_all(folder):
        run_all(cut_command(music.root, folder, number, *cut)
                for number, cut in enumerate(cuts(music.tracks, count)))

    return made_once(store() / f"tracks-{count}", cut_all)


def warm(folder):
    """Reads every file once, so that all programs find the same page cache."""
    for path in folder.rglob("*.flac"):
        path.read_bytes()
