"""Source material: synthetic music, seeded, and libraries made of it.

A library is made once per version of this file into GROOVEFS_FIXTURES (the
build folder when meson runs the tests) and shared by all tests, which must not
change it: copy() gives one that may be changed. It is made under a lock in a
folder that is renamed when it is whole, so that tests may run at once.
"""
import fcntl
import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
import zlib

import mutagen.flac
import numpy as np
import soundfile

REDUCED = bool(os.environ.get("GROOVEFS_REDUCED", "").strip("0"))
SEED = int(os.environ.get("GROOVEFS_SEED", "20240229"))


def music(seconds, rate, channels=2, seed=0):
    """Chords of decaying harmonics, drums and a little noise: floats in
    [-1, 1], one row a sample. The channels differ."""
    rng = np.random.default_rng([SEED, seed, rate, channels])
    length = int(seconds * rate)
    out = rng.normal(0, 0.0015, (length, channels))
    step = 60 / rng.uniform(90, 150) / 2
    scale = 110 * 2 ** (np.array([0, 2, 3, 5, 7, 8, 10, 12, 15, 19]) / 12)
    for beat in range(int(seconds / step) + 1):
        start = int(beat * step * rate)
        for _ in range(2):
            _add(out, start, _note(rng, rng.choice(scale), rate), rng)
        if beat % 2 == 0:
            _add(out, start, _drum(rng, rate), rng)
    return np.clip(out * 0.5, -0.98, 0.98)


def _note(rng, pitch, rate):
    t = np.arange(int(rng.uniform(0.2, 0.9) * rate)) / rate
    note = np.zeros(len(t))
    for k in range(1, 7):
        if pitch * k < rate * 0.45:
            note += (np.sin(2 * np.pi * pitch * k * t + rng.uniform(0, 6))
                     * np.exp(-t * (2 + k)) / k)
    return note * 0.35 * np.minimum(1, t * 200)


def _drum(rng, rate):
    t = np.arange(int(0.12 * rate)) / rate
    return rng.normal(0, 0.4, len(t)) * np.exp(-t * 45)


def _add(out, start, sound, rng):
    end = min(len(out), start + len(sound))
    if end > start:
        out[start:end] += np.outer(sound[:end - start],
                                   rng.uniform(0.2, 1, out.shape[1]))


def write(path, samples, rate, subtype="PCM_16", tags=None):
    """A file in libsndfile's format of that extension."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    soundfile.write(path, samples, rate, subtype=subtype)
    if tags and path.endswith(".flac"):
        tag(path, tags)


def tag(path, tags, picture=None):
    flac = mutagen.flac.FLAC(path)
    for key, value in tags.items():
        flac[key] = value
    if picture:
        flac.clear_pictures()
        flac.add_picture(flac_picture(picture))
    flac.save()


def flac_picture(data):
    picture = mutagen.flac.Picture()
    picture.data = data
    picture.type = 3
    picture.mime = "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"
    return picture


def png(width, height, seed=0, noisy=True):
    """A PNG; a noisy one does not compress."""
    rng = np.random.default_rng([SEED, seed])
    rows = rng.integers(0, 256 if noisy else 1, (height, 1 + width * 3),
                        dtype=np.uint8)
    rows[:, 0] = 0

    def chunk(kind, data):
        body = kind + data
        return (struct.pack(">I", len(data)) + body
                + struct.pack(">I", zlib.crc32(body)))

    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2,
                                         0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows.tobytes()))
            + chunk(b"IEND", b""))


def jpeg(width=64, height=64):
    return ffmpeg_bytes("-f", "lavfi", "-i",
                        f"testsrc=size={width}x{height}:rate=1", "-frames:v",
                        "1", "-f", "mjpeg", "-bitexact", "-")


def ffmpeg_bytes(*arguments):
    return subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *arguments],
                          check=True, stdout=subprocess.PIPE).stdout


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments],
                   check=True)


def streamed_flac(path, samples, rate):
    """As a recorder on a pipe writes it: STREAMINFO knows no length."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    raw = np.round(samples * 32768).astype("<i2").tobytes()
    with open(path, "wb") as out:
        subprocess.run(["flac", "--silent", "--force-raw-format",
                        "--endian=little", "--sign=signed", "--bps=16",
                        f"--channels={samples.shape[1]}",
                        f"--sample-rate={rate}", "--stdout", "-"],
                       input=raw, stdout=out, stderr=subprocess.DEVNULL,
                       check=True)


