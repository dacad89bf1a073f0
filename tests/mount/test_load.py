"""Many readers at once, and a library of many tracks, in small: load.py and
large.py are the long forms."""
import shutil
import tempfile
import unittest

import fixtures
import large
import load
import tap
from harness import Mount, SANITIZED

READERS, TRACKS, AT_LEAST = (8, 3, 2) if fixtures.REDUCED else (20, 6, 3)
POOL = 16 << 20


class Load(unittest.TestCase):
    limit = 120

    def test_readers(self):
        """Readers of all kinds at once get right bytes, and leave neither
        memory nor descriptors behind"""
        right = tempfile.mkdtemp(prefix="groovefs-load-")
        self.addCleanup(shutil.rmtree, right)
        source = load.library(TRACKS)
        load.read_right(source, right)
        with Mount(source, memory=POOL, cache_size=4 << 20,
                   worker_timeout=300) as mount:
            load.warm_up(mount)
            wrong, most = load.many_readers(mount, right, READERS, 0,
                                            AT_LEAST)
            self.assertEqual(wrong, [])
            load.settled(mount)
        if not SANITIZED:
            self.assertLess(most["memory"], (64 << 20) + POOL)

    def test_large(self):
        """A library of many tracks is listed, and mounted again with a large
        cache"""
        large.run(40 if fixtures.REDUCED else 200)


if __name__ == "__main__":
    tap.main()
