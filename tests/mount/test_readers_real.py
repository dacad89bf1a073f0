"""The programs that people use on a mount: player, web server, rsync."""
import glob
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import unittest

import fixtures
import mp3
import tap
from harness import (Mount, SCALE, files_below, read_file, wait_until)
from mounted import Mounted

TRACK = "Artist/Album/00 Track.mp3"


def need(program):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    if not path:
        raise unittest.SkipTest(f"{program} is not installed")
    return path


def run(*command, **keywords):
    return subprocess.run(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60 * SCALE, **keywords)


class Programs(Mounted):
    limit = 120
    make = fixtures.album

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = cls.mount.path("medium", TRACK)
        with Mount(cls.library) as other:
            cls.right = read_file(other.path("medium", TRACK))
        cls.decoded = mp3.decode_bytes(cls.right, 2)

    def test_mpv(self):
        """mpv plays a track from start to end"""
        with tempfile.NamedTemporaryFile(suffix=".wav") as out:
            done = run(need("mpv"), "--no-config", "--no-video", "--ao=pcm",
                       f"--ao-pcm-file={out.name}", "--untimed",
                       "--msg-level=all=warn", "--no-terminal", self.path)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr, b"")
            played, _ = mp3.source_samples(out.name)
        self.assertLess(abs(len(played) - len(self.decoded)), 2400)

    def test_mpv_seeks(self):
        """mpv starts near a track's end and plays what is there"""
        seconds = len(self.decoded) / 44100
        with tempfile.NamedTemporaryFile(suffix=".wav") as out:
            done = run(need("mpv"), "--no-config", "--no-video", "--ao=pcm",
                       f"--ao-pcm-file={out.name}", "--untimed",
                       "--hr-seek=yes", f"--start={seconds - 5:.3f}",
                       "--msg-level=all=warn", "--no-terminal",
                       self.mount.path("high", TRACK))
            self.assertEqual(done.returncode, 0, done.stderr)
            played, _ = mp3.source_samples(out.name)
        self.assertAlmostEqual(len(played) / 44100, 5, delta=0.3)

    def test_mpv_plays_the_folder(self):
        """mpv plays an album, one track after another"""
        with Mount(fixtures.library(fixtures.mixed)) as cold:
            done = run(need("mpv"), "--no-config", "--no-video", "--ao=pcm",
                       "--ao-pcm-file=/dev/null", "--untimed",
                       "--msg-level=all=warn", "--no-terminal",
                       *glob.glob(cold.path("low/Artist/Album/*.mp3")))
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_ffmpeg(self):
        """FFmpeg decodes from the mount what it decodes from a copy"""
        decoded, said = mp3.decode(self.path, 2)
        self.assertEqual(said, "")
        self.assertEqual(len(decoded), len(self.decoded))
        self.assertEqual(abs(decoded - self.decoded).max(), 0)

    def test_rsync(self):
        """rsync -c copies a quality folder, and finds nothing to do a second
        time"""
        rsync = need("rsync")
        target = os.path.join(self.mount.base, "copy")
        with Mount(fixtures.library(fixtures.mixed)) as cold:
            source = cold.path("low") + "/"
            done = run(rsync, "-ac", source, target)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            names = files_below(source)
            self.assertEqual(files_below(target), names)
            for name in names:
                self.assertTrue(read_file(os.path.join(source, name))
                                == read_file(os.path.join(target, name)),
                                name)
            again = run(rsync, "-aci", source, target)
            self.assertEqual((again.returncode, again.stderr, again.stdout),
                             (0, b"", b""))

    def test_cp_and_tar(self):
        """cp and tar take files from a cold mount without complaint"""
        target = os.path.join(self.mount.base, "copied")
        with Mount(fixtures.library(fixtures.mixed)) as cold:
            for command in (
                    ("cp", "-r", cold.path("low/Artist"), target),
                    ("tar", "-cf", target + ".tar", "-C", cold.path("low"),
                     "Artist"),
                    ("diff", "-r", cold.path("low/Artist"), target)):
                done = run(*command)
                self.assertEqual((done.returncode, done.stderr), (0, b""))


class Nginx(unittest.TestCase):
    limit = 90

    @classmethod
    def setUpClass(cls):
        nginx = need("nginx")
        cls.mount = Mount(fixtures.library(fixtures.album))
        with Mount(cls.mount.library) as other:
            cls.right = read_file(other.path("medium", TRACK))
        cls.mount.__enter__()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            cls.port = probe.getsockname()[1]
        base = os.path.join(cls.mount.base, "nginx")
        os.mkdir(base)
        with open(f"{base}/nginx.conf", "w") as file:
            file.write(f"""
                user root;
                daemon off;
                master_process off;
                error_log {base}/error.log warn;
                pid {base}/pid;
                events {{ }}
                http {{
                    access_log off;
                    sendfile on;
                    types {{ audio/mpeg mp3; }}
                    client_body_temp_path {base}/a;
                    proxy_temp_path {base}/b;
                    fastcgi_temp_path {base}/c;
                    uwsgi_temp_path {base}/d;
                    scgi_temp_path {base}/e;
                    server {{
                        listen 127.0.0.1:{cls.port};
                        root {cls.mount.point};
                    }}
                }}""")
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

    def get(self, quality="medium", method="GET", **headers):
        client = http.client.HTTPConnection("127.0.0.1", self.port,
                                            timeout=40 * SCALE)
        try:
            client.request(method, f"/{quality}/"
                           + TRACK.replace(" ", "%20"), headers=headers)
            answer = client.getresponse()
            return answer, answer.read()
        finally:
            client.close()

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

    def test_nginx_is_content(self):
        """nginx has logged no error"""
        with open(self.errors) as log:
            self.assertEqual(log.read(), "")


if __name__ == "__main__":
    tap.main()
