"""The CPU time of a run of `autograde` by kind of process, and its memory: read from /proc while it runs.

The last tenth of a second of each process is missing. The times count what runs, so that others on the same machine
disturb them little.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

LAYERS = ("start-up", "driver", "forks", "students' processes", "reference")
SAID = {
    "start-up": "import of PyTorch, once a run",
    "driver": "reading hand-ins, messages, judging, diagnosis, pages",
    "forks": "the servers: fork, page tables, clearing up",
    "students' processes": "page faults, confinement, import of the five files, calls",
    "reference": "answers to the inputs of the class, and known mistakes",
}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """A run: seconds on the clock, CPU seconds by layer, and the most memory of all its processes together in MiB.

    Memory that processes share counts once.
    """

    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    memory: float = 0.0

    @property
    def total(self) -> float:
        """CPU seconds of all layers."""
        return sum(self.cpu.values())


def watch(process: subprocess.Popen[bytes]) -> Watched:
    """Watch a run of `autograde` to its end."""
    start, turns = time.perf_counter(), 0
    seen: Counter[int] = Counter()
    used: dict[int, tuple[float, float]] = {}
    zygote, most = 0, 0.0
    while process.poll() is None:
        turns += 1
        pids = [process.pid, *_below(process.pid)]
        zygote = zygote or next(iter(pids[1:]), 0)
        for pid in pids:
            seen[pid] += 1
            used[pid] = _used(pid) or used.get(pid, (0.0, 0.0))
        if turns % 10 == 0:
            most = max(most, sum(map(_memory, pids)))
        time.sleep(0.1)
    cpu = dict.fromkeys(LAYERS, 0.0)
    for pid, (own, ended) in used.items():
        if pid in (process.pid, zygote):
            cpu["driver" if pid == process.pid else "start-up"] += own
        elif ended:
            cpu["forks"] += own
            cpu["students' processes"] += ended
        elif seen[pid] > turns / 3:  # a student's process lives for a moment, and its server has counted it
            cpu["reference"] += own
    return Watched(time.perf_counter() - start, cpu, most)


def _below(pid: int) -> list[int]:
    """All processes that it started, and those that they did, in order."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, _text(path).split()):
            found += [child, *_below(child)]
    return found


def _used(pid: int) -> tuple[float, float] | None:
    """CPU seconds of a process, and of its children that have ended; None if it is gone."""
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    if len(fields) < 15:
        return None
    user, system, ended_user, ended_system = (int(one) / _TICKS for one in fields[11:15])
    return user + system, ended_user + ended_system


def _memory(pid: int) -> float:
    """A process's share of the memory in MiB."""
    lines = _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
