"""`autograde show`: one student's result in the terminal, found by whatever a person knows of them."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.class_list.find import find
from autograder.cli import main
from autograder.core.errors import AutograderError
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import About, Diagnosis, Excerpt, Question, QuestionResult, Result, Rubric, Status
from autograder.core.store import open_output, save_result
from autograder.marks.grades_table import grades_csv
from autograder.marks.points import Given, Points, save_points

RUBRIC = Rubric(
    (
        Question("1.1", "Forward", "model_factory.py", 10),
        Question("1.2", "Loss", "criterion.py", 20),
        Question("2", "k-NN", "validation.py", 10),
        Question("3", "Linear", "main_linclis.py", 10),
        Question("4", "Report", "report.ipynb", 30, manual=True),
        Question("B1", "Queue", "criterion.py", 5, bonus=True),
    ),
    "seed",
)


def check(name: str, points: float, most: float, outcome: Outcome, message: str = "") -> CheckResult:
    return CheckResult(name, outcome, points, most, True, message)


ANN = Result(
    "101",
    Status.PROBLEM,
    50,
    1.0,
    (
        QuestionResult("1.1", "Forward", 10, 10, (check("a", 10, 10, Outcome.PASSED),), advisories=("It is\nslow.",)),
        QuestionResult(
            "1.2",
            "Loss",
            5,
            20,
            (
                check("value", 0, 10, Outcome.FAILED, "The loss is wrong.\nexpected 1\x1b[2J"),
                check("shape", 5, 5, Outcome.PASSED),
                check("device", 0, 5, Outcome.HOLDS, "Holds, but has no points."),
            ),
            (
                Diagnosis("own", "The view is in its own\n    denominator."),
                Diagnosis("other", "Or not.", certain=False),
            ),
        ),
        QuestionResult(
            "2",
            "k-NN",
            0,
            10,
            tuple(check(name, 0, 5, Outcome.COULD_NOT_RUN, "ValueError: no") for name in ("k one", "k two")),
            error="ValueError: no\nvalidation.py, line 7, in KNN: raise",
        ),
        QuestionResult("3", "Linear", 0, 10, (check("a", 0, 10, Outcome.NOT_ATTEMPTED),)),
        QuestionResult("B1", "Queue", 0, 5, (check("a", 0, 5, Outcome.NOT_ATTEMPTED),)),
    ),
    "f",
    "A folder was passed over.",
    (
        Excerpt("1.2", "criterion.py", ((3, "def loss():"), (9, "\treturn '[red]1[/red]\x1b'"))),
        Excerpt("2", "validation.py", ((7, "    raise"),)),
    ),
    About("Abel, Ann", "ann@x.org", "G 7", True, "2026-12-14T12:00:00+01:00", "2 days 3 hours late"),
)
SHOWN = r"""101 (Abel, Ann), ann@x.org, group G 7
15 of 50, problem
Handed in at 2026-12-14T12:00:00+01:00. Handed in 2 days 3 hours late.
Not marked yet: question 4.
A folder was passed over.

1.2 Loss: 5 of 20
  Hint: The view is in its own denominator.
  Consistent with: Or not.
  criterion.py:
      3  def loss():
       …
      9      return '[red]1[/red]\x1b'
  failed: value, 0 of 10
    The loss is wrong.
    expected 1\x1b[2J
  holds: device, 0 of 5
    Holds, but has no points.

2 k-NN: 0 of 10
  ValueError: no
  validation.py, line 7, in KNN: raise
  validation.py:
      7>     raise
  could not run: k one; k two

1.1 Forward: 10 of 10
  Note: It is slow.
Not attempted: 3
Bonus questions that were not attempted: B1

Page: {page}
"""


@pytest.fixture
def grades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An output folder with Ann in it, one who handed in nothing and one whose grading failed."""
    monkeypatch.setattr("autograder.commands.export.load_rubric", lambda: RUBRIC)
    nothing = "Nothing was handed in."
    stopped = check("a", 0, 10, Outcome.COULD_NOT_RUN, nothing)
    missing = replace(
        ANN,
        student="102",
        status=Status.MISSING,
        message=nothing,
        questions=(QuestionResult("1.1", "Forward", 0, 10, (stopped,), error=nothing),),
        excerpts=(),
        about=About("Bo Berg"),
    )
    failed = Result("zoë/1", Status.ERROR, 50, 1.0, (), "", "The sandbox died.\nTwice.")
    folder = tmp_path / "grades"
    open_output(folder, tmp_path / "class")
    for one in (ANN, missing, failed):
        save_result(folder, one)
    (folder / "grades.csv").write_text(grades_csv([ANN, missing, failed], RUBRIC), encoding="utf-8")
    return folder


def test_what_was_lost_comes_first_with_hints_and_own_lines(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(grades), "ann"]) == 0
    assert capsys.readouterr().out == SHOWN.replace("{page}", str(grades / "feedback" / "101.html"))


