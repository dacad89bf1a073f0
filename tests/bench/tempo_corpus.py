"""Music of known tempo that others made, from Debian's packages.

MIDI files have their tempo in them and are played by fluidsynth; so have the
projects of LMMS and the songs of Hydrogen, which play themselves. Where a
package is not installed its music is left out. A third of each source is kept for
checking: which one follows from the file's name alone (`is_check`), and nothing
was fitted on it.
"""
import glob
import hashlib
import os
import re
import struct
import subprocess
import tempfile
import zlib

import mido
import numpy

RATE = 22050
SECONDS = 80
STEADY = .9   # of the time, in one tempo
NEAR = .02    # tempi so near are one
SHORTEST = 12  # seconds
FONTS = ('/usr/share/sounds/sf2/FluidR3_GM.sf2',
         '/usr/share/sounds/sf2/TimGM6mb.sf2')
MIDI = {  # by Debian's package
    'openttd-openmsx': '/usr/share/games/openttd/baseset/openmsx/*.mid',
    'simutrans-data': '/usr/share/games/simutrans/music/*.mid',
    'planetblupi-music-midi': '/usr/share/planetblupi/music/*.mid',
    'mma': '/usr/share/doc/mma/examples/**/*.mid',
}
WADS = '/usr/share/games/doom/freedoom*.wad'
LMMS = '/usr/share/lmms/projects/[ds]*/**/*.mmp*'
HYDROGEN = '/usr/share/hydrogen/data/demo_songs/*.h2song'


class Piece:
    """bpm: None where the tempo changes; key: what the file names, or None;
    pitches: seconds that each pitch class sounds."""

    def __init__(self, source, path, bpm, key=None, pitches=None):
        self.source, self.path, self.bpm = source, path, bpm
        self.name = os.path.basename(path)
        self.key, self.pitches = key, pitches


def number_of(text):
    return int(hashlib.md5(text.encode()).hexdigest(), 16)


def is_check(name):
    """Whether a piece of that name is kept for checking."""
    return number_of(name) % 3 == 0


def steady(spans):
    """The tempo of most of the time, of {microseconds a beat: seconds}."""
    if not spans or sum(spans.values()) < SHORTEST:
        return None
    most = max(spans, key=spans.get)
    near = {tempo: time for tempo, time in spans.items()
            if abs(tempo / most - 1) < NEAR}
    time = sum(near.values())
    if time < STEADY * sum(spans.values()):
        return None
    return 6e7 * time / sum(tempo * t for tempo, t in near.items())


def read_midi(source, path):
    spans, keys, pitches, sounding = {}, set(), [0] * 12, {}
    now, tempo = 0, 500000
    for event in mido.MidiFile(path, clip=True):
        if now < SECONDS:
            time = min(event.time, SECONDS - now)
            spans[tempo] = spans.get(tempo, 0) + time
        now += event.time
        if event.type == 'set_tempo':
            tempo = event.tempo
        elif event.type == 'key_signature':
            keys.add(event.key)
        elif event.type in ('note_on', 'note_off') and event.channel != 9:
            begin = sounding.pop((event.channel, event.note), None)
            if begin is not None and begin < SECONDS:
                pitches[event.note % 12] += min(now - begin, 2)
            if event.type == 'note_on' and event.velocity > 0:
                sounding[event.channel, event.note] = now
    key = keys.pop() if len(keys) == 1 else None
    return Piece(source, path, steady(spans), key, pitches)


def lumps(wad):
    """Bytes of the MIDI files in a WAD, by name."""
    with open(wad, 'rb') as file:
        data = file.read()
    count, directory = struct.unpack('<ii', data[4:12])
    for i in range(count):
        begin, size, name = struct.unpack_from('<ii8s', data,
                                               directory + 16 * i)
        if data[begin:begin + 4] == b'MThd':
            yield name.rstrip(b'\0').decode(), data[begin:begin + size]


def unpack_wads(folder):
    """Paths of the MIDI files of Freedoom, each once."""
    seen, paths = set(), []
    for wad in sorted(glob.glob(WADS)):
        for name, data in lumps(wad):
            digest = hashlib.md5(data).hexdigest()
            if digest not in seen:
                seen.add(digest)
                paths.append(os.path.join(folder,
                                          f'fd-{name}-{digest[:4]}.mid'))
                with open(paths[-1], 'wb') as file:
                    file.write(data)
    return paths


