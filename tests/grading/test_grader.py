"""Damage by one question to the process costs no other question points, and files passed over are reported."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.core.records import Status, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON, Limits
from autograder.grading.grader import Grader
from autograder.grading.remote import grade_packed, pack
from autograder.grading.worker import Task
from tests.course import now
from tests.sample_class import RIGHT, hand_in


@pytest.mark.published
def test_a_wrong_answer_is_asked_again_alone_and_that_answer_counts(tmp_path: Path) -> None:
    spoils = f"\n        globals()['SPOILT'] = True{RIGHT['1.2']}"
    spoilt = f"\n        if 'SPOILT' in globals():\n            return z1.sum(){RIGHT['1.3']}"
    hand_in(tmp_path / "one", {**RIGHT, "1.2": spoils, "1.3": spoilt})
    rubric = load_rubric()
    with Grader(rubric, Limits()) as grader:
        result = grader.grade(Submission("one", tmp_path / "one"), [rubric["1.2"], rubric["1.3"]])
    assert [question.score for question in result.questions] == [20, 10]


@pytest.mark.published
def test_what_was_passed_over_is_told_here_and_on_a_cluster(tmp_path: Path) -> None:
    hand_in(tmp_path / "one", RIGHT)
    (tmp_path / "one" / "data").symlink_to("/")
    rubric = load_rubric()
    submission, questions = Submission("one", tmp_path / "one"), [rubric["3"]]
    with Grader(rubric, Limits()) as grader:
        here = grader.grade(submission, questions)
    there = json.loads(grade_packed(pack(Task(submission, questions, "", []), Limits(), sandbox=True)))
    assert here.message == there["message"] == "data is a link, and links are not followed."
    assert here.status is Status.OK and here.score == there["score"] == 10


def test_an_untouched_stub_beside_a_filled_near_copy_is_to_be_looked_at(tmp_path: Path) -> None:
    hand_in(tmp_path / "one", RIGHT)
    (tmp_path / "one" / "main_linclis.py").rename(tmp_path / "one" / "main_lincls.py")
    shutil.copy(SKELETON / "main_linclis.py", tmp_path / "one")
    rubric = load_rubric()
    with Grader(rubric, Limits()) as grader:
        result = grader.grade(Submission("one", tmp_path / "one"), [rubric["3"]])
    assert result.status is Status.PROBLEM and result.score == 0
    assert "main_lincls.py is not" in str(result.questions[0].error)


def test_questions_that_are_graded_one_by_one_wait_for_an_endless_import_once(tmp_path: Path) -> None:
    hand_in(tmp_path / "one", RIGHT)
    with open(tmp_path / "one" / "criterion.py", "a") as file:
        file.write("\nimport time\nwhile True:\n    time.sleep(0.01)\n")
    rubric, limits = load_rubric(), Limits(timeout=8)
    with Grader(rubric, limits) as grader:
        asked = [rubric[now("1.2")], rubric[now("1.3")]]
        first, second = grader.grade_each(Submission("one", tmp_path / "one"), asked)
        (unread,) = grader.grade_each(Submission("two", tmp_path / "two", "It is a link."), asked)
    assert (first.score, second.score) == (asked[0].points, asked[1].points)
    assert first.seconds > limits.timeout > second.seconds
    assert [one.question for one in second.efforts] == [asked[1].id]
    assert unread.score == 0 and len(unread.questions) == 2
