"""Generated pieces that weights of analysis/tempo_octave.c come from.

The first corpus of music_pieces.py, and more of its styles and of eleven others
at tempi they are played at, some again by uneven hands. Each follows from its
number alone.
"""
import array
import math
import random

import music_pieces
from music_pieces import (BUSY, CALM, CLAP, HAT, KICK, PLAIN, RIDE, SHAKER,
                          SNARE, STICK, SWUNG, TAMBOURINE, melody)

RATE = 22050
CLICKS_SECONDS = 30


def polka(s, b, d, bar):
    for i in (0, 2):
        s.note(1, b + i, .6, s.root(d, 36) + (0, 7)[i // 2], 100)
    for i in (1, 3):
        for p in s.chord(d, 57):
            s.note(0, b + i, .3, p, 82)
    melody(s, 2, b, 4, d, BUSY + PLAIN)


def blues(s, b, d, bar):
    """Triplets on every beat, slow."""
    for i in range(4):
        for k in range(3):
            s.drum(b + i + k / 3, HAT, 80 if k == 0 else 60)
    for i in (0, 2):
        s.drum(b + i, KICK, 105)
    for i in (1, 3):
        s.drum(b + i, SNARE, 100)
    for i in (0, 2 / 3, 1, 1 + 2 / 3, 2, 2 + 2 / 3, 3, 3 + 2 / 3):
        s.note(1, b + i, .3, s.root(d), 95)
    for p in s.chord(d, 55):
        s.note(0, b, 3.5, p, 70)
    melody(s, 2, b, 4, d, SWUNG)


def ska(s, b, d, bar):
    for i in range(4):
        s.note(1, b + i, .8, s.chord(d, 36)[i % 3], 98)
        s.drum(b + i + .5, HAT, 80)
        for p in s.chord(d, 60):
            s.note(0, b + i + .5, .2, p, 90)
    for i in (1, 3):
        s.drum(b + i, SNARE, 105)
    for i in (0, 2):
        s.drum(b + i, KICK, 105)
    melody(s, 2, b, 4, d, PLAIN)


def punk(s, b, d, bar):
    for i in range(4):
        s.drum(b + i, HAT, 95)
        s.drum(b + i, KICK if i % 2 == 0 else SNARE, 115)
    for i in range(8):
        s.note(1, b + i / 2, .4, s.root(d), 100)
        for p in (s.root(d, 40), s.root(d, 40) + 7):
            s.note(0, b + i / 2, .4, p, 95)
    melody(s, 2, b, 4, d, CALM)


def pop16(s, b, d, bar):
    for i in range(16):
        s.drum(b + i / 4, HAT, (82, 45, 65, 45)[i % 4])
    for i in (0, 1.75, 2.5):
        s.drum(b + i, KICK, 108)
    for i in (1, 3):
        s.drum(b + i, SNARE, 108)
    for i in (0, 1.75, 2.5):
        s.note(1, b + i, .7, s.root(d), 98)
    for p in s.chord(d, 55):
        s.note(0, b, 3.8, p, 70)
    melody(s, 2, b, 4, d, PLAIN)


def nocturne(s, b, d, bar):
    chord = s.chord(d, 48)
    for i in range(4):
        for k in range(3):
            s.note(0, b + i + k / 3, .4, chord[k], 72 if k == 0 else 58)
    s.note(1, b, 3.8, s.root(d, 36), 80)
    melody(s, 2, b, 4, d, CALM)


def tango(s, b, d, bar):
    for i in ((0, 1, 2, 3), (0, 1.5, 2, 3))[bar % 2]:
        s.note(1, b + i, .4, s.root(d, 36), 98)
        for p in s.chord(d, 55):
            s.note(0, b + i, .3, p, 80)
    s.note(1, b + 3.5, .3, s.root(d, 36) + 7, 85)
    melody(s, 2, b, 4, d, PLAIN)


def synthpop(s, b, d, bar):
    for i in range(4):
        s.drum(b + i, KICK, 112)
    for i in (1, 3):
        s.drum(b + i, CLAP, 100)
        s.drum(b + i, SNARE, 95)
    for i in range(8):
        s.drum(b + i / 2, HAT, 70)
    for i in range(16):
        s.note(1, b + i / 4, .2, s.root(d) + (0 if i % 4 < 2 else 12), 80)
    for i in (0, 1.5, 3):
        for p in s.chord(d, 60):
            s.note(0, b + i, .7, p, 70)


def country(s, b, d, bar):
    for i in (0, 2):
        s.note(1, b + i, .9, s.root(d, 36) + (0, 7)[i // 2], 100)
        s.drum(b + i, KICK, 95)
    for i in (1, 3):
        s.drum(b + i, STICK, 95)
    for i in (0, 1.5, 2, 3.5):
        for p in s.chord(d, 57):
            s.note(0, b + i, .3, p, 72)
    for i in range(8):
        s.drum(b + i / 2, SHAKER, 60)
    melody(s, 2, b, 4, d, BUSY)


def soul(s, b, d, bar):
    for i in (0, 1.5, 2):
        s.drum(b + i, KICK, 100)
    for i in (1, 3):
        s.drum(b + i, SNARE, 100)
        s.drum(b + i, TAMBOURINE, 80)
    for i in range(4):
        s.drum(b + i, HAT, 75)
    for i in (0, 1.5, 2, 3, 3.5):
        s.note(1, b + i, .4, s.root(d), 98)
    for i in (1, 3):
        for p in s.chord(d, 60):
            s.note(0, b + i, .2, p, 82)
    melody(s, 2, b, 4, d, CALM)


def boogie(s, b, d, bar):
    for i, step in enumerate((0, 4, 7, 9)):
        s.note(1, b + i, .6, s.root(d) + step, 98)
        s.note(1, b + i + 2 / 3, .3, s.root(d) + step, 82)
        s.drum(b + i, RIDE, 85)
    for i in (1, 3):
        s.drum(b + i, SNARE, 95)
        s.drum(b + i + 2 / 3, RIDE, 70)
    for i in (2 / 3, 2 + 2 / 3):
        for p in s.chord(d, 60):
            s.note(0, b + i, .3, p, 78)
    melody(s, 2, b, 4, d, SWUNG)


STYLES = {style.__name__: style for style in (
    polka, blues, ska, punk, pop16, nocturne, tango, synthpop, country, soul,
    boogie)}

# Beats a minute.
OLD = {
    'rock': (88, 152), 'house': (118, 130), 'techno': (124, 146),
    'ballad': (56, 84), 'ballad_drums': (60, 92), 'swing': (108, 208),
    'waltz': (84, 184), 'jazz_waltz': (108, 190), 'bossa': (100, 152),
    'jungle': (158, 180), 'reggae': (66, 94), 'hiphop': (78, 106),
    'march': (98, 132), 'arpeggio': (66, 132), 'chorale': (60, 106),
    'quartet': (84, 144), 'funk': (90, 122), 'disco': (110, 134),
    'strum': (76, 152), 'metal': (128, 200), 'march_six': (98, 144),
}
NEW = {
    'polka': (108, 140), 'blues': (52, 84), 'ska': (118, 168),
    'punk': (160, 204), 'pop16': (76, 116), 'nocturne': (58, 84),
    'tango': (108, 134), 'synthpop': (96, 132), 'country': (92, 150),
    'soul': (66, 108), 'boogie': (120, 190),
}

# Programs of chords, bass and melody.
SPREAD_PROGRAMS = [
    [0, 2, 4, 5, 7, 11, 16, 21, 24, 25, 26, 27, 48, 50, 61, 81, 89],
    [32, 33, 34, 35, 36, 38, 39, 43],
    [11, 22, 40, 56, 60, 65, 66, 68, 71, 73, 80, 81]]
SCATTERED_PROGRAMS = [
    [0, 1, 3, 4, 6, 8, 12, 19, 24, 25, 28, 30, 46, 49, 52, 62, 90],
    [32, 33, 34, 36, 38, 39, 42, 43],
    [9, 21, 41, 57, 61, 64, 67, 70, 72, 74, 79, 82]]


def row_of(number, style, bpm):
    return {'name': f'{number}-{style}', 'style': style, 'bpm': round(bpm),
            'seed': number}


def key_of(chance):
    return {'tonic': chance.randrange(12),
            'mode': chance.choice(['major', 'minor'])}


def spread(styles, count, number):
    """Rows whose tempi are spread over the styles' ranges; numbers from
    `number`. Every other one is played as in the first corpus."""
    usual = {}
    for row in music_pieces.rows(music_pieces.FIRST):
        usual.setdefault(row['style'], []).append(row['programs'])
    made = []
    for style, (low, high) in styles.items():
        for k in range(count):
            chance = random.Random(number)
            place = (k + chance.random()) / count
            row = row_of(number, style, low * (high / low) ** place)
            if style in usual and k % 2 == 0:
                row['programs'] = chance.choice(usual[style])
            else:
                row['programs'] = [chance.choice(p) for p in SPREAD_PROGRAMS]
            made.append({**row, **key_of(chance)})
            number += 1
    return made


def scattered(styles, count, number):
    """Rows whose tempi are anywhere in the styles' ranges."""
    made = []
    for style, (low, high) in styles.items():
        for _ in range(count):
            chance = random.Random(number)
            row = row_of(number, style, low * (high / low) ** chance.random())
            row |= key_of(chance)
            row['programs'] = [chance.choice(p) for p in SCATTERED_PROGRAMS]
            made.append(row)
            number += 1
    return made


def rows():
    """Of each group of pieces, all of its rows."""
    first = music_pieces.rows(music_pieces.FIRST)
    even = spread(OLD, 6, 1000) + spread(NEW, 5, 1000 + 6 * len(OLD))
    return {
        'first': first,
        'more': (even + scattered(OLD, 3, 5000) +
                 scattered({**OLD, **NEW}, 5, 6000)),
        'uneven': [{**row, 'uneven': True} for row in (first + even)[::2]],
        'clicks': [{'name': f'{bpm}-click', 'style': 'click', 'bpm': bpm,
                    'seed': bpm} for bpm in range(60, 201, 4)],
    }


def uneven(score, seed):
    """The tempo drifts by 1.6 %, every note is off by some hundredths of a
    beat; some are left out, some come again."""
    chance = random.Random(seed + 7)
    phase = chance.random() * 6.28
    played = []
    for channel, beat, length, pitch, velocity in score.notes:
        if chance.random() < .12:
            continue
        off = chance.gauss(0, .018)
        beat = max(0, beat + off + .32 * math.sin(beat / 20 + phase))
        played.append((channel, beat, length, pitch, velocity))
        if chance.random() < .03:
            after = chance.choice([.25, .5, 1 / 3])
            played.append((channel, beat + after, length, pitch,
                           max(1, velocity - 15)))
    score.notes = played


def midi(row):
    score = music_pieces.perform(row, STYLES.get(row['style']))
    if row.get('uneven'):
        uneven(score, row['seed'])
    return music_pieces.encode(score, row['bpm'])


def clicks(bpm):
    """Samples of a click on every beat, the first after a quarter second."""
    click = [.8 * math.exp(-i / 40) * math.sin(2 * math.pi * 1500 * i / RATE)
             for i in range(220)]
    samples = array.array('f', bytes(4 * RATE * CLICKS_SECONDS))
    at = .25
    while at + .02 < CLICKS_SECONDS:
        begin = round(at * RATE)
        samples[begin:begin + len(click)] = array.array('f', click)
        at += 60 / bpm
    return samples
