"""User, PID, mount, network, IPC and UTS namespaces for the warm server, if the machine allows them.

A second wall behind Landlock and seccomp: the server and all that it forks see no other process, no network
interface, and a file tree of nothing but the libraries, read-only. Python 3.11 has no `os.unshare`, and
bubblewrap, which would do the same from outside, is not on a fresh machine.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER = 0x00020000, 0x04000000, 0x08000000, 0x10000000
_NEWPID, _NEWNET = 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_NOEXEC = 8
_DETACH = 2
_PR_SET_PDEATHSIG = 1
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}


def enter() -> bool:
    """Move into fresh namespaces and go on as their first process; False, changing nothing, if refused.

    The process that called stays behind as a shell that waits and exits with the same status.
    """
    uid, gid = os.geteuid(), os.getegid()
    flags = _NEWNS | _NEWUTS | _NEWIPC | _NEWPID | _NEWNET | (_NEWUSER if uid else 0)
    if os.uname().machine not in _PIVOT_ROOT or _LIBC.unshare(flags) != 0:
        return False
    if uid:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    die_with_parent()
    return True


def die_with_parent() -> None:
    """Ask the kernel to kill this process as soon as its parent is gone (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def change_root(
    visible: Iterable[Path], places: Iterable[Path], scratch: Path, scratch_size: int, scratch_files: int
) -> None:
    """Replace the file tree by a new one that holds `visible` read-only and an empty `scratch`, in memory.

    `places` are empty folders in which each process may mount its own file systems. Raises OSError if a mount is
    refused; the old tree is then as it was.
    """
    _mount("none", "/", "", _REC | _PRIVATE, "")
    try:
        _build_root(visible, places, scratch, scratch_size, scratch_files)
    except OSError:
        _LIBC.umount2(os.fsencode(scratch), _DETACH)
        raise
    os.chdir("/")
    _mount("none", "/", "", _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV, "")


def own_mounts() -> None:
    """Hide the mounts of this process from all others. Raises OSError."""
    _check(_LIBC.unshare(_NEWNS), "unshare")


def bind(source: Path, place: Path) -> None:
    """Show `source` at `place` as well, without programs or devices in it. Raises OSError."""
    _mount(str(source), str(place), "", _BIND, "")
    _mount("none", str(place), "", _BIND | _REMOUNT | _NOSUID | _NODEV | _NOEXEC, "")


def mount_memory(place: Path, size: int, files: int) -> None:
    """Mount an empty file system in memory, of at most `size` bytes and so many files. Raises OSError."""
    _mount("tmpfs", str(place), "tmpfs", _NOSUID | _NODEV | _NOEXEC, f"size={size},nr_inodes={files},mode=700")


def _build_root(
    visible: Iterable[Path], places: Iterable[Path], root: Path, scratch_size: int, scratch_files: int
) -> None:
    """Mount the new tree over `root`, which is also where scratch will be inside it, and make it the root."""
    _mount("tmpfs", str(root), "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
    for path in _outermost(visible):
        target = root / path.relative_to("/")
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        _mount(str(path), str(target), "", _BIND | _REC, "")
        if not str(path).startswith("/dev/"):
            _mount("none", str(target), "", _BIND | _REMOUNT | _RDONLY | _NOSUID, "")
    for place in places:
        (root / place.relative_to("/")).mkdir(parents=True, exist_ok=True)
    scratch = root / root.relative_to("/")
    scratch.mkdir(parents=True, exist_ok=True)
    options = f"size={scratch_size},nr_inodes={scratch_files},mode=700"
    _mount("tmpfs", str(scratch), "tmpfs", _NOSUID | _NODEV, options)
    os.chdir(root)
    _check(_LIBC.syscall(_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    _check(_LIBC.umount2(b".", _DETACH), "umount")


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """The existing paths, each once, without those inside another one and without duplicates through links."""
    kept: list[Path] = []
    for path in sorted(path for path in set(paths) if path.exists()):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


def _mount(source: str, target: str, kind: str, flags: int, options: str) -> None:
    result = _LIBC.mount(
        source.encode(), os.fsencode(target), kind.encode() or None, ctypes.c_ulong(flags), options.encode() or None
    )
    _check(result, f"mount {target}")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
