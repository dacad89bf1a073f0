"""Audio files as their parsers see them, so that damage keeps the rest whole.

A container is a tree of elements: chunks, boxes, frames, pages. elements()
finds them, mutate() does to one of them what a hostile author or a bad program
does: a size that lies, an element that is missing, doubled, elsewhere, of
another kind or with absurd numbers in it. Sizes of what encloses it, and
checksums of Ogg pages, are made right again half of the time: only then does a
parser look at what is inside.
"""
import dataclasses
import struct

NUMBERS = (0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x00ffffff,
           0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 1 << 36,
           0x7fffffffffffffff, 0xffffffffffffffff)
MP4_PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"edts",
               b"ilst", b"moof", b"traf", b"mvex", b"dinf")
EBML_PARENTS = (0x18538067, 0x1654ae6b, 0xae, 0xe1, 0x1f43b675, 0x1254c367,
                0x7373, 0x67c8, 0x1941a469, 0x61a7, 0x1c53bb6b, 0xbb, 0xb7,
                0x114d9b74, 0x4dbb, 0x1043a770, 0x45b9, 0xb6)


@dataclasses.dataclass(frozen=True)
class Element:
    start: int
    size_at: int  # where its size stands; width 0: nowhere
    width: int
    order: str  # "big", "little", "safe": seven bits a byte
    body: int  # where its contents begin
    end: int
    kind: bytes


def get(data, at, width, order):
    if order == "safe":
        return sum((byte & 0x7f) << 7 * (width - 1 - i)
                   for i, byte in enumerate(data[at:at + width]))
    return int.from_bytes(data[at:at + width], order)


def put(data, at, width, order, value):
    value &= (1 << (7 if order == "safe" else 8) * width) - 1
    if order == "safe":
        data[at:at + width] = bytes(value >> 7 * (width - 1 - i) & 0x7f
                                    for i in range(width))
    else:
        data[at:at + width] = value.to_bytes(width, order)


def chunks(data, at, end, order, width=4, pad=1):
    """Of RIFF and AIFF; with 8 bytes of DSDIFF, and unpadded of CAF."""
    while at + 4 + width <= end:
        body = at + 4 + width
        stop = min(end, body + get(data, at + 4, width, order))
        yield Element(at, at + 4, width, order, body, stop, data[at:at + 4])
        at = stop + (stop - body & pad)


def riff(data, order):
    yield Element(0, 4, 4, order, 12, len(data), data[:4])
    for chunk in chunks(data, 12, len(data), order):
        yield chunk
        if chunk.kind == b"LIST":
            yield from chunks(data, chunk.body + 4, chunk.end, order)


def boxes(data, at, end):
    while at + 8 <= end:
        size = get(data, at, 4, "big")
        stop = min(end, at + size) if size >= 8 else end
        kind = bytes(data[at + 4:at + 8])
        yield Element(at, at, 4, "big", at + 8, stop, kind)
        if kind in MP4_PARENTS:
            yield from boxes(data, at + 8, stop)
        elif kind == b"meta":
            yield from boxes(data, at + 12, stop)
        elif kind == b"stsd":
            yield from boxes(data, at + 16, stop)
        at = stop


def pages(data, at):
    while data[at:at + 4] == b"OggS" and at + 27 <= len(data):
        segments = data[at + 26]
        body = at + 27 + segments
        stop = min(len(data), body + sum(data[at + 27:body]))
        yield Element(at, at + 26, 1, "big", body, stop, b"OggS")
        at = stop


def blocks(data, at):
    """Of FLAC: its metadata; the rest is one element."""
    at, last = at + 4, False
    while not last and at + 4 <= len(data):
        last = data[at] & 0x80
        stop = min(len(data), at + 4 + get(data, at + 1, 3, "big"))
        yield Element(at, at + 1, 3, "big", at + 4, stop, data[at:at + 1])
        at = stop
    yield Element(at, at, 0, "big", at, len(data), b"")


def frames(data):
    """Of an ID3v2 tag, which may be followed by anything."""
    safe = "safe" if data[3] == 4 else "big"
    end = min(len(data), 10 + get(data, 6, 4, "safe"))
    yield Element(0, 6, 4, "safe", 10, end, b"ID3")
    at = 10
    while at + 10 <= end and data[at]:
        stop = min(end, at + 10 + get(data, at + 4, 4, safe))
        yield Element(at, at + 4, 4, safe, at + 10, stop, data[at:at + 4])
        at = stop
    if end < len(data):
        yield from elements(data[end:], end)


def ebml_number(data, at, mark):
    """Value and length of a number of Matroska's."""
    if at >= len(data) or data[at] == 0:
        return 0, 0
    length = 9 - data[at].bit_length()
    value = get(data, at, length, "big")
    return (value if mark else value & (1 << 7 * length) - 1), length


def ebml(data, at, end):
    while at < end:
        kind, a = ebml_number(data, at, True)
        size, b = ebml_number(data, at + a, False)
        if not a or not b:
            return
        body = at + a + b
        stop = min(end, body + size)
        yield Element(at, at + a, b, "big", body, stop, bytes(data[at:at + a]))
        if kind in EBML_PARENTS:
            yield from ebml(data, body, stop)
        at = stop


def objects(data, at, end, head):
    """Of ASF, and with a head of 40 bytes of w64: a name of 16, a size."""
    while at + 24 <= end:
        size = get(data, at + 16, 8, "little")
        stop = min(end, at + size) if size >= 24 else end
        yield Element(at, at + 16, 8, "little", at + 24, stop,
                      bytes(data[at:at + 16]))
        if at == 0 and head:
            yield from objects(data, head, stop, 0)
        at = stop


