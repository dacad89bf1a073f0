"""Mounts that are made when somebody comes: automount(8) starts them."""
import os
import shutil
import subprocess
import unittest

import tap
from folders import Folders
from harness import BINARY, SCALE

# $1: the program, $2: the folder of the test, then the paths to look into. It
# runs in a namespace that goes with its last process; automount has a process
# group of its own, since who is in its group sees no automounts.
SCRIPT = """
    mount -t tmpfs none /usr/local/bin && mount -t tmpfs none /run &&
    ln -s "$1" /usr/local/bin/groovefs && cd "$2" || exit 1
    : >log
    setsid automount -f -v --dont-check-daemon --pid-file "$2/pid" "$2/master" \\
        >log 2>&1 &
    automount=$!
    for i in $(seq 100); do
        [ "$(grep -c '^mounted' log)" -ge 2 ] && break; sleep 0.1
    done
    shift 2; status=0
    for path; do ls "$path" || status=1; done
    kill $automount; wait $automount
    grep -F " $PWD/auto" /proc/self/mounts && status=2
    exit $status """


def why_not():
    if not shutil.which("automount", path="/usr/sbin:/usr/bin"):
        return "there is no automount(8)"
    with open("/proc/filesystems") as known:
        if "autofs\n" not in known.read():
            return "this kernel has no autofs"
    with open("/proc/self/uid_map") as users:
        if users.read().split() != ["0", "0", "4294967295"]:
            return "autofs is not for user namespaces"
    return None


class Automount(Folders):
    def looks(self, *paths):
        """What ls shows of each. Whoever waits for a mount waits for good, and
        cannot be killed but with automount."""
        for name, text in (
                ("master", "{0}/auto {0}/indirect --timeout=600\n"
                           "/- {0}/direct --timeout=600\n"),
                ("direct", "{0}/mount -fstype=fuse.groovefs,cache={0}/cache "
                           ":{0}/library\n"),
                ("indirect", "music -fstype=fuse.groovefs,cache={0}/cache "
                             ":{0}/library\n"
                             "library -fstype=bind :{0}/library\n"
                             "both -fstype=fuse.groovefs,cache={0}/cache "
                             ":{0}/auto/library\n")):
            with open(self.at(name), "w") as file:
                file.write(text.format(self.base))
        with subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--mount-proc",
                 "--kill-child", "sh", "-c", SCRIPT, "sh",
                 os.path.realpath(BINARY), self.base, *paths],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True) as process:
            try:
                said = process.communicate(timeout=20 * SCALE)
            except subprocess.TimeoutExpired:
                process.kill()
                said = "", "it waits for itself"
            with open(self.at("log")) as log:
                self.assertEqual((process.returncode, said[1]), (0, ""),
                                 log.read())
        return said[0].split()

    def test_automount(self):
        """ls of an automounted folder mounts it, by a direct map, by an
        indirect one, and when the library is an automount, too"""
        reason = why_not()
        if reason:
            raise unittest.SkipTest(reason)
        shown = self.looks("mount/low", "auto/music/low", "auto/both/low")
        self.assertEqual(shown, 3 * ["a.mp3"])


if __name__ == "__main__":
    tap.main()
