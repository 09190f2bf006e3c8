"""`autograde --reference`: the kit's own answers and the untouched skeleton are handed in, as two students would."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import AutograderError
from autograder.grader import SKELETON, SOLUTIONS
from autograder.records import STUDENT_FILES, Result
from autograder.report.text import number
from autograder.store import RESULTS

OUTPUT = Path("grades-reference")
HAND_INS = {"reference": SOLUTIONS, "skeleton": SKELETON}
AS_IT_MUST_BE = "As it must be: the reference has all points, bonus included, and the skeleton none."


@contextmanager
def hand_ins(output: Path | None) -> Iterator[tuple[Path, Path]]:
    """A folder with both hand-ins, and where their grades go; raises AutograderError where a class's are there."""
    output = output or OUTPUT
    if {path.stem for path in (output / RESULTS).glob("*.json")} - HAND_INS.keys():
        raise AutograderError(f"{output} holds the grades of a class.", "Name another folder with --output.")
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for student, source in HAND_INS.items():
            (folder / student).mkdir()
            for file in STUDENT_FILES:
                shutil.copy(source / file, folder / student)
        yield folder, output


def faults(results: Sequence[Result]) -> list[str]:
    """A sentence for each question in which the reference has not all points, or the skeleton any."""
    found = []
    for result in results:
        for question in result.questions:
            wanted = question.max_score if result.student == "reference" else 0.0
            if question.score != wanted:
                got = f"{number(question.score)} of {number(question.max_score)}"
                found.append(f"Not as it must be: the {result.student} has {got} in {question.id} {question.title}.")
        if not result.questions:
            found.append(f"Not as it must be: the {result.student} could not be graded.")
    return found
