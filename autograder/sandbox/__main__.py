"""`python -m autograder.sandbox`: prints the layers that confine student code here; exit status 2: too few."""

from __future__ import annotations

import os
import sys

from autograder.sandbox import confine, namespaces

TOO_LITTLE = """\
Student code cannot be confined here: that takes Linux 5.13 or newer with Landlock and seccomp.
Use another machine, or a container engine that lets both through (docs/installing.md)."""


def main() -> int:
    """Print a line for each layer that some machines lack; namespaces are a second wall, and may be missing."""
    layers = confine.available()
    for name, there in (
        ("Landlock", layers.landlock),
        ("seccomp", layers.seccomp),
        ("namespaces", layers.sufficient and _namespaces()),
    ):
        print(f"{name}: {'yes' if there else 'no'}", flush=True)
    if not layers.sufficient:
        print(TOO_LITTLE, file=sys.stderr)
    return 0 if layers.sufficient else 2


def _namespaces() -> bool:
    """Whether a process may enter namespaces: a process that ends at once tries it."""
    child = os.fork()
    if child == 0:
        entered = False
        try:
            entered = namespaces.enter()
        finally:
            os._exit(0 if entered else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


if __name__ == "__main__":
    raise SystemExit(main())
