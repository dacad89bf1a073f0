"""The programs that people use on a mount: player, rsync, copies. The web server
has a file of its own."""
import glob
import os
import shutil
import subprocess
import tempfile
import unittest

import fixtures
import mp3
import tap
from harness import Mount, SCALE, files_below, read_file
from mounted import Mounted

TRACK = "Artist/Album/00 Track.mp3"


def need(program):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    if not path:
        raise unittest.SkipTest(f"{program} is not installed")
    return path


def run(*command, **keywords):
    return subprocess.run(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60 * SCALE, **keywords)


class Programs(Mounted):
    limit = 120
    make = fixtures.album

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = cls.mount.path("medium", TRACK)
        with Mount(cls.library) as other:
            cls.right = read_file(other.path("medium", TRACK))
        cls.decoded = mp3.decode_bytes(cls.right, 2)

    def test_mpv(self):
        """mpv plays a track from start to end"""
        with tempfile.NamedTemporaryFile(suffix=".wav") as out:
            done = run(need("mpv"), "--no-config", "--no-video", "--ao=pcm",
                       f"--ao-pcm-file={out.name}", "--untimed",
                       "--msg-level=all=warn", "--no-terminal", self.path)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr, b"")
            played, _ = mp3.source_samples(out.name)
        self.assertLess(abs(len(played) - len(self.decoded)), 2400)

    def test_mpv_seeks(self):
        """mpv starts near a track's end and plays what is there"""
        seconds = len(self.decoded) / 44100
        with tempfile.NamedTemporaryFile(suffix=".wav") as out:
            done = run(need("mpv"), "--no-config", "--no-video", "--ao=pcm",
                       f"--ao-pcm-file={out.name}", "--untimed",
                       "--hr-seek=yes", f"--start={seconds - 5:.3f}",
                       "--msg-level=all=warn", "--no-terminal",
                       self.mount.path("high", TRACK))
            self.assertEqual(done.returncode, 0, done.stderr)
            played, _ = mp3.source_samples(out.name)
        self.assertAlmostEqual(len(played) / 44100, 5, delta=0.3)

    def test_mpv_plays_the_folder(self):
        """mpv plays an album, one track after another"""
        with Mount(fixtures.library(fixtures.mixed)) as cold:
            done = run(need("mpv"), "--no-config", "--no-video", "--ao=pcm",
                       "--ao-pcm-file=/dev/null", "--untimed",
                       "--msg-level=all=warn", "--no-terminal",
                       *glob.glob(cold.path("low/Artist/Album/*.mp3")))
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_ffmpeg(self):
        """FFmpeg decodes from the mount what it decodes from a copy"""
        decoded, said = mp3.decode(self.path, 2)
        self.assertEqual(said, "")
        self.assertEqual(len(decoded), len(self.decoded))
        self.assertEqual(abs(decoded - self.decoded).max(), 0)

    def test_rsync(self):
        """rsync -c copies a quality folder, and finds nothing to do a second
        time"""
        rsync = need("rsync")
        target = os.path.join(self.mount.base, "copy")
        with Mount(fixtures.library(fixtures.mixed)) as cold:
            source = cold.path("low") + "/"
            done = run(rsync, "-ac", source, target)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            names = files_below(source)
            self.assertEqual(files_below(target), names)
            for name in names:
                self.assertTrue(read_file(os.path.join(source, name))
                                == read_file(os.path.join(target, name)),
                                name)
            again = run(rsync, "-aci", source, target)
            self.assertEqual((again.returncode, again.stderr, again.stdout),
                             (0, b"", b""))

    def test_cp_and_tar(self):
        """cp and tar take files from a cold mount without complaint"""
        target = os.path.join(self.mount.base, "copied")
        with Mount(fixtures.library(fixtures.mixed)) as cold:
            for command in (
                    ("cp", "-r", cold.path("low/Artist"), target),
                    ("tar", "-cf", target + ".tar", "-C", cold.path("low"),
                     "Artist"),
                    ("diff", "-r", cold.path("low/Artist"), target)):
                done = run(*command)
                self.assertEqual((done.returncode, done.stderr), (0, b""))


if __name__ == "__main__":
    tap.main()
