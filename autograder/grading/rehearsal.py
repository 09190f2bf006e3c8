"""`autograde --reference`: hands in the kit's own answers and the untouched skeleton, as two students would."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from autograder.cases import common_cases
from autograder.core.errors import AutograderError, WorkerLost
from autograder.core.records import STUDENT_FILES, Result, Rubric
from autograder.core.settings import SKELETON, SOLUTIONS, Limits
from autograder.core.store import RESULTS
from autograder.core.text import number
from autograder.grading.grader import Grader
from autograder.reference.frozen import FOLDER, Fixtures
from autograder.reference.moved import Moved, find_moved
from autograder.reference.process import not_started
from autograder.reference.years import student_files

OUTPUT = Path("grades-reference")
REFERENCE, UNTOUCHED = "reference", "skeleton"
MOVED = (
    "Nothing else was tried: it would follow from this. Mend solutions/; if this is meant: `handout build --accept`."
)
AS_IT_MUST_BE = "As it must be: the reference has all points, bonus included, and the skeleton none."


def moved(rubric: Rubric) -> Moved:
    """Values of the fixtures that the reference no longer gives."""
    try:
        with Grader(rubric, Limits(), sandbox=False, fixtures=Fixtures(rubric, None)) as grader:
            return find_moved(rubric, grader.key.reference, FOLDER, common_cases)
    except WorkerLost as error:
        raise not_started(error) from error


def lay_out(folder: Path, rubric: Rubric) -> None:
    """Put both into a folder: the reference in this year's variant, and the skeleton as it is handed out."""
    skeleton = {file: (SKELETON / file).read_text(encoding="utf-8") for file in STUDENT_FILES}
    for student, files in ((REFERENCE, student_files(SOLUTIONS, rubric.variant.name)), (UNTOUCHED, skeleton)):
        (folder / student).mkdir()
        for file, text in files.items():
            (folder / student / file).write_text(text, encoding="utf-8")


@contextmanager
def hand_ins(output: Path | None, rubric: Rubric) -> Iterator[tuple[Path, Path]]:
    """Yield a folder with both hand-ins, and one for their grades; raises AutograderError if a class is there."""
    output = output or OUTPUT
    if {path.stem for path in (output / RESULTS).glob("*.json")} - {REFERENCE, UNTOUCHED}:
        raise AutograderError(f"{output} holds the grades of a class.", "Name another folder with --output.")
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as name:
        lay_out(Path(name), rubric)
        yield Path(name), output


def faults(results: Sequence[Result]) -> list[str]:
    """A sentence for each question in which the reference lacks points, or the skeleton has some."""
    found = []
    for result in results:
        for question in result.questions:
            wanted = question.max_score if result.student == REFERENCE else 0.0
            if question.score != wanted:
                got = f"{number(question.score)} of {number(question.max_score)}"
                found.append(f"Not as it must be: the {result.student} has {got} in {question.id} {question.title}.")
        if not result.questions:
            found.append(f"Not as it must be: the {result.student} could not be graded.")
    return found
