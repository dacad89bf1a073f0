"""Precaching much more than the cache holds, while others listen."""
import subprocess
import time
import unittest

import fixtures
import tap
from harness import (Background, BINARY, Mount, SCALE, files_below, in_threads,
                     read_file)
from test_limits import on_disk

LIMIT = 6 << 20  # bytes
READERS = 4


def thousand(folder):
    """Tracks of a second, each other audio: ten a folder."""
    base = fixtures.music(2, 44100, 2, 990)
    for i in range(60 if fixtures.REDUCED else 1000):
        fixtures.write(f"{folder}/Album {i // 10:02}/{i:03} Song.flac",
                       base[i * 40:i * 40 + 44100], 44100)


class Limits(unittest.TestCase):
    limit = 240

    def test_readers(self):
        """A thousand tracks precached while four readers play: inside
        cache_size= at every moment, and all read right"""
        library = fixtures.library(thousand)
        names = [name.replace(".flac", ".mp3")
                 for name in files_below(library)][:READERS * 10]
        with Mount(library) as mount:
            right = {name: read_file(mount.path("high", name))
                     for name in names}
        limit = LIMIT // 10 if fixtures.REDUCED else LIMIT
        with Mount(library, cache_size=limit) as mount:
            task = subprocess.Popen(
                [BINARY, "precache", "-q", "medium", library],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True)
            most = Background(lambda: self.watch(mount, task))

            def listen(reader):
                rounds = 0
                while task.poll() is None or rounds == 0:
                    for name in names[reader::READERS]:
                        self.assertTrue(
                            read_file(mount.path("high", name))
                            == right[name], name)
                        time.sleep(0.05)  # to the workers what is theirs
                    rounds += 1
                return rounds
            rounds = in_threads(READERS, listen)
            _, said = task.communicate(timeout=200 * SCALE)
            self.assertEqual(task.returncode, 0, said)
            tap.diag(f"{most.result()} of {limit} bytes, rounds {rounds}")
            self.assertLessEqual(most.result(), limit)
            self.assertGreater(mount.counter("entries_evicted"), 0)
            self.assertIn(f"{len(files_below(library))} cached", said)

    def watch(self, mount, task):
        """The most bytes that the entries ever took."""
        most = 0
        while task.poll() is None:
            most = max(most, on_disk(mount.cache))
            time.sleep(0.05)
        return most


if __name__ == "__main__":
    tap.main()
