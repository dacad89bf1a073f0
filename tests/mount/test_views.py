"""Views in pcm/ are made when somebody asks for them, and go again."""
import os
import unittest

import fixtures
import tap
from harness import Mount, in_threads, opened, pread_all, wait_until

ASKED = 6000  # once this was more than there could be
TRACK = "Artist/Album/Track.wav"


class Views(unittest.TestCase):
    def test_many(self):
        """However many were asked for, the next one opens, those in use go on,
        and the rest is forgotten"""
        with Mount(fixtures.library(fixtures.single)) as mount:
            with opened(mount.path("pcm/9999", TRACK)) as used:
                self.ask(mount)
                self.assertGreater(os.stat(
                    mount.path("pcm/191999-mono", TRACK)).st_size, 1000)
                self.assertEqual(pread_all(used, 4, 0), b"RIFF")
                wait_until(lambda: mount.stats()["daemon"]["nodes"] < 1000,
                           "views to be forgotten")
            self.assertIn("native", os.listdir(mount.path("pcm")))

    def ask(self, mount):
        def ask(part):
            for rate in range(20000 + part, 20000 + ASKED, 4):
                os.stat(mount.path(f"pcm/{rate}"))

        in_threads(4, ask)


if __name__ == "__main__":
    tap.main()
