"""Tests the term's settings: states of bonus questions, points, and what makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import Question
from autograder.handout.course import State, load_course, weigh

MANUAL = '[[manual]]\nid = "4"\ntitle = "Report"\nfile = "report.ipynb"\npoints = 30\n'
MYSTERY = '[[manual]]\nid = "5"\ntitle = "The mystery run"\nfile = "mystery.toml"\n'
VIVA = '[[manual]]\nid = "6"\ntitle = "Viva"\npoints = 20\n'
QUESTIONS = (
    Question("1.1", "Forward", "model_factory.py", 10),
    Question("1.2", "Loss", "criterion.py", 20),
    Question("B1", "Queue", "criterion.py", 5, bonus=True),
)


def course(folder: Path, text: str, manual: str = MANUAL) -> Path:
    path = folder / "course.toml"
    path.write_text(f'term = "2026 fall"\nseed = "hush"\n{text}\n{manual}')
    return path


def points(folder: Path, text: str, tables: str = "") -> list[float]:
    return [one.points for one in weigh(load_course(course(folder, text, MANUAL + tables)), QUESTIONS)]


def test_a_bonus_question_is_asked_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    states = load_course(course(tmp_path, "", MANUAL + '[bonus]\nB1 = "given"\n'))
    assert states.state(QUESTIONS[2]) is State.GIVEN
    assert load_course(course(tmp_path, "")).state(QUESTIONS[2]) is State.ASKED


def test_points_are_the_headers_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    assert points(tmp_path, "") == [10, 20, 5]
    assert points(tmp_path, "", '[points]\n"1.2" = 25\nB1 = 0\n') == [10, 25, 0]


def test_a_split_scales_code_and_bonus_questions(tmp_path: Path) -> None:
    assert points(tmp_path, 'split = "70/30"', '[points]\n"1.2" = 23\n') == [21, 49, 11]


@pytest.mark.parametrize("code", [2, 3, 28, 67, 70, 101, 970])
def test_split_points_are_whole_and_near_their_shares(tmp_path: Path, code: int) -> None:
    split = f"split = {{ code = {code}, experiments = 30, viva = 0 }}"
    scaled = points(tmp_path, split, '[points]\n"1.1" = 7\n"1.2" = 23\n')
    assert all(one.is_integer() for one in scaled) and sum(scaled[:2]) == code
    assert all(abs(one - share * code / 30) < 1 for one, share in zip(scaled, (7, 23, 5), strict=True))


def test_questions_by_hand_share_experiments_and_viva(tmp_path: Path) -> None:
    def by_hand(split: str, *more: str) -> list[float]:
        text = "".join((MANUAL, *more))
        return [one.points for one in load_course(course(tmp_path, split, text)).manual]

    mystery = MYSTERY + "points = 5\n"
    assert by_hand("", mystery, VIVA) == [30, 5, 20]
    assert by_hand('split = "45/35/20"', mystery, VIVA) == [30, 5, 20]
    assert by_hand('split = "45/35/20"', VIVA) == [35, 20]
    assert by_hand('split = "70/30"', mystery) == [26, 4]


@pytest.mark.parametrize(
    ("text", "tables", "message"),
    [
        ("", '[bonus]\nB1 = "maybe"\n', r"\[bonus\] has B1 = 'maybe'"),
        ("bonus = 3", "", "`bonus` is not a table"),
        ("", '[points]\n"1.1" = -3\n', "`points.1.1` is not a number of points: -3"),
        ("", '[bonus]\nB7 = "asked"\n', "names question B7"),
        ("", '[bonus]\n"1.1" = "absent"\n', "and it is none"),
        ("", '[points]\n"9" = 3\n', "names question 9"),
        ("", '[points]\n"1.1" = "ten"\n', r"points\.1\.1` is not a number"),
        ("split = 100", "", "`split` is neither a preset nor a table: 100"),
        ('split = "30/70"', "", "neither a preset nor a table: '30/70'"),
        ("split = { code = 70, experiments = 30 }", "", "`split` lacks `viva`"),
        ("split = { code = 70, experiments = 30, viva = 0, talk = 3 }", "", "`split` has the unknown key `talk`"),
        ("split = { code = 69.5, experiments = 30, viva = 0 }", "", "`code` of `split` is not a whole number"),
        ("split = { code = 70, experiments = -3, viva = 0 }", "", "`experiments` of `split` is not a whole number"),
        ("split = { code = 1, experiments = 30, viva = 0 }", "", "gives `code` 1 points for 2 questions"),
        ("split = { code = 70, experiments = 0, viva = 0 }", "", "gives `experiments` 0 points for 1 questions"),
        ('split = "45/35/20"', "", "gives `viva` 20 points, and no question is there for them"),
        ('split = "70/30"', VIVA, "gives `viva` 0 points for 1 questions"),
        ('split = "70/30"', '[points]\n"1.1" = 0\n"1.2" = 0\n', "no question has points of which `code`"),
        ('variant = ""', "", "`variant` is empty"),
        ("due = 3", "", "`due` is not a text: 3"),
        ('due = "12 December 2028"', "", "`due` is 12 December 2028, and the term is 2026 fall"),
        ('due = "12 December 2027"', "", "and the term is 2026 fall"),
        ("", "[late]\ndue = 2026-12-12T23:59:00+01:00\npercent = 1000\n", "percent = 1000 is above 100"),
        ("", "[late]\ndue = 2027-12-12T23:59:00+01:00\npercent = 10\n", "23:59 on, and the term is 2026 fall"),
        ("credit = 3", "", "`credit` is not a table for each question"),
        ("", '[credit]\n"1.1" = 3\n', "`credit` is not a table for each question"),
        ("", '[credit."1.1"]\nodd = 11\n', r"\[credit.\"1.1\"\] gives 11 points for odd, and the question has 10"),
        (
            "split = { code = 20, experiments = 30, viva = 0 }",
            '[credit."1.2"]\nodd = 14\n',
            "gives 14 points for odd, and the question has 13",
        ),
        ("", '[credit."1.1"]\nodd = -1\n', "not a number of points: -1"),
        ("", '[credit."9"]\nodd = 1\n', "names question 9"),
        ("scale = 100", "", "unknown key `scale`"),
        ("", "[late]\nuntil = 3\n", r"\[late\] has the unknown key `until`"),
        ("", '[course]\nhomework = "A"\nteacher = "B"\n', r"\[course\] has the unknown key `teacher`"),
        ("", '[[manual]]\nid = "5"\n', r"\[\[manual\]\] lacks `points`"),
        ("", '[[manual]]\nid = 5\ntitle = "R"\nfile = "r"\npoints = 3\n', "`id` of a .* is not a text"),
        ("points = 3", "", "`points` is not a table"),
    ],
)
def test_what_makes_no_sense_is_named(tmp_path: Path, text: str, tables: str, message: str) -> None:
    with pytest.raises(AutograderError, match=message) as caught:
        points(tmp_path, text, tables)
    assert caught.value.hint


def test_a_file_that_is_not_toml_is_answered_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match=r"is not valid TOML: .*line \d") as caught:
        load_course(course(tmp_path, "due = 12 December"))
    assert caught.value.hint.startswith("Mend the line that is named.")


def test_points_for_a_named_mistake_go_with_the_question(tmp_path: Path) -> None:
    text = MANUAL + '[credit."1.2"]\nown_similarity_kept = 14\n'
    _, second, third = weigh(load_course(course(tmp_path, "", text)), QUESTIONS)
    assert (second.credit, third.credit) == ((("own_similarity_kept", 14.0),), ())


def test_the_late_policy_is_told_and_looked_at(tmp_path: Path) -> None:
    late = "[late]\ndue = 2026-12-12T23:59:00+01:00\npercent = 10\n"
    assert load_course(course(tmp_path, late)).late == "Late hand-ins: Each day begun late costs 10 % of the score."
    with pytest.raises(AutograderError, match="needs due"):
        load_course(course(tmp_path, "[late]\npercent = 10\n"))
