"""A zygote with one layer switched off, for tests: `python -m tests.hostile.weakened LAYER FD SKELETON`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from autograder.sandbox import confine, landlock, namespaces, seccomp, zygote


def _without_landlock() -> None:
    landlock.restrict = lambda read, write: None


def _without_seccomp() -> None:
    seccomp.restrict = lambda: None


def _without_namespaces() -> None:
    namespaces.enter = lambda: False


def _without_limits() -> None:
    confine.limit_resources = lambda *_: None


def _without_capabilities() -> None:
    confine._drop_capabilities = lambda libc: None


SWITCHES: dict[str, Callable[[], None]] = {
    "Landlock": _without_landlock,
    "seccomp": _without_seccomp,
    "namespaces": _without_namespaces,
    "resource limits": _without_limits,
    "capabilities": _without_capabilities,
}

if __name__ == "__main__":
    SWITCHES[sys.argv[1]]()
    raise SystemExit(zygote.main(sys.argv[2:]))
