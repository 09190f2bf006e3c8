"""What one question does to the process costs no other one points."""

from __future__ import annotations

from pathlib import Path

from autograder.grader import Grader
from autograder.records import Submission
from autograder.rubric import load_rubric
from autograder.settings import Limits
from tests.sample_class import RIGHT, hand_in


def test_a_wrong_answer_is_asked_again_alone_and_that_answer_counts(tmp_path: Path) -> None:
    spoils = f"\n        globals()['SPOILT'] = True{RIGHT['1.2']}"
    spoilt = f"\n        if 'SPOILT' in globals():\n            return z1.sum(){RIGHT['1.3']}"
    hand_in(tmp_path / "one", {**RIGHT, "1.2": spoils, "1.3": spoilt})
    rubric = load_rubric()
    with Grader(rubric, Limits()) as grader:
        result = grader.grade(Submission("one", tmp_path / "one"), [rubric["1.2"], rubric["1.3"]])
    assert [question.score for question in result.questions] == [20, 10]
