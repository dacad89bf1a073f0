"""Small tunes from a seed: chords, a bass line, a melody with its echo, and
percussion. Standard library only, so every sample costs Python time: a sound
is computed once for each pitch and then mixed wherever it is played."""

import functools
import math
import operator
import random
from array import array
from itertools import repeat

PROGRESSIONS = {  # steps of the scale on which the chords stand
    'major': ((0, 4, 5, 3), (0, 5, 3, 4), (1, 4, 0, 5)),
    'minor': ((0, 3, 4, 0), (0, 5, 3, 4), (0, 3, 0, 4)),
}
SCALES = {'major': (0, 2, 4, 5, 7, 9, 11), 'minor': (0, 2, 3, 5, 7, 8, 10)}
PENTATONIC = {'major': (0, 1, 2, 4, 5), 'minor': (0, 2, 3, 4, 6)}

CYCLE = 1 << 15  # samples, a power of two
RELEASE = .02  # seconds

# Which bus a part plays into, and the shares of each bus in each channel.
PARTS = ('left', 'right', 'bass', 'drums', 'lead', 'echo')
ROUTES = {
    1: dict.fromkeys(PARTS, 'centre'),
    2: {**{part: part for part in PARTS},
        'bass': 'centre', 'drums': 'centre', 'lead': 'centre'},
    6: {part: part for part in PARTS},
}
LAYOUTS = {
    1: ({'centre': 1},),
    2: ({'left': 1, 'centre': .8, 'echo': .3},
        {'right': 1, 'centre': .8, 'echo': .8}),
    6: ({'left': 1, 'drums': .8}, {'right': 1, 'drums': .7},
        {'lead': 1, 'bass': .3}, {'bass': 1},
        {'echo': .9, 'right': .4}, {'echo': .5, 'left': .4}),
}


def hertz(note):
    """Of a MIDI note number."""
    return 440 * 2 ** ((note - 69) / 12)


@functools.cache
def cycle(harmonics):
    """One period in CYCLE samples, so that a tone is a walk through it."""
    turn = 2 * math.pi / CYCLE
    return array('f', [sum(gain * math.sin(turn * k * i)
                           for k, gain in enumerate(harmonics, 1))
                       for i in range(CYCLE)])


@functools.cache
def envelope(length, rate, attack, decay):
    """Rises for `attack` seconds, then falls to 1/e in `decay` seconds."""
    fall = [math.exp(-i / (decay * rate)) for i in range(length)]
    for i in range(min(length, int(attack * rate))):
        fall[i] *= i / (attack * rate)
    for i in range(1, min(length, int(RELEASE * rate))):
        fall[-i] *= i / (RELEASE * rate)
    return array('f', fall)


def tone(rate, hz, seconds, harmonics, attack, decay):
    wave, length = cycle(harmonics), int(seconds * rate)
    step = round(hz / rate * CYCLE * 256)
    return array('f', map(operator.mul, envelope(length, rate, attack, decay),
                          [wave[at >> 8 & CYCLE - 1]
                           for at in range(0, length * step, step)]))


def noise(rate, seconds, decay, rng):
    """A burst without its low end: the difference of neighbors."""
    fade, level, before, out = math.exp(-1 / (decay * rate)), 1.0, 0.0, []
    for _ in range(int(seconds * rate)):
        now = rng.uniform(-1, 1)
        out.append(level * (now - before) / 2)
        before, level = now, level * fade
    return array('f', out)


def kick(rate):
    out, phase = array('f'), 0.0
    for i in range(int(.3 * rate)):
        t = i / rate
        phase += 2 * math.pi * (48 + 110 * math.exp(-t * 30)) / rate
        out.append(math.sin(phase) * math.exp(-t * 12) * min(1, (.3 - t) * 50))
    return out