# Libraries ------------------------------------------------------------------

def _version(reduced):
    with open(__file__, "rb") as source:
        return hashlib.sha256(source.read()
                              + b"%d%d" % (SEED, reduced)).hexdigest()[:12]


def _root():
    """The folder of this version's libraries; older ones are removed."""
    base = os.environ.get("GROOVEFS_FIXTURES")
    if not base:
        return os.path.join(tempfile.gettempdir(),
                            f"groovefs-fixtures-{os.getuid()}",
                            _version(REDUCED))
    os.makedirs(base, exist_ok=True)
    for name in set(os.listdir(base)) - {_version(True), _version(False)}:
        shutil.rmtree(os.path.join(base, name), ignore_errors=True)
    return os.path.join(base, _version(REDUCED))


def library(make):
    """The folder that make(folder) filled, now or in an earlier test."""
    root = _root()
    os.makedirs(root, exist_ok=True)
    folder = os.path.join(root, make.__name__)
    with open(folder + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(folder):
            print(f"# making {make.__name__}, seed {SEED}", flush=True)
            shutil.rmtree(folder + ".tmp", ignore_errors=True)
            os.makedirs(folder + ".tmp")
            make(folder + ".tmp")
            os.rename(folder + ".tmp", folder)
    return folder


def copy(source, target):
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    return target


RATES = (8000, 11025, 22050, 32000, 44100, 48000, 88200, 96000, 176400,
         192000)


def mixed(folder):
    """Every kind of source that a library has, and what lies beside it."""
    seconds = 6
    album = os.path.join(folder, "Artist", "Album")
    for i, rate in enumerate(RATES):
        write(f"{album}/{i:02} Rate {rate}.flac",
              music(seconds, rate, 2, i), rate,
              "PCM_24" if rate > 48000 else "PCM_16",
              {"title": f"Rate {rate}", "artist": "Artist", "album": "Album",
               "tracknumber": str(i)})
    with open(f"{album}/Cover.JPG", "wb") as cover:
        cover.write(jpeg())
    kinds = os.path.join(folder, "Artist", "Kinds")
    stereo = music(seconds, 44100, 2, 100)
    write(f"{kinds}/Mono.flac", music(seconds, 44100, 1, 101), 44100)
    write(f"{kinds}/Mono 22.flac", music(seconds, 22050, 1, 102), 22050)
    write(f"{kinds}/Surround.flac", music(seconds, 48000, 6, 103), 48000,
          "PCM_24")
    write(f"{kinds}/Wave.wav", stereo, 44100)
    write(f"{kinds}/Wave 24.wav", music(seconds, 48000, 2, 104), 48000,
          "PCM_24")
    write(f"{kinds}/Wave float.wav", music(seconds, 44100, 2, 105), 44100,
          "FLOAT")
    write(f"{kinds}/Apple.aiff", music(seconds, 44100, 2, 106), 44100)
    for name, codec, seed in (("Alac.m4a", "alac", 107),
                              ("Pack.wv", "wavpack", 108),
                              ("True.tta", "tta", 109)):
        with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
            write(wav.name, music(seconds, 44100, 2, seed), 44100)
            ffmpeg("-i", wav.name, "-c:a", codec, "-metadata",
                   "title=" + name, f"{kinds}/{name}")
    streamed_flac(f"{kinds}/Streamed.flac", music(seconds, 44100, 2, 110),
                  44100)
    for name, codec in (("Lossy.mp3", "libmp3lame"), ("Aac.m4a", "aac"),
                        ("Lossy.ogg", "libvorbis"),
                        ("Lossy.opus", "libopus")):
        ffmpeg("-i", f"{kinds}/Wave.wav", "-t", "3", "-c:a", codec,
               f"{kinds}/{name}")
    with open(f"{kinds}/notes.txt", "w") as notes:
        notes.write("no audio here\n" * 100)
    open(f"{kinds}/empty.txt", "w").close()
    write(f"{kinds}/Twice.flac", music(2, 44100, 2, 111), 44100)
    write(f"{kinds}/Twice.wav", music(2, 44100, 2, 112), 44100)
    shutil.copy(f"{kinds}/Lossy.mp3", f"{kinds}/Taken.mp3")
    write(f"{kinds}/Taken.flac", music(2, 44100, 2, 113), 44100)


# What mixed() must look like in a quality folder: source -> name there.
MIXED_NAMES = {
    **{f"Artist/Album/{i:02} Rate {rate}.flac":
       f"Artist/Album/{i:02} Rate {rate}.mp3" for i, rate in enumerate(RATES)},
    "Artist/Album/Cover.JPG": "Artist/Album/Cover.JPG",
    **{f"Artist/Kinds/{name}": f"Artist/Kinds/{stem}.mp3" for name, stem in (
        ("Mono.flac", "Mono"), ("Mono 22.flac", "Mono 22"),
        ("Surround.flac", "Surround"), ("Wave.wav", "Wave"),
        ("Wave 24.wav", "Wave 24"), ("Wave float.wav", "Wave float"),
        ("Apple.aiff", "Apple"), ("Alac.m4a", "Alac"), ("Pack.wv", "Pack"),
        ("True.tta", "True"), ("Streamed.flac", "Streamed"),
        ("Twice.flac", "Twice"), ("Twice.wav", "Twice.wav"),
        ("Taken.flac", "Taken.flac"))},
    **{f"Artist/Kinds/{name}": f"Artist/Kinds/{name}" for name in (
        "Lossy.mp3", "Lossy.ogg", "Lossy.opus", "Aac.m4a", "notes.txt",
        "empty.txt", "Taken.mp3")},
}
MIXED_AUDIO = {source: name for source, name in MIXED_NAMES.items()
               if name.endswith(".mp3") and source != name}
MIXED_REST = [source for source, name in MIXED_NAMES.items()
              if source == name]


def write_album(folder, count, seconds):
    for i in range(count):
        write(f"{folder}/Artist/Album/{i:02} Track.flac",
              music(seconds + i, (44100, 48000)[i % 4 == 3], 2, 200 + i),
              (44100, 48000)[i % 4 == 3],
              tags={"title": f"Track {i}", "artist": "Artist",
                    "album": "Album", "tracknumber": str(i + 1)})


def album(folder):
    """Tracks of five segments and more."""
    write_album(folder, *((4, 20) if REDUCED else (8, 25)))


def large_album(folder):
    """More than 128 MiB when it is decoded."""
    write_album(folder, *((4, 20) if REDUCED else (12, 60)))


def single(folder):
    """One track, alone in its folder."""
    write(f"{folder}/Artist/Album/Track.flac",
          music(20 if REDUCED else 25, 44100, 2, 250), 44100,
          tags={"title": "Track"})


def many(folder):
    """Tracks of three segments with their own tags, each other audio."""
    rate, base = 44100, music(7, 44100, 2, 300)
    rng = np.random.default_rng([SEED, 301])
    for i in range(60 if REDUCED else 240):
        samples = np.roll(base, int(rng.integers(1, len(base))), axis=0)
        samples *= rng.uniform(0.5, 1)
        write(f"{folder}/Artist {i // 50}/Album {i // 10}/{i:03} Song.flac",
              samples[:int(rng.integers(6 * rate, 7 * rate))], rate,
              tags={"title": f"Song \u2116 {i}", "album": f"Album {i // 10}",
                    "artist": f"Artist {i // 50}", "genre": "Test",
                    "tracknumber": str(i % 10 + 1)})


LONG_SECONDS = 600 if REDUCED else 3600


def long_track(folder):
    """One hour (ten minutes when reduced) that repeats nowhere."""
    base = (music(60, 44100, 2, 400) * 32767).astype(np.int16)
    path = f"{folder}/Artist/Album/Long.flac"
    os.makedirs(os.path.dirname(path))
    rng = np.random.default_rng([SEED, 401])
    with soundfile.SoundFile(path, "w", 44100, 2, "PCM_16") as out:
        for _ in range(LONG_SECONDS // 60):
            piece = np.roll(base, int(rng.integers(1, len(base))), axis=0)
            out.write((piece * rng.uniform(0.4, 1)).astype(np.int16))


# Every format that ffmpeg, flac and lame make: name -> rate, channels, and
# whether the file tells the true length (if not, its decoder does).
FORMATS = {
    "flac16.flac": (44100, 2, True), "flac24.flac": (96000, 2, True),
    "flac mono.flac": (22050, 1, True), "streamed.flac": (44100, 2, True),
    "wav8.wav": (48000, 1, True), "wav16.wav": (44100, 2, True),
    "wav24.wav": (48000, 2, True), "wav float.wav": (44100, 2, True),
    "surround.flac": (48000, 6, True), "apple.aiff": (44100, 2, True),
    "alac.m4a": (44100, 2, True), "alac24.m4a": (96000, 2, True),
    "pack.wv": (44100, 2, True), "pack24.wv": (96000, 2, True),
    "true.tta": (44100, 2, True), "lame.mp3": (44100, 2, True),
    "lame mono.mp3": (44100, 1, True), "bare vbr.mp3": (44100, 2, False),
    "bare.mp3": (44100, 2, False), "aac.m4a": (44100, 2, True),
    "aac noise.m4a": (44100, 2, True), "adts.aac": (44100, 2, False),
    "vorbis.ogg": (44100, 2, True),
    "opus.opus": (48000, 2, True),
}
FORMAT_SECONDS = (3 if REDUCED else 12) + 0.3701


def format_frames(name):
    """Frames of a file of every_format(), at its own rate."""
    rate, channels, told = FORMATS[name]
    if told and name != "opus.opus":
        return int(FORMAT_SECONDS * rate)
    if told:  # it was 44100 Hz before
        return -(-int(FORMAT_SECONDS * 44100) * 48000 // 44100)
    path = os.path.join(library(every_format), name)
    return len(ffmpeg_bytes("-i", path, "-f", "f32le", "-")) // 4 // channels


def every_format(folder):
    """FORMATS, each alike in its seconds; nothing else."""
    for i, (name, (rate, channels, _)) in enumerate(FORMATS.items()):
        if name.endswith((".flac", ".wav", ".aiff")):
            subtype = ("PCM_U8" if "8.wav" in name else "FLOAT"
                       if "float" in name else "PCM_24"
                       if "24" in name or channels == 6 else "PCM_16")
            audio = music(FORMAT_SECONDS, rate, channels, 600 + i)
            if name == "streamed.flac":
                streamed_flac(f"{folder}/{name}", audio, rate)
            else:
                write(f"{folder}/{name}", audio, rate, subtype)
    # With -aac_pns a decoder makes noise of its own in some places
    for name, codec, *options in (
            ("alac.m4a", "alac"), ("pack.wv", "wavpack"), ("true.tta", "tta"),
            ("aac.m4a", "aac", "-aac_pns", "0"),
            ("aac noise.m4a", "aac", "-aac_pns", "1"),
            ("adts.aac", "aac", "-aac_pns", "0"),
            ("vorbis.ogg", "libvorbis"), ("opus.opus", "libopus")):
        ffmpeg("-i", f"{folder}/wav16.wav", "-c:a", codec, *options,
               f"{folder}/{name}")
    for name, codec in (("alac24.m4a", "alac"), ("pack24.wv", "wavpack")):
        ffmpeg("-i", f"{folder}/flac24.flac", "-c:a", codec,
               f"{folder}/{name}")
    for name, *options in (("lame.mp3", "-V4"), ("bare vbr.mp3", "-t", "-V4"),
                           ("lame mono.mp3", "-mm", "-b64"),
                           ("bare.mp3", "-t", "-b128")):
        subprocess.run(["lame", "--quiet", *options, f"{folder}/wav16.wav",
                        f"{folder}/{name}"], check=True)


def rated(folder):
    """Tracks of the rates that are converted most."""
    for rate, bits in ((44100, 16), (48000, 24), (96000, 24)):
        write(f"{folder}/{rate}.flac",
              music(5 if REDUCED else 12.613, rate, 2, 700 + rate // 100),
              rate, f"PCM_{bits}")
