"""Tests of autograder/core/rubric.py: a course's file that was changed without `handout build` is noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import Diagnosis, Question, QuestionResult, Submission
from autograder.core.rubric import (
    COURSE_FILE,
    RUBRIC_FILE,
    course_digest,
    course_notes,
    credited,
    load_rubric,
    select,
)
from autograder.core.settings import Limits
from autograder.grading.grader import Grader
from autograder.report.class_report import class_report
from autograder.report.statistics import mistake_counts
from tests.course import now
from tests.sample_class import OWN_IN_DENOMINATOR, hand_in

COURSE = 'term = "2026"\nseed = "s"\n[points]\n"1.2" = 20\n[bonus]\nB1 = "asked"\n'


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, Path]:
    """A rubric and the course's file that it was made from."""
    rubric, course = tmp_path / "rubric.json", tmp_path / "course.toml"
    course.write_text(COURSE)
    rubric.write_text(json.dumps({"course": course_digest(course)}))
    return rubric, course


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"1.2" = 20', '"1.2" = 25', True),
        ('"1.2" = 20', "", True),
        ('"asked"', '"absent"', True),
        ('seed = "s"', 'seed = "t"', True),
        ("[points]", 'split = "70/30"\n[points]', True),
        ('"2026"', '"2027"', False),
        ("[points]", "# a comment\n[points]", False),
        ("[bonus]", "[late]\npercent = 10\n[bonus]", False),
    ],
)
def test_what_the_rubric_is_made_of(built: tuple[Path, Path], before: str, after: str, told: bool) -> None:
    assert course_notes(*built) == ()
    built[1].write_text(COURSE.replace(before, after))
    assert ["handout build" in note for note in course_notes(*built)] == [True] * told


def test_where_there_is_nothing_to_compare_nothing_is_told(built: tuple[Path, Path], tmp_path: Path) -> None:
    rubric, course = built
    assert course_notes(rubric, tmp_path / "none") == course_notes(tmp_path / "none", course) == ()
    rubric.write_text("{}")
    assert course_notes(rubric, course) == ()
    course.write_text("=")
    assert course_notes(rubric, course) == ()


def test_the_kits_own_is_as_built() -> None:
    assert load_rubric().questions
    assert json.loads(RUBRIC_FILE.read_text())["course"] == course_digest(COURSE_FILE)


def test_a_question_that_stands_in_solutions_alone_is_not_called_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test of a new question before its build sends the person to the build, which says what is missing."""
    monkeypatch.setattr("autograder.core.rubric.COURSE_FILE", tmp_path / "course.toml")
    (tmp_path / "criterion.py").write_text("    ### Question B9: Something new (5 points, bonus)\n")
    with pytest.raises(AutograderError, match="Question B9 stands in solutions/ and is not built yet") as caught:
        select(load_rubric(), ["B9"])
    assert "handout build --accept" in caught.value.hint
    with pytest.raises(AutograderError, match="There is no question B8"):
        select(load_rubric(), ["B8"])


KEPT, HALF, ONCE = (Diagnosis(name, "Look.") for name in ("kept", "half", "once"))
PERHAPS = [replace(one, certain=False) for one in (KEPT, HALF, ONCE)]


@pytest.mark.parametrize(
    ("diagnosis", "score", "given", "for_"),
    [
        ((KEPT,), 0, 14, "kept"),
        ((KEPT,), 14, 14, ""),
        ((KEPT,), 15, 15, ""),
        ((ONCE,), 3, 3, ""),
        ((), 3, 3, ""),
        ((PERHAPS[0], PERHAPS[1]), 0, 12, "half"),
        ((PERHAPS[0], PERHAPS[2]), 0, 0, ""),
        ((KEPT, HALF), 0, 0, ""),
    ],
    ids=["named", "as many", "more", "not in the table", "unexplained", "one of two", "one of them without", "both"],
)
def test_points_for_a_named_mistake(diagnosis: tuple[Diagnosis, ...], score: float, given: float, for_: str) -> None:
    question = Question("1.2", "Loss", "criterion.py", 20, credit=(("kept", 14.0), ("half", 12.0)))
    result = credited(question, QuestionResult("1.2", "Loss", score, 20, (), diagnosis))
    assert (result.score, result.credited) == (given, for_)


def test_grading_gives_points_for_a_named_mistake_and_every_page_counts_it(tmp_path: Path) -> None:
    asked = load_rubric()[now("1.2")]
    question = replace(asked, credit=(("own_similarity_kept", asked.points / 2),))
    hand_in(tmp_path / "ann", OWN_IN_DENOMINATOR)
    rubric = replace(load_rubric(), questions=(question,))
    with Grader(rubric, Limits()) as grader:
        result = grader.grade(Submission("ann", tmp_path / "ann"), [question])
    assert (result.score, result.questions[0].credited) == (asked.points / 2, "own_similarity_kept")
    (counted,) = mistake_counts([result])
    assert (counted.mistake, counted.credited) == ("own_similarity_kept", 1)
    assert "; 1 with points for it)" in class_report([result], rubric)
