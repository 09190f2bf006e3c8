"""Every default and every limit, in one frozen record; nothing below `cli` reads flags or the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1024 * 1024
SKELETON = Path(__file__).parents[2] / "assignment"
"""The student files as handed out."""
ROOT = SKELETON.parent
"""The kit's own folder."""
SOLUTIONS = ROOT / "solutions"
"""The reference, known mistakes, and other right answers."""
PLAIN = "plain"
"""The layout of a folder with an entry per student."""
CELLS = ".cells"
"""The ending of the files in which a notebook's code goes into the sandbox."""

START_SECONDS = 300.0
"""For the process that imports torch; a cold disk is slow."""
REPLY_SECONDS = 60.0
"""For our own process to fork or to confine itself, on a busy machine."""
SLOW_SECONDS = 10.0
"""From so many seconds on, grading a submission is slow: the next run begins with it, and the summary names it."""
GRADESCOPE_SECONDS = 480.0
"""Of Gradescope's ten minutes; the rest is for starting the container and for a question that exceeds its time."""


@dataclass(frozen=True)
class Limits:
    """The limits of one submission. Sizes are in bytes, times in seconds."""

    timeout: float = 60.0
    """Wall time for one question."""
    memory: int = 4096 * MIB
    """Memory that a student's process may ask for beyond what the libraries need."""
    unpacked: int = 1024 * MIB
    """Size of a submission, unpacked."""
    members: int = 50_000
    """Files and folders in a submission."""
    depth: int = 100
    """Depth of folders inside folders."""
    unpack_seconds: float = 120.0
    """Wall time for unpacking: a reader of a hostile archive can be slow without ever giving much."""
    file_size: int = 256 * MIB
    """Largest file that student code may write."""
    output: int = 64 * 1024
    """Printed text that is kept; the rest is read and dropped."""
    repair: float = 3.0
    """CPU time to look for a repair of one question; 0 looks for none."""


def usable_cores() -> int:
    """The number of cores that this process may use; in a container it may be less than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """One run of `autograde`."""

    submissions: Path
    layout: str | None = None
    """The key of a platform, or `plain`; None means that the kit finds it out."""
    assignment: str | None = None
    """The assignment to grade if a download holds several."""
    roster: Path | None = None
    """A list of the class: it shows who handed in nothing."""
    output: Path = Path("grades")
    jobs: int = field(default_factory=usable_cores)
    questions: tuple[str, ...] = ()
    """Question ids to grade; empty means all."""
    limits: Limits = field(default_factory=Limits)
    fresh: bool = False
    again: tuple[str, ...] = ()
    """Students whose `questions` are asked again, although nothing changed."""
    sandbox: bool = True
    similarity: bool = False
    """Write a page of submissions that are alike, too."""
    points: Path | None = None
    """A list of the points that people gave for the report."""
    gradebook: bool = False
    """Record the results in nbgrader's gradebook, too."""
    database: str | None = None
    """URL of the gradebook's database; None means `gradebook.db` in the output folder."""
    representations: Path | None = None
    """Labelled images on which encoders that were handed in are measured."""
    log: Path | None = None
    """The file that gets a line of JSON for each question."""
    cluster: str | None = None
    """Address of a Dask scheduler whose workers grade; None means this machine."""
    anonymise: bool = False
    """Write pseudonyms instead of ids; a file next to the output folder lists whose each one is."""
