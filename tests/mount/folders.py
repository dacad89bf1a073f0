"""A library, a mount point and the command line program, for tests of it."""
import os
import pty
import subprocess
import tempfile
import unittest

import fixtures
from harness import BINARY, SANITIZED, SCALE, cut_off, mounted

USAGE, REFUSED = 2, 1


def groovefs(*arguments, **keywords):
    return run(BINARY, *arguments, **keywords)


def run(*command, **keywords):
    """Runs it through pipes: it must not return with an end still open. Only
    in sanitizer builds the workers of a daemon may keep stderr. The limit is
    for what hangs, not for what has much to do on a busy machine."""
    with tempfile.TemporaryFile("w+") as kept:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True, timeout=120 * SCALE,
            stderr=kept if SANITIZED else subprocess.PIPE, **keywords)
        if SANITIZED:
            kept.seek(0)
            done.stderr = kept.read()
    return done


def on_terminal(*arguments, stdout=False, **keywords):
    """Runs groovefs with its stderr, perhaps also stdout, on a terminal: what
    was shown there, and the exit code."""
    terminal, child = pty.openpty()
    with subprocess.Popen(
            [BINARY, *arguments], stdin=subprocess.DEVNULL, stderr=child,
            stdout=child if stdout else subprocess.DEVNULL,
            **keywords) as process:
        os.close(child)
        shown = b""
        try:
            while part := os.read(terminal, 4096):
                shown += part
        except OSError:  # the other end is closed
            pass
        code = process.wait(60 * SCALE)
    os.close(terminal)
    return shown, code


class Folders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="groovefs-cli-")
        self.addCleanup(folder.cleanup)
        self.base = folder.name
        os.chmod(self.base, 0o755)
        for name in ("library", "mount"):
            os.mkdir(self.at(name))
        fixtures.write(self.at("library/a.flac"),
                       fixtures.music(2, 44100, 2, 800), 44100)
        self.addCleanup(self.clean)

    def clean(self):
        if mounted(self.at("mount")):
            cut_off(self.at("mount"))

    def at(self, name):
        return os.path.join(self.base, name)

    def mount(self, library="library", point="mount", options="", **keywords):
        cache = "" if "cache=" in options else f"cache={self.at('cache')},"
        options = (cache + options).strip(",")
        return groovefs("mount", *(["-o", options] if options else []),
                        self.at(library), self.at(point), **keywords)

    def unmount(self):
        done = groovefs("umount", self.at("mount"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse(mounted(self.at("mount")))

    def refuses(self, done, code=REFUSED, about=None):
        self.assertEqual(done.returncode, code, done.stderr)
        lines = done.stderr.splitlines()
        if code == REFUSED:
            self.assertEqual(len(lines), 1, done.stderr)
        else:
            self.assertGreaterEqual(len(lines), 1, done.stderr)
        self.assertRegex(done.stderr, r"^groovefs: ")
        if about:
            self.assertIn(about, done.stderr)
        self.assertFalse(mounted(self.at("mount")))
