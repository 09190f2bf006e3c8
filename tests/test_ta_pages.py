"""The TAs' pages are followed line by line: each command in them is run, in order, with the files that it names.

A page that nobody prepares anything for fails, and so does a command that does not end well.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from autograder.core.settings import SKELETON
from autograder.core.student_files import STUDENT_FILES
from tests.marks import class_of_thirty as class_
from tests.marks.class_of_thirty import Person
from tests.sample_class import RIGHT, hand_in

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "handouts" / "source"
NOT_RUN = {
    "jupyter lab": "serves a person's browser until it is stopped",
    ".venv/bin/dask scheduler --host $(hostname) --port 8786 &": "stays; the one of the table above it is running",
    "sbatch": "needs Slurm; the worker of the table above it is running",
    ".venv/bin/autograde review": "serves a person's browser until it is stopped; tests/desk/test_server.py asks it",
    ".venv/bin/autograde viva": "takes the log of a student's training; tests/commands/test_viva.py has one",
    ".venv/bin/autograde mystery": "the published course has no mystery run; tests/commands/test_mystery.py runs it",
    ".venv/bin/autograde submissions --points mystery-points.csv": "takes the list that the line before it writes",
}
"""Commands that need a server, a person or a question that is off, by how they begin, and why."""
MOVED = ".venv/bin/autograde diff"
"""Its exit status 1 says that a grade moved."""
STUDENTS = "python "
"""The commands of students, in the folder that they got."""
PEOPLE = [
    Person("101", "Ann", "Adams", "untouched", "20", "0", "20"),
    Person("102", "Bob", "Baker", "nothing", "-", "0", "0"),
]
WORK = {"untouched": {name: (SKELETON / name).read_bytes() for name in STUDENT_FILES}}
"""The quickest to grade: what a right answer would say stands elsewhere."""


def commands(text: str) -> Iterator[str]:
    """Every command in a fenced block, on one line."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from (line for line in re.sub(r"\s*\\\n\s*", " ", block).splitlines() if line.strip())