def test_points_by_hand_are_shown(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_points(grades, Points({"101": {"4": Given(20.0, "Nice plots.")}}))
    assert main(["show", str(grades), "101"]) == 0
    said = capsys.readouterr().out
    assert "35 of 80, problem" in said and "Not marked yet" not in said
    assert "\n4 Report: 20 of 30\n  Nice plots.\n" in said
    assert said.index("1.2 Loss") < said.index("4 Report"), "where least was lost comes last"


def test_who_has_no_answers_has_a_reason(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(grades), "zoë"]) == 0
    page = grades / "feedback" / "zo%C3%AB%2F1.html"
    assert capsys.readouterr().out == f"zoë/1\nno grade, error\nThe sandbox died.\nTwice.\n\nPage: {page}\n"
    assert main(["show", str(grades), "102"]) == 0
    page = grades / "feedback" / "102.html"
    only = "Only some of the questions were graded, so this is not a mark yet. Not graded: 1.2, 2, 3.\n"
    assert capsys.readouterr().out == (
        f"102 (Bo Berg)\n0 of 50, missing\n{only}Nothing was handed in.\n\nPage: {page}\n"
    )


def of(student: str, name: str = "", email: str = "") -> Result:
    return Result(student, Status.OK, 70, 1.0, (), "", about=About(name, email))


CLASS = [
    *(of("101", "Abel, Ann", "ann@x.org"), of("1011", "Joanna Berg"), of("4711", "Cy Cruz")),
    *(of("ann-1", "Zoë Núñez"), of("陳美玲"), of("zoe@students.edu", "Ångström, Zoe", "zoe@students.edu")),
    *(of("5", "abelann"), of("Ann"), of("name 5")),
]


@pytest.mark.parametrize(
    ("wanted", "student"),
    [
        ("101", "101"),
        ("Ann Abel", "101"),
        ("ABEL ann", "101"),
        ("ann@x.org", "101"),
        ("x.org", "101"),
        ("joanna", "1011"),
        ("Ann", "Ann"),
        ("5", "5"),
        ("nunez", "ann-1"),
        (unicodedata.normalize("NFD", "Zoë Núñez"), "ann-1"),
        (unicodedata.normalize("NFD", "núñez"), "ann-1"),
        (unicodedata.normalize("NFKD", "Ångström"), "zoe@students.edu"),
        ("\u212bngström", "zoe@students.edu"),
        ("ÅNGSTRÖM ZOE", "zoe@students.edu"),
        ("陳", "陳美玲"),
        # As files and folders of downloads are called: Canvas loose, Canvas late, GitHub, Moodle.
        ("abelann_101_90210_criterion.py", "101"),
        ("abelann_LATE_101_90210_criterion-1.py", "101"),
        ("hw3-ann-1", None),
        ("submissions/Cy Cruz_4711_assignsubmission_file", "4711"),
    ],
)
def test_a_student_is_found_by_what_a_person_knows(wanted: str, student: str | None) -> None:
    if student is None:
        with pytest.raises(AutograderError):
            find(CLASS, wanted)
    else:
        assert find(CLASS, wanted).student == student


def test_ids_that_differ_in_letters_only_have_their_own() -> None:
    both = [of("Ann"), of("ann"), of("ANN")]
    assert find(both, "ann").student == "ann"
    with pytest.raises(AutograderError, match=r"anN can be 3 students:\n  Ann\n  ann\n  ANN$"):
        find(both, "anN")


def test_who_can_be_meant_is_listed() -> None:
    with pytest.raises(AutograderError) as caught:
        find(CLASS, "be")
    assert caught.value.message == (
        "be can be 3 students:\n  101 (Abel, Ann), ann@x.org\n  1011 (Joanna Berg)\n  5 (abelann)"
    )
    with pytest.raises(AutograderError) as caught:
        find(CLASS, "Joana Berg\x1b")
    assert caught.value.message == r"Nobody of the 9 students is called Joana Berg\x1b."
    assert caught.value.hint == "Did you mean one of these?\n  1011 (Joanna Berg)"
    for nobody in ("Xaver", "", " "):
        with pytest.raises(AutograderError) as caught:
            find(CLASS, nobody)
        assert caught.value.hint == "The ids and names are in grades.csv."
    many = [of(f"s{number}") for number in range(100)]
    with pytest.raises(AutograderError, match=r"s can be 100 students:\n  s0\n(.*\n)+  and 80 more"):
        find(many, "s")


def test_the_largest_loss_is_first_and_a_bonus_last(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third, fourth, bonus = ANN.questions
    tried = replace(bonus, checks=(check("a", 0, 5, Outcome.FAILED, "wrong"),))
    save_result(grades, replace(ANN, questions=(first, replace(second, score=19.0), third, fourth, tried)))
    assert main(["show", str(grades), "101"]) == 0
    said = capsys.readouterr().out
    assert (
        said.index("\n2 k-NN")
        < said.index("\n1.2 Loss")
        < said.index("\nB1 Queue: 0 of 5, bonus")
        < said.index("\n1.1")
    )
