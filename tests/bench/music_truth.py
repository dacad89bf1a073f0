#!/usr/bin/env python3
"""Tempo and key of rendered MIDI pieces, against what was written.

    tests/bench/music_truth.py MEASURE-MUSIC [--json] [--keep DIR]

MEASURE-MUSIC is the program built from measure_music.c. The pieces come from
music_pieces.py, rendered with fluidsynth and Debian's fluid-soundfont-gm. A
tempo is right within 4 %, octaves not forgiven; a key is right when tonic and
mode are. Constants were chosen on the first corpus; the second is the check.
"""
import argparse
import array
import json
import os
import subprocess
import sys
import tempfile

import music_pieces

SOUNDFONT = '/usr/share/sounds/sf2/FluidR3_GM.sf2'
RATE = 22050
TOLERANCE = 0.04


def render(row, folder, midi=music_pieces.midi):
    """A piece as mono floats in a file."""
    path = os.path.join(folder, row['name'])
    if os.path.exists(path + '.f32'):
        return path + '.f32'
    with open(path + '.mid', 'wb') as file:
        file.write(midi(row))
    subprocess.run(['fluidsynth', '-niq', '-r', str(RATE), '-g', '0.4',
                    '-T', 'raw', '-O', 'float', '-F', path + '.raw',
                    SOUNDFONT, path + '.mid'], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    both = array.array('f')
    with open(path + '.raw', 'rb') as file:
        both.frombytes(file.read())
    mono = array.array('f', ((left + right) / 2 for left, right in
                             zip(both[::2], both[1::2])))
    with open(path + '.f32', 'wb') as file:
        mono.tofile(file)
    os.remove(path + '.raw')
    return path + '.f32'


def judge(row, line):
    bpm, confidence, tonic, minor, key_confidence, beats, first = line.split()
    return {
        'piece': row['name'], 'bpm': row['bpm'], 'found_bpm': float(bpm),
        'bpm_confidence': float(confidence),
        'bpm_right': abs(float(bpm) / row['bpm'] - 1) < TOLERANCE,
        'key': f"{music_pieces.NAMES[row['tonic']]} {row['mode']}",
        'found_key': music_pieces.NAMES[int(tonic)] +
                     (' minor' if int(minor) else ' major'),
        'key_confidence': float(key_confidence),
        'key_right': (int(tonic), int(minor)) ==
                     (row['tonic'], int(row['mode'] == 'minor')),
        'beats': int(beats), 'first_beat': float(first),
    }


def run(program, table, folder):
    os.makedirs(folder, exist_ok=True)
    rows = music_pieces.rows(table)
    files = [render(row, folder) for row in rows]
    lines = subprocess.run([program, *files], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    return [judge(row, line) for row, line in zip(rows, lines)]


def summary(results):
    return {'pieces': len(results),
            'tempo_right': sum(r['bpm_right'] for r in results),
            'key_right': sum(r['key_right'] for r in results)}


def show(name, results):
    print(f'{name}\n{"piece":18} {"bpm":>4} {"found":>7}    '
          f'{"key":9} {"found":9}')
    for r in results:
        print(f'{r["piece"]:18} {r["bpm"]:4} {r["found_bpm"]:7.2f} '
              f'{"" if r["bpm_right"] else "X":2} {r["key"]:9} '
              f'{r["found_key"]:9} {"" if r["key_right"] else "X"}')
    s = summary(results)
    print(f'tempo {s["tempo_right"]}, key {s["key_right"]} '
          f'of {s["pieces"]}\n')


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--keep', metavar='DIR', help='of rendered pieces')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or scratch
        corpora = {
            'first': run(args.program, music_pieces.FIRST,
                         os.path.join(folder, 'first')),
            'second': run(args.program, music_pieces.SECOND,
                          os.path.join(folder, 'second')),
        }
    if args.json:
        json.dump({name: {'summary': summary(results), 'results': results}
                   for name, results in corpora.items()}, sys.stdout, indent=1)
        return
    for name, results in corpora.items():
        show(f'{name} corpus', results)


if __name__ == '__main__':
    main()
