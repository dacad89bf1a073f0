"""Workers are prisoners: what the kernel lets them do stands in /proc."""
import os
import re
import unittest

import fixtures
import tap
from harness import BINARY, Mount, SANITIZED, read_file, with_worker

TAKEN = os.environ.get("GROOVEFS_WORKER_TAKEN", os.path.join(
    os.path.dirname(BINARY), "../tests/mount/worker-taken"))
DEADLY = ("execve", "execveat", "ptrace", "socket", "socketpair", "connect",
          "bind", "clone", "clone3", "fork", "vfork", "process_vm_readv",
          "process_vm_writev", "bpf", "userfaultfd", "io_uring_setup", "x32")


class Sandbox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        fixtures.write(cls.mount.source("a.flac"),
                       fixtures.music(5, 44100, 2, 1400), 44100)
        cls.mount.__enter__()
        read_file(cls.mount.path("low/a.mp3"))
        cls.mount.settle()
        cls.pids = cls.mount.worker_pids()
        assert cls.pids

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def status(self, pid):
        with open(f"/proc/{pid}/status") as file:
            return dict(re.findall(r"(\w+):\s*(.*)", file.read()))

    def test_privileges(self):
        """A worker cannot gain privileges"""
        for pid in self.pids:
            self.assertEqual(self.status(pid)["NoNewPrivs"], "1")

    def test_seccomp(self):
        """A worker has a seccomp filter"""
        if SANITIZED and self.status(self.pids[0])["Seccomp"] == "0":
            self.skipTest("sanitizers need more than the filter allows")
        for pid in self.pids:
            self.assertEqual(self.status(pid)["Seccomp"], "2")

    def test_descriptors(self):
        """An idle worker holds no more than its socket and the source of its
        last task: not /dev/fuse, not the cache, no folder"""
        for pid in self.pids:
            held = {fd: os.readlink(f"/proc/{pid}/fd/{fd}")
                    for fd in os.listdir(f"/proc/{pid}/fd")}
            for target in held.values():
                self.assertNotIn("/dev/fuse", target)
                self.assertNotIn(self.mount.base + "/cache", target)
                self.assertFalse(os.path.isdir(target), target)
            self.assertLessEqual(len(held), 6, held)
            sources = [target for target in held.values()
                       if target.startswith(self.mount.library)]
            self.assertLessEqual(len(sources), 1)

    def test_limits(self):
        """A worker's memory, files and core dumps are limited"""
        for pid in self.pids:
            with open(f"/proc/{pid}/limits") as file:
                limits = dict(re.findall(
                    r"Max ([a-z ]+?)\s{2,}(\w+)", file.read()))
            self.assertEqual(limits["core file size"], "0")
            self.assertEqual(limits["file size"], "0")
            self.assertNotEqual(limits["open files"], "unlimited")
            if not SANITIZED:
                self.assertNotEqual(limits["address space"], "unlimited")

    def test_memory_runs_out(self):
        """A worker is ended before the daemon when memory runs out"""
        scores = []
        for pid in [self.mount.process.pid, *self.pids]:
            with open(f"/proc/{pid}/oom_score_adj") as file:
                scores.append(int(file.read()))
        self.assertLess(scores[0], min(scores[1:]))

    def test_library_not_in_daemon(self):
        """The daemon has mapped no media library"""
        with open(f"/proc/{self.mount.process.pid}/maps") as file:
            maps = file.read()
        for word in ("libavcodec", "libavformat", "libmp3lame", "libsndfile"):
            self.assertNotIn(word, maps)

    def test_other_processes(self):
        """A worker is not the leader of anything that outlives the daemon"""
        for pid in self.pids:
            self.assertEqual(int(self.status(pid)["PPid"]),
                             self.mount.process.pid)


@unittest.skipIf(SANITIZED, "sanitizers need more than the filter allows")
class FromInside(unittest.TestCase):
    """A hostile file has taken the worker over, in the middle of a probe, and
    tries what it must not be able to do (forbidden.c)."""

    @classmethod
    def setUpClass(cls):
        cls.mount = Mount()
        with_worker(cls.mount, f"exec {TAKEN}")
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)

    def attempt(self, what):
        """What the log says of it."""
        name = f"{what}.flac"
        fixtures.write(self.mount.source(name),
                       fixtures.music(1, 44100, 1, 1), 44100, tags={
                           "comment": f"takeover=probe:forbidden;try={what};"})
        self.assertEqual(os.path.getsize(self.mount.path(f"low/{what}.mp3")),
                         0)
        return re.search(f"cannot decode '{name}': (.*)", self.mount.log())[1]

    def test_refused(self):
        """Every system call but those of decoding is refused, and so are
        executable and mapped files, holes in what is shared and messages with
        descriptors"""
        self.assertEqual(self.attempt("all"), "has passed: nothing")

    def test_deadly(self):
        """Whoever tries to start, trace or connect to something is killed"""
        for call in DEADLY:
            self.assertEqual(self.attempt(call), "the worker died of signal "
                             "31 (Bad system call)", call)


if __name__ == "__main__":
    tap.main()
