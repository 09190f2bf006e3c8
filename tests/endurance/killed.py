"""Kills runs as a power loss does, starts them again, and compares what comes out with an undisturbed run.

    python -m tests.endurance.killed --submissions 200 --kills 100

prints the figures; `tests/endurance/test_killed.py` does the same in short.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.sample_class import write_sample_class

ROOT = Path(__file__).parent.parent.parent
JOBS = 2
KINDS = ("perfect", "right-by-einsum", "exits-on-import", "wrong-own-in-denominator", "syntax-error", "untouched")


@dataclass
class Story:
    """The record of one run of kills."""

    kills: int
    done_when_killed: list[int]
    """Results that were there at each kill."""
    graded_twice: int
    """Results that were written although they were there, over all starts."""
    survivors: int
    """Processes of a killed run that were still there some seconds later."""


def make_class(folder: Path, size: int) -> None:
    """A class of all kinds of submissions."""
    write_sample_class(folder.with_name("sample"))
    for number in range(size):
        shutil.copytree(folder.with_name("sample") / KINDS[number % len(KINDS)], folder / f"student-{number:03}")
    shutil.rmtree(folder.with_name("sample"))


def start(folder: Path, output: Path, *flags: str) -> subprocess.Popen[bytes]:
    """One run, in a session of its own."""
    command = [sys.executable, "-m", "autograder", str(folder), "--output", str(output), "--jobs", str(JOBS), *flags]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)


def disturb(folder: Path, output: Path, kills: int, seed: int) -> Story:
    """Kill `kills` runs, at moments spread over start, grading and the writing at the end; then let one finish."""
    dice = random.Random(seed)
    size = sum(1 for _ in folder.iterdir())
    story = Story(0, [], 0, 0)
    while story.kills < kills:
        before = written(output)
        process = start(folder, output)
        _wait(process, output, (size - len(before)) / (kills - story.kills), dice)
        children = descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        story.kills += process.wait() != 0
        after = written(output)
        story.done_when_killed.append(len(after))
        story.graded_twice += sum(after[name] != stamp for name, stamp in before.items() if name in after)
        story.survivors += alive(children)
    last = start(folder, output)
    assert last.wait() == 0
    return story


def _wait(process: subprocess.Popen[bytes], output: Path, share: float, dice: random.Random) -> None:
    """Until a random moment: one run in three is killed by the clock, the others after some more results."""
    begin, there = time.monotonic(), len(written(output))
    by_clock = share == 0 or dice.random() < 0.34
    moment, more = dice.uniform(0, 3.0), dice.randint(0, round(3 * share))
    while process.poll() is None:
        if time.monotonic() - begin > moment if by_clock else len(written(output)) - there >= more:
            break
        time.sleep(0.01)
    time.sleep(dice.uniform(0, 0.1))


def written(output: Path) -> dict[str, int]:
    """The results that are there, and for each the writing that made it."""
    return {path.name: path.stat().st_ino for path in (output / "results").glob("*.json")} if output.exists() else {}


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found.append(int(path.parent.name))
    return found


def descendants(pid: int) -> set[int]:
    """The processes that a process started, and what they started."""
    below = children(pid)
    return {*below, *(one for child in below for one in descendants(child))}


def alive(pids: set[int]) -> int:
    """The number of these processes that are still there after a while."""
    for _ in range(600):
        left = [pid for pid in pids if Path(f"/proc/{pid}/stat").exists() and not _is_dead(pid)]
        if not left:
            return 0
        time.sleep(0.05)
    return len(left)


def _is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def differences(one: Path, other: Path) -> list[str]:
    """The files that differ between two output folders, to the byte, apart from the seconds."""
    names = {path.relative_to(folder) for folder in (one, other) for path in folder.rglob("*") if path.is_file()}
    found = []
    for name in sorted(names):
        if not ((one / name).is_file() and (other / name).is_file()):
            found.append(f"{name} is in one of them only")
        elif _content(one / name) != _content(other / name):
            found.append(str(name))
    return found


def _content(path: Path) -> object:
    """A file without the seconds. The class report shows them, and the students who took far longer than others."""
    if path.suffix == ".json":
        return {**json.loads(path.read_text()), "seconds": 0}
    return b"" if path.name == "report.html" else path.read_bytes()


def main() -> int:
    """The full form, with its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_class(folder / "class", arguments.submissions)
        assert start(folder / "class", folder / "undisturbed").wait() == 0
        story = disturb(folder / "class", folder / "disturbed", arguments.kills, arguments.seed)
        found = differences(folder / "undisturbed", folder / "disturbed")
    print(f"seed {arguments.seed}: {story.kills} runs over {arguments.submissions} submissions were killed")
    print(f"results that were there: {' '.join(map(str, story.done_when_killed))}")
    shown = ", ".join(found[:5]) or "none"
    print(f"graded twice: {story.graded_twice}; processes left over: {story.survivors}; differences: {shown}")
    return 1 if found or story.survivors or story.graded_twice else 0


if __name__ == "__main__":
    raise SystemExit(main())
