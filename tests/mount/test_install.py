"""What `meson install` puts where, and the units of systemd among it."""
import os
import re
import shlex
import shutil

import tap
from folders import Folders, run
from harness import BINARY, read_file

BUILD = os.path.dirname(os.path.dirname(os.path.realpath(BINARY)))

WANTED = (
    "bin/groovefs",
    "lib/systemd/system/groovefs@.service",
    "lib/systemd/user/groovefs.service",
    "share/bash-completion/completions/groovefs",
    "share/man/man1/groovefs.1",
    "share/man/man5/groovefs.conf.5",
    "share/zsh/site-functions/_groovefs",
)


class Installed(Folders):
    limit = 120

    def setUp(self):
        super().setUp()
        if not shutil.which("meson"):
            self.skipTest("meson is not in PATH")
        done = run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
                   "--destdir", self.at("root"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.prefix = next(folder for folder, below, _ in os.walk(
            self.at("root")) if "bin" in below)

    def unit(self, name):
        """Where it lies, once it starts the program that is tested."""
        folder = "system" if "@" in name else "user"
        path = os.path.join(self.prefix, "lib/systemd", folder, name)
        with open(path) as file:
            text, count = re.subn(r"(?<==)/\S+/bin/groovefs\b",
                                  os.path.realpath(BINARY), file.read())
        self.assertEqual(count, 1)
        with open(path, "w") as file:
            file.write(text)
        return path

    def setting(self, path, key):
        with open(path) as file:
            return re.search(rf"^{key}=(.*)", file.read(), re.M)[1]

    def command(self, path, **variables):
        return [re.sub(r"\$\{(\w+)\}", lambda m: variables[m[1]], word)
                for word in shlex.split(self.setting(path, "ExecStart"))]

    def test_files(self):
        """Everything lies where it is looked for"""
        found = {os.path.relpath(os.path.join(folder, name), self.prefix)
                 for folder, _, names in os.walk(self.prefix)
                 for name in names}
        self.assertEqual(set(WANTED) - found, set())
        self.assertIn("share/doc/groovefs/examples/nginx.conf", found)
        self.assertFalse([name for name in found if "pycache" in name])

    def test_manual_page(self):
        """man finds the manual where it is installed"""
        done = run("man", "groovefs.conf", env={
            **os.environ, "MANPATH": self.prefix + "/share/man",
            "MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("configuration of groovefs", done.stdout)

    def test_verify(self):
        """systemd finds no fault with the units"""
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd is not installed")
        os.mkdir(self.at("runtime"))
        for name, manager in (("groovefs.service", "--user"),
                              ("groovefs@.service", "--system")):
            done = run("systemd-analyze", "verify", manager, "--man=no",
                       self.unit(name), env={
                           **os.environ, "XDG_RUNTIME_DIR":
                           self.at("runtime")})
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (0, "", ""))

    def test_system_unit(self):
        """The system unit's command mounts, with the rights that it has"""
        path = self.unit("groovefs@.service")
        rights = self.setting(path, "CapabilityBoundingSet").lower()
        self.assertEqual(self.setting(path, "NoNewPrivileges"), "yes")
        done = run("setpriv", "--no-new-privs", "--inh-caps=-all",
                   "--bounding-set=-all," + ",".join(
                       "+" + right.removeprefix("cap_")
                       for right in rights.split()),
                   *self.command(path, LIBRARY=self.at("library"),
                                 MOUNTPOINT=self.at("mount"),
                                 OPTIONS="allow_other"),
                   env={**os.environ, "XDG_CACHE_HOME": self.at("cache")})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(read_file(self.at("mount/low/a.mp3")))
        self.assertIn("groovefs", os.listdir(self.at("cache")))
        self.unmount()

    def test_user_unit(self):
        """The user unit's command mounts, without any option"""
        path = self.unit("groovefs.service")
        done = run(*self.command(path, LIBRARY=self.at("library"),
                                 MOUNTPOINT=self.at("mount"), OPTIONS=""),
                   env={**os.environ, "XDG_CACHE_HOME": self.at("cache")})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(read_file(self.at("mount/low/a.mp3")))
        self.unmount()


if __name__ == "__main__":
    tap.main()
