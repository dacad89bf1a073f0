"""Times and sizes: the smallest things that are measured.

Seconds are of the monotonic clock; memory is in bytes; processor time is the
sum over a process and all that it started.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import time

HEAD_BYTES = 64 * 1024
READ_BYTES = 128 * 1024
TICK = os.sysconf("SC_CLK_TCK")


def timed(function, *arguments):
    """(seconds, result) of one call."""
    start = time.monotonic()
    result = function(*arguments)
    return time.monotonic() - start, result


def read_at(path, offset=0, size=HEAD_BYTES):
    """Bytes [offset, offset + size), or what there is of them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        data = b""
        while len(data) < size:
            piece = os.pread(descriptor, size - len(data), offset + len(data))
            if not piece:
                break
            data += piece
        return data
    finally:
        os.close(descriptor)


def read_whole(path):
    """Reads from start to end; the number of bytes that came."""
    buffer, total = bytearray(READ_BYTES), 0
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(buffer):
            total += count
    return total


def read_album(paths, readers):
    """Readers share the tracks, each taking the next; all bytes that came."""
    pool = concurrent.futures.ThreadPoolExecutor(readers)
    try:
        return sum(pool.map(read_whole, paths))
    finally:
        pool.shutdown(cancel_futures=True)


def stat_tree(root):
    """Number of files under root, every one of them asked for its size."""
    sizes = subprocess.run(["find", str(root), "-type", "f", "-printf",
                            "%s\n"], check=True, capture_output=True).stdout
    return sizes.count(b"\n")


def descendants(pid):
    """pid and all processes it started, directly or not."""
    parents = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = int(fields[1])
    family = [pid]
    for parent in family:
        family += [child for child, of in parents.items() if of == parent]
    return family


def cpu_seconds(pid):
    """Processor time of a process tree, with its ended children."""
    total = 0
    for member in descendants(pid):
        stat = pathlib.Path(f"/proc/{member}/stat").read_text()
        total += sum(map(int, stat.rpartition(")")[2].split()[11:15]))
    return total / TICK


def proc_value(path, key):
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    return 0


def memory(pid):
    """daemon: resident now; peak: its high water mark; all: with its workers,
    pages that they share counted once (proportional set size); own: that
    without shared memory, such as decoded audio."""
    status = f"/proc/{pid}/status"
    family = [f"/proc/{member}/smaps_rollup" for member in descendants(pid)]
    all_of, shared = (sum(proc_value(path, key) for path in family)
                      for key in ("Pss", "Pss_Shmem"))
    return {"daemon": proc_value(status, "VmRSS"),
            "peak": proc_value(status, "VmHWM"),
            "all": all_of, "own": all_of - shared}


def mp3_kbits(data):
    """Bit rate of the first frame (MPEG-1 layer III) after the ID3 tag."""
    start = 0
    if data[:3] == b"ID3":
        a, b, c, d = data[6:10]
        start = 10 + (a << 21 | b << 14 | c << 7 | d)
    frame = data[start:start + 4]
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xFE != 0xFA:
        raise RuntimeError("no MPEG-1 layer III frame after the tag")
    return (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256,
            320, 0)[frame[2] >> 4]
