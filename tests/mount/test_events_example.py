"""examples/events_server.py: a mount's events in a browser."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import fixtures
import tap
from harness import Background, Mount, SCALE, opened, read_file, wait_until
from test_readers_real import need

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             "../../examples"))
import events_server  # noqa: E402

MUSIC = "Artist/Album/Track"


class Example(unittest.TestCase):
    limit = 120

    def setUp(self):
        self.mount = Mount(fixtures.library(fixtures.single))
        self.mount.__enter__()
        self.addCleanup(self.mount.__exit__, None, None, None)

    @contextlib.contextmanager
    def serving(self, **methods):
        handler = type("Handler", (events_server.Handler,),
                       {"mount": self.mount.point, **methods})
        with events_server.Server(("127.0.0.1", 0), handler) as server:
            thread = Background(server.serve_forever)
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}"
            finally:
                server.shutdown()
                thread.result()

    def work(self):
        wait_until(lambda: self.mount.stats()["daemon"]["event_readers"],
                   "a reader")
        read_file(self.mount.path(f"analysis/{MUSIC}.flac.json"))

    def gone(self):
        """The server's threads notice at the next event."""
        def none():
            with opened(self.mount.path(f"low/{MUSIC}.mp3")) as fd:
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                while os.read(fd, 1 << 17):
                    pass
            return not self.mount.stats()["daemon"]["event_readers"]
        wait_until(none, "the streams to be closed", 40)

    def test_program(self):
        """The example refuses what is no mount, and serves what is one"""
        script = events_server.__file__
        done = subprocess.run([sys.executable, script, self.mount.base],
                              capture_output=True, text=True,
                              timeout=30 * SCALE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no groovefs is mounted", done.stderr)
        with subprocess.Popen([sys.executable, script, self.mount.point, "0"],
                              stdout=subprocess.PIPE, text=True) as server:
            url = server.stdout.readline().strip()
            page = subprocess.run([need("curl"), "-sS", url],
                                  capture_output=True, timeout=30 * SCALE)
            server.send_signal(signal.SIGINT)
            self.assertEqual(server.wait(30 * SCALE), 0)
        self.assertEqual(page.stdout, events_server.PAGE)

    def test_curl(self):
        """curl sees an analysis from its first to its last event"""
        with self.serving() as url:
            curl = subprocess.Popen(
                [need("curl"), "-sSNi", url + "/events"],
                stdout=subprocess.PIPE, text=True)
            self.work()
            lines = []
            while not lines or "completed" not in lines[-1]:
                lines.append(curl.stdout.readline())
            curl.kill()
            curl.communicate()
            self.gone()
        self.assertIn("Content-Type: text/event-stream\n", lines)
        told = [json.loads(line[6:])["status"] for line in lines
                if line.startswith("data: ")]
        self.assertEqual(told, ["pending", "in_progress", "completed"])

    def test_chromium(self):
        """A browser's EventSource takes the stream as it is"""
        chromium = need("chromium")
        # the page is loaded, and then printed, when this image is
        page = events_server.PAGE + b"""
            <img id="hold" src="/hold"><script>
            source.addEventListener("message", (event) => {
              if (JSON.parse(event.data).status === "completed")
                document.getElementById("hold").src = "/nothing";
            });</script>"""
        over = threading.Event()

        def do_get(handler):
            if handler.path == "/":
                handler.send_page(page)
            elif handler.path == "/hold":
                over.wait(60 * SCALE)
            else:
                events_server.Handler.do_GET(handler)

        with self.serving(do_GET=do_get) as url, \
                tempfile.TemporaryDirectory() as profile:
            browser = Background(lambda: subprocess.run(
                [chromium, "--headless", "--no-sandbox", "--disable-gpu",
                 f"--user-data-dir={profile}", "--dump-dom", url],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=60 * SCALE))
            try:
                self.work()
                shown = browser.result().stdout
            finally:
                over.set()
            self.gone()
        tap.diag(shown[shown.find("<h1>"):shown.find("<script>")])
        self.assertIn('<p id="state">connected</p>', shown)
        self.assertRegex(
            shown, r'<tr id="analysis-[0-9a-f]{16}-1" class="completed"><td>'
            rf"analysis</td><td>completed</td><td>1 of 1</td><td>{MUSIC}.flac")


if __name__ == "__main__":
    tap.main()