class Tune:
    def __init__(self, seed, rate, channels, seconds, key, mode, tempo):
        self.rng = random.Random(seed)
        self.rate, self.key, self.mode = rate, key, mode
        self.length = round(seconds * rate)
        self.seconds = seconds
        self.beat = 60 / tempo
        self.layout, self.route = LAYOUTS[channels], ROUTES[channels]
        self.buses = {bus: array('f', bytes(4 * self.length))
                      for bus in self.route.values()}
        self.kick = kick(rate)
        self.hats = [noise(rate, .08, .02, self.rng) for _ in range(6)]
        self.snares = [noise(rate, .25, .06, self.rng) for _ in range(3)]
        self.chord = functools.cache(self.chord)
        self.bass = functools.cache(self.bass)
        self.pluck = functools.cache(self.pluck)
        self.progression = self.rng.choice(PROGRESSIONS[mode])

    def play(self, part, sound, at, gain):
        """Mixes a sound into a part, from `at` seconds on."""
        bus, start = self.buses[self.route[part]], round(at * self.rate)
        old = bus[start:start + len(sound)]
        bus[start:start + len(sound)] = array('f', map(
            operator.add, old, map(operator.mul, sound, repeat(gain))))

    def is_leading(self, step):
        """Whether on the chord of that step the seventh is raised: a minor
        key without that is its relative major."""
        return self.mode == 'minor' and step % 7 == 4

    def note(self, step, octave, leading=False):
        """A step of the scale, in semitones."""
        scale = SCALES[self.mode]
        raised = leading and step % 7 == 6
        return (self.key + 12 * (octave + step // 7) + scale[step % 7] +
                raised)

    def chord(self, step, detune):
        leading = self.is_leading(step)
        sounds = [tone(self.rate,
                       hertz(self.note(step + third, 0, leading)) * detune,
                       4 * self.beat, (.5, .22, .1, .06), .08, 2.5)
                  for third in (0, 2, 4)]
        return array('f', map(sum, zip(*sounds)))

    def bass(self, step, leading):
        return tone(self.rate, hertz(self.note(step, -2, leading)),
                    .9 * self.beat,
                    (.6, .3, .15, .1, .05), .006, .5)

    def pluck(self, step, leading):
        return tone(self.rate, hertz(self.note(step, 1, leading)),
                    1.4 * self.beat,
                    (.5, .15, .12, .03, .04), .004, .35)

    def bar_of_chords(self, at, step):
        self.play('left', self.chord(step, .9985), at, .28)
        self.play('right', self.chord(step, 1.0015), at, .28)

    def bar_of_bass(self, at, step):
        for beat, pitch in ((0, 0), (1.5, 0), (2, 4), (3, 2)):
            if beat != 1.5 or self.rng.random() < .5:
                self.play('bass', self.bass(step % 7 + pitch,
                                            self.is_leading(step)),
                          at + beat * self.beat, .55)

    def bar_of_drums(self, at):
        for half in range(8):
            when = at + half * self.beat / 2
            self.play('drums', self.rng.choice(self.hats), when,
                      self.rng.uniform(.1, .25))
            if half in (0, 5) or half == 4 and self.rng.random() < .3:
                self.play('drums', self.kick, when, .8)
            if half in (2, 6):
                self.play('drums', self.rng.choice(self.snares), when, .45)

    def bar_of_melody(self, at, step):
        for half in range(8):
            if self.rng.random() < (.25 if half % 2 == 0 else .5):
                continue
            self.place += self.rng.choice((-2, -1, -1, 0, 1, 1, 2))
            self.place = min(9, max(0, self.place))
            octave, tone_of_five = divmod(self.place, 5)
            pitch = 7 * octave + PENTATONIC[self.mode][tone_of_five]
            if half == 0:
                pitch = step % 7 + self.rng.choice((0, 2, 4))
            when = at + half * self.beat / 2
            sound = self.pluck(pitch, self.is_leading(step))
            gain = self.rng.uniform(.35, .6)
            self.play('lead', sound, when, gain)
            self.play('echo', sound, when + .75 * self.beat, .5 * gain)

    def compose(self):
        """The parts come in one after another, unless the tune is short."""
        self.place, bar = 4, 0
        lead_in = 1 if self.seconds > 12 else 0
        while bar * 4 * self.beat < self.seconds:
            at = bar * 4 * self.beat
            step = self.progression[bar % 4]
            self.bar_of_chords(at, step)
            self.bar_of_melody(at, step)
            if bar >= lead_in:
                self.bar_of_bass(at, step)
            if bar >= 2 * lead_in:
                self.bar_of_drums(at)
            bar += 1

    def channels(self):
        """An array for each channel, fading out, peak at -1 dB."""
        mixed = []
        for shares in self.layout:
            parts = [self.buses[bus] if gain == 1 else
                     map(operator.mul, self.buses[bus], repeat(gain))
                     for bus, gain in shares.items()]
            mixed.append(array('f', functools.reduce(
                functools.partial(map, operator.add), parts)))
        peak = max(max(max(c), -min(c)) for c in mixed) or 1
        gain = 10 ** (-1 / 20) / peak
        fade = min(self.length, round(min(2.5, self.seconds / 4) * self.rate))
        for channel in mixed:
            channel[:] = array('f', map(operator.mul, channel, repeat(gain)))
            for i in range(1, fade + 1):
                channel[-i] *= (i - 1) / fade
        return mixed


def render(seed, rate, channels, seconds, key, mode, tempo):
    """Interleaved 32-bit floats, exactly round(seconds * rate) frames."""
    tune = Tune(seed, rate, channels, seconds, key, mode, tempo)
    tune.compose()
    out = array('f', bytes(4 * tune.length * channels))
    for i, samples in enumerate(tune.channels()):
        out[i::channels] = samples
    return out.tobytes()
