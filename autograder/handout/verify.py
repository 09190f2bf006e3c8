"""`handout verify`: the checks that an instructor runs before release."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from autograder.diagnose.compositions import known
from autograder.handout.build import Generated, constants_now, read_student_files, rubric_of
from autograder.handout.compositions import SearchFailed, search
from autograder.handout.course import load_course
from autograder.handout.files.secrets import hidden_values, leaks
from autograder.handout.mystery.commands import runs_problems
from autograder.handout.pages.fill import TAKEN_ALONG
from autograder.handout.pages.pagecheck import page_problems, pdf_problems, points_problems
from autograder.handout.pages.stale import changes_before, constants_written, stale_in
from autograder.handout.pages.translation import missing
from autograder.handout.repository import find_drift
from autograder.handout.term.published import published_leaks
from autograder.handout.term.release import release_files
from autograder.handout.term.seeds import seed_problems
from autograder.language.wording import Wording
from autograder.repair.repairer import ONE, TWO

ZIP = "handouts/assignment.zip"
SCRIPTS = (
    ("main.py",),
    ("main_linclis.py",),
    ("-m", "ssl_kit.experiments"),
    ("-m", "ssl_kit.plots"),
    ("-m", "ssl_kit.lab0"),
)
SECONDS = 600.0
MOST_TOLD = 3
COMPOSITIONS = (
    "Not tried: three calls and more, loops, PyTorch's own functions, functions of folders, flags and other functions, "
    "methods of objects that a question does not have."
)
COUNT = "{passed} of {all} public checks pass."


class Told(str):
    """A sentence that is always reported, and does not prevent a release."""


@dataclass(frozen=True)
class Step:
    """One condition of a release; `find` yields a sentence for each thing that does not meet it."""

    title: str
    find: Callable[[], Iterator[str]]
    note: bool = False
    """Whether the findings are only reported, and do not prevent a release."""


def steps(root: Path, files: Generated, self_test: bool = True) -> list[Step]:
    """All conditions of a release, the quick ones first; `files` are those of a build."""
    made = [
        Step("what is there is what build makes", lambda: _drift(root, files)),
        Step("the zip holds nothing secret", lambda: _secrets(root, files)),
        Step("pages are whole, links lead somewhere, points agree", lambda: _pages(root, files)),
        Step("no page tells a constant of another variant", lambda: _stale(root)),
        Step("the list of changes is this term's own", lambda: changes_before(root)),
        Step("the skeleton runs and fails every public check", lambda: _skeleton(files)),
        Step("the reference passes every public check in a student's folder", lambda: _reference(root, files)),
        Step("points are given for mistakes that there are", lambda: _unknown_mistakes(root)),
        Step("release/ holds what build makes of this", lambda: _uploads(root, files)),
        Step("the seed is this term's own", lambda: seed_problems(root, files)),
        Step("the mystery runs, if the course has them, are this term's own", lambda: runs_problems(root)),
        Step("all that students read is in the course's language", lambda: _in_english(root), note=True),
        Step("no two calls of given functions answer a question", lambda: _compositions(root)),
    ]
    tested = Step("every check and hint is right (autograde --self-test)", lambda: _self_test(root))
    return [*made, tested] if self_test else made


def _drift(root: Path, files: Generated) -> Iterator[str]:
    yield from (f"{drift.path} is {drift.kind}; run `handout build`" for drift in find_drift(root, files))


def _uploads(root: Path, files: Generated) -> Iterator[str]:
    """Yield uploads that are older than the checked files: students would get these."""
    for path, content in release_files(root, files).items():
        there = root / path
        if not there.is_file() or there.read_bytes() != content:
            yield f"{path} is not what is built now; run `handout build`"


def _secrets(root: Path, files: Generated) -> Iterator[str]:
    seed = load_course(root / "solutions" / "course.toml").seed
    with zipfile.ZipFile(io.BytesIO(files[ZIP])) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    expected = {path for path in files if path.startswith("assignment/")}
    expected |= {f"assignment/{name}" for name in TAKEN_ALONG}
    yield from (f"{name} is in the zip and does not belong there" for name in sorted(inside.keys() - expected))
    yield from (f"{name} is not in the zip" for name in sorted(expected - inside.keys()))
    yield from leaks(root, inside, seed)
    yield from hidden_values(root, inside)
    yield from published_leaks(root, inside)


def _compositions(root: Path) -> Iterator[str]:
    try:
        for found in search(root):
            limit = ", as many as are tried at most" if found.limited else ""
            yield Told(f"question {found.question}: {found.tried} compositions tried{limit}, {found.agreed} graded")
            codes = [code.replace("\n", "; ") for code in found.answers]
            yield from (f"question {found.question} is answered by: {code}" for code in codes[:MOST_TOLD])
        yield Told(COMPOSITIONS)
    except SearchFailed as error:
        yield f"The search failed: {error}."


def _pages(root: Path, files: Generated) -> Iterator[str]:
    rubric = rubric_of(root)
    pages = {path: content for path, content in files.items() if path.startswith("handouts/")}
    beside = {Path(path).name for path in pages}
    for path, content in pages.items():
        if path.endswith(".html"):
            yield from page_problems(path, content.decode(), beside)
    yield from points_problems("assignment.html", pages["handouts/assignment.html"].decode(), rubric)
    pdfs = {path: content for path, content in pages.items() if path.endswith(".pdf")}
    yield from pdf_problems(pdfs, "handouts/points.pdf")


def _unknown_mistakes(root: Path) -> Iterator[str]:
    """Yield misspelt names of mistakes with points: nobody would get the points, and nobody would notice."""
    for question in rubric_of(root).graded:
        there = {ONE, TWO, *(one.name for one in known(root / "solutions" / "mistakes", question.id))}
        for name, _ in question.credit:
            if name not in there:
                near = get_close_matches(name, there, n=1)
                meant = f"; is {near[0]} meant?" if near else ""
                table = f'solutions/course.toml, [credit."{question.id}"]'
                yield f"{table}, names {name}, and there is no such mistake{meant}"


def _stale(root: Path) -> Iterator[str]:
    yield from stale_in(root, constants_written(root), constants_now(root))


def _in_english(root: Path) -> Iterator[str]:
    yield from missing(root, rubric_of(root).names.language)


def _counted(files: Generated, said: str) -> re.Match[str] | None:
    """Find the number of passing checks in the output of `check.py`, in the language of the course."""
    words = json.loads(files["assignment/ssl_kit/public/words.json"])["words"]
    pattern = Wording(words).pattern(COUNT)
    # From the end: output of students' code comes before, and with --zip a paragraph on the zip comes after.
    return next((found for one in reversed(said.split("\n\n")) if (found := pattern.search(one))), None)


def _skeleton(files: Generated) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="handout-") as name:
        folder = _unpack(files, Path(name))
        done = _run(folder, "check.py")
        found = _counted(files, done.stdout)
        if done.returncode != 1 or found is None or found["passed"] != "0" or found["all"] == "0":
            yield f"check.py says: {_last(done)}"
        for script in SCRIPTS:
            done = _run(folder, *script, "--help")
            if done.returncode:
                yield f"{script[-1]} --help ends with status {done.returncode}: {_last(done)}"


def _reference(root: Path, files: Generated) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="handout-") as name:
        folder = _unpack(files, Path(name))
        for file, (source, _) in read_student_files(root).items():
            (folder / file).write_text(source, encoding="utf-8")
        done = _run(folder, "check.py", "--zip", "verify")
        found = _counted(files, done.stdout)
        if done.returncode or found is None or found["passed"] != found["all"]:
            yield f"check.py --zip says: {_last(done)}"
        elif not (folder / "verify.zip").is_file():
            yield "check.py --zip wrote no zip"


def _self_test(root: Path) -> Iterator[str]:
    done = _run(root, "-m", "autograder", "--self-test", timeout=6 * SECONDS)
    if done.returncode:
        yield from (done.stdout + done.stderr).strip().splitlines()[-20:]


def _unpack(files: Generated, folder: Path) -> Path:
    """Unpack the zip as a student does; returns the folder."""
    with zipfile.ZipFile(io.BytesIO(files[ZIP])) as archive:
        archive.extractall(folder)
    return folder / "assignment"


def _run(folder: Path, *arguments: str, timeout: float = SECONDS) -> subprocess.CompletedProcess[str]:
    """Run Python as a student would: in the folder, without the kit on the path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout
    )


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1] if lines else "nothing"
