"""Makes the students' report.ipynb from the instructor's, with nbgrader's own `generate_assignment`.

The parts that a person grades are nbgrader's task cells. The text between `### BEGIN MARK SCHEME` and
`### END MARK SCHEME` is for graders and is removed. Points are those of nbgrader's metadata. If the question has other
points, the parts share those, and so do the lines of each mark scheme.
"""

from __future__ import annotations

import json
import re
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.core.errors import AutograderError, demand
from autograder.core.questions import TALK
from autograder.core.records import Item, Question
from autograder.handout.split import whole

NAME = "report"
SCHEME = ("BEGIN MARK SCHEME", "END MARK SCHEME")


_HEADING = re.compile(r"(?m)^(#+ (?:\d+\. )?)(.*?) \((\d+) points?\)$")
_LINE = re.compile(r"(?m)^- (\d+) points?(?=:)")
_ITEM = re.compile(r"(?ms)^- (\d+) points?: (.*?)(?=^\S|^$|\Z)")


@dataclass(frozen=True)
class Part:
    """A part of the report that a person grades, and its mark scheme in Markdown."""

    title: str
    points: float
    scheme: str


def student_notebook(source: str) -> str:
    """The notebook for students: the instructor's without the mark schemes."""
    made = _release(source)
    if any(word in made for word in SCHEME):
        raise AutograderError(f"A mark scheme stays in {NAME}.ipynb.", "Put both of its lines into one task cell.")
    return made


def weighed(source: str, question: Question) -> str:
    """The instructor's notebook with the question's points: in its parts, their headings and their mark schemes.

    Raises AutograderError if the points cannot be shared in whole numbers.
    """
    parts = graded_parts(source)
    own, total = sum(parts.values()), int(question.points)
    if own == question.points:
        return source
    if total != question.points or total < len(parts) or not own:
        listed = ", ".join(f"{name} {points:g}" for name, points in parts.items())
        problem = f"The parts of solutions/{NAME}.ipynb ({listed}) cannot share {question.points:g} points."
        hint = f"Give question {question.id} a whole number of points in solutions/course.toml, one a part at least."
        raise AutograderError(problem, hint)
    points = whole({name: worth * total / own for name, worth in parts.items()}, total)
    notebook = json.loads(source)
    for cell in notebook["cells"]:
        settings = cell["metadata"].get("nbgrader", {})
        if settings.get("grade_id") in points:
            name = settings["grade_id"]
            cell["source"] = _scaled("".join(cell["source"]), parts[name], points[name], name).splitlines(keepends=True)
            settings["points"] = points[name]
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _scaled(text: str, before: float, points: int, name: str) -> str:
    """The text of a part with other points in its heading and in the lines of its mark scheme."""
    lines = {str(place): int(found[1]) for place, found in enumerate(_LINE.finditer(text))}
    _demand_sum([*lines.values()], before, name)
    shares = whole({place: worth * points / before for place, worth in lines.items()}, points) if lines else {}
    said = iter(shares.values())
    text = _HEADING.sub(lambda found: f"{found[1]}{found[2]} ({_points(points)})", text, count=1)
    return _LINE.sub(lambda found: f"- {_points(next(said))}", text)


def _demand_sum(lines: Sequence[float], points: float, name: str) -> None:
    if lines and sum(lines) != points:
        problem = f"The mark scheme of {name} in solutions/{NAME}.ipynb gives {sum(lines):g} points"
        raise AutograderError(f"{problem}, and the part has {points:g}.", "Let its lines `- 2 points: …` sum to that.")


def _points(number: float) -> str:
    return f"{number:g} point{'' if number == 1 else 's'}"


def marked_parts(source: str) -> Mapping[str, Part]:
    """The parts that a person grades, by the cell's id."""
    found = {}
    points = graded_parts(source)
    for cell in json.loads(source)["cells"]:
        name, text = cell["metadata"].get("nbgrader", {}).get("grade_id"), "".join(cell["source"])
        if name in points:
            heading = _HEADING.search(text)
            scheme = text.partition(f"### {SCHEME[0]}")[2].partition(f"### {SCHEME[1]}")[0]
            found[name] = Part(heading[2] if heading else name, points[name], scheme.strip())
    return found


def with_items(questions: Sequence[Question], reports: Mapping[str, str]) -> list[Question]:
    """The questions, with the mark schemes of those that have a notebook in `reports`, or are a talk."""
    schemes = {one.id: items(reports[one.file]) for one in questions if one.file in reports}
    return [replace(one, items=_talk(one) if one.spoken else schemes.get(one.id, ())) for one in questions]


def _talk(question: Question) -> tuple[Item, ...]:
    """The questions of a talk share its points."""
    places, points = [str(i) for i in range(1, TALK + 1)], question.points
    shares: Mapping[str, float] = dict.fromkeys(places, points / TALK)
    if points == int(points):
        shares = whole(shares, int(points))
    said = "names the line or the number, and says what follows from it."
    return tuple(Item(f"talk.{i}", f"talk-{i}", f"Question {i}", float(share), said) for i, share in shares.items())


def items(source: str) -> tuple[Item, ...]:
    """The lines of all mark schemes; a part whose scheme has no lines of points is one item.

    Raises AutograderError if lines do not sum to the points of their part.
    """
    found = []
    for name, part in marked_parts(source).items():
        lines = [(float(line[1]), " ".join(line[2].split())) for line in _ITEM.finditer(part.scheme)]
        _demand_sum([points for points, _ in lines], part.points, name)
        lines = [line for line in lines if line[0]] or [(part.points, part.title)]
        found += [Item(f"{name}.{i}", name, part.title, points, text) for i, (points, text) in enumerate(lines, 1)]
    return tuple(found)


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
