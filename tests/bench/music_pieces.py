"""Pieces of known tempo and key as MIDI files, made from a table.

Each row is a style, a tempo, a key and a set of instruments; the notes follow
from the row alone. What is played on which beat is in the styles: the tempo is
the one a musician would write above the first bar.
"""
import random
import struct

TICKS = 480
DRUMS = 9
KICK, SNARE, STICK, CLAP, HAT, OPEN, RIDE, CRASH = 36, 38, 37, 39, 42, 46, 51, 49
SHAKER, TAMBOURINE = 70, 54
NAMES = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B']
MAJOR = [0, 2, 4, 5, 7, 9, 11]
MINOR = [0, 2, 3, 5, 7, 8, 10]
SECONDS = 45

# Degrees of the scale, 0 the tonic; one chord a bar. In minor a 4 is the
# dominant with the raised seventh, a 14 the natural one.
PROGRESSIONS = {
    'major': [[0, 4, 5, 3], [0, 5, 3, 4], [0, 3, 4, 0], [0, 0, 3, 4],
              [0, 3, 0, 4], [1, 4, 0, 0], [0, 5, 1, 4], [5, 3, 0, 4]],
    'minor': [[0, 5, 2, 6], [0, 3, 4, 0], [0, 6, 5, 4], [0, 3, 0, 4],
              [0, 5, 3, 4], [0, 14, 5, 0], [0, 0, 3, 0], [0, 2, 6, 0]],
}


class Score:
    """Notes by beat; a beat is a quarter note."""

    def __init__(self, tonic, mode, seed):
        self.random = random.Random(seed)
        self.scale = MAJOR if mode == 'major' else MINOR
        self.mode = mode
        self.tonic = tonic
        self.notes = []
        self.programs = {}

    def note(self, channel, beat, length, pitch, velocity):
        velocity += self.random.randint(-8, 8)
        self.notes.append((channel, max(0, beat + self.random.gauss(0, .008)),
                           length, pitch, max(1, min(127, velocity))))

    def drum(self, beat, pitch, velocity=95):
        self.note(DRUMS, beat, .1, pitch, velocity)

    def pitch(self, degree, low):
        """A degree of the scale, in the octave that begins at `low`."""
        octave, step = divmod(degree, 7)
        pitch = self.tonic + self.scale[step]
        return low + (pitch - low) % 12 + 12 * octave

    def chord(self, degree, low=54):
        natural, degree = degree >= 10, degree % 10
        notes = []
        for step in (degree, degree + 2, degree + 4):
            raised = (self.mode == 'minor' and degree == 4 and not natural and
                      step % 7 == 6)
            notes.append(self.pitch(step % 7, low) + raised)
        return sorted(notes)

    def root(self, degree, low=33):
        return self.pitch(degree % 10 % 7, low)


def beats_of(row):
    return 3 if row['style'] in ('waltz', 'jazz_waltz') else 4


def melody(score, channel, beat, meter, degree, rhythms, low=67):
    """A bar of melody: chord notes where it is heavy, steps between."""
    rhythm = score.random.choice(rhythms)
    place, step = 0, score.random.choice([0, 2, 4])
    for length in rhythm:
        if place >= meter:
            break
        if place == int(place):
            pitch = score.random.choice(score.chord(degree, low))
        else:
            step += score.random.choice([-1, 1])
            pitch = score.pitch(step % 7, low)
        if score.random.random() < .9:
            score.note(channel, beat + place, length * .9, pitch, 88)
        place += length


CALM = [[1, 1, 2], [2, 2], [1.5, .5, 2], [3, 1]]
PLAIN = [[1, 1, 1, 1], [1, .5, .5, 1, 1], [.5, .5, 1, 2], [1.5, .5, 1, 1]]
BUSY = [[.5] * 8, [.5, .5, 1, .5, .5, 1], [1, .5, .5, .5, .5, 1]]
SWUNG = [[2 / 3, 1 / 3] * 4, [1, 2 / 3, 1 / 3, 2], [2 / 3, 1 / 3, 1, 1, 1]]
THREES = [[1, 1, 1], [2, 1], [1.5, .5, 1], [3]]


