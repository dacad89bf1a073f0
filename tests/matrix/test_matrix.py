"""Every format that can be written here, of many lengths, rates and channels:

each second read alone, in any order, is what reading on gives; that is what
FFmpeg (or libsndfile) decodes; and lengths agree.

  test_matrix.py READ-SOURCE                    a sample, chosen by a seed
  test_matrix.py READ-SOURCE --all              all of them (20 minutes)
  test_matrix.py READ-SOURCE --only WORD...     all whose name has a word

At a terminal, --quiet shows progress and prints failures only. The end is a
summary by kind of failure. GROOVEFS_SEED chooses the sample, and the orders of
reading.
"""
import argparse
import collections
import concurrent.futures
import multiprocessing
import os
import random
import re
import shlex
import struct
import subprocess
import sys
import tempfile

import numpy as np
import soundfile

from formats import FORMATS, KNOWN

LENGTHS = (0.01, 0.1, 0.5, 1, 2.3, 7.7, 20)
SAMPLE = 40
SEED = int(os.environ.get("GROOVEFS_SEED", "20240229"))
QUIET = "ffmpeg -nostdin -v error -y"


def sound(rate, channels, seconds):
    """A rising tone in each channel and noise: no two stretches are alike."""
    n = max(1, int(round(rate * seconds)))
    rng = np.random.default_rng([rate, channels, n])
    t = np.arange(n)[:, None] / rate
    pitch = 100 + 60 * np.arange(channels)[None, :]
    tone = 0.3 * np.sin(2 * np.pi * (pitch * t + 15 * t * t))
    loud = 0.6 + 0.4 * np.sin(3 * t)
    return np.clip(tone * loud + rng.normal(0, 0.02, (n, channels)),
                   -0.99, 0.99)


def cases():
    for form in FORMATS:
        rates, channels = form.rates, form.channels
        rate = 44100 if 44100 in rates else rates[-1]
        width = 2 if 2 in channels else channels[0]
        wanted = [(rate, width, seconds, False) for seconds in LENGTHS]
        wanted += [(r, width, 2.3, False) for r in rates if r != rate]
        wanted += [(rate, c, 2.3, False) for c in channels if c != width]
        wanted += [(rate, width, 2.3, True)] if form.tagged else []
        for rate, width, seconds, tagged in wanted:
            name = f"{form.name} {rate} Hz x{width} {seconds} s"
            yield name + (" behind ID3" if tagged else ""), (
                form, rate, width, seconds, tagged)


def run(command, **more):
    return subprocess.run(shlex.split(command), capture_output=True,
                          text=True, **more)


def id3():
    """A tag with two kilobytes of padding (ID3v2.3, 3.1)."""
    title = b"\0x"
    frame = b"TIT2" + struct.pack(">IH", len(title), 0) + title
    body = frame + bytes(2048 - len(frame))
    size = bytes((len(body) >> 7 * i) & 127 for i in (3, 2, 1, 0))
    return b"ID3\3\0\0" + size + body


def write_by_sndfile(path, audio, rate, encoder):
    """In a process of its own: libsndfile's encoders may crash (ALAC of 24
    bits does, of noise)."""
    def write():
        try:
            kind, subtype = encoder.split("/")
            soundfile.write(path, audio, rate, subtype=subtype, format=kind)
        except (soundfile.LibsndfileError, ValueError):
            os._exit(1)
        os._exit(0)

    child = multiprocessing.get_context("fork").Process(target=write)
    child.start()
    child.join()
    return child.exitcode == 0


def encode(folder, form, rate, channels, seconds, tagged):
    """The file, and how many samples it was given; None: it cannot be."""
    path = os.path.join(folder, form.name)
    audio = sound(rate, channels, seconds)
    if form.sndfile:
        if not write_by_sndfile(path, audio, rate, form.encode):
            return None, 0
    else:
        wave = os.path.join(folder, "in.wav")
        soundfile.write(wave, audio, rate, "PCM_16", format="WAVEX"
                        if channels > 2 else "WAV")
        if run(f"{QUIET} -i {wave} {form.encode} {path}").returncode:
            return None, 0
    if tagged:
        with open(path, "rb") as file:
            plain = file.read()
        with open(path, "wb") as file:
            file.write(id3() + plain)
    return path, len(audio)


def reference(folder, form, path, tagged):
    """What another program decodes: rows of floats."""
    if tagged:  # neither gets all of them right
        plain = os.path.join(folder, "plain-" + form.name)
        with open(path, "rb") as file, open(plain, "wb") as other:
            other.write(file.read()[len(id3()):])
        path = plain
    if form.reference == "sndfile":
        return soundfile.read(path, dtype="float32", always_2d=True)[0]
    raw = os.path.join(folder, "reference")
    if form.reference == "speexdec":
        done = run(f"speexdec {path} {raw}.wav")
        if done.returncode:
            raise AssertionError("speexdec cannot: " + done.stderr[:200])
        return soundfile.read(raw + ".wav", dtype="float32",
                              always_2d=True)[0]
    done = run(f"{QUIET} {form.decode} -i {path} -f f32le {raw}")
    if done.returncode:
        raise AssertionError("ffmpeg cannot decode it: " + done.stderr[:200])
    return np.fromfile(raw, np.float32)


