"""The manual pages and the completions know what --help shows, and nothing
else."""
import json
import os
import re
import shutil
import tempfile
import unittest

import tap
from folders import groovefs, run

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGES = [os.path.join(ROOT, "doc", name)
         for name in ("groovefs.1", "groovefs.conf.5")]

# Each command has it, and each manual speaks of it where it has to.
ALWAYS = {"--help"}


def read(*names):
    with open(os.path.join(ROOT, *names)) as file:
        return file.read()


# What the program says

def help_of(*command):
    done = groovefs(*command, "--help")
    assert (done.returncode, done.stderr) == (0, ""), (command, done.stderr)
    return done.stdout


def commands_of(text):
    """Of a text that lists some."""
    if "COMMAND ..." not in text:
        return []
    found = re.findall(r"^  ([a-z]\w*)\b", text, re.M)
    return [name for name in found if name != "groovefs"]


def commands():
    """All that there are: ("mount",), ("cache", "stats"), ..."""
    for name in commands_of(help_of()):
        below = commands_of(help_of(name))
        yield from ((name, word) for word in below) if below else [(name,)]


def options_of(text):
    found = re.findall(r"^ {2,6}(?:(-\w)(?:, (--[\w-]+))?|(--[\w-]+))\b", text,
                       re.M)
    return {word for words in found for word in words if word}


def shown():
    """{command: its options}"""
    return {command: options_of(help_of(*command)) | ALWAYS
            for command in commands()}


def settings():
    return re.findall(r"^  ([a-z0-9_]+)=", help_of("mount"), re.M)


# What the manual says

def sections(page, kind):
    """{heading: text} of the sections Sh or of the subsections Ss."""
    parts = re.split(rf"^\.{kind} (.*)\n", page, flags=re.M)
    return {name: re.split(r"^\.S[hs] ", text, flags=re.M)[0]
            if kind == "Ss" else text
            for name, text in zip(parts[1::2], parts[2::2])}


def manual():
    """{command: its options} of groovefs.1"""
    found = {}
    for heading, text in sections(read("doc/groovefs.1"), "Ss").items():
        words = re.match(r"groovefs((?: [a-z]+)+)", heading)
        items = "\n".join(re.findall(r"^\.It (Fl .*)", text, re.M))
        options = re.findall(r"\bFl (Fl )?([\w-]+)", items)
        found[tuple(words[1].split())] = ALWAYS | {
            ("--" if double else "-") + word for double, word in options}
    return found


def settings_below(page, section):
    text = sections(read("doc", page), "Sh")[section]
    return re.findall(r"^\.It Cm (\w+) Ns =", text, re.M)