def rock(s, b, d, bar):
    for i in range(8):
        s.drum(b + i / 2, HAT, 85 if i % 2 == 0 else 65)
        s.note(1, b + i / 2, .45, s.root(d), 95)
    for i in (0, 2, 2.5):
        s.drum(b + i, KICK, 110)
    for i in (1, 3):
        s.drum(b + i, SNARE, 110)
    for p in s.chord(d, 48):
        s.note(0, b, 3.8, p, 80)
    melody(s, 2, b, 4, d, PLAIN)


def house(s, b, d, bar):
    for i in range(4):
        s.drum(b + i, KICK, 118)
        s.drum(b + i + .5, OPEN, 80)
        s.note(1, b + i + .5, .4, s.root(d), 100)
    for i in (1, 3):
        s.drum(b + i, CLAP, 95)
    for i in (0, .75, 1.5, 2.5, 3.25):
        for p in s.chord(d, 60):
            s.note(0, b + i, .3, p, 75)


def techno(s, b, d, bar):
    for i in range(4):
        s.drum(b + i, KICK, 120)
    for i in range(16):
        s.drum(b + i / 4, HAT, 80 if i % 4 == 2 else 45)
        s.note(1, b + i / 4, .2, s.root(d) + (12 if i % 3 == 2 else 0), 85)
    if bar % 2 == 0:
        for p in s.chord(d, 55):
            s.note(0, b, 7, p, 60)


def ballad(s, b, d, bar, drums=False):
    chord = s.chord(d, 55)
    for i, k in enumerate([0, 1, 2, 1, 0, 1, 2, 1]):
        s.note(0, b + i / 2, .9, chord[k], 75 if i % 2 == 0 else 62)
    s.note(1, b, 2, s.root(d, 36), 85)
    s.note(1, b + 2, 2, s.root(d, 36), 78)
    melody(s, 2, b, 4, d, CALM)
    if drums:
        s.drum(b, KICK, 90)
        s.drum(b + 2, KICK, 80)
        s.drum(b + 1, STICK, 85)
        s.drum(b + 3, STICK, 85)
        for i in range(8):
            s.drum(b + i / 2, HAT, 55)


def ballad_drums(s, b, d, bar):
    ballad(s, b, d, bar, drums=True)


def swing(s, b, d, bar):
    chord = s.chord(d, 36)
    walk = [s.root(d), chord[1], chord[2], s.root(d) + s.random.choice([2, 9])]
    for i in range(4):
        s.note(1, b + i, .9, walk[i], 95)
    for i in (0, 1, 1 + 2 / 3, 2, 3, 3 + 2 / 3):
        s.drum(b + i, RIDE, 85)
    for i in (1, 3):
        s.drum(b + i, 44, 75)
    for i in s.random.choice([(0, 1 + 2 / 3), (2 / 3, 2), (1 + 2 / 3, 3)]):
        for p in s.chord(d, 55):
            s.note(0, b + i, .4, p, 70)
    melody(s, 2, b, 4, d, SWUNG)


def waltz(s, b, d, bar):
    s.note(1, b, .9, s.root(d, 36), 95)
    for i in (1, 2):
        for p in s.chord(d, 55):
            s.note(0, b + i, .6, p, 70)
    melody(s, 2, b, 3, d, THREES)


def jazz_waltz(s, b, d, bar):
    waltz(s, b, d, bar)
    for i in (0, 1, 1 + 2 / 3, 2):
        s.drum(b + i, RIDE, 80)
    s.drum(b, KICK, 75)
    s.drum(b + 1, 44, 70)


def bossa(s, b, d, bar):
    for i in range(8):
        s.drum(b + i / 2, SHAKER, 65)
    for i in ((0, 1.5, 3), (1, 2.5))[bar % 2]:
        s.drum(b + i, STICK, 85)
    for i in (0, 1.5, 2, 3.5):
        s.note(1, b + i, .5, s.root(d) + (0 if i < 2 else 7), 88)
        s.drum(b + i, KICK, 65)
    for i in (0, 1, 1.5, 2.5, 3):
        for p in s.chord(d, 57):
            s.note(0, b + i, .4, p, 65)
    melody(s, 2, b, 4, d, CALM)


