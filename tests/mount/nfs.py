"""Ganesha, an NFS server in user space, with its FSAL for any file system that
has file handles, and libnfs as its client. Neither needs anything of the
kernel's NFS, nor a port mapper: it is NFS 4 on a port of its own."""
import ctypes
import ctypes.util
import glob
import os
import shutil
import socket
import subprocess

from harness import wait_until

CONFIG = """
NFS_CORE_PARAM {{
    Protocols = 4;
    NFS_Port = {port};
    Enable_NLM = false;
    Enable_RQUOTA = false;
    Plugins_Dir = "{plugins}";
}}
NFSV4 {{
    Graceless = true;
    RecoveryBackend = fs;
    RecoveryRoot = "{base}";
}}
NFS_KRB5 {{
    Active_krb5 = false;
}}
EXPORT {{
    Export_Id = 77;
    Path = "{point}";
    Pseudo = "/music";
    Access_Type = RO;
    Squash = None;
    SecType = sys;
    FSAL {{
        Name = VFS;
    }}
}}
"""


def _plugins():
    found = glob.glob("/usr/lib/*/ganesha/libfsalvfs.so")
    return os.path.dirname(found[0]) if found else None


def why_not():
    """What is missing here, or None."""
    for program in ("ganesha.nfsd", "nfs-ls", "nfs-cat"):
        if not shutil.which(program):
            return f"{program} is not installed"
    if not _plugins():
        return "Ganesha's FSAL VFS is not installed"
    return None if ctypes.util.find_library("nfs") else "there is no libnfs"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Serves the folder `point` as /music."""

    def __init__(self, point, base):
        os.mkdir(base)
        self.log = os.path.join(base, "log")
        self.port = free_port()
        config = os.path.join(base, "ganesha.conf")
        with open(config, "w") as file:
            file.write(CONFIG.format(port=self.port, plugins=_plugins(),
                                     base=base, point=point))
        self.process = subprocess.Popen(
            ["ganesha.nfsd", "-F", "-f", config, "-L", self.log,
             "-p", os.path.join(base, "pid")], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(self._started, "Ganesha")
        except BaseException:
            self.stop()
            raise

    def _started(self):
        assert self.process.poll() is None, self.messages()
        return "NFS SERVER INITIALIZED" in self.messages()

    def messages(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log) as file:
            return file.read()

    def stop(self):
        self.process.kill()  # its own end takes seconds
        self.process.wait()

    def url(self, path):
        return f"nfs://127.0.0.1/music/{path}?version=4&nfsport={self.port}"

    def run(self, program, path):
        return subprocess.run([program, self.url(path)], check=True,
                              stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True).stdout


class Client:
    """A client that keeps its files open, as players and kernels do."""

    def __init__(self, server):
        self.lib = ctypes.CDLL(ctypes.util.find_library("nfs"))
        for name in ("nfs_init_context", "nfs_parse_url_dir", "nfs_get_error"):
            getattr(self.lib, name).restype = ctypes.c_void_p
        self.lib.nfs_pread.argtypes = (ctypes.c_void_p, ctypes.c_void_p,
                                       ctypes.c_uint64, ctypes.c_uint64,
                                       ctypes.c_void_p)
        self.nfs = ctypes.c_void_p(self.lib.nfs_init_context())
        url = server.url("").encode()
        self.lib.nfs_parse_url_dir(self.nfs, url)
        self._check(self.lib.nfs_mount(self.nfs, b"127.0.0.1", b"/music"))

    def _check(self, result):
        if result < 0:
            said = ctypes.string_at(self.lib.nfs_get_error(self.nfs)).decode()
            raise OSError(-result, said)
        return result

    def open(self, path):
        file = ctypes.c_void_p()
        self._check(self.lib.nfs_open(self.nfs, b"/" + path.encode(),
                                      os.O_RDONLY, ctypes.byref(file)))
        return file

    def look(self, path):
        """The server has the file's handle after this, and nothing open."""
        room = ctypes.create_string_buffer(256)
        self._check(self.lib.nfs_stat64(self.nfs, b"/" + path.encode(), room))

    def read(self, file, size=1 << 16):
        buffer = ctypes.create_string_buffer(size)
        n = self._check(self.lib.nfs_pread(self.nfs, file, 0, size, buffer))
        return buffer.raw[:n]

    def content(self, path):
        file = self.open(path)
        content = self.read(file)
        self.lib.nfs_close(self.nfs, file)
        return content

    def close(self):
        self.lib.nfs_destroy_context(self.nfs)
