"""Tests of autograder/marks/marks.py: which points a sheet gets, and how refusals are reported."""

from __future__ import annotations

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import About
from autograder.marks.marks import MEND, POINTS_HINT, Bonus, Mark, Marks, Part, Terms, hint_for, refuse


def mark(student: str, report: float | None = None, *, bonus: float = 0, percent: float = 0) -> Mark:
    given = () if report is None else (("4", f"4: {report:g}/30"),)
    parts = (("1.2", "1.2: 60/70"), *given)
    still_open = () if given else ("4",)
    return Mark("ann", 60, bonus, report or 0, 2 if percent else 0, percent, About(), parts, still_open)


def marks(one: Mark, **terms: object) -> Marks:
    return Marks({"ann": one}, 70, 30, (), ("4",), Terms(**terms))  # type: ignore[arg-type]


MARKED, OPEN = mark("ann", 20), mark("ann")
ASK, STRETCH = "give --scale to convert", "--scale does not stretch the code's part"


@pytest.mark.parametrize(
    ("one", "terms", "maximum", "sent"),
    [
        # The sheet's maximum tells whether the report is in it.
        (MARKED, {}, 100, 80),
        (MARKED, {}, 70, 60),
        (MARKED, {}, 50, ASK),
        (MARKED, {"scale": True}, 50, 40),
        (MARKED, {"scale": True}, 200, 160),
        (MARKED, {"scale": True}, 100, 80),
        (MARKED, {"scale": True}, 70, 56),
        # The report has no points yet.
        (OPEN, {}, 100, "question 4 has no points yet"),
        (OPEN, {"scale": True}, 100, "question 4 has no points yet"),
        (OPEN, {"scale": True}, 50, "question 4 has no points yet"),
        (OPEN, {}, 70, 60),
        (OPEN, {"scale": True}, 70, 60),
        # The code's part alone is never stretched over the report's.
        (OPEN, {"without_report": True}, 100, 60),
        (OPEN, {"without_report": True, "scale": True}, 100, 60),
        (OPEN, {"without_report": True, "scale": True}, 35, 30),
        (OPEN, {"without_report": True, "scale": True}, 90, STRETCH),
        (OPEN, {"without_report": True}, 35, ASK),
        (MARKED, {"without_report": True}, 100, 60),
        (MARKED, {}, 0, "set it on the platform"),
        (MARKED, {"scale": True}, float("inf"), "set it on the platform"),
        (MARKED, {"scale": True}, float("nan"), "set it on the platform"),
    ],
)
def test_what_a_sheet_gets(one: Mark, terms: dict[str, bool], maximum: float, sent: float | str) -> None:
    found = marks(one, **terms)
    part = found.part(maximum)
    if isinstance(sent, str):
        assert [sent in what for _, what in found.problems("ann", part)] == [True]
    else:
        assert not found.problems("ann", part)
        assert found.sent("ann", part).points == pytest.approx(sent)


def test_a_course_without_a_report_is_converted_as_it_ever_was() -> None:
    alone = Marks({"ann": mark("ann")}, 70, terms=Terms(scale=True))
    assert alone.sent("ann", alone.part(140)).points == 120


@pytest.mark.parametrize(
    ("rule", "points", "told"),
    [
        (Bonus.KEEP, 105, "bonus: ann gets 105 of 100"),
        (Bonus.CAP, 100, "bonus: ann gets 100, 105 with bonus points"),
        (Bonus.DROP, 80, "bonus: ann gets 80, without 25 bonus points"),
    ],
)
def test_a_mark_above_the_maximum(rule: Bonus, points: float, told: str) -> None:
    found = marks(mark("ann", 20, bonus=25), bonus=rule)
    sent = found.sent("ann", found.part(100))
    assert (sent.points, sent.notes) == (points, (told,))


def test_what_is_late_comes_off_before_the_maximum_cuts() -> None:
    found = marks(mark("ann", 20, bonus=25, percent=20), bonus=Bonus.CAP)
    sent = found.sent("ann", found.part(70))
    assert (sent.points, sent.undiscounted) == (68, 85)
    assert sent.text == "68 of 70 (1.2: 60/70; 85 before 2 days late)"


def refused(*problems: tuple[str, str]) -> list[str]:
    with pytest.raises(AutograderError) as caught:
        refuse(problems)
    assert caught.value.hint == MEND
    return caught.value.message.split("\n")


def test_few_problems_are_sentences_and_equal_ones_are_counted() -> None:
    refuse([])
    assert refused(("1", "is not in the sheet"), ("2", "the maximum is 3")) == [
        "Nothing was written:",
        "  1 is not in the sheet",
        "  2: the maximum is 3",
    ]
    many = refused(*((str(i), "the maximum is 3") for i in range(32)))
    assert many[:3] == ["Nothing was written:", "  32 students: the maximum is 3:", "    0"]
    assert many[-1] == "    and 12 more" and len(many) == 23


def test_no_id_can_break_a_line() -> None:
    assert refused(("a\nb\x1b", "is not in the sheet"))[1] == "  a\\nb\x1b is not in the sheet"


@pytest.mark.parametrize("ids", [["1001.0", "17.00"], ["1.00E+17"], ["1,00E+17"]])
def test_ids_that_a_spreadsheet_program_has_changed(ids: list[str]) -> None:
    assert f"Its ids read {ids[0]}" in hint_for([("1001", "is not in the sheet")], ids)


def test_hints() -> None:
    assert hint_for([("1001", "is not in the sheet")], ["1001.0", "1002"]) == MEND
    assert hint_for([("1", "question 4 has no points yet")]) == POINTS_HINT


def test_a_problem_of_the_part_is_everybodys() -> None:
    assert marks(MARKED).problems("ann", Part(True, 100, problem="no")) == [("ann", "no")]
