"""Runs a command as in a container without privileges: `python -m tests.sandbox.contained COMMAND …`.

What Docker refuses by default is refused: entering namespaces, and mounts; and root is without CAP_SYS_ADMIN.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

_REFUSED = {"x86_64": (165, 166, 155, 272, 308), "aarch64": (40, 39, 41, 97, 268)}
"""mount umount2 pivot_root unshare setns."""
_NO_NEW_PRIVS, _SECCOMP, _FILTER, _CAPBSET_DROP, _SYS_ADMIN = 38, 22, 2, 24, 21
_LOAD_NUMBER, _EQUAL, _RETURN, _ALLOW, _EPERM = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050001


def contain() -> None:
    """Let this process and all that it starts be refused."""
    libc = ctypes.CDLL(None, use_errno=True)
    calls = _REFUSED[os.uname().machine]
    lines = [(_LOAD_NUMBER, 0, 0, 0)]
    lines += [(_EQUAL, len(calls) - number, 0, call) for number, call in enumerate(calls)]
    lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(code))
    libc.prctl(_CAPBSET_DROP, _SYS_ADMIN, 0, 0, 0)
    assert libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(_SECCOMP, _FILTER, program, 0, 0) == 0, os.strerror(ctypes.get_errno())


if __name__ == "__main__":
    contain()
    os.execvp(sys.argv[1], sys.argv[1:])
