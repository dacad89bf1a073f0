"""groovefs precache by a running mount: what it caches, what its events tell,
who comes first, and what appears in the library."""
import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import struct
import subprocess

import fixtures
import tap
from folders import Folders, REFUSED, USAGE, groovefs, run
from harness import (Background, BINARY, MNT_DETACH, Mount, SCALE, libc,
                     read_file, umount, wait_until)


MS_BIND = 4096


def events_until(mount, last):
    """A reader of the stream, from now on until an event of which last() is
    true: its result is all events."""
    stream = open(mount.path(".groovefs/events"))

    def read():
        events = []
        with stream:
            for line in stream:
                if line.startswith("data: "):
                    events.append(json.loads(line[6:]))
                    if last(events[-1]):
                        return events
        return events
    return Background(read)


def is_watched(mount, folder):
    """Whether the daemon has an inotify watch on it; see proc(5)."""
    st = os.stat(folder)
    device = os.major(st.st_dev) << 20 | os.minor(st.st_dev)
    wanted = f" ino:{st.st_ino:x} sdev:{device:x} "
    folder = f"/proc/{mount.process.pid}/fdinfo"
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            with open(os.path.join(folder, name)) as file:
                if wanted in file.read():
                    return True
    return False


class Caller:
    """A program that speaks the control ioctl, as tasks/control_call.h had it
    when its version was made. Sizes and places never change."""
    # number, layout: head (version, needs), then as named below
    precache = 1, struct.Struct("=III256s4096s52x")
    look = 2, struct.Struct("=IIQdIIIIII16I64s256s4096s64x")
    cancel = 3, struct.Struct("=III4x")
    write, read = 1 << 30, 2 << 30

    def __init__(self, mount, version, needs):
        self.head = version, needs
        self.file = open(mount.path(".groovefs/config"), "rb")

    def call(self, kind, *values, out=True):
        number, layout = kind
        request = (self.write | (self.read if out else 0)
                   | layout.size << 16 | ord("g") << 8 | number)
        data = bytearray(layout.pack(*self.head, *values))
        fcntl.ioctl(self.file, request, data)
        return layout.unpack(data)

    def cache(self, quality, path):
        """Has it cached: the version of the mount, what became of tracks."""
        version, _, task, *_ = self.call(
            self.precache, 0, quality.encode(), path.encode())

        def over():
            answer = self.call(self.look, 0, 0, task, *[0] * 21,
                               b"", b"", b"")
            return answer if answer[5] else None
        answer = wait_until(over, "the task to end")
        assert answer[0] == version
        return version, answer[10:26]


def is_end(event):
    return (event["step"] == "precache" and "." not in event["task_id"]
            and event["status"] in ("completed", "failed"))


