"""Landlock: which files a process may open, and that it may neither connect by TCP nor signal others.

A thin layer over three system calls (kernel documentation: userspace-api/landlock). The Python packages for it
were looked at and stop at an older ABI, without the scopes for signals and abstract sockets.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

# File rights in the order of their bits, and the ABI that brought those after the first thirteen.
_READ = (1 << 2) | (1 << 3)  # READ_FILE, READ_DIR
_FILE_RIGHTS = (1 << 0) | (1 << 1) | (1 << 2) | (1 << 14) | (1 << 15)  # what may be granted on a plain file
_RIGHTS_OF_ABI = {1: 13, 2: 14, 3: 15, 4: 15}  # REFER came with 2, TRUNCATE with 3, IOCTL_DEV with 5
_NET_BOTH = 0b11  # BIND_TCP, CONNECT_TCP: ABI 4
_SCOPE_BOTH = 0b11  # abstract unix sockets, signals: ABI 6


def abi() -> int:
    """The kernel's Landlock version; 0 if it has none."""
    version: int = _LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_CREATE_RULESET_VERSION))
    return max(0, version)


def restrict(read: Iterable[Path], write: Iterable[Path]) -> None:
    """Confine this process for good to reading below `read` and doing anything with files below `write`.

    Needs no-new-privileges. A path that does not exist is passed over. Raises OSError.
    """
    version = abi()
    handled = (1 << _RIGHTS_OF_ABI.get(version, 16)) - 1
    attributes = struct.pack("=QQQ", handled, _NET_BOTH if version >= 4 else 0, _SCOPE_BOTH if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for paths, rights in ((read, _READ), (write, handled & ~1)):  # everything but EXECUTE
            for path in paths:
                _allow(ruleset, path, rights & handled)
        _call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            rights &= _FILE_RIGHTS
        rule = struct.pack("=Qi", rights, parent)
        _call(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_RULE_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    result: int = _LIBC.syscall(number, *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result