def kit(place: Path) -> Path:
    """A TA's clone, as far as the commands need it, with the environment that `make` sets up."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "autograder", "solutions", "assignment", "pyproject.toml", "requirements"],
        **{"cwd": ROOT, "capture_output": True, "check": True, "text": True},  # type: ignore[call-overload]
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    (place / ".venv").symlink_to(sys.prefix)
    return place


def follow(place: Path, page: list[str], changes: dict[str, str] | None = None) -> None:
    """Run the commands in one shell, as a person does; each must end well."""
    script = []
    for command in page:
        if not command.startswith(tuple(NOT_RUN)):
            for old, new in (changes or {}).items():
                command = command.replace(old, new)
            command = f"(cd assignment && {command})" if command.startswith(STUDENTS) else command
            fine = "|| [ $? = 1 ] " if command.startswith(MOVED) else ""
            script.append(f"{command} {fine}|| {{ echo {shlex.quote(f'This failed: {command}')}; exit 1; }}")
    assert script, "there is no command to run"
    programs = {"PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"}
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        **{"cwd": place, "env": {**os.environ, **programs}, "capture_output": True, "text": True},  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stdout + done.stderr


def seen_by_git(place: Path) -> set[str]:
    """The files and folders that a page takes or leaves in a checkout, and that `git add --all` would add."""
    kits = {"autograder", "solutions", "assignment", "pyproject.toml", "requirements", ".venv", ".git"}
    names = [f"{path.name}/file" if path.is_dir() else path.name for path in place.iterdir() if path.name not in kits]
    command = ["git", "check-ignore", "--no-index", "--stdin", "-z"]
    done = subprocess.run(command, input="\0".join(names), cwd=ROOT, capture_output=True, text=True, check=True)
    return {*names} - {*done.stdout.split("\0")}


def run(place: Path, *words: str) -> None:
    subprocess.run([".venv/bin/autograde", *words], cwd=place, check=True, capture_output=True)


def canvas(place: Path) -> None:
    class_.canvas(place / "submissions.zip", PEOPLE, {**WORK, "right": {}})
    rows = "".join(f'"{one.last}, {one.first}",{one.id},x,,,4.5\n' for one in PEOPLE)
    head = "Student,ID,Section,Homework 1 (4711),Quiz (12),Final Score\n    Points Possible,,,70.00,5.00,(read only)\n"
    (place / "gradebook.csv").write_text(head + rows)
    (place / "times.csv").write_text("id,submitted\n101,2026-12-12 23:59\n")


def moodle(place: Path) -> None:
    class_.moodle(place / "submissions.zip", PEOPLE, WORK)
    head = 'Identifier,"Full name",Status,Grade,"Maximum grade","Last modified (submission)","Feedback comments"\n'
    time = '"Saturday, 12 December 2026, 11:59 PM"'
    rows = "".join(f'"Participant {one.id}","{one.first} {one.last}",,,70.00,{time},\n' for one in PEOPLE)
    (place / "worksheet.csv").write_text(head + rows)


def blackboard(place: Path) -> None:
    attempt = "Homework 3_aadams_attempt_2026-12-12-23-59-07"
    names = {f"{attempt}_{name}": content for name, content in WORK["untouched"].items()}
    class_.zipped(place / "gradebook_download.zip", names | {f"{attempt}.txt": b"Name: Ann Adams (aadams)\r\n"})
    rows = [
        '"Last Name"\t"First Name"\t"Username"\t"Homework 3 [Total Pts: 70 Score] |128"',
        '"Adams"\t"Ann"\t"aadams"\t""',
        '"Baker"\t"Bob"\t"bbaker"\t""',
    ]
    (place / "gradebook.xls").write_bytes("\r\n".join([*rows, ""]).encode("utf-16"))


def brightspace(place: Path) -> None:
    folder = "1234-99 - Ann Adams - Dec 12, 2026 1159 PM"
    files = {f"{folder}/{name}": content for name, content in WORK["untouched"].items()}
    class_.zipped(place / "HW3 Download.zip", files | {"index.html": b"<html>"})
    head = "OrgDefinedId,Username,Last Name,First Name,HW3 Points Grade <Numeric MaxPoints:70>,End-of-Line Indicator\n"
    (place / "export.csv").write_text(f"{head}#1001,#ann,Adams,Ann,,#\n#1002,#bob,Baker,Bob,,#\n")


def gradescope(place: Path) -> None:
    """A clone, in which the class was graded before."""
    subprocess.run("git init -q . && git add autograder solutions assignment", shell=True, cwd=place, check=True)
    class_.gradescope(place / "assignment_export.zip", PEOPLE, WORK)
    (place / "roster.csv").write_text("id,name\n101,Ann Adams\n102,Bob Baker\n")
    run(place, "assignment_export.zip", "--output", "grades")
    shutil.copytree(place / "grades", place / "grades-before")


def guide(place: Path) -> None:
    """A class of one, called as the page calls anybody, whose grade moved; weights and images to measure them on."""
    hand_in(place / "submissions" / "STUDENT", {"1.3": RIGHT["1.3"]})
    run(place, "submissions", "--output", "grades")
    for name, content in WORK["untouched"].items():
        (place / "submissions" / "STUDENT" / name).write_bytes(content)
    run(place, "submissions", "--output", "grades")
    (place / "requests.csv").write_text('id,question,text\nSTUDENT,1.2,"Why is this wrong, please?"\n')
    (place / "report.csv").write_text("id,points,comment\nSTUDENT,20,Nice plots.\n")
    made = (
        "import pathlib; from ssl_kit import checkpoints; from ssl_kit.networks import Backbone\n"
        "weights = {f'encoder.backbone.{key}': value for key, value in Backbone('small').state_dict().items()}\n"
        "what = {'args': {'arch': 'small'}, 'epoch': 1, 'model': weights}\n"
        "pathlib.Path('exp').mkdir(); checkpoints.save_checkpoint(pathlib.Path('exp/last.pth'), what)"
    )
    subprocess.run([sys.executable, "-c", made], cwd=place / "assignment", check=True)
    dice = np.random.default_rng(0)
    images, labels = dice.integers(0, 256, (30, 3, 8, 8), np.uint8), np.arange(30) % 2
    arrays = {"train_images": images, "train_labels": labels, "test_images": images, "test_labels": labels}
    np.savez(place / "images.npz", **arrays)


def nbgrader(place: Path) -> None:
    class_.nbgrader(place / "course", PEOPLE, WORK)


@dataclass(frozen=True)
class Part:
    """A page from a heading to the next that is named here, and what prepares its place."""

    page: str
    heading: str
    prepare: Callable[[Path], None]


PARTS = [
    Part("ta_canvas.md", "# ", canvas),
    Part("ta_canvas.md", "## Moodle\n", moodle),
    Part("ta_canvas.md", "## Blackboard\n", blackboard),
    Part("ta_canvas.md", "## Brightspace\n", brightspace),
    Part("ta_gradescope.md", "# ", gradescope),
    Part("ta_guide.md", "# ", guide),
    Part("ta_nbgrader.md", "# ", nbgrader),
]
CLUSTER = "ta_cluster.md"


def text_of(part: Part) -> str:
    text = (SOURCE / part.page).read_text("utf-8")
    places = [text.index(one.heading) for one in PARTS if one.page == part.page]
    start = text.index(part.heading)
    return text[start : min((place for place in places if place > start), default=len(text))]


@pytest.mark.published
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.prepare.__name__)
def test_a_page_is_followed(tmp_path: Path, part: Part) -> None:
    place = kit(tmp_path)
    part.prepare(place)
    follow(place, [*commands(text_of(part))])
    assert seen_by_git(place) <= {"images.npz"}  # which holds nothing of students


def test_a_cluster_of_this_machine(tmp_path: Path) -> None:
    """The table's scheduler and worker are started under a free port, and one process is enough."""
    text = (SOURCE / CLUSTER).read_text("utf-8")
    place = kit(tmp_path)
    (place / "submissions" / "ann").mkdir(parents=True)
    (place / "submissions" / "ann" / "criterion.py").write_bytes(WORK["untouched"]["criterion.py"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    changes = {"lab01": "127.0.0.1", "$(hostname)": "127.0.0.1", "8786": port, "--nworkers 8": "--nworkers 1"}
    changes["--host lab01"] = f"--host 127.0.0.1 --port {port} --no-dashboard"
    changes[".venv/bin/dask"] = f"{sys.executable} -m dask"  # this very Python, whose kit is the same version
    started = re.findall(r"`(\.venv/bin/dask (?:scheduler|worker) [^`]+)`", text)
    assert len(started) == 2
    running: list[subprocess.Popen[bytes]] = []
    try:
        for command, ready in zip(started, ("Scheduler at:", "Registered to:"), strict=True):
            for old, new in sorted(changes.items(), key=lambda one: -len(one[0])):
                command = command.replace(old, new)
            said = tmp_path / f"log{len(running)}"
            with open(said, "wb") as log:
                running.append(subprocess.Popen(command.split(), cwd=ROOT, stdout=log, stderr=log))
            while ready not in (told := said.read_text()):
                assert running[-1].poll() is None, f"this ended by itself: {command}\n{told}"
                time.sleep(0.1)
        follow(place, [*commands(text)], changes)
    finally:
        for process in running[::-1]:
            process.terminate()
            process.wait()


def test_every_page_is_followed_and_every_exception_is_one() -> None:
    pages = {path.name: [*commands(path.read_text("utf-8"))] for path in SOURCE.glob("ta_*.md")}
    assert {CLUSTER, *(part.page for part in PARTS)} == pages.keys()
    assert all(any(command.startswith(one) for page in pages.values() for command in page) for one in NOT_RUN)
    assert all(text_of(one).startswith(one.heading) for one in PARTS)
