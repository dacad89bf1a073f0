"""The machine and the day a table was made on."""

import datetime
import os
import pathlib
import platform


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
        "load before": f"{os.getloadavg()[0]:.2f}",
        "date": datetime.date.today().isoformat(),
        "programs": {p.name: p.version() for p in programs},
    }