def jungle(s, b, d, bar):
    for i in (0, 2.5):
        s.drum(b + i, KICK, 115)
    for i in (1, 3):
        s.drum(b + i, SNARE, 112)
    for i in (1.75, 2.25, 3.75):
        s.drum(b + i, SNARE, 50)
    for i in range(8):
        s.drum(b + i / 2, HAT, 75)
    s.note(1, b, 1.5, s.root(d), 105)
    s.note(1, b + 2.5, 1, s.root(d), 100)
    for p in s.chord(d, 60):
        s.note(0, b, 3.9, p, 60)


def reggae(s, b, d, bar):
    for i in range(4):
        for p in s.chord(d, 57):
            s.note(0, b + i + .5, .2, p, 85)
    s.drum(b + 2, KICK, 110)
    s.drum(b + 2, STICK, 100)
    for i in range(8):
        s.drum(b + i / 2, HAT, 60 if i % 2 else 78)
    for i, p in ((0, 0), (.75, 0), (1.5, 7), (2, 0), (3, 7)):
        s.note(1, b + i, .5, s.root(d) + p, 100)


def hiphop(s, b, d, bar):
    for i in (0, .75, 2.5):
        s.drum(b + i, KICK, 115)
    for i in (1, 3):
        s.drum(b + i, SNARE, 110)
    for i in range(8):
        s.drum(b + i / 2, HAT, 80)
    s.drum(b + 3.75, HAT, 60)
    for i in (0, .75, 2.5):
        s.note(1, b + i, .6, s.root(d), 105)
    for p in s.chord(d, 60):
        s.note(0, b, 2, p, 65)
    melody(s, 2, b, 4, d, CALM)


