"""The machine and the day a table was made on."""

import datetime
import os
import pathlib
import platform
import resource
import time


def first_value(path, key):
    for line in pathlib.Path(path).read_text().splitlines():
        if line.split(":")[0].strip() == key:
            return line.partition(":")[2].strip()
    return "unknown"


def distribution():
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return "unknown"


def describe(programs):
    memory = int(first_value("/proc/meminfo", "MemTotal").split()[0]) * 1024
    return {
        "processor": first_value("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory": f"{memory / 2**30:.1f} GiB",
        "kernel": platform.release(),
        "system": distribution(),
        "date": datetime.date.today().isoformat(),
        "programs": {p.name: p.version() for p in programs},
    }


class Others:
    """Processor time that others took from the start until share()."""

    def __init__(self):
        self.start = time.monotonic()
        self.before = busy_seconds() - own_seconds()

    def share(self):
        """Of all cores' time; the kernel's own work counts as others'."""
        passed = (time.monotonic() - self.start) * os.cpu_count()
        taken = busy_seconds() - own_seconds() - self.before
        return max(0, taken) / passed


def busy_seconds():
    """All processor time since the start but idle and waiting (proc(5))."""
    with open("/proc/stat", encoding="ascii") as file:
        times = [int(word) for word in file.readline().split()[1:9]]
    idle, waiting = times[3:5]
    return (sum(times) - idle - waiting) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    """This process and all children that ended."""
    used = [resource.getrusage(who) for who in
            (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)