class Manual(unittest.TestCase):
    def test_commands(self):
        """groovefs.1 has all commands and their options, and no others"""
        self.assertEqual(manual(), shown())

    def test_mount_options(self):
        """groovefs.1 has all mount options, and no others, in their order"""
        self.assertEqual(settings_below("groovefs.1", "MOUNT OPTIONS"), settings())

    def test_settings(self):
        """groovefs.conf.5 has all settings of a mount, and no others"""
        self.assertEqual(sorted(settings_below("groovefs.conf.5", "SETTINGS")),
                         sorted(settings()))

    def test_qualities(self):
        """groovefs.conf.5 has all settings of a quality, and no others"""
        done = groovefs("config", "--json", "--config", "/dev/null")
        self.assertEqual(done.returncode, 0, done.stderr)
        quality = json.loads(done.stdout)["qualities"][0]
        self.assertEqual(settings_below("groovefs.conf.5", "QUALITIES"),
                         [key for key in quality if key != "name"])

    def test_control_files(self):
        """groovefs.1 has all files of .groovefs/ and all attributes"""
        page = read("doc/groovefs.1")
        found = re.findall(r"^\.It Pa \.groovefs/([\w.]+)$", page, re.M)
        names = re.findall(r'CONTROL_FOLDER "/([\w.]+)"',
                           read("fs/control.c"))
        self.assertEqual(sorted(found), sorted(names))
        found = re.findall(r"\buser\.groovefs\.(\w+) *(?:,|$)",
                           "\n".join(re.findall(r"^\.It Va .*", page, re.M)),
                           re.M)
        names = re.findall(r'PREFIX "(\w+)"', read("fs/xattr.c"))
        self.assertEqual(sorted(found), sorted(names))

    def test_pages_are_sound(self):
        """man and mandoc have nothing to complain of"""
        for page in PAGES:
            done = run("man", "--warnings", "-l", page,
                       env={**os.environ, "LC_ALL": "C.UTF-8",
                            "MANPAGER": "cat"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("EXAMPLES", done.stdout)
            if shutil.which("mandoc"):
                done = run("mandoc", "-Tlint", "-Wwarning", page)
                self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_example_configuration(self):
        """The example of a configuration file is one"""
        path = os.path.join(ROOT, "examples/groovefs.conf")
        done = groovefs("config", "--config", path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(f"{path}:", done.stdout)


class Completion(unittest.TestCase):
    limit = 120

    def setUp(self):
        loader = "/usr/share/bash-completion/bash_completion"
        if not os.path.exists(loader):
            self.skipTest("bash-completion is not installed")
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed")
        folder = tempfile.TemporaryDirectory(prefix="groovefs-completion-")
        self.addCleanup(folder.cleanup)
        self.base = folder.name
        below = os.path.join(self.base, "bash-completion/completions")
        os.makedirs(below)
        shutil.copy(os.path.join(ROOT, "completion/groovefs.bash"),
                    os.path.join(below, "groovefs"))

    def offers(self, *command, **keywords):
        done = run(*command, **keywords)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return set(done.stdout.split())

    def bash(self, *words):
        return self.offers("bash", "--norc", os.path.join(
            HERE, "complete.bash"), "groovefs", *words,
            env={**os.environ, "XDG_DATA_DIRS": self.base})

    def zsh(self, *words):
        return self.offers("zsh", "-f", os.path.join(HERE, "complete.zsh"),
                           os.path.join(ROOT, "completion"),
                           " ".join(["groovefs", *words]))

    def test_commands(self):
        """bash and zsh offer all commands, and no others"""
        names = set(commands_of(help_of()))
        self.assertEqual(self.bash(""), names | {"--help", "--version"})
        self.assertEqual(self.zsh(""), names)
        for name in names:
            below = set(commands_of(help_of(name)))
            if below:
                self.assertEqual(self.bash(name, ""), below)
                self.assertEqual(self.zsh(name, ""), below)

    def test_options(self):
        """They offer all options of each command, and no others"""
        wanted = shown()
        for offers in (self.bash, self.zsh):
            found = {command: offers(*command, "-") | ALWAYS
                     for command in wanted}
            self.assertEqual(found, wanted)

    def test_mount_options(self):
        """They offer all mount options, and no others"""
        wanted = {*settings(), "allow_other"}
        for offers in (self.bash, self.zsh):
            found = offers("mount", "-o", "")
            self.assertEqual({word.strip("=") for word in found}, wanted)

    def test_second_mount_option(self):
        """They offer one behind a comma"""
        self.assertEqual(self.bash("mount", "-o", "memory=1G,cache_s"),
                         {"1G,cache_size="})  # what is behind the last =
        self.assertEqual(self.zsh("mount", "-o", "memory=1G,cache_s"),
                         {"cache_size"})

    def test_values(self):
        """They offer values, and files"""
        for offers in (self.bash, self.zsh):
            self.assertEqual(offers("mount", "-o", "pcm_on_disk="),
                             {"yes", "no"})
        self.assertEqual(self.bash("precache", "-q", "high,m"),
                         {"high,medium"})
        self.assertEqual(self.zsh("precache", "-q", "high,m"), {"medium"})
        self.assertEqual(self.bash("analyze", "/etc/fst"), {"/etc/fstab"})
        self.assertIn("fstab", self.zsh("analyze", "/etc/fst"))


if __name__ == "__main__":
    tap.main()
