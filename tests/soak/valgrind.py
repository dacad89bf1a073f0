#!/usr/bin/python3
"""Runs the unit tests under valgrind: what is leaked, read before it is
written, or used after it is freed. The workers that they start run as always.

  valgrind.py BUILD [NAME...]"""
import argparse
import concurrent.futures
import os
import subprocess
import sys
import time

# What cannot be run so: valgrind does not keep to a filter of system calls,
# two programs have allocators of their own, and openat2(2), by which a library
# is read, is unknown to valgrind 3.19.
LEFT_OUT = ("sandbox", "memory", "shortage", "playlist")
# Nothing of it is freed by libraries at their end; what nothing leads to is.
VALGRIND = ("valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full",
            "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite")
LIMIT = 3600  # seconds; decoding is some forty times as slow


def programs(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.startswith("test-") and os.path.isfile(path) \
                and os.access(path, os.X_OK) and name[5:] not in LEFT_OUT:
            yield name[5:], path


def run(path):
    start = time.monotonic()
    try:
        done = subprocess.run([*VALGRIND, path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=LIMIT, check=False)
        code, text = done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        code, text = "no end", expired.stdout or b""
    return code, text.decode(errors="replace"), time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    found = [(name, path) for name, path
             in programs(os.path.join(arguments.build, "tests/unit"))
             if not arguments.names or name in arguments.names]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (name, _), (code, text, seconds) in zip(
                found, pool.map(run, [path for _, path in found])):
            print(f"{'ok' if code == 0 else 'not ok'} {name}: {seconds:.0f} s",
                  flush=True)
            if code != 0:
                bad += 1
                print(f"ended with {code}:\n{text[-20000:]}", flush=True)
    print(f"{len(found)} programs, {bad} with errors")
    return 1 if bad or not found else 0


if __name__ == "__main__":
    sys.exit(main())