def march(s, b, d, bar):
    for i in (0, 2):
        s.drum(b + i, KICK, 100)
        s.note(1, b + i, .8, s.root(d, 36) + (0, 7)[i // 2], 100)
    for i in (1, 3):
        s.drum(b + i, SNARE, 90)
        for p in s.chord(d, 55):
            s.note(0, b + i, .5, p, 78)
    for i in (3.5, 3.75):
        s.drum(b + i, SNARE, 60)
    melody(s, 2, b, 4, d, PLAIN)


def arpeggio(s, b, d, bar):
    chord = s.chord(d, 60) + [s.chord(d, 60)[0] + 12]
    for i in range(16):
        s.note(0, b + i / 4, .5, chord[[0, 1, 2, 3][i % 4]],
               85 if i % 4 == 0 else 62)
    s.note(1, b, 3.9, s.root(d, 36), 80)


def chorale(s, b, d, bar):
    """Four voices that move on the quarter notes."""
    for i in range(4):
        degree = d if i % 2 == 0 or s.random.random() < .5 else (d % 10 + 3) % 7
        for p in s.chord(degree, 60):
            s.note(0, b + i, .95, p, 80)
        s.note(1, b + i, .95, s.root(degree, 40), 85)


def quartet(s, b, d, bar):
    for i in range(8):
        s.note(0, b + i / 2, .4, s.chord(d, 57)[i % 2 + 1], 66)
    for i in (0, 1, 2, 3):
        s.note(1, b + i, .8, s.root(d, 40), 78)
    melody(s, 2, b, 4, d, BUSY)


def funk(s, b, d, bar):
    for i in (0, .75, 2.5):
        s.drum(b + i, KICK, 110)
    for i in (1, 3):
        s.drum(b + i, SNARE, 110)
    for i in (1.75, 2.25):
        s.drum(b + i, SNARE, 45)
    for i in range(16):
        s.drum(b + i / 4, HAT, (85, 50, 70, 50)[i % 4])
    for i in (0, .5, .75, 1.75, 2.5, 3.25):
        s.note(1, b + i, .2, s.root(d) + s.random.choice([0, 0, 12]), 100)
    for i in (.5, 1.25, 2.75, 3.5):
        for p in s.chord(d, 60):
            s.note(0, b + i, .15, p, 80)


def disco(s, b, d, bar):
    for i in range(4):
        s.drum(b + i, KICK, 112)
        s.drum(b + i, HAT, 60)
        s.drum(b + i + .5, OPEN, 90)
    for i in (1, 3):
        s.drum(b + i, SNARE, 105)
    for i in range(8):
        s.note(1, b + i / 2, .4, s.root(d) + 12 * (i % 2), 98)
    for p in s.chord(d, 60):
        s.note(0, b, 3.9, p, 70)
    melody(s, 2, b, 4, d, BUSY)


def strum(s, b, d, bar):
    for i in (0, 1, 1.5, 2.5, 3, 3.5):
        for n, p in enumerate(s.chord(d, 52) + [s.chord(d, 52)[0] + 12]):
            s.note(0, b + i + n * .012, .5, p, 85 if i == int(i) else 68)
    s.note(1, b, 1.8, s.root(d, 36), 85)
    s.note(1, b + 2, 1.8, s.root(d, 36) + 7, 80)
    melody(s, 2, b, 4, d, PLAIN)


def metal(s, b, d, bar):
    for i in range(8):
        s.drum(b + i / 2, KICK, 105)
        s.note(1, b + i / 2, .3, s.root(d, 28), 105)
        for p in (s.root(d, 40), s.root(d, 40) + 7):
            s.note(0, b + i / 2, .3, p, 95)
    for i in (1, 3):
        s.drum(b + i, SNARE, 118)
    for i in range(4):
        s.drum(b + i, RIDE, 90)
    melody(s, 2, b, 4, d, PLAIN)


def march_six(s, b, d, bar):
    """Shuffle: triplets on every beat."""
    for i in range(4):
        s.drum(b + i, HAT, 85)
        s.drum(b + i + 2 / 3, HAT, 65)
        s.note(1, b + i, .5, s.root(d), 98)
        s.note(1, b + i + 2 / 3, .3, s.root(d), 85)
    for i in (0, 2):
        s.drum(b + i, KICK, 108)
    for i in (1, 3):
        s.drum(b + i, SNARE, 108)
    for i in (0, 1 + 2 / 3):
        for p in s.chord(d, 55):
            s.note(0, b + i, .5, p, 80)
    melody(s, 2, b, 4, d, SWUNG)


# style, beats a minute, key, programs of chords, bass and melody
# The estimators' constants were chosen with the first table in view. The second
# was written after that, for checking; one rule (SIMILAR_LEAST of tempo_octave.c) came
# of what it showed.
FIRST = '''
rock 118 E major 29 33 30
rock 132 A minor 30 34 81
rock 104 G major 27 33 65
house 124 F minor 4 38 81
house 128 C minor 16 38 80
techno 135 G minor 90 38 81
techno 142 D minor 89 39 80
ballad 66 C major 0 32 73
ballad 72 A# major 4 33 68
ballad 60 B minor 0 43 40
ballad_drums 76 F major 0 33 65
ballad_drums 68 D# major 5 33 56
ballad_drums 82 F# minor 0 35 11
swing 140 A# major 0 32 65
swing 176 F major 26 32 56
swing 120 D minor 0 32 71
swing 200 D# major 0 32 66
waltz 160 G major 21 32 73
waltz 96 A minor 0 43 40
jazz_waltz 144 C major 0 32 11
bossa 130 D minor 24 32 73
bossa 112 A major 24 32 66
jungle 172 F# minor 89 38 81
jungle 165 A minor 90 39 80
reggae 78 G major 16 33 65
reggae 88 C minor 27 33 65
hiphop 92 G# minor 4 38 11
hiphop 86 C# minor 5 39 75
march 116 D# major 61 58 56
march 126 B major 21 58 72
arpeggio 108 D major 46 43 73
arpeggio 84 E minor 10 42 73
arpeggio 96 C# major 6 43 73
chorale 80 D major 19 19 52
chorale 100 G minor 52 19 52
chorale 72 E major 48 43 48
quartet 112 A major 48 42 40
quartet 138 C minor 45 43 68
funk 106 E minor 27 36 65
funk 98 A minor 7 36 65
disco 118 A minor 48 33 61
disco 122 C major 50 33 56
strum 110 G major 25 32 73
strum 144 D major 25 32 22
strum 90 F# major 24 32 74
metal 184 E minor 30 34 30
metal 160 D minor 30 34 29
march_six 126 A major 27 33 22
march_six 108 G# major 0 33 66
chorale 64 A# minor 19 19 52
'''

SECOND = '''
rock 146 B minor 30 33 81
rock 92 F major 27 34 66
house 120 A minor 5 39 80
techno 128 F# minor 81 38 90
ballad 78 G major 4 32 40
ballad 64 E minor 24 32 73
ballad_drums 72 D minor 0 33 68
ballad_drums 88 A major 1 33 64
swing 160 G minor 26 32 56
swing 186 C major 0 32 71
waltz 138 D major 46 43 40
jazz_waltz 168 F minor 0 32 66
bossa 142 G# major 25 32 11
jungle 176 C minor 90 38 81
reggae 72 D major 17 33 61
hiphop 98 B minor 0 38 73
march 104 F major 60 58 57
arpeggio 120 A# minor 11 42 68
chorale 92 F minor 48 43 49
quartet 124 G major 49 42 71
funk 112 F major 7 37 66
disco 128 E minor 51 33 48
strum 82 E major 25 32 22
strum 128 C# minor 24 32 68
metal 172 B minor 29 34 30
metal 140 G minor 30 34 31
march_six 116 E major 26 33 65
arpeggio 72 G# major 0 43 73
quartet 96 D# minor 48 43 73
swing 132 A minor 0 32 60
'''


def rows(table=FIRST):
    made = []
    for number, line in enumerate(table.split('\n')[1:-1]):
        style, bpm, tonic, mode, *programs = line.split()
        made.append({'name': f'{number:02}-{style}', 'style': style,
                     'bpm': int(bpm), 'tonic': NAMES.index(tonic),
                     'mode': mode, 'seed': number,
                     'programs': [int(p) for p in programs]})
    return made


def perform(row, style=None):
    """A score; `style` is a function like those above, instead of the row's."""
    style = style or globals()[row['style']]
    score = Score(row['tonic'], row['mode'], row['seed'])
    score.programs = dict(enumerate(row['programs']))
    meter = beats_of(row)
    bars = int(SECONDS * row['bpm'] / 60 / meter)
    parts = [score.random.choice(PROGRESSIONS[row['mode']]) for _ in range(2)]
    parts = [PROGRESSIONS[row['mode']][row['seed'] % 8], parts[0]]
    for bar in range(bars):
        progression = parts[bar // 8 % 2]
        style(score, bar * meter, progression[bar % 4], bar)
    for pitch in score.chord(0, 54):
        score.note(0, bars * meter, meter, pitch, 80)
    return score


def number(value):
    """A MIDI variable-length quantity."""
    data = [value & 127]
    while value > 127:
        value >>= 7
        data.insert(0, 128 | value & 127)
    return bytes(data)


def encode(score, bpm):
    """The bytes of a MIDI file, format 0."""
    events = [(0, 0, b'\xff\x51\x03' +
               struct.pack('>I', 60000000 // bpm)[1:])]
    for channel, program in score.programs.items():
        events.append((0, 1, bytes([0xc0 | channel, program])))
    for channel, beat, length, pitch, velocity in score.notes:
        start = round(beat * TICKS)
        end = start + max(1, round(length * TICKS))
        events.append((start, 3, bytes([0x90 | channel, pitch, velocity])))
        events.append((end, 2, bytes([0x80 | channel, pitch, 0])))
    track, now = b'', 0
    for time, _, data in sorted(events):
        track += number(time - now) + data
        now = time
    track += b'\x00\xff\x2f\x00'
    return (b'MThd' + struct.pack('>IHHH', 6, 0, 1, TICKS) + b'MTrk' +
            struct.pack('>I', len(track)) + track)


def midi(row):
    return encode(perform(row), row['bpm'])
