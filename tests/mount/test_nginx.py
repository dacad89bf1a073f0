"""Debian's nginx with examples/nginx.conf serves a mount."""
import http.client
import os
import re
import shutil
import socket
import subprocess
import unittest
import urllib.parse

import fixtures
import tap
from harness import Background, Mount, SCALE, read_file, wait_until

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
TRACK = "Artist/Album/00 Track.mp3"

# As Debian's, in a folder of its own and with one process.
AROUND = """
user root;
daemon off;
master_process off;
error_log {base}/error.log warn;
pid {base}/pid;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {base}/a;
    proxy_temp_path {base}/b;
    fastcgi_temp_path {base}/c;
    uwsgi_temp_path {base}/d;
    scgi_temp_path {base}/e;
    include {base}/site;
}}
"""


def site(port, root):
    """The example, at this port and of this mount."""
    with open(os.path.join(ROOT, "examples/nginx.conf")) as file:
        text = file.read()
    for pattern, line in ((r"\blisten 8080;", f"listen 127.0.0.1:{port};"),
                          (r"\broot /srv/groovefs;", f"root {root};")):
        text, count = re.subn(pattern, line, text)
        assert count == 1, pattern
    return text


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def web_library(folder):
    """Tracks, and files of the types that pass through."""
    fixtures.album(folder)
    fixtures.write(f"{folder}/Artist/Album/lossy.ogg",
                   fixtures.music(2, 44100, 2, 900), 44100, "VORBIS")
    with open(f"{folder}/Artist/Album/front.jpg", "wb") as file:
        file.write(fixtures.jpeg())


class Nginx(unittest.TestCase):
    limit = 90

    @classmethod
    def setUpClass(cls):
        library = fixtures.library(web_library)
        with Mount(library) as other:
            cls.right = read_file(other.path("medium", TRACK))
        mount = Mount(library)
        mount.__enter__()
        try:
            cls.serve(mount)
        except BaseException:
            mount.__exit__(None, None, None)
            raise

    @classmethod
    def serve(cls, mount):
        """Starts nginx on this mount."""
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        if not nginx:
            raise unittest.SkipTest("nginx is not installed")
        cls.mount = mount
        cls.port = free_port()
        base = os.path.join(cls.mount.base, "nginx")
        os.mkdir(base)
        for name, text in (("nginx.conf", AROUND.format(base=base)),
                           ("site", site(cls.port, cls.mount.point))):
            with open(os.path.join(base, name), "w") as file:
                file.write(text)
        cls.errors = f"{base}/error.log"
        cls.server = subprocess.Popen(
            [nginx, "-p", base, "-c", f"{base}/nginx.conf", "-e",
             cls.errors], stdin=subprocess.DEVNULL)
        wait_until(cls.listening, "nginx")

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait()
        cls.mount.__exit__(None, None, None)

    @classmethod
    def listening(cls):
        try:
            socket.create_connection(("127.0.0.1", cls.port)).close()
        except ConnectionRefusedError:
            assert cls.server.poll() is None, open(cls.errors).read()
            return False
        return True

    def ask(self, path, method="GET", **headers):
        client = http.client.HTTPConnection("127.0.0.1", self.port,
                                            timeout=40 * SCALE)
        try:
            client.request(method, "/" + urllib.parse.quote(path),
                           headers=headers)
            answer = client.getresponse()
            return answer, answer.read()
        finally:
            client.close()

    def get(self, quality="medium", method="GET", **headers):
        return self.ask(f"{quality}/{TRACK}", method, **headers)

    def test_range(self):
        """A range near the end of a cold track is answered with its bytes"""
        size = len(self.right)
        start = size * 9 // 10
        end = min(start + 65535, size - 1)
        answer, body = self.get(Range=f"bytes={start}-{end}")
        self.assertEqual(answer.status, 206)
        self.assertEqual(answer.getheader("Content-Range"),
                         f"bytes {start}-{end}/{size}")
        self.assertTrue(body == self.right[start:end + 1])
        self.mount.settle()
        self.assertLessEqual(self.mount.counter("segments_rendered"), 4)

    def test_suffix_range(self):
        """The last bytes are answered"""
        answer, body = self.get(Range="bytes=-128")
        self.assertEqual(answer.status, 206)
        self.assertTrue(body == self.right[-128:])

    def test_several_ranges(self):
        """Several ranges at once are answered"""
        answer, body = self.get(Range="bytes=0-99,300000-300099,-100")
        self.assertEqual(answer.status, 206)
        for part in (self.right[:100], self.right[300000:300100],
                     self.right[-100:]):
            self.assertIn(part, body)

    def test_whole(self):
        """A whole cold track has its Content-Length and its bytes"""
        answer, body = self.get()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.getheader("Content-Length"),
                         str(len(self.right)))
        self.assertTrue(body == self.right)

    def test_head(self):
        """HEAD tells the length that GET delivers, and renders nothing"""
        before = self.mount.counter("segments_rendered")
        answer, _ = self.get("high", "HEAD")
        self.assertEqual(self.mount.counter("segments_rendered"), before)
        _, body = self.get("high")
        self.assertEqual(answer.getheader("Content-Length"), str(len(body)))

    def test_conditional(self):
        """ETag and Last-Modified hold, so a second request gets 304"""
        answer, _ = self.get()
        again, body = self.get(**{"If-None-Match": answer.getheader("ETag")})
        self.assertEqual((again.status, body), (304, b""))

    def test_types(self):
        """Everything has the type that browsers want"""
        for path, kind in (("medium/" + TRACK, "audio/mpeg"),
                           ("medium/Artist/Album/lossy.ogg", "audio/ogg"),
                           ("medium/Artist/Album/front.jpg", "image/jpeg"),
                           ("medium/Artist/", "text/html")):
            answer, _ = self.ask(path, "HEAD")
            self.assertEqual((path, answer.status,
                              answer.getheader("Content-Type")),
                             (path, 200, kind))

    def test_waiting_for_one_holds_up_no_other(self):
        """While one waits for a cold track another gets a warm one"""
        cold = "low/Artist/Album/01 Track.mp3"
        read_file(self.mount.path("medium", TRACK))
        with self.mount.frozen():
            parked = self.mount.counter("reads_parked")
            waiting = Background(lambda: self.ask(cold))
            wait_until(lambda: self.mount.counter("reads_parked") > parked
                       or waiting.done(), "a request that waits", 5)
            _, body = self.get(Range="bytes=100000-199999")
            self.assertTrue(body == self.right[100000:200000])
            self.assertFalse(waiting.done())
        _, body = waiting.result()
        self.assertTrue(body == read_file(self.mount.path(cold)))

    def test_nothing_else(self):
        """Control files, originals and what is not there are 404"""
        for path in (".groovefs/stats.json", "original/Artist/", "",
                     "medium/nothing.mp3", "low/../original/Artist/"):
            answer, _ = self.ask(path)
            self.assertEqual((path, answer.status), (path, 404))

    def test_nginx_is_content(self):
        """nginx has logged no error but what is not there"""
        with open(self.errors) as log:
            lines = [line for line in log if "nothing.mp3" not in line]
        self.assertEqual(lines, [])


if __name__ == "__main__":
    tap.main()
