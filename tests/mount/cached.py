"""A library whose tracks are in the cache, for tests of 'groovefs cache'."""
import json
import os
import shutil
import tempfile

import fixtures
from folders import Folders, groovefs
from harness import Mount, read_file

TRACKS = ("Artist/One/a.flac", "Artist/One/b.flac", "Artist/Two/c.flac",
          "d.flac")
ALONE = TRACKS[2]  # no other track follows it, that would be made ahead


class Cached(Folders):
    """TRACKS in low/, one also in high/ and analyzed: made once, and each
    case has a copy."""
    limit = 120

    @classmethod
    def setUpClass(cls):
        cls.template = tempfile.TemporaryDirectory(prefix="groovefs-cached-")
        library = os.path.join(cls.template.name, "library")
        for i, name in enumerate(TRACKS):
            path = os.path.join(library, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            fixtures.write(path, fixtures.music(4 + i, 44100, 2, 950 + i),
                           44100, tags={"title": name})
        cache = os.path.join(cls.template.name, "cache")
        with Mount(library, cache=cache) as mount:
            cls.right = {name: read_file(cls.low(mount, name))
                         for name in TRACKS}
            read_file(mount.path("high", ALONE.replace(".flac", ".mp3")))
            read_file(mount.path("analysis", ALONE + ".json"))
            mount.settle()

    def setUp(self):
        super().setUp()
        os.unlink(self.at("library/a.flac"))
        shutil.copytree(self.template.name, self.base, dirs_exist_ok=True)

    def mounted(self, **options):
        return Mount(self.at("library"), cache=self.at("cache"), **options)

    @staticmethod
    def low(mount, name):
        return mount.path("low", name.replace(".flac", ".mp3"))

    def cache(self, *arguments):
        return groovefs("cache", *arguments, "--cache", self.at("cache"))

    def json(self, *arguments, status=0):
        done = self.cache(*arguments, "--json")
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout)

    def entries(self):
        return {(row["quality"], row["path"]): row
                for row in self.json("ls")["entries"]}

    def file_of(self, quality, path, suffix):
        key = self.entries()[quality, path]["key"]
        return self.at(f"cache/entries/{key[:2]}/{key}.{suffix}")

    def flip(self, quality, path, at=100):
        payload = self.file_of(quality, path, "data")
        with open(payload, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 4]))
        return payload

    def snapshot(self):
        found = {}
        for base, _, names in os.walk(self.at("cache/entries")):
            for name in names:
                path = os.path.join(base, name)
                with open(path, "rb") as file:
                    found[path] = file.read(), os.stat(path).st_mtime_ns
        return found
