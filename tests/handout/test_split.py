"""Tests both presets of the split from `course.toml` to the pages, the table of grades and an export."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.records import QuestionResult, Result, Status
from autograder.core.rubric import load_rubric
from autograder.core.store import open_output, save_result, write_whole
from autograder.handout.build import Inputs, generate
from autograder.marks.grades_table import grades_csv
from autograder.marks.marks import Terms, read_marks
from autograder.marks.points import Points, read_points, whole
from autograder.marks.tables import plain
from autograder.platforms.registry import LISTS
from autograder.report.feedback import feedback_page

VIVA = '[[manual]]\nid = "6"\ntitle = "Viva"\npoints = 20\n'
FULL = {"70/30": {"4": 30.0}, "45/35/20": {"4": 35.0, "6": 20.0}}
"""The most points by hand in each preset."""


@pytest.mark.parametrize("split", FULL)
def test_a_preset_builds_grades_and_exports(repository: Path, inputs: Inputs, tmp_path: Path, split: str) -> None:
    by_hand = FULL[split]
    settings = repository / "solutions" / "course.toml"
    settings.write_text(f'split = "{split}"\n{settings.read_text()}' + (VIVA if "6" in by_hand else ""))
    (repository / "handouts/source/viva.md").write_text("You are asked three questions.\n")
    files = generate(repository, inputs)

    page = files["handouts/assignment.html"].decode()
    assert f"Question 4: Report ({by_hand['4']:g} points)" in page
    assert "<strong>100</strong>" in files["handouts/points.html"].decode()
    assert ("Question 6: Viva (20 points)" in page) == ("You are asked three questions." in page) == ("6" in by_hand)
    assert f'"points": {by_hand["4"]:g}' in files["assignment/report.ipynb"].decode()
    (tmp_path / "rubric.json").write_bytes(files["autograder/core/rubric.json"])
    rubric = load_rubric(tmp_path / "rubric.json")
    code = 100 - sum(by_hand.values())
    assert rubric.max_score == code and {q.id: q.points for q in rubric.questions if q.manual} == by_hand
    assert f"({rubric['1.2'].points:g} points)" in files["assignment/criterion.py"].decode()

    right = tuple(QuestionResult(one.id, one.title, one.points, one.points, ()) for one in rubric.graded)
    ann = Result("ann", Status.OK, rubric.max_score, 0.1, right, "")
    marked = tmp_path / "hand.csv"
    marked.write_text(f"id,{','.join(by_hand)}\nann,{','.join(f'{most - 1:g}' for most in by_hand.values())}\n")
    points = Points().with_list(read_points(marked, rubric, {"ann"}, LISTS))
    given = whole(ann, rubric, points)
    head, row = (line.split(",") for line in grades_csv([given], rubric).splitlines())
    found = dict(zip(head, row, strict=True))
    assert (found["score"], found["max_score"]) == (f"{code:g}", f"{code:g}")
    assert {one: found[one] for one in by_hand} == {one: f"{most - 1:g}" for one, most in by_hand.items()}
    assert f"<strong>{100 - len(by_hand)}</strong> of 100 points" in feedback_page(given, rubric)
    assert all(f"Question {one} (" in feedback_page(ann, rubric) for one in by_hand)  # is marked by a person

    open_output(tmp_path / "grades", tmp_path / "class")
    save_result(tmp_path / "grades", ann)
    write_whole(tmp_path / "grades" / "grades.csv", grades_csv([given], rubric))
    marks = read_marks(tmp_path / "grades", rubric, points, Terms(), None, None)
    assert marks.total == 100 and f",{100 - len(by_hand)}," in plain(marks)[0]
