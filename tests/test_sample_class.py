"""The sample class in any course: the published one, or one with other ids, points and argument names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.core.rubric import load_rubric
from tests.course import ids
from tests.sample_class import WRONG, write_sample_class


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample class's grades."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample_class(folder / "class")
    assert main([str(folder / "class"), "--output", str(folder / "grades"), "--timeout", "3"]) == 0
    return folder / "grades"


@pytest.mark.parametrize(
    ("student", "lost"),
    [
        ("perfect", ()),
        ("right-by-einsum", ()),
        ("right-by-loops", ()),
        ("right-in-numpy-style", ()),
        ("right-zipped", ()),
        ("wrong-own-in-denominator", ("1.2",)),
        ("wrong-swapped-coefficient", ("1.4",)),
        ("wrong-votes-by-labels-present", ("2",)),
        ("wrong-still-training", ("3",)),
        ("endless-loop", ("1.3",)),
        ("file-missing", ("3",)),
        ("syntax-error", ("2",)),
        ("exits-on-import", ("1.2", "1.3")),
        ("untouched", ()),
    ],
)
def test_each_loses_on_its_own_questions_only(graded: Path, student: str, lost: tuple[str, ...]) -> None:
    """In any course: that of a clone whose questions have other ids, points and names of arguments, too."""
    if student in WRONG and WRONG[student] not in ids():
        pytest.skip(f"This course does not ask question {WRONG[student]} of the published one.")
    core = {question.id for question in load_rubric().graded if not question.bonus}
    rows = json.loads((graded / "results" / f"{student}.json").read_text())["questions"]
    found = {row["id"] for row in rows if row["id"] in core and row["score"] < row["max_score"]}
    assert found == (core if student == "untouched" else {ids()[question] for question in lost if question in ids()})
