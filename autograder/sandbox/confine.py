"""Confines a student's process: puts on the layers one after the other, and finds which layers a machine has."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.core.settings import Limits
from autograder.sandbox import landlock, seccomp

_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 4, 24, 38
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63
_THREADS = 512


@dataclass(frozen=True)
class Layers:
    """The layers in force. `landlock` and `seccomp` are essential, `namespaces` a second wall behind them."""

    landlock: bool
    seccomp: bool
    namespaces: bool = False

    @property
    def sufficient(self) -> bool:
        """Whether untrusted code may run."""
        return self.landlock and self.seccomp


def available() -> Layers:
    """The layers that this machine offers to a process."""
    if sys.platform != "linux":
        return Layers(landlock=False, seccomp=False)
    return Layers(landlock=landlock.abi() > 0, seccomp=seccomp.available())


def library_paths() -> list[Path]:
    """The folders of Python, its packages and the shared libraries: all that a student's process may read."""
    paths = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), "/usr", "/lib", "/lib64", "/bin"}
    paths |= {"/etc/ld.so.cache", "/etc/localtime", "/sys/devices/system/cpu"}
    paths |= {"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"}
    listed = {Path(path) for path in paths}
    return sorted(listed | {path.resolve() for path in listed})


def open_statm() -> int | None:
    """Open a descriptor for `mapped_bytes` while /proc is still in sight; None if there is no /proc."""
    return os.open("/proc/self/statm", os.O_RDONLY) if sys.platform == "linux" else None


def mapped_bytes(statm: int | None) -> int:
    """The address space that this process uses, libraries included: with PyTorch loaded, gigabytes."""
    if statm is None:
        return 0
    return int(os.pread(statm, 200, 0).split()[0]) * resource.getpagesize()


def limit_resources(limits: Limits, questions: int, mapped: int, namespaces: bool = False) -> None:
    """Cap memory, CPU time, file size, open files and core dumps of this process, for good.

    The memory limit is on top of the `mapped` bytes that the libraries take. Threads are counted only within
    namespaces: elsewhere the kernel counts all that the user runs, and never counts root's.
    """
    if namespaces:
        _limit(resource.RLIMIT_NPROC, _THREADS)
    _limit(resource.RLIMIT_AS, mapped + limits.memory)
    # At the hard limit the kernel kills and does not say why; at the soft one it sends SIGXCPU.
    _limit(resource.RLIMIT_CPU, int(limits.timeout * (questions + 1)) + 1, more=1)
    _limit(resource.RLIMIT_FSIZE, limits.file_size)
    _limit(resource.RLIMIT_NOFILE, 256)
    _limit(resource.RLIMIT_CORE, 0)


def confine(layers: Layers, writable: Iterable[Path]) -> None:
    """Take every right from this process but reading libraries and using `writable`. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _drop_capabilities(libc)
    if layers.landlock:
        landlock.restrict(library_paths(), [*writable, Path("/dev/null")])
    if layers.seccomp:
        seccomp.restrict()


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Without capabilities even root is bound by file modes, may not mount, trace or raise its limits."""
    for capability in range(_LAST_CAPABILITY + 1):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
    if os.geteuid() == 0 and _effective_capabilities():
        raise OSError("capabilities could not be dropped")


def _effective_capabilities() -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()
    libc.capget(ctypes.byref(header), ctypes.byref(data))
    return int(data[0]) | int(data[3])


def _limit(kind: int, value: int, more: int = 0) -> None:
    """Set a soft limit, and a hard one that is `more` above it; what the kernel allows is never raised."""
    _, hard = resource.getrlimit(kind)
    most = value + more if hard == resource.RLIM_INFINITY else min(value + more, hard)
    resource.setrlimit(kind, (min(value, most), most))
