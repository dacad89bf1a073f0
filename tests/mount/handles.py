"""File handles as NFS servers keep them: name_to_handle_at(2) and
open_by_handle_at(2), which need root."""
import ctypes
import os

from harness import libc

HANDLE_MAX = 128
AT_FDCWD = -100
DROP_CACHES = "/proc/sys/vm/drop_caches"


class FileHandle(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint), ("kind", ctypes.c_int),
                ("bytes", ctypes.c_ubyte * HANDLE_MAX)]

    def key(self):
        """What an NFS client takes the file for."""
        return self.kind, bytes(self.bytes[:self.size])


def _check(result):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def handle_of(path):
    handle = FileHandle(HANDLE_MAX)
    mount = ctypes.c_int()
    _check(libc.name_to_handle_at(AT_FDCWD, os.fsencode(path),
                                  ctypes.byref(handle), ctypes.byref(mount),
                                  0))
    return handle


def open_handle(point, handle, flags=os.O_RDONLY):
    """A descriptor, of the file in the mount at `point`."""
    root = os.open(point, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return _check(libc.open_by_handle_at(root, ctypes.byref(handle),
                                             flags))
    finally:
        os.close(root)


def forget_inodes():
    """The kernel lets go of every inode that nobody uses."""
    with open(DROP_CACHES, "w") as file:
        file.write("2")


def why_not(mount):
    """Why this cannot be done here, or None."""
    try:
        os.close(open_handle(mount.point, handle_of(mount.point)))
    except OSError as error:
        return f"no file handles here: {error.strerror}"
    try:
        forget_inodes()
    except OSError as error:
        return f"cannot write {DROP_CACHES}: {error.strerror}"
    return None
