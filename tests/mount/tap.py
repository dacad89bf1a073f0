"""Runs the unittest classes of a test file and reports as TAP.

A test's name is the first line of its docstring. Classes may share a mount in
setUpClass and end it in tearDownClass; the end is a test point of its own, as
an unclean exit of the daemon is a failure. A test that takes longer than its
class's `limit` seconds has its mounts cut off, and fails for that; if even
this does not bring it back, the run bails out.
"""
import faulthandler
import inspect
import os
import random
import signal
import sys
import threading
import time
import traceback
import unittest

import harness


def diag(text):
    for line in str(text).splitlines():
        print("#", line, flush=True)


class Watchdog:
    def __init__(self, name, limit):
        self.name, self.limit, self.expired = name, limit, False
        self.timer = threading.Timer(limit, self.expire)
        self.timer.daemon = True

    def __enter__(self):
        self.timer.start()
        return self

    def __exit__(self, *_):
        self.timer.cancel()

    def expire(self):
        self.expired = True
        diag(f"no end after {self.limit} s: {self.name}")
        for mount in list(harness.mounts):
            mount.show_log()
        faulthandler.dump_traceback(file=sys.stderr)
        for mount in list(harness.mounts):
            mount.kill()
            mount.clean()
        self.timer = threading.Timer(30, self.bail)
        self.timer.daemon = True
        self.timer.start()

    def bail(self):
        print(f"Bail out! {self.name}: stuck", flush=True)
        os._exit(1)


class Report:
    def __init__(self):
        self.number, self.failed = 0, 0

    def point(self, good, name, detail="", skip=None):
        self.number += 1
        line = f"{'ok' if good else 'not ok'} {self.number} - {name}"
        if skip is not None:
            line += f" # SKIP {skip}"
        self.failed += not good
        diag(detail)
        print(line, flush=True)

    def run(self, name, work, limit):
        """work() gives None or a reason to skip, or raises."""
        start = time.monotonic()
        with Watchdog(name, limit * harness.SCALE) as watchdog:
            try:
                skip, detail = work(), ""
            except unittest.SkipTest as reason:
                skip, detail = str(reason), ""
            except Exception:
                skip, detail = None, traceback.format_exc()
        if watchdog.expired and not detail:
            detail = "it took too long"
        seconds = time.monotonic() - start
        if seconds > 2:
            diag(f"{seconds:.1f} s")
        self.point(not detail, name, detail, skip)
        return not detail


def sentence(cls, method):
    text = inspect.getdoc(getattr(cls, method)) or method.replace("_", " ")
    return text.split("\n\n")[0].replace("\n", " ").rstrip(".").replace(
        "#", "")


def cases(module):
    for cls in list(vars(module).values()):
        if (inspect.isclass(cls) and issubclass(cls, unittest.TestCase)
                and cls.__module__ == module.__name__):
            tests = [name for name in vars(cls) if name.startswith("test_")]
            if len(sys.argv) > 1:
                tests = [t for t in tests
                         if any(word in t for word in sys.argv[1:])]
            if tests:
                yield cls, tests


def clean_up(case):
    """As doCleanups(), which keeps to itself what goes wrong in them."""
    trouble = None
    while case._cleanups:
        function, arguments, keywords = case._cleanups.pop()
        try:
            function(*arguments, **keywords)
        except Exception as error:
            trouble = trouble or error
    if trouble:
        raise trouble


def run_one(case):
    def work():
        case.setUp()
        try:
            getattr(case, case._testMethodName)()
        finally:
            try:
                case.tearDown()
            finally:
                clean_up(case)
    return work


def main():
    reason = harness.why_not()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return
    if not os.access(harness.BINARY, os.X_OK):
        print(f"Bail out! there is no program at {harness.BINARY}")
        sys.exit(1)
    found = list(cases(sys.modules["__main__"]))
    nothing = unittest.TestCase.tearDownClass.__func__
    ends = [cls for cls, _ in found
            if cls.tearDownClass.__func__ is not nothing]
    print(f"1..{sum(len(tests) for _, tests in found) + len(ends)}",
          flush=True)
    report = Report()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        for cls, tests in found:
            run_class(report, cls, tests, cls in ends)
    finally:
        for mount in list(harness.mounts):
            mount.kill()
            mount.clean()
    sys.exit(1 if report.failed else 0)


def add_seed(parser):
    """--seed of a program that makes things at random."""
    parser.add_argument("--seed", type=int, default=int(
        os.environ.get("GROOVEFS_SEED", "0")) or random.SystemRandom()
        .randrange(1 << 31))


def one_case(name, seed, work):
    """A program that is one case: work() gives what is broken. Its status."""
    reason = harness.why_not()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    print("1..1")
    print(f"# seed {seed}", flush=True)
    try:
        broken = work()
    except (AssertionError, OSError) as error:
        broken = [f"{type(error).__name__}: {error}"]
    for line in broken:
        print("#", str(line).replace("\n", "\n# "))
    print(f"{'not ok' if broken else 'ok'} 1 - {name}")
    return 1 if broken else 0


def run_class(report, cls, tests, has_end):
    limit = getattr(cls, "limit", 60)
    trouble = []

    def begin():
        if getattr(cls, "__unittest_skip__", False):
            raise unittest.SkipTest(cls.__unittest_skip_why__)
        with Watchdog(f"{cls.__name__}: start", limit * harness.SCALE):
            cls.setUpClass()

    try:
        begin()
    except unittest.SkipTest as reason:
        trouble.append((True, "", str(reason)))
    except Exception:
        trouble.append((False, traceback.format_exc(), None))
    for test in tests:
        if trouble:
            good, detail, skip = trouble[0]
            report.point(good, sentence(cls, test), detail, skip)
        else:
            report.run(sentence(cls, test), run_one(cls(test)), limit)
    if has_end:
        name = f"the daemon of {cls.__name__} ends well"
        if trouble:
            report.point(trouble[0][0], name, "", trouble[0][2])
        else:
            report.run(name, cls.tearDownClass, limit)