def ffmpeg_takes(path):
    """It may also guess another format, complain, and end with success."""
    done = run(f"{QUIET} -i {path} -f null -")
    return not done.returncode and not done.stderr


def probe(path):
    """Rate and channels as FFmpeg tells them: an encoder may change both."""
    told = run("ffprobe -v error -select_streams a -show_entries "
               f"stream=sample_rate,channels -of csv=p=0 {path}").stdout
    return tuple(int(word) for word in told.strip().split(",")[:2])


def check_samples(form, ours, theirs, channels, given):
    """None, or what is wrong."""
    ours = ours.reshape(-1, channels)
    theirs = theirs.reshape(-1, channels)
    most = len(theirs) if form.padded else given
    if len(ours) != len(theirs) and given is not None and not (
            given <= len(ours) <= most):
        return (f"{len(ours)} samples; {given} were encoded, "
                f"{len(theirs)} are decoded elsewhere")
    if len(theirs) > len(ours) and not form.padded:
        return f"{len(ours)} samples, not {len(theirs)}"
    n = min(len(ours), len(theirs))
    away = np.abs(ours[:n] - theirs[:n]).max(axis=1, initial=0)
    if n and not away.max() <= form.error:
        first = int(np.argmax(~(away <= form.error)))
        return f"sample {first} of {n}: off by {away[first]:.2g}, " \
               f"at worst {np.nanmax(away):.2g}"
    return None


def check(reader, form, rate, channels, seconds, tagged):
    """("ok", ""), ("skip", why) or ("fail", why)."""
    with tempfile.TemporaryDirectory(prefix="groovefs-matrix-") as folder:
        path, given = encode(folder, form, rate, channels, seconds, tagged)
        if not path:
            return "skip", "no encoder takes it"
        out = os.path.join(folder, "out")
        done = run(f"{reader} {path} {out} {SEED}")
        if done.returncode == 2 and not ffmpeg_takes(path):
            return "skip", "FFmpeg cannot decode it, either"
        if done.returncode:
            return "fail", done.stdout.strip() + done.stderr[:200]
        told = done.stdout.split()
        shape = int(told[0]), int(told[1])
        if shape != (rate, channels):
            if shape != probe(path):
                return "fail", f"told as {shape[0]} Hz x{shape[1]}"
            given, channels = None, shape[1]
        if int(told[3]):
            return "fail", f"{told[3]} samples are silent"
        wrong = check_samples(form, np.fromfile(out, np.float32),
                              reference(folder, form, path, tagged), channels,
                              given)
        return ("fail", wrong) if wrong else ("ok", "")


def choose(options):
    found = list(cases())
    if options.only:
        return [case for case in found
                if any(word in case[0] for word in options.only)]
    return found if options.all else random.Random(SEED).sample(found, SAMPLE)


def work(reader, case):
    try:
        return check(reader, *case[1])
    except Exception as trouble:  # of one case; the others go on
        return "fail", f"{type(trouble).__name__}: {trouble}"


def work_known(reader, case):
    """What is known to fail is told, and ends no run."""
    how, why = work(reader, case)
    known = KNOWN.get(case[0])
    return ("known", known) if known and how == "fail" else (how, why)


def tell(number, name, how, why):
    """A line of TAP, and why."""
    word = {"skip": f" # SKIP {why}", "known": f" # TODO {why}"}.get(how, "")
    print(f"{'not ok' if how in ('fail', 'known') else 'ok'} {number} - "
          f"{name}{word}", flush=True)
    if how == "fail":
        print("#", why.replace("\n", " "), flush=True)


def summarize(told):
    """How many of each kind: numbers in reasons do not make a kind."""
    count = collections.Counter(how for _, how, _ in told)
    kinds = collections.Counter((how, name.split()[0], re.sub(
        r"\d[\d.]*(e-\d+)?", "N", why)) for name, how, why in told if how != "ok")
    print(f"# {len(told)} cases: {count['ok']} passed, {count['skip']} "
          f"skipped, {count['known']} failed as known, "
          f"{count['fail']} failed")
    for (how, form, why), n in sorted(kinds.items()):
        print(f"#   {how} {n} x {form}: {why}".replace("\n", " ")[:160])


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("reader", metavar="READ-SOURCE")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", metavar="WORD", nargs="+")
    parser.add_argument("--quiet", action="store_true")
    return parser.parse_args()


def main():
    options = parse()
    if run("ffmpeg -version").returncode:
        print("1..0 # SKIP no ffmpeg")
        return
    chosen = choose(options)
    print(f"1..{len(chosen)}\n# GROOVEFS_SEED={SEED}")
    told = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda case: work_known(options.reader, case), chosen)
        for i, (case, (how, why)) in enumerate(zip(chosen, results), 1):
            told.append((case[0], how, why))
            if how == "fail" or not options.quiet:
                tell(i, case[0], how, why)
            else:
                print(f"\r{i} of {len(chosen)}", end="", file=sys.stderr)
    summarize(told)
    sys.exit(any(how == "fail" for _, how, _ in told))


main()
