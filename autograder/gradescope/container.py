"""The memory of the container, and the limits of a submission that follow from it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from autograder.core.settings import MIB, Limits

NEEDED = 512 * MIB
"""Memory for grading without the submission: a memory cgroup of 400 MiB is enough, the rest is room."""
FILES = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_limit() -> int | None:
    """Bytes that the container may use; None if there is no limit."""
    for path in FILES:
        with suppress(OSError, ValueError):
            limit = int(path.read_text())
            return limit if limit < 1 << 50 else None
    return None


def limits_for(memory: int | None, seconds: float) -> Limits:
    """The limits of one question: its share of the time, and the memory that grading itself leaves."""
    if memory is None:
        return Limits(timeout=seconds)
    return Limits(timeout=seconds, memory=max(128 * MIB, memory - NEEDED))


def warning(memory: int | None) -> str | None:
    """A sentence for the staff on the container's size."""
    if memory is None or memory >= NEEDED:
        return None
    return (
        f"This container has {memory // MIB} MiB of memory, and grading needs {NEEDED // MIB} MiB. "
        "Choose a larger container in the autograder's settings."
    )
