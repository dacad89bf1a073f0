"""What the demo library holds: one row for each track."""

from dataclasses import dataclass, field


@dataclass
class Track:
    path: str  # below the library; the extension decides the format
    music: tuple  # key (MIDI note), mode, tempo
    seconds: float
    tags: dict
    rate: int = 44100
    channels: int = 2
    bits: int = 16
    codec: str = ''  # where the extension leaves a choice
    cover: str = ''  # embedded: 'jpg' or 'png'


@dataclass
class Album:
    folder: str
    tags: dict
    covers: tuple = ()  # file names in the folder
    tracks: list = field(default_factory=list)

    def add(self, number, title, extension, music, seconds, tags=(),
            **options):
        path = f'{self.folder}/{number:02} {title}.{extension}'
        self.tracks.append(Track(path, music, seconds, {
            'title': title, **self.tags, 'track': str(number), **dict(tags)},
            **options))


def tags(artist, album, year, genre, composer, disc='1/1', **more):
    return {'artist': artist, 'album_artist': artist, 'album': album,
            'date': str(year), 'genre': genre, 'composer': composer,
            'disc': disc, 'comment': 'Made by scripts/demo-library of groovefs',
            'copyright': 'Public domain (CC0 1.0)', **more}


def first_light():
    album = Album('The Ferric Oxides/First Light', tags(
        'The Ferric Oxides', 'First Light', 2019, 'Electronic', 'Iris Ohm'))
    album.add(1, 'Sunrise over Static', 'flac', (57, 'minor', 96), 26.7,
              cover='jpg')
    album.add(2, 'Ferrite Garden', 'flac', (55, 'major', 108), 22.3,
              cover='jpg')
    album.add(3, 'Slow Train North', 'flac', (52, 'minor', 84), 24.1,
              cover='jpg')
    return album


def glass_rooms():
    album = Album('Vera Lundquist/Glass Rooms', tags(
        'Vera Lundquist', 'Glass Rooms', '2021-03-19', 'Ambient',
        'Vera Lundquist', disc='1/2'))
    album.add(1, 'North Window', 'flac', (50, 'major', 76), 20.9,
              rate=96000, bits=24, cover='png')
    album.add(2, 'Stairwell', 'flac', (53, 'minor', 88), 20.2,
              rate=96000, bits=24, cover='png')
    album.add(3, 'Greenhouse', 'm4a', (55, 'major', 92), 21.6,
              {'disc': '2/2', 'track': '1'}, codec='alac', cover='jpg')
    album.add(4, 'Attic at Four', 'm4a', (48, 'minor', 80), 20.4,
              {'disc': '2/2', 'track': '2'}, rate=48000, bits=24,
              codec='alac', cover='jpg')
    return album


def postcards():
    album = Album('Various Artists/Postcards ✉', {
        **tags('Various Artists', 'Postcards ✉', 2023, 'World', '林 静香')},
        covers=('Folder.PNG',))
    rows = (('夜明けの汽車', '湊 愛子', 57, 'minor', 100),
            ('Тихая река', 'Анна Белова', 52, 'minor', 90),
            ('Θάλασσα', 'Νίκος Αιγαίος', 55, 'major', 112),
            ('Full Moon 🌕 Café', 'Zoë & die Brüder', 53, 'major', 104))
    for number, (title, artist, key, mode, tempo) in enumerate(rows, 1):
        album.add(number, title, 'flac', (key, mode, tempo), 20 + number * 1.3,
                  {'artist': artist}, rate=48000)
    return album


def tape_loops():
    album = Album('Brass & Tape/Tape Loops', tags(
        'Brass & Tape', 'Tape Loops', 1998, 'Jazz', 'E. Halloran'),
        covers=('cover.jpg',))
    album.add(1, 'Leader', 'wav', (57, 'major', 116), 21.1)
    album.add(2, 'Splice', 'aiff', (50, 'minor', 98), 20.5)
    album.add(3, 'Wow and Flutter', 'wv', (55, 'minor', 86), 22.2)
    album.add(4, 'Run-out', 'mp3', (52, 'major', 94), 20.8)
    return album


def odds_and_ends():
    album = Album('Odds and ends', tags(
        'Test Pressing', 'Odds and ends', 2024, 'Other', 'Nobody'))
    album.add(1, 'One ear', 'flac', (55, 'major', 100), 20.3, channels=1)
    album.add(2, 'Small speaker', 'wav', (57, 'minor', 92), 20.7, rate=22050)
    album.add(3, 'All around', 'flac', (52, 'major', 84), 20.1, rate=48000,
              channels=6)
    album.add(4, 'Pocket', 'm4a', (50, 'minor', 106), 21.9, codec='aac',
              cover='jpg')
    album.add(5, 'Twice', 'flac', (53, 'major', 110), 20.6)
    album.add(5, 'Twice', 'mp3', (53, 'major', 110), 20.6)
    return album


ALBUMS = (tape_loops(), odds_and_ends(), first_light(), postcards(),
          glass_rooms())

TEXT = ('About this music.txt', '''\
Everything here was made by scripts/demo-library of groovefs: tunes that a
program composes from a number, tags and covers of bands that do not exist.
Public domain (CC0 1.0).
''')
