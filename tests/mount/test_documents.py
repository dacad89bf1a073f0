"""What README.md and the manual pages tell users to type does what they say."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

import tap
from harness import BINARY, SCALE, mounted

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.append(os.path.join(ROOT, "scripts"))
from demo import catalogue, encode  # noqa: E402

ALBUM = "The Ferric Oxides/First Light"

# Places of the machine, as they are found below the home of these tests.
PLACES = (("/srv/music", "~/Music"), ("/srv/groovefs", "~/groovefs"),
          ("/media/car", "~/car"), ("/etc/nginx", "~/nginx"),
          ("/etc/groovefs", "~/groovefs.d"))

# What is not run here, and who sees to it.
ELSEWHERE = {
    r"systemctl ": "no systemd runs here; test_install looks at the units",
    r"scripts/(run|build|package|test)\b": "builds; CI begins with them",
    r"0 3 \* \* \* ": "cron's line; the same command is in the block above",
    r"/srv/music +/srv/groovefs +fuse": "fstab's line is test_ways's",
}


def text_of(name):
    with open(os.path.join(ROOT, name)) as file:
        return file.read()


def fenced(language):
    """The README's blocks of it."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of("README.md"),
                      re.M | re.S)


def indented():
    """Lines of the README's other blocks."""
    return re.findall(r"^ {4}(\S.*)", re.sub(r"^```.*?^```$", "", text_of(
        "README.md"), flags=re.M | re.S), re.M)


def manual_blocks():
    for text in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed",
                           text_of("doc/groovefs.1"), re.M | re.S):
        yield text.replace("\\e", "\\")


def elsewhere(line):
    return any(re.match(pattern, line) for pattern in ELSEWHERE)


def make_album(music):
    album = next(a for a in catalogue.ALBUMS if a.folder == ALBUM)
    os.makedirs(os.path.join(music, ALBUM))
    with tempfile.TemporaryDirectory() as folder:
        for track in album.tracks:
            picture = None
            if track.cover:
                picture = os.path.join(folder, "cover." + track.cover)
                encode.save_cover(picture, album.folder)
            encode.save_track(os.path.join(music, track.path), track,
                              track.seconds, picture)
    names = [os.path.basename(track.path) for track in album.tracks]
    playlist = os.path.join(music, ALBUM, f"{album.tags['album']}.m3u8")
    with open(playlist, "w") as file:
        file.write("".join(f"{name}\n" for name in ["#EXTM3U", *names]))
    with open(os.path.join(music, "Party.m3u"), "w") as file:
        file.write(f"{ALBUM}/{names[0]}\n")


class Documents(unittest.TestCase):
    limit = 120

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="groovefs-documents-")
        cls.home = cls.folder.name
        os.chmod(cls.home, 0o755)
        for name in ("car/Music", "bin",
                     "nginx/sites-available", "nginx/sites-enabled"):
            os.makedirs(os.path.join(cls.home, name))
        os.symlink(BINARY, os.path.join(cls.home, "bin/groovefs"))
        os.symlink(os.path.join(ROOT, "examples"),
                   os.path.join(cls.home, "examples"))
        make_album(os.path.join(cls.home, "Music"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def tearDown(self):
        if mounted(self.point()):
            self.run_block("groovefs umount ~/groovefs")
        if os.path.isdir(self.point()):
            os.rmdir(self.point())

    def point(self):
        return os.path.join(self.home, "groovefs")

    def run_block(self, text):
        """Its standard output, each line tried as it is but for places."""
        for there, here in PLACES:
            text = text.replace(there, here)
        environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("XDG_", "GROOVEFS_"))
            or name == "GROOVEFS_SEED"}
        environment.update(
            HOME=self.home, LC_ALL="C.UTF-8",
            PATH=f"{self.home}/bin:/usr/bin:/bin:/usr/sbin:/sbin")
        done = subprocess.run(
            ["bash", "-euc", text], cwd=self.home, env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=100 * SCALE)
        self.assertEqual(done.returncode, 0, text + done.stderr)
        return done.stdout

    def blocks(self, texts):
        """Runs them, each on its own; what a block mounts ends with it."""
        ran = 0
        for text in texts:
            lines = [line for line in text.splitlines(keepends=True)
                     if not elsewhere(line)]
            if lines:
                with self.subTest(block=lines[0]):
                    self.run_block("".join(lines))
                    self.tearDown()
                ran += len(lines)
        return ran

    def test_session(self):
        """The README's session shows what it shows there"""
        session = "".join(fenced("console"))
        parts = re.split(r"^\$ (.*)\n", session, flags=re.M)
        commands, shown = parts[1::2], parts[2::2]
        self.assertGreater(len(commands), 5)
        output = self.run_block(
            "mkdir -p ~/groovefs\ngroovefs mount ~/Music ~/groovefs\n"
            + "\n".join(f"{command}\nprintf '\\0'" for command in commands))
        self.assertEqual(list(zip(commands, output.split("\0"))),
                         list(zip(commands, shown)))

    def test_readme(self):
        """The README's blocks of commands can be run as they stand"""
        self.assertGreater(self.blocks(fenced("sh")), 20)
        copied = os.path.join(self.home, "car/Music", ALBUM)
        self.assertEqual(len(os.listdir(copied)), 4)
        with open(os.path.join(self.home, "library.csv")) as table:
            self.assertEqual(len(table.readlines()), 4)

    def test_readme_others(self):
        """What the README shows in other blocks is tried elsewhere"""
        self.assertEqual([line for line in indented()
                          if not elsewhere(line)], [])

    def test_manual(self):
        """The examples of groovefs.1 can be run as they stand"""
        self.assertGreater(self.blocks(manual_blocks()), 6)


if __name__ == "__main__":
    tap.main()
