"""Configuration: where values come from, what is refused, and what `groovefs
config` tells."""
import contextlib
import json
import os
import pwd
import subprocess

import tap
from folders import Folders, REFUSED, USAGE, groovefs
from harness import BINARY, Mount, SCALE, mounted, read_file

SETTINGS = ("cache", "cache_size", "cache_age", "min_free", "memory", "spill",
        "pcm", "pcm_on_disk", "follow_links", "analysis_memory",
        "analysis_tracks", "analysis_ttl", "analyze", "lossless", "transcode_lossy_above",
        "cover_max", "id3_version", "id3_separator", "precache", "workers",
        "worker_timeout", "uid", "gid", "umask", "fmask", "dmask", "log_level", "log_target")

# In a file system namespace of its own, whose /etc is empty but for our file.
WITH_ETC = """
    mount -t tmpfs none /etc && cat "$1" > /etc/groovefs.conf &&
    shift && exec "$@" """


class Case(Folders):
    def write(self, text, name="groovefs.conf"):
        path = self.at(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def config(self, *arguments, text=None, **variables):
        """What is in force, as JSON tells it."""
        if text is not None:
            arguments += ("--config", self.write(text))
        done = groovefs("config", "--json", *arguments,
                        env={**os.environ, **variables})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def wrong(self, text, line, *words):
        """Refused by mount and config: file, line and what would be right."""
        path = self.write(text)
        for arguments in (("config",), ("mount", self.at("library"),
                                        self.at("mount"))):
            done = groovefs(arguments[0], "--config", path, *arguments[1:])
            self.refuses(done, USAGE, f"{path}:{line}: ")
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            for word in (*words, "should"):
                self.assertIn(word, done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertFalse(mounted(self.at("mount")))


class Sources(Case):
    def test_precedence(self):
        """/etc, the user's file, the environment and -o win in this order"""
        etc = self.write("workers = 3\ncache_size = 3G\nspill = 3G\n"
                         "memory = 3G\n", "etc")
        self.write("workers = 4\ncache_size = 4G\nspill = 4G\n",
                   "xdg/groovefs/config")
        environment = {key: value for key, value in os.environ.items()
                       if key != "GROOVEFS_CONFIG"}
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", WITH_ETC, "sh", etc, BINARY,
             "config", "--json", "-o", "cache_size=5G"],
            stdout=subprocess.PIPE, check=True, timeout=30 * SCALE,
            env={**environment, "XDG_CONFIG_HOME": self.at("xdg"),
                 "GROOVEFS_WORKERS": "6", "GROOVEFS_CACHE_SIZE": "6G"})
        found = json.loads(done.stdout)["settings"]
        user = self.at("xdg/groovefs/config")
        for key, value, origin in (
                ("workers", "6", "environment GROOVEFS_WORKERS"),
                ("cache_size", "5G", "-o"), ("spill", "4G", f"{user}:3"),
                ("memory", "3G", "/etc/groovefs.conf:4"),
                ("cache_age", "0", "default")):
            self.assertEqual(found[key], {"value": value, "origin": origin})

    def test_home(self):
        """Without XDG_CONFIG_HOME it is ~/.config/groovefs/config"""
        empty = self.write("", "etc")
        path = self.write("workers = 7\n", "home/.config/groovefs/config")
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", WITH_ETC, "sh", empty, BINARY,
             "config", "--json"], stdout=subprocess.PIPE, check=True,
            timeout=30 * SCALE, env={"HOME": self.at("home"),
                                     "PATH": os.environ["PATH"]})
        self.assertEqual(json.loads(done.stdout)["settings"]["workers"],
                         {"value": "7", "origin": f"{path}:1"})

    def test_named_file(self):
        """A file that is named is the only one; --config goes before
        GROOVEFS_CONFIG"""
        self.write("spill = 2G\n", "xdg/groovefs/config")
        named = self.write("workers = 3\n", "named")
        found = self.config(GROOVEFS_CONFIG=named,
                            XDG_CONFIG_HOME=self.at("xdg"))["settings"]
        self.assertEqual((found["workers"]["value"], found["spill"]["value"]),
                         ("3", "1G"))
        found = self.config(text="workers = 9", GROOVEFS_CONFIG=named)
        self.assertEqual(found["settings"]["workers"]["value"], "9")

    def test_mount_obeys(self):
        """A mount does what file, -o and environment say"""
        path = self.write(f"cache = {self.at('from file')}\n"
                          "workers = 1\nlog_level = error\n")
        done = groovefs("mount", "--config", path, self.at("library"),
                        self.at("mount"),
                        env={**os.environ, "GROOVEFS_PCM": "22050-mono"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(sorted(os.listdir(self.at("mount/pcm"))),
                         ["22050-mono", "native"])
        self.assertTrue(read_file(self.at("mount/low/a.mp3")))
        self.assertIn("facts.sqlite", os.listdir(self.at("from file")))
        self.unmount()

    def test_analyze_obeys(self):
        """analyze takes its cache from the file, too"""
        path = self.write(f"cache = {self.at('other')}\n")
        done = groovefs("analyze", "--config", path, self.at("library"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("facts.sqlite", os.listdir(self.at("other")))

    def test_layout_of_a_file(self):
        """Blanks, comments of any length, CR and a byte order mark do no
        harm"""
        found = self.config(text="\ufeff  workers=3 ; a comment\r\n"
                            "# " + 5000 * "x" + "\n\n"
                            "\tspill  =  2G  \n; another\n"
                            "cache = /a b=c;d#e\n"
                            "precache = low:high")["settings"]
        for key, value in (("workers", "3"), ("spill", "2G"),
                           ("cache", "/a b=c;d#e"),
                           ("precache", "low:high")):
            self.assertEqual(found[key]["value"], value)


class Errors(Case):
    def test_precache(self):
        """precache= names qualities that there are"""
        self.wrong("precache = medium, nope\n", 1, "nope", "qualities")
        told = self.config(text="precache = low, high\n")
        self.assertEqual(told["settings"]["precache"]["value"], "low, high")

    def test_unknown_key(self):
        """An unknown setting is refused with file, line and the settings there are"""
        self.wrong("# comment\n\ncachesize = 1G\n", 3, "'cachesize'",
                   "cache_size")

    def test_bad_values(self):
        """A bad value is refused with file, line and what would be right"""
        for key, value, right in (
                ("cache_size", "abc", "500M"), ("cache_age", "soon", "30d"),
                ("workers", "0", "1 to 256"), ("workers", "x", "1 to 256"),
                ("pcm_on_disk", "maybe", "yes or no"),
                ("analyze", "never", "on-read or on-play"),
                ("log_level", "loud", "debug"),
                ("log_target", "printer", "syslog"),
                ("uid", "no one", "user"), ("gid", "-1", "group"),
                ("umask", "0o22", "022"), ("fmask", "1000", "022"),
                ("dmask", "8", "022"),
                ("lossless", "mp3", "flac"), ("lossless", "", "flac"),
                ("transcode_lossy_above", "-1", "kbit/s"),
                ("cover_max", "huge", "pixels"),
                ("id3_version", "2.2", "2.3 or 2.4"),
                ("id3_separator", "four", "three"),
                ("pcm", "44100:x", "16000-mono")):
            self.wrong(f"\n{key} = {value}\n", 2, f"'{value}'", key, right)

    def test_bad_qualities(self):
        """A quality that cannot be is refused with file, line and reason"""
        for text, line, word in (
                ("[quality x]\ncodec = ogg", 2, "mp3 or wav"),
                ("[quality x]\nbit_rate = 200", 2, "192, 224"),
                ("[quality x]\nrate = 22050", 2, "44100"),
                ("[quality x]\ncodec = wav\nrate = 7999", 3, "8000"),
                ("[quality x]\nchannels = 6", 2, "0, 1 or 2"),
                ("[quality x]\nlame_quality = 10", 2, "0 to 9"),
                ("[quality x]\nbit_rate = 96\ncodec = wav", 2, "mp3 only"),
                ("[quality x]\nbitrate = 64", 2, "bit_rate")):
            self.wrong(text, line, word)
        for name in ("original", "pcm", "analysis", ".groovefs", "a/b", "..",
                     40 * "x", 100 * "x"):
            path = self.write(f"[quality {name}]\ncodec = mp3\n")
            done = groovefs("config", "--config", path)
            self.refuses(done, USAGE, f"{path}:")

    def test_no_configuration(self):
        """What is no line of a configuration is refused"""
        for text, line in (("workers = 3\nhello\n", 2),
                           ("[quality x\ncodec = mp3\n", 1),
                           ("workers = 3\n[nonsense]\nworkers = 3\n", 3),
                           ("[quality x]\n[quality y]\ncodec = mp3\n", 1),
                           ("workers = 3\n[quality]\n", 2),
                           ("workers = 3\0\n", 1),
                           ("[quality x] y\ncodec = mp3\n", 1),
                           ("[quality x]]\ncodec = mp3\n", 1),
                           ("cache = " + 300 * "x", 1)):
            self.wrong(text, line)

    def test_unreadable(self):
        """A named file that cannot be read is refused"""
        for path in (self.at("nowhere"), self.base):
            for arguments in (("config",), ("mount", self.at("library"),
                                            self.at("mount"))):
                done = groovefs(arguments[0], "--config", path,
                                *arguments[1:])
                self.refuses(done, USAGE, f"'{path}'")

    def test_option_and_variable(self):
        """Bad options and variables are refused by name, and exit 2"""
        for option in ("nonsense=1", "cache_sise=1G", "workers", "workers=x"):
            self.refuses(self.mount(options=option), USAGE,
                         option.partition("=")[0])
        done = self.mount(env={**os.environ, "GROOVEFS_CACHE_SIZE": "big"})
        self.refuses(done, USAGE, "GROOVEFS_CACHE_SIZE")
        self.assertIn("500M", done.stderr)


class Command(Case):
    def test_all_settings(self):
        """config shows every option of mount --help, and no other"""
        found = self.config()
        self.assertEqual(tuple(found["settings"]), SETTINGS)
        shown = groovefs("mount", "--help").stdout
        told = [line.split("=")[0].strip() for line in shown.splitlines()
                if line.startswith("  ") and "=" in line.split()[0]]
        self.assertEqual(tuple(told), SETTINGS)
        self.assertEqual([q["name"] for q in found["qualities"]],
                         ["high", "medium", "low"])
        self.assertEqual(found["qualities"][0]["bit_rate"],
                         {"value": "256", "origin": "default"})

    def test_lines(self):
        """--jsonl gives what --json does, a line each; names keep their
        bytes"""
        odd = os.fsdecode(b"/a\xff")
        told = self.config("-o", f"cache={odd}")
        self.assertEqual(told["settings"]["cache"]["value"], odd)
        lines = [json.loads(line) for line in groovefs(
            "config", "--jsonl", "-o", f"cache={odd}").stdout.splitlines()]
        settings = {line.pop("setting"): line for line in lines
                    if "setting" in line}
        self.assertEqual(settings, told["settings"])
        self.assertEqual([{"name": line.pop("quality"), **line}
                          for line in lines if "quality" in line],
                         told["qualities"])
        for first, last in ("--json", "--jsonl"), ("--jsonl", "--json"):
            self.assertEqual(groovefs("config", first, last).stdout,
                             groovefs("config", last).stdout)

    def test_save_fails(self):
        """A --save that fails leaves nothing behind, and one through a link
        leaves the link"""
        os.makedirs(self.at("config"))
        done = groovefs("config", "--save", env={
            **os.environ, "GROOVEFS_CONFIG": "", "XDG_CONFIG_HOME": self.base,
            "HOME": self.base})
        self.assertEqual(done.returncode, 0, done.stderr)
        kept, link = self.at("groovefs/config"), self.at("link")
        os.symlink(kept, link)
        done = groovefs("config", "--save", "--config", link, "-o",
                        "workers=3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(os.path.islink(link))
        with open(kept) as file:
            self.assertIn("\nworkers = 3\n", file.read())
        os.unlink(kept)
        os.mkdir(kept)
        done = groovefs("config", "--save", env={
            **os.environ, "GROOVEFS_CONFIG": "/dev/null",
            "XDG_CONFIG_HOME": self.base, "HOME": self.base})
        self.refuses(done, REFUSED, "Is a directory")
        self.assertEqual(os.listdir(self.at("groovefs")), ["config"])

    def test_save(self):
        """--save writes what is in force to the user's file, also over the
        one that it came from, and makes its folder"""
        home = self.at("home")
        path = os.path.join(home, ".config/groovefs/config")
        plain = {key: value for key, value in os.environ.items()
                 if not key.startswith(("GROOVEFS_CONFIG", "XDG_"))}
        for words in (("-o", "cache_size=7G"), ("-o", "workers=3"), ()):
            done = groovefs("config", "--save", *words,
                            env={**plain, "HOME": home})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        told = groovefs("config", "--json", env={**plain, "HOME": home})
        settings = json.dumps(json.loads(told.stdout))
        self.assertIn(path, settings)
        for value in ('"7G"', '"3"'):
            self.assertIn(value, settings)
        self.assertEqual(os.listdir(os.path.dirname(path)), ["config"])

    def test_tilde_and_quotes(self):
        """~ in cache= is the home folder, quotes around a value go"""
        told = self.config(text='cache = "~/x y"\ncache_size = \'7G\'\n',
                           HOME=self.at("home"))
        shown = json.dumps(told)
        self.assertIn(self.at("home/x y"), shown)
        self.assertIn('"7G"', shown)

    def test_tilde_everywhere(self):
        """~ is a home where no shell takes it for one, and never a folder"""
        home, root = self.at("home"), pwd.getpwuid(0).pw_dir
        for value, path in (("~", home), ("~/x", home + "/x"),
                            ("~root/x", root + "/x")):
            for told in (self.config("-o", f"cache={value}", HOME=home),
                         self.config(text=f"cache = {value}\n", HOME=home),
                         self.config(HOME=home, GROOVEFS_CACHE=value)):
                self.assertEqual(told["settings"]["cache"]["value"], path)
        done = groovefs("analyze", "--cache=~/x", self.at("library"),
                        cwd=self.base, env={**os.environ, "HOME": home})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("facts.sqlite", os.listdir(home + "/x"))
        self.assertNotIn("~", os.listdir(self.base))
        for value in ("~nobody at all/x", "~nobody-at-all"):
            self.wrong(f"cache = {value}\n", 1, value)

    def test_relative_cache(self):
        """A relative cache= is where the command was called; a file of no
        place must not name one"""
        done = groovefs("config", "--json", "-o", "cache=x", cwd=self.base)
        self.assertEqual(json.loads(done.stdout)["settings"]["cache"]["value"],
                         os.path.join(os.path.realpath(self.base), "x"))
        for value in ("x/y", "$HOME/x", "./x"):
            self.wrong(f"cache = {value}\n", 1, value, "/ or ~/")

    def test_lists(self):
        """Lists have commas or colons, with or without blanks"""
        for text, listed in (("pcm = 16000-mono, 44100", ["16000-mono", "44100",
                                                          "native"]),
                             ("pcm = 16000-mono:", ["16000-mono", "native"])):
            done = groovefs("mount", "--config", self.write(text + "\n"),
                            "-o", f"cache={self.at('cache')}",
                            self.at("library"), self.at("mount"))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(sorted(os.listdir(self.at("mount/pcm"))), listed)
            self.unmount()

    def test_names_of_qualities(self):
        """Blanks and quotes around a name do not count"""
        told = self.config(text='[quality "For the car" ] # 1\nbit_rate = 96\n'
                           "[quality\tx  ]\nbit_rate = 96\n")
        self.assertEqual([quality["name"] for quality in told["qualities"]],
                         ["For the car", "x"])

    def test_round_trip(self):
        """What config prints is a configuration that says the same"""
        text = ("cache_size = 7G\npcm = 16000-mono:44100\nlossless = flac, "
                "alac\n[quality For the car; é]\nbit_rate = 96\n"
                "channels = 1\nrate = 32000\nlame_quality = 7\n"
                "[quality wave]\ncodec = wav\nrate = 22050\n")
        first = groovefs("config", "--config", self.write(text, "first"),
                         "-o", "workers=3", env={
                             **os.environ, "GROOVEFS_SPILL": "2G"})
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        for origin in (f"{self.at('first')}:1", "-o", "default",
                       "environment GROOVEFS_SPILL",
                       f"{self.at('first')}:5"):
            self.assertIn(f"# from: {origin}\n", first.stdout)
        again = groovefs("config", "--config",
                         self.write(first.stdout, "again"))
        self.assertEqual((again.returncode, again.stderr), (0, ""))

        def values(shown):
            return [line for line in shown.splitlines()
                    if not line.startswith("# from: ")]
        self.assertEqual(values(again.stdout), values(first.stdout))
        self.assertNotIn("default", [line[8:] for line in again.stdout
                                     if line.startswith("# from: ")])

    def test_plain(self):
        """Without any configuration the output is one, too"""
        shown = groovefs("config").stdout
        found = self.config(text=shown)["settings"]
        wanted = self.config()["settings"]
        for key in SETTINGS:
            self.assertEqual(found[key]["value"], wanted[key]["value"])

    def test_odd_path(self):
        """A value that no file can hold is shown as a comment"""
        done = groovefs("config", "-o", "cache=/a ;b\nworkers = 77")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("\n#cache = /a ;b?workers = 77\n", done.stdout)
        self.assertEqual(self.config("-o", "cache=/a ;b\n")["settings"][
            "cache"]["value"], "/a ;b\n")

    def test_usage(self):
        """config explains itself, and refuses what it does not know"""
        done = groovefs("config", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("/etc/groovefs.conf", done.stdout)
        for arguments in (("x",), ("--nonsense",), ("-o",)):
            self.refuses(groovefs("config", *arguments), USAGE)

    def test_nowhere_to_write(self):
        """A full disk is an error"""
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, "config"], stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("No space left", done.stderr)


class Log(Case):
    def test_syslog_in_the_foreground(self):
        """log_target=syslog: once it is mounted nothing goes to stderr"""
        with open(self.at("library/bad.flac"), "wb") as file:
            file.write(b"not a flac" * 100)
        for target, shown in (("syslog", False), ("stderr", True)):
            with Mount(self.at("library"), log_target=target) as mount:
                os.listdir(mount.path("low"))
                with contextlib.suppress(OSError):
                    read_file(mount.path("low", "bad.mp3"))
                mount.stop()
                self.assertEqual("bad.flac" in mount.log(), shown)

    def test_stderr_of_a_daemon(self):
        """log_target=stderr: a daemon keeps stderr"""
        with open(self.at("library/bad.flac"), "wb") as file:
            file.write(b"not a flac" * 100)
        with open(self.at("log"), "w") as log:
            subprocess.run([BINARY, "mount", "-o", "log_target=stderr,cache="
                            + self.at("cache"), self.at("library"),
                            self.at("mount")], stderr=log, check=True,
                           timeout=30 * SCALE)
        with self.assertRaises(OSError):
            read_file(self.at("mount/low/bad.mp3"))
        self.unmount()
        with open(self.at("log")) as log:
            self.assertIn("bad.flac", log.read())


if __name__ == "__main__":
    tap.main()