def packets(data, at):
    """Of WavPack."""
    while data[at:at + 4] == b"wvpk":
        stop = min(len(data), at + 8 + get(data, at + 4, 4, "little"))
        yield Element(at, at + 4, 4, "little", at + 8, stop, b"wvpk")
        at = stop


def dsf(data):
    at = 0
    while at + 12 <= len(data):
        size = get(data, at + 4, 8, "little")
        stop = min(len(data), at + size) if size >= 12 else len(data)
        yield Element(at, at + 4, 8, "little", at + 12, stop, data[at:at + 4])
        at = stop


def tree(data):
    magic = bytes(data[:4])
    if magic in (b"RIFF", b"RF64"):
        return riff(data, "little")
    if magic in (b"FORM", b"RIFX"):
        return riff(data, "big")
    if magic == b"FRM8":
        return chunks(data, 16, len(data), "big", 8)
    if magic == b"caff":
        return chunks(data, 8, len(data), "big", 8, 0)
    if magic == b"OggS":
        return pages(data, 0)
    if magic == b"fLaC":
        return blocks(data, 0)
    if magic[:3] == b"ID3":
        return frames(data)
    if magic == b"\x1aE\xdf\xa3":
        return ebml(data, 0, len(data))
    if magic == b"\x30\x26\xb2\x75":
        return objects(data, 0, len(data), 30)
    if magic == b"riff":
        return objects(data, 0, len(data), 40)
    if magic == b"wvpk":
        return packets(data, 0)
    if magic == b"DSD ":
        return dsf(data)
    if data[4:8] in (b"ftyp", b"moov", b"wide", b"mdat"):
        return boxes(data, 0, len(data))
    return ()


def elements(data, by=0):
    """The elements of a file, which begins at `by` of what it is in."""
    try:
        found = [e for e in tree(data) if e.end > e.start]
    except RecursionError:  # this deep no parser goes
        return []
    return [dataclasses.replace(
        e, start=e.start + by, size_at=e.size_at + by, body=e.body + by,
        end=e.end + by) for e in found] if by else found


def crc_table():
    for value in range(256):
        value <<= 24
        for _ in range(8):
            value = value << 1 ^ (0x104c11db7 if value & 1 << 31 else 0)
        yield value & 0xffffffff


CRC = tuple(crc_table())


def sign_pages(data):
    """Ogg's checksums, as they should be."""
    for page in list(pages(data, max(0, data.find(b"OggS")))):
        data[page.start + 22:page.start + 26] = bytes(4)
        crc = 0
        for byte in data[page.start:page.end]:
            crc = (crc << 8 & 0xffffffff) ^ CRC[crc >> 24 ^ byte]
        data[page.start + 22:page.start + 26] = struct.pack("<I", crc)


def resize(data, found, at, end, change):
    """What encloses [at, end) is larger by so much."""
    for e in found:
        if e.width and e.size_at < at and e.body <= at and e.end >= end:
            size = get(data, e.size_at, e.width, e.order)
            if e.order == "big" and e.kind and e.kind[0] >= 0x80:
                continue  # Matroska's numbers have a mark
            put(data, e.size_at, e.width, e.order, size + change)


def replace(rng, data, found, at, end, by):
    """Puts other bytes there; what is around may or may not know it."""
    if rng.random() < 0.5:
        resize(data, found, at, end, len(by) - (end - at))
    data[at:end] = by


def mutate(rng, data, others):
    """One change to one element of a bytearray; False: it has none."""
    found = elements(data)
    if not found:
        return False
    e = rng.choice(found)
    other = rng.choice(found)
    whole = bytes(data[e.start:e.end])
    kind = rng.randrange(9)
    if kind == 0 and e.width:
        size = get(data, e.size_at, e.width, e.order)
        put(data, e.size_at, e.width, e.order, rng.choice(
            NUMBERS + (size - 1, size + 1, size * 2, len(data))))
    elif kind == 1:
        replace(rng, data, found, e.start, e.end, b"")
    elif kind == 2:
        times = rng.choice((2, 3, 50, 2000))
        replace(rng, data, found, e.start, e.end,
                whole * max(2, min(times, (1 << 20) // len(whole))))
    elif kind == 3:
        replace(rng, data, found, e.body, e.end,
                bytes(data[other.body:other.end]))
    elif kind == 4:
        replace(rng, data, found, e.start, e.start,
                bytes(data[other.start:other.end]))
    elif kind == 5:
        data[e.start:e.start + len(other.kind)] = other.kind
    elif kind == 6 and e.end > e.body:
        replace(rng, data, found, rng.randrange(e.body, e.end), e.end, b"")
    elif kind == 7:
        foreign = rng.choice(others)
        inside = elements(foreign)
        if inside:
            o = rng.choice(inside)
            replace(rng, data, found, e.start, e.start, foreign[o.start:o.end])
    else:  # most that a parser believes stands near the beginning
        for _ in range(rng.choice((1, 1, 3))):
            if e.end <= e.body:
                break
            width = rng.choice((1, 2, 3, 4, 8))
            at = rng.randrange(e.body, min(e.end, e.body + 80))
            put(data, at, width, rng.choice(("big", "little")),
                rng.choice(NUMBERS))
    if data[:4] == b"OggS" and len(data) < 1 << 18 and rng.random() < 0.7:
        sign_pages(data)
    return True
