"""What a program says, through a pipe and not into a file: workers may write to
no file, and what their sanitizers report is wanted."""
import contextlib
import os
import select
import threading


class Log:
    """A thread takes what comes out of the pipe until all writers are gone."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.lock, self.data = threading.Lock(), bytearray()
        threading.Thread(target=self._follow, args=(self.reader,),
                         daemon=True).start()

    def _follow(self, reader):
        with contextlib.suppress(OSError):
            while select.select([reader], [], []) and self._drain():
                pass

    def _drain(self):
        """Takes what is there; False at the end."""
        with self.lock:
            if self.reader is None:
                return False
            try:
                while part := os.read(self.reader, 1 << 16):
                    self.data += part
            except BlockingIOError:
                return True
            os.close(self.reader)
            self.reader = None
            return False

    def text(self):
        """All that was written before this was called."""
        self._drain()
        return self.data.decode(errors="replace")

    def add(self, line):
        with self.lock:
            self.data += line.encode() + b"\n"

    def close(self):
        """No more programs will be started that write here."""
        if self.writer is not None:
            os.close(self.writer)
            self.writer = None
