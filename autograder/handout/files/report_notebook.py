"""Makes the students' report.ipynb from the instructor's, with nbgrader's own `generate_assignment`.

The parts that a person grades are nbgrader's task cells. The text between `### BEGIN MARK SCHEME` and
`### END MARK SCHEME` is for graders and is removed.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

from autograder.core.errors import AutograderError, demand
from autograder.core.records import Question

NAME = "report"
SCHEME = ("BEGIN MARK SCHEME", "END MARK SCHEME")


def student_notebook(source: str, question: Question) -> str:
    """The notebook for students; the points of its parts must be those of the question."""
    parts = graded_parts(source)
    if sum(parts.values()) != question.points:
        listed = ", ".join(f"{name} {points:g}" for name, points in parts.items())
        problem = f"The parts of solutions/{NAME}.ipynb ({listed}) do not sum to {question.points:g} points."
        raise AutograderError(
            problem, f"Change them, or the points of question {question.id} in solutions/course.toml."
        )
    made = _release(source)
    if any(word in made for word in SCHEME):
        raise AutograderError(f"A mark scheme stays in {NAME}.ipynb.", "Put both of its lines into one task cell.")
    return made


def graded_parts(source: str) -> dict[str, float]:
    """The points of each part that a person grades, by the cell's id."""
    try:
        cells = [cell["metadata"].get("nbgrader", {}) for cell in json.loads(source)["cells"]]
    except (ValueError, KeyError, TypeError) as error:
        problem = f"solutions/{NAME}.ipynb is not a notebook."
        raise AutograderError(problem, "Save it with Jupyter again.") from error
    return {row["grade_id"]: float(row["points"]) for row in cells if row.get("task") or row.get("grade")}


def _release(source: str) -> str:
    with tempfile.TemporaryDirectory(prefix="handout-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own, about the libraries under it
        root = Path(folder)
        written = root / "source" / "assignment" / f"{NAME}.ipynb"
        written.parent.mkdir(parents=True)
        written.write_text(source, encoding="utf-8")
        done = _api(root).generate_assignment("assignment")
        made = root / "release" / "assignment" / f"{NAME}.ipynb"
        if not done["success"] or not made.is_file():
            reason = (done.get("error") or done.get("log") or "it says nothing").strip().splitlines()[-1]
            problem = f"nbgrader cannot make the students' {NAME}.ipynb: {reason}"
            raise AutograderError(problem, f"Mend solutions/{NAME}.ipynb.")
        return made.read_text(encoding="utf-8").rstrip() + "\n"


def _api(root: Path) -> Any:
    """nbgrader on a course of its own; imported here because it takes a second, and only a build needs it."""
    demand("nbgrader", "handout", "The report's notebook")
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(root)
    config.GenerateAssignment.no_database = True  # the gradebook is made when grading
    config.SaveCells.enabled = False
    config.Application.log_level = "CRITICAL"
    return NbGraderAPI(config=config)
