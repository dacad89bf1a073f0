"""A cover from a seed: a sky with a sun over three ranges of hills."""

import colorsys
import math
import random
import struct
import zlib


def color(hue, saturation, value):
    return bytes(round(255 * part)
                 for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))


def hills(rng, size):
    """For each range, the height of its ridge in every column."""
    ranges = []
    for depth in range(3):
        base = size * (.58 + .13 * depth)
        waves = [(rng.uniform(1, 5) * (depth + 1), rng.uniform(0, 7),
                  size * rng.uniform(.01, .04)) for _ in range(3)]
        ranges.append([base - sum(height * math.sin(turns * x / size + phase)
                                  for turns, phase, height in waves)
                       for x in range(size)])
    return ranges


def pixels(seed, size):
    """Rows of RGB."""
    rng = random.Random(seed)
    hue = rng.random()
    ranges = hills(rng, size)
    ground = [color(hue + .08 * d, .6, .5 - .15 * d) for d in range(3)]
    sun = color(hue + .45, .35, 1)
    sun_x, sun_y = size * rng.uniform(.25, .75), size * rng.uniform(.25, .45)
    radius = size * rng.uniform(.1, .16)
    for y in range(size):
        sky = color(hue + .25 * y / size, .55 - .3 * y / size, .95)
        half = math.sqrt(max(0, radius ** 2 - (y - sun_y) ** 2))
        row = bytearray()
        for x in range(size):
            for depth in (2, 1, 0):
                if y > ranges[depth][x]:
                    row += ground[depth]
                    break
            else:
                row += sun if abs(x - sun_x) < half else sky
        yield bytes(row)


def png(seed, size):
    def chunk(kind, body):
        return (struct.pack('>I', len(body)) + kind + body +
                struct.pack('>I', zlib.crc32(kind + body)))

    rows = b''.join(b'\0' + row for row in pixels(seed, size))
    return (b'\x89PNG\r\n\x1a\n' +
            chunk(b'IHDR', struct.pack('>IIBBBBB', size, size, 8, 2, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(rows, 9)) + chunk(b'IEND', b''))