class ByMount(Folders):
    def setUp(self):
        super().setUp()
        self.library = self.at("library")
        for i, name in enumerate(("b.flac", "Folder/c.flac")):
            fixtures.write(os.path.join(self.library, name),
                           fixtures.music(3 + i, 44100, 2, 950 + i), 44100)
        fixtures.write(os.path.join(self.library, "Folder/e.ogg"),
                       fixtures.music(2, 44100, 2, 960), 44100,
                       subtype="VORBIS")

    def precache(self, *arguments):
        return groovefs("precache", *arguments)

    def cached(self, mount):
        """Reads all of medium/ and asserts that nothing is made for it."""
        before = mount.counters()
        for name in ("a.mp3", "b.mp3", "Folder/c.mp3"):
            read_file(mount.path("medium", name))
        after = mount.counters()
        for counter in ("segments_rendered", "tags_rendered"):
            self.assertEqual(after[counter], before[counter], counter)

    def test_finds_it(self):
        """The mount that a path lies in, or whose library, does it"""
        with Mount(self.library) as mount:
            done = self.precache(mount.path("medium/Folder"), self.library)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("3 cached, 1 already cached, 2 need no caching, "
                          "0 failed", done.stderr)
            self.assertEqual(sorted(done.stdout.splitlines())[:2],
                             ["cached medium Folder/c.flac",
                              "cached medium a.flac"])
            self.cached(mount)

    def test_quality(self):
        """A path in a quality folder means that quality, -q says otherwise"""
        with Mount(self.library) as mount:
            self.precache(mount.path("low/a.mp3"))
            state = [os.getxattr(mount.path(quality, "a.mp3"),
                                 "user.groovefs.state")
                     for quality in ("low", "medium", "high")]
            self.assertEqual(state, [b"complete", b"absent", b"absent"])
            self.precache("-q", "high,medium", mount.path("low/a.mp3"))
            self.assertEqual(os.getxattr(mount.path("high/a.mp3"),
                                         "user.groovefs.state"), b"complete")

    def test_named(self):
        """--mount takes paths in the mount's library"""
        with Mount(self.library) as mount:
            done = self.precache("--mount", mount.point, "Folder/c.flac")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("1 cached", done.stderr)

    def test_json(self):
        """--json and --jsonl tell of each track, and why it failed"""
        with open(os.path.join(self.library, "broken.flac"), "wb") as file:
            file.write(b"fLaC" + bytes(range(256)) * 9)
        with Mount(self.library) as mount:
            made = self.precache("--json", "-q", "low", self.library,
                                 self.at("library/nothing"))
            self.assertEqual(made.returncode, REFUSED)
            told = json.loads(made.stdout)
            self.assertEqual(
                sorted((row["path"], row["quality"], row["status"])
                       for row in told["tracks"] if row["quality"]),
                [("Folder/c.flac", "low", "cached"),
                 ("Folder/e.ogg", "low", "passes"),
                 ("a.flac", "low", "cached"), ("b.flac", "low", "cached"),
                 ("broken.flac", "low", "failed")])
            for row in told["tracks"]:
                self.assertEqual(bool(row["reason"]),
                                 row["status"] == "failed")
            self.assertEqual(told["summary"]["failed"], 2)
            lines = [json.loads(line) for line in self.precache(
                "--jsonl", mount.path("low/a.mp3")).stdout.splitlines()]
            self.assertEqual(lines[0], {
                "status": "there", "quality": "low", "path": "a.flac",
                "reason": None})
            self.assertEqual(lines[1]["summary"]["there"], 1)

    def test_events(self):
        """Its events go from pending over each track to the end"""
        with Mount(self.library) as mount:
            reader = events_until(mount, is_end)
            self.precache(self.library)
            events = [event for event in reader.result()
                      if event["task_id"].startswith("precache-")]
            self.assertEqual((events[0]["step"], events[0]["status"]),
                             ("precache", "pending"))
            self.assertEqual(events[-1]["status"], "completed")
            self.assertIn("3 cached", events[-1]["message"])
            self.one_end_each(events)
            ended = [event for event in events if event["step"] == "medium"
                     and event["status"] in ("completed", "skipped")]
            for event in ended:
                self.assertEqual(event["quality"], "medium")
                self.assertTrue(os.path.exists(mount.path(event["path"])))
            self.assertEqual(
                sorted((event["message"], event["status"])
                       for event in ended),
                [("Folder/c.flac", "completed"), ("Folder/e.ogg", "skipped"),
                 ("a.flac", "completed"), ("b.flac", "completed")])
            whole = [event for event in events
                     if event["task_id"] == "precache-1"]
            self.assertEqual([event["current"] for event in whole],
                             [0, 1, 2, 3, 4, 4])
            self.assertEqual({event["task_id"] for event in events},
                             {"precache-1", "precache-1.1", "precache-1.2",
                              "precache-1.3", "precache-1.4"})

    def one_end_each(self, events):
        """Each task has one end, behind which nothing comes, and a total that
        is known or not there."""
        ended = set()
        for event in events:
            self.assertNotIn(event["task_id"], ended, event)
            if event["status"] in ("completed", "failed", "skipped"):
                ended.add(event["task_id"])
            self.assertNotEqual(event.get("total"), 0, event)

    def test_canceled(self):
        """Nothing follows a canceled task's last event"""
        for i in range(12):
            fixtures.write(os.path.join(self.library, f"more/{i}.flac"),
                           fixtures.music(2, 44100, 2, 300 + i), 44100)
        events = []
        with Mount(self.library, workers=8) as mount:
            with open(mount.path(".groovefs/events")) as stream:
                def until(last):
                    while not (events and last(events[-1])):
                        line = stream.readline()
                        if line.startswith("data: "):
                            events.append(json.loads(line[6:]))
                for number in (1, 2, 3):
                    task = subprocess.Popen(
                        [BINARY, "precache", "-q", "high,medium,low",
                         mount.path("medium")], stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                    until(lambda event: event["task_id"].startswith(
                        f"precache-{number}."))
                    task.send_signal(signal.SIGINT)
                    task.communicate(timeout=60 * SCALE)
                done = self.precache(mount.path("low/a.mp3"))
                self.assertEqual(done.returncode, 0, done.stderr)
                until(lambda event: event["task_id"] == "precache-4"
                      and event["status"] == "completed")
            canceled = [event for event in events
                         if event["message"].startswith("canceled")]
            self.assertEqual(len(canceled), 3)
            whole = [event for event in events
                     if event["task_id"].startswith("precache-")]
            self.one_end_each(whole)
            for event in canceled:
                later = whole[whole.index(event) + 1:]
                self.assertFalse([e for e in later if (e["task_id"] + ".")
                                  .startswith(event["task_id"] + ".")])

    def test_failures(self):
        """What fails is named with the reason, and the status tells"""
        with open(os.path.join(self.library, "broken.flac"), "wb") as file:
            file.write(b"fLaC" + bytes(range(256)) * 9)
        with Mount(self.library) as mount:
            reader = events_until(mount, is_end)
            done = self.precache(self.library)
            self.assertEqual(done.returncode, REFUSED)
            self.assertRegex(done.stderr, "cannot cache 'broken.flac': .+")
            self.assertIn("1 failed", done.stderr)
            self.assertEqual(reader.result()[-1]["status"], "failed")
            self.cached(mount)

    def test_refusals(self):
        """An unknown quality, a file in no mount and options of the other way
        are refused"""
        with Mount(self.library) as mount:
            done = self.precache("-q", "nonsense", mount.path("low"))
            self.assertIn("no such quality", done.stderr)
            self.assertEqual(done.returncode, REFUSED)
            done = self.precache("/etc/passwd")
            self.assertIn("/etc/passwd", done.stderr)
            self.assertEqual(done.returncode, REFUSED)
            for arguments in (("-j", "2"), ("--watch",), ("--cache", "x"),
                              ("--library", "x", "--mount", "y"), ("-q", ""),
                              ("--mount", "")):
                self.assertEqual(
                    self.precache(*arguments, mount.path("low")).returncode,
                    USAGE)

    def test_versions(self):
        """Callers of an older and of a newer version are served; one that
        needs a newer mount is told so"""
        with Mount(self.at("library"), cache=self.at("cache")) as mount:
            for version, quality in ((0, "low"), (1, "medium"), (99, "high")):
                caller = Caller(mount, version, 0)
                served, tracks = caller.cache(quality, "a.flac")
                self.assertEqual((served, tracks), (1, (1, *[0] * 15)))
                served, tracks = caller.cache(quality, "a.flac")
                self.assertEqual(tracks, (0, 1, *[0] * 14))
                with self.assertRaises(OSError) as caught:
                    caller.call(caller.cancel, 4711, out=False)
                self.assertEqual(caught.exception.errno, errno.ENOENT)
                caller.file.close()
            caller = Caller(mount, 99, 2)
            for kind, values in ((caller.precache, (0, b"low", b"a.flac")),
                                 (caller.look, (0, 0, 1, *[0] * 21,
                                                b"", b"", b"")),
                                 (caller.cancel, (1,))):
                with self.assertRaises(OSError) as caught:
                    caller.call(kind, *values, out=kind != caller.cancel)
                self.assertEqual(caught.exception.errno,
                                 errno.EPROTONOSUPPORT)
            for number, layout in ((1, struct.Struct("=II256x4096x")),
                                   (9, struct.Struct("=III4x"))):
                with self.assertRaises(OSError) as caught:
                    caller.call((number, layout), *[0] * (number // 9))
                self.assertEqual(caught.exception.errno, errno.ENOTTY)
            caller.file.close()

    def test_readers_first(self):
        """A reader's segments come before those that are cached ahead"""
        fixtures.write(os.path.join(self.library, "z.wav"),
                       fixtures.music(30, 44100, 2, 1).repeat(10, 0), 44100)
        with Mount(self.library, workers=1) as mount:
            task = subprocess.Popen(
                [BINARY, "precache", mount.path("medium/z.mp3")],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE)
            wait_until(lambda: mount.counter("segments_background") > 1,
                       "the task to begin")
            read_file(mount.path("low/Folder/c.mp3"))
            self.assertIsNone(task.poll())
            task.send_signal(signal.SIGINT)
            task.communicate(timeout=60 * SCALE)
            self.assertEqual(task.returncode, 128 + signal.SIGINT)

    def test_unmount(self):
        """An unmount in the midst of it ends well"""
        fixtures.write(os.path.join(self.library, "z.wav"),
                       fixtures.music(30, 44100, 2, 1).repeat(10, 0), 44100)
        with Mount(self.library) as mount:
            task = subprocess.Popen(
                [BINARY, "precache", mount.path("medium")],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE)
            wait_until(lambda: mount.counter("segments_background") > 1,
                       "the task to begin")
            mount.process.send_signal(signal.SIGTERM)
            task.communicate(timeout=60 * SCALE)
            self.assertEqual(task.returncode, REFUSED)
            self.assertEqual(mount.process.wait(60 * SCALE), 0)
            mount._ended()


class Appears(Folders):
    def test_tracks(self):
        """precache= caches what is copied or moved into the library, and what
        new playlists name"""
        library = self.at("library")
        os.mkdir(self.at("elsewhere"))
        for i, name in enumerate(("x", "y")):
            fixtures.write(self.at(f"elsewhere/{name}.flac"),
                           fixtures.music(3, 44100, 2, 970 + i), 44100)
        with Mount(library, precache="low:high") as mount:
            self.appears(mount, 2, lambda: shutil.copytree(
                self.at("elsewhere"), os.path.join(library, "New"),
                ignore=lambda *_: ["y.flac"]))
            self.appears(mount, 2, lambda: os.rename(
                self.at("elsewhere/y.flac"),
                os.path.join(library, "New/y.flac")))
            with open(self.at("elsewhere/list.m3u"), "w") as file:
                file.write("a.flac\n")
            self.appears(mount, 2, lambda: os.rename(
                self.at("elsewhere/list.m3u"),
                os.path.join(library, "list.m3u")))
            for name in ("New/x.mp3", "New/y.mp3", "a.mp3"):
                for quality in ("low", "high"):
                    self.assertEqual(
                        os.getxattr(mount.path(quality, name),
                                    "user.groovefs.state"), b"complete")

    def test_disk(self):
        """precache= sees what comes onto a disk that was mounted on the
        library, or in it, since the start"""
        library = self.at("library")
        with Mount(library, precache="low") as mount:
            for i, disk in enumerate((library, os.path.join(library, "in"))):
                os.makedirs(disk, exist_ok=True)
                if libc.mount(b"none", os.fsencode(disk), b"tmpfs", 0, None):
                    self.skipTest("no tmpfs can be mounted here")
                self.addCleanup(umount, disk, MNT_DETACH)
                self.appears_below(mount, disk, i)

    def test_bound(self):
        """precache= does not look into its own mount where that is bound"""
        library = self.at("library")
        bound, disk = self.at("library/bound"), self.at("library/in")
        os.mkdir(bound)
        os.mkdir(disk)
        with Mount(library, precache="low") as mount:
            if libc.mount(os.fsencode(mount.point), os.fsencode(bound), None,
                          MS_BIND, None):
                self.skipTest("nothing can be bound here")
            self.addCleanup(umount, bound, MNT_DETACH)
            if libc.mount(b"none", os.fsencode(disk), b"tmpfs", 0, None):
                self.skipTest("no tmpfs can be mounted here")
            self.addCleanup(umount, disk, MNT_DETACH)
            self.appears_below(mount, disk, 6)
            self.assertFalse(is_watched(mount, bound))
            self.assertFalse(is_watched(mount,
                                        os.path.join(bound, "medium")))
            self.assertEqual(umount(bound, MNT_DETACH), 0)

    def test_unknown_types(self):
        """precache= watches folders also where readdir tells no types"""
        image, library = self.at("image"), self.at("disk")
        os.mkdir(library)
        with open(image, "wb") as file:
            file.truncate(4 << 20)
        run("mke2fs", "-q", "-F", "-O", "^filetype", image)
        if run("mount", "-o", "loop", image, library).returncode:
            self.skipTest("no ext2 can be mounted here")
        self.addCleanup(umount, library, MNT_DETACH)
        os.makedirs(os.path.join(library, "Artist/Album"))
        with Mount(library, precache="low") as mount:
            self.appears_below(mount, os.path.join(library, "Artist/Album"),
                               5)

    def appears_below(self, mount, folder, seed):
        """A track that is copied into a folder is cached once that is
        watched."""
        fixtures.write(self.at("new.flac"),
                       fixtures.music(1, 44100, 2, 980 + seed), 44100)
        wait_until(lambda: is_watched(mount, folder), f"{folder} is watched")
        self.appears(mount, 1, lambda: shutil.copy(self.at("new.flac"),
                                                   folder))

    def appears(self, mount, count, work):
        """Does it, and waits for so many tracks to be cached."""
        seen = []

        def last(event):
            seen.append(event["task_id"].startswith("watch.")
                        and event["status"] == "completed")
            return sum(seen) == count
        reader = events_until(mount, last)
        work()
        reader.result()

    def test_unknown(self):
        """A quality in precache= that there is not is refused by name"""
        done = self.mount(
            options=f"cache={self.at('cache')},precache=nonsense")
        self.refuses(done, done.returncode, "nonsense")
        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    tap.main()