def project(source, path):
    with open(path, 'rb') as file:
        data = file.read()
    if path.endswith('.mmpz'):
        data = zlib.decompress(data[4:])
    text = data.decode('utf8', 'replace')
    found = (re.search(r'<head [^>]*bpm="([\d.]+)"', text) or
             re.search(r'<bpm [^>]*value="([\d.]+)"', text) or
             re.search(r'<bpm>([\d.]+)', text))
    return Piece(source, path, float(found[1]) if found else None)


def read_all(folder):
    """All pieces that are there; Freedoom's are unpacked into a folder."""
    midi = {source: sorted(glob.glob(pattern, recursive=True))
            for source, pattern in MIDI.items()}
    midi['freedoom'] = unpack_wads(folder)
    for source, paths in midi.items():
        for path in paths:
            try:
                yield read_midi(source, path)
            except (OSError, ValueError, EOFError,
                    mido.KeySignatureError) as error:
                print(f'{path}: {error}')
    for path in sorted(glob.glob(LMMS, recursive=True)):
        yield project('lmms-common', path)
    for path in sorted(glob.glob(HYDROGEN)):
        yield project('hydrogen-data', path)


def pieces(folder):
    return [piece for piece in read_all(folder) if piece.bpm]


def play_midi(path):
    """Mono samples, at most SECONDS: fluidsynth is stopped there."""
    font = FONTS[1 - number_of(os.path.basename(path)) % 2]
    with tempfile.TemporaryDirectory() as folder:
        pipe = os.path.join(folder, 'pipe')
        os.mkfifo(pipe)
        with subprocess.Popen(
                ['fluidsynth', '-niq', '-z', '1024', '-r', str(RATE), '-g',
                 '0.4', '-T', 'raw', '-O', 'float', '-F', pipe, font, path],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL) as player:
            with open(pipe, 'rb') as file:
                data = file.read(RATE * SECONDS * 8)
            player.kill()
    both = numpy.frombuffer(data[:len(data) // 8 * 8], '<f4').reshape(-1, 2)
    return both.mean(1)


def play_project(command):
    """Samples of what a program writes to a WAV."""
    with tempfile.TemporaryDirectory() as folder:
        wav = os.path.join(folder, 'out.wav')
        subprocess.run(['timeout', '240', *command, '-o', wav],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, 'QT_QPA_PLATFORM': 'offscreen',
                            'HOME': folder}, check=False)
        raw = subprocess.run(['ffmpeg', '-loglevel', 'error', '-i', wav,
                              '-ac', '1', '-ar', str(RATE), '-t',
                              str(SECONDS), '-f', 'f32le', '-'],
                             stdout=subprocess.PIPE, check=True).stdout
    return numpy.frombuffer(raw, '<f4')


def play(piece):
    if piece.source == 'lmms-common':
        return play_project(['lmms', '--allowroot', 'render', piece.path, '-f',
                             'wav', '-s', '44100', '-i', 'linear'])
    if piece.source == 'hydrogen-data':
        return play_project(['h2cli', '-d', 'fake', '-s', piece.path])
    return play_midi(piece.path)


def dense(samples, name):
    """The same as from a loud master: distorted, and under steady noise. How
    much of both follows from the name."""
    number = number_of('a' + name)
    noise = numpy.random.default_rng(number % 2**32).standard_normal(
        len(samples))
    for i in range(1, 12):  # darker: each adds a share of what was before
        noise[i:] += .85 ** i * noise[:-i] / 3
    noise *= 10 ** (-(8, 12, 18)[number // 8 % 3] / 20) / noise.std()
    drive = (2, 4, 8)[number // 2 % 3] / (samples.std() + 1e-9)
    return .5 * numpy.tanh(1.2 * (numpy.tanh(drive * samples) + noise))


def render(piece, folder, change=None):
    """Path of a piece's samples, kept in a folder."""
    kind = change.__name__ + '-' if change else ''
    path = os.path.join(folder, f'{kind}{piece.source}-{piece.name}.f32')
    if not os.path.exists(path):
        samples = (numpy.fromfile(render(piece, folder), '<f4') if change
                   else play(piece))
        if change:
            samples = change(samples, piece.name)
        samples.astype('<f4').tofile(path + '.new')
        os.rename(path + '.new', path)
    return path
