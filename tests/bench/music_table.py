"""Tempo and key per source of music, beside other programs: the table of
`scripts/bench --only music`.

Of tempo_corpus.py only what is kept for checking, and the second corpus of
music_pieces.py: nothing was fitted on either. A tempo is right within 4 %,
`forgiven` also when it is a half, a third, twice or three times that. Keys are
scored as in MIREX (1; fifth 0.5; relative 0.3; parallel 0.2), where the key that
a MIDI file names has the signature that its notes fit best.
"""
import os
import re
import subprocess

import music_pieces
import music_truth
import tempo_corpus

FACTORS = (1, 2, 3, 1 / 2, 1 / 3)
# Temperley's and Krumhansl's, of major and minor.
PROFILES = (
    ((.748, .060, .488, .082, .670, .460, .096, .715, .104, .366, .057, .400),
     (.712, .084, .474, .618, .049, .460, .105, .747, .404, .067, .133, .330)),
    ((6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
     (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)))


class Generated:
    source = 'generated'

    def __init__(self, row):
        self.row, self.name, self.bpm = row, row['name'], row['bpm']
        self.key = row['tonic'], int(row['mode'] == 'minor')


def correlation(xs, ys):
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    over = sum((a - x) * (b - y) for a, b in zip(xs, ys))
    return over / (sum((a - x) ** 2 for a in xs) *
                   sum((b - y) ** 2 for b in ys)) ** .5


def fitting(pitches, profiles):
    """(tonic, 1 for minor) that the seconds of the pitch classes fit best."""
    return max(((tonic, minor) for tonic in range(12) for minor in (0, 1)),
               key=lambda k: correlation(pitches[k[0]:] + pitches[:k[0]],
                                         profiles[k[1]]))


def signature(tonic, minor):
    return (tonic + 3 * minor) % 12


def true_key(piece):
    """(tonic, 1 for minor), or None when it is not known."""
    if isinstance(piece, Generated):
        return piece.key
    if not piece.key or not piece.pitches or not any(piece.pitches):
        return None
    sharp = {'b': -1, '#': 1}.get(piece.key[1:2], 0)
    named = ((music_pieces.NAMES.index(piece.key[0]) + sharp) % 12,
             int(piece.key.endswith('m')))
    found = {fitting(piece.pitches, profiles) for profiles in PROFILES}
    key = found.pop()
    return key if not found and signature(*key) == signature(*named) else None


def mirex(true, found):
    up = (found[0] - true[0]) % 12
    if found[1] == true[1]:
        return {0: 1, 7: .5}.get(up, 0)
    if up == 0:
        return .2
    return .3 if signature(*found) == signature(*true) else 0


def bpm_of(command, pattern):
    """The last number that a program prints so; 0: none."""
    text = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False).stdout
    return float((re.findall(pattern, text) or ['0'])[-1])


def bpm_tools(wav):
    raw = subprocess.run(['ffmpeg', '-loglevel', 'error', '-i', wav, '-f',
                          'f32le', '-'],
                         stdout=subprocess.PIPE, check=True).stdout
    return float(subprocess.run(['bpm'], input=raw, stdout=subprocess.PIPE,
                                check=True).stdout or 0)


def peers(samples, folder):
    """What other programs find, at the rate that they are made for."""
    wav = os.path.join(folder, 'peer.wav')
    subprocess.run(['ffmpeg', '-loglevel', 'error', '-y', '-f', 'f32le', '-ar',
                    str(tempo_corpus.RATE), '-ac', '1', '-i', samples, '-ar', '44100', wav], check=True)
    return {'aubio': bpm_of(['aubio', 'tempo', wav], r'([\d.]+) bpm'),
            'soundstretch': bpm_of(['soundstretch', wav, '-bpm'],
                                   r'BPM rate ([\d.]+)'),
            'bpm-tools': bpm_tools(wav)}


def measure(program, piece, folder):
    if isinstance(piece, Generated):
        samples = music_truth.render(piece.row, folder)
    else:
        samples = tempo_corpus.render(piece, folder)
    bpm, _, tonic, minor, *_ = subprocess.run(
        [program, samples], text=True, check=True,
        stdout=subprocess.PIPE).stdout.split()
    key = true_key(piece)
    return {'source': piece.source, 'bpm': piece.bpm,
            'found': {'groovefs': float(bpm), **peers(samples, folder)},
            'mirex': key and mirex(key, (int(tonic), int(minor)))}


def is_right(found, bpm, factors=(1,)):
    return any(abs(found / bpm / factor - 1) < music_truth.TOLERANCE
               for factor in factors)


def row(name, results):
    cells = [name, str(len(results))]
    for program in results[0]['found']:
        for factors in ((1,), FACTORS):
            cells.append(str(sum(is_right(r['found'][program], r['bpm'],
                                          factors) for r in results)))
    keys = [r['mirex'] for r in results if r['mirex'] is not None]
    cells.append(f'{sum(keys) / len(keys):.2f} of {len(keys)}' if keys else '')
    return '| ' + ' | '.join(cells) + ' |'


def show(results):
    programs = results[0]['found']
    print('| music | n | ' + ''.join(f'{p} | forgiven | ' for p in programs) +
          'key (MIREX) |')
    print('|---' * (3 + 2 * len(programs)) + '|')
    sources = dict.fromkeys(r['source'] for r in results)
    for source in sources:
        print(row(source, [r for r in results if r['source'] == source]))
    others = [r for r in results if r['source'] != Generated.source]
    if others:
        print(row('all by others', others))


def run(program, folder):
    os.makedirs(folder, exist_ok=True)
    pieces = [p for p in tempo_corpus.pieces(folder)
              if tempo_corpus.is_check(p.name)]
    pieces += map(Generated, music_pieces.rows(music_pieces.SECOND))
    show([measure(program, piece, folder) for piece in pieces])
