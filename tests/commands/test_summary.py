"""The end of a run in the terminal: student, points and status show at any width, and names are never markup."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.commands.summary import MOST_LINES, MOST_ROWS, problem_lines, slow_line, summary_table
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import About, Question, QuestionResult, Result, Rubric, Status

QUESTIONS = (
    *((name, points, False) for name, points in (("1.1", 10), ("1.2", 20), ("1.3", 10), ("1.4", 10), ("2", 10))),
    *(("3", 10, False), ("B1", 5, True), ("B2", 5, True)),
)
RUBRIC = Rubric(
    (
        *(Question(name, name, "criterion.py", points, bonus=bonus) for name, points, bonus in QUESTIONS),
        Question("4", "Report", "r.ipynb", 30, manual=True),
    ),
    "s",
)


def graded(
    student: str,
    about: About | str = "",
    status: Status = Status.OK,
    error: str | None = None,
    message: str | None = None,
    **lost: float,
) -> Result:
    """A student with all points except the lost ones, named `q1_2`; for a bonus question, the points they have."""
    questions = []
    for name, points, bonus in QUESTIONS if status is not Status.ERROR else ():
        less = lost.get("q" + name.replace(".", "_"), 0.0)
        score = less if bonus else points - less
        none = Outcome.NOT_ATTEMPTED if bonus else Outcome.COULD_NOT_RUN if error else Outcome.FAILED
        check = CheckResult("values", none if score < points else Outcome.PASSED, score, points, True, "")
        told = error if score < points and not bonus else None
        questions.append(QuestionResult(name, name, score, points, (check,), error=told))
    about = About(about) if isinstance(about, str) else about
    return Result(student, status, 70, 1.0, tuple(questions), "f", message, about=about)


ALL_LOST = {"q1_1": 10.0, "q1_2": 20.0, "q1_3": 10.0, "q1_4": 10.0, "q2": 10.0, "q3": 10.0}
NOTHING = "Nothing was handed in."
CLASS = [
    graded("5738201", "Abel, Ann", q1_2=7.5, q3=10),
    graded("5738202", "Bo Berg", q1_2=20, q2=1.5, q1_4=10),
    graded("5738203", "陳 美玲", q1_1=10, q1_3=10),
    graded("5738204", About("Øystein Kjærgård-Håkonsen", late=True, lateness="2 days 3 hours"), q2=10),
    graded("5738205", "Иван Кузнецов", q3=5, qB1=5, qB2=5),
    graded(
        "5738206", "김민준", Status.PROBLEM, "SyntaxError: invalid syntax (criterion.py, line 218)", q1_2=20, q1_3=10
    ),
    graded("5738207", About("Dahl, Di"), Status.MISSING, NOTHING, NOTHING, **ALL_LOST),
    graded("5738208", "Cy [red]Cruz[/red]", Status.ERROR, message="The sandbox died twice on this submission: killed."),
    graded("eve-marguerite-de-la-fontaine", "Ève Marguerite de la Fontaine"),
    graded("zoe.zimmermann@students.uni-example.edu", "Zoë Zimmermann", **ALL_LOST),
]


def printed(results: list[Result], width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    with console.capture() as capture:
        console.print(summary_table(results, RUBRIC))
        console.print(problem_lines(results), end="")
    return capture.get()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_class_in_terminals(golden: Callable[[str, str], None], width: int) -> None:
    text = printed(CLASS, width)
    golden(f"terminal_{width}.txt", "".join(f"{line.rstrip()}\n" for line in text.splitlines()))
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [40, 50, *range(58, 140, 7)])
def test_who_and_how_much_and_how_it_went_stand_at_any_width(width: int) -> None:
    """Long ids and names are folded, and nothing of them is lost."""
    text = printed(CLASS, width)
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= width
    head = next(line for line in lines if "Student" in line)
    assert "Name" in head and "Status" in head and "Score" in text
    for status in ("ok, late", "missing", "problem", "error"):
        assert [line for line in lines if line.rstrip().endswith(f"  {status}")], status
    narrow = re.sub(r"\s", "", text.partition("A terminal")[0])
    for piece in ("5738204", "陳美玲", "zoe.zimm"):
        assert piece in narrow


def test_questions_give_way_step_by_step() -> None:
    texts = [printed(CLASS, width) for width in range(40, 200, 2)]
    heads = ["B1" if "B1" in text else "Lost in" if "Lost" in text else "" for text in texts]
    assert [name for name, _ in groupby(heads)] == ["", "Lost in", "B1"]
    assert all(head in text for head, text in zip(heads, texts, strict=True)), "a heading is folded"


def test_what_does_not_fit_is_said_with_the_width_that_it_needs() -> None:
    (needed,) = {
        int(found[1])
        for w in (60, 80)
        if (found := re.search(r"of (\d+) columns", printed(CLASS, w).replace("\n", " ")))
    }
    assert "columns" not in printed(CLASS, needed)
    assert "columns" in printed(CLASS, needed - 1)


def test_where_points_were_lost() -> None:
    rows = {
        line.split()[0]: line
        for line in printed([graded("a", q1_2=20, q3=1), graded("b", qB1=0), graded("c", **ALL_LOST)], 50).splitlines()
    }
    assert "  1.2, 3  " in rows["a"]
    assert rows["b"].split() == ["b", "70", "ok"]
    assert rows["c"].split() == ["c", "all", "0", "ok"]


def test_a_small_class_is_listed_by_student() -> None:
    lines = printed([graded("b", q1_2=12.5), graded("a")]).splitlines()
    rows = [line.split() for line in lines if line.strip().startswith(("a", "b"))]
    assert rows == [
        ["a", "10", "20", "10", "10", "10", "10", "–", "–", "70", "ok"],
        ["b", "10", "7.5", "10", "10", "10", "10", "–", "–", "57.5", "ok"],
    ]
    assert lines[-1] == "2 submissions: 2 ok. Mean score 63.75 of 70."


def test_a_large_class_lists_who_needs_a_look() -> None:
    fine = [graded(f"fine{i}") for i in range(MOST_ROWS)]
    slow = graded("slow", "", Status.PROBLEM, "It did not finish.", q2=10)
    text = printed([*fine, slow, graded("lost", "", Status.ERROR, message="Gone.\nx")])
    assert "fine" not in text
    assert text.index("lost") < text.index("slow")
    assert text.endswith("error: lost: Gone.\nproblem: slow: 2: It did not finish.\n")
    assert "42 submissions: 40 ok, 1 problem, 1 error." in text
    assert "The 40 not listed are in the report." in text


def test_more_problems_than_rows_and_lines() -> None:
    text = printed([graded(f"slow{i}", "", Status.PROBLEM, f"Reason {i}.", q2=10) for i in range(100)])
    assert text.count("problem: slow") == MOST_LINES
    assert text.count("slow") == MOST_ROWS + MOST_LINES
    assert "The 60 not listed are in the report." in text
    assert text.endswith("80 more such lines are in the class report.\n")


def test_what_many_share_has_one_line_with_their_names() -> None:
    reason = "main.py is missing."
    many = [graded(str(i), f"Name {i}", Status.PROBLEM, reason, q1_4=10) for i in range(5)]
    other = graded("9", "", Status.PROBLEM, reason, q1_3=10)
    lines = printed([*many, other]).splitlines()[-2:]
    assert lines == [
        f"problem: 5 students: 1.4: {reason} 0 (Name 0), 1 (Name 1), 2 (Name 2), 3 (Name 3), 4 (Name 4)",
        f"problem: 9: 1.3: {reason}",
    ]


def test_a_reason_is_told_with_its_questions_and_once_where_it_is_everythings() -> None:
    reason = "There is none of the five files."
    nothing = graded("a", "", Status.PROBLEM, reason, f"{reason} Hand in a folder.", **ALL_LOST)
    aside = graded("b", "", Status.PROBLEM, "It stopped.\nmore", "A folder was passed over.", q2=10, q3=10)
    assert printed([nothing, aside]).splitlines()[-2:] == [
        f"problem: a: {reason} Hand in a folder.",
        "problem: b: 2, 3: It stopped.",
    ]


def test_a_line_is_cut_to_the_width() -> None:
    text = printed([graded("a", "", Status.PROBLEM, "陳" * 200, q2=10)], 61)
    assert text.splitlines()[-1].endswith("…")
    assert max(map(cell_len, text.splitlines())) <= 61


def test_nobody() -> None:
    assert printed([]) == "No submissions.\n"


def test_names_are_neither_markup_nor_commands() -> None:
    nasty = "[red]ann[/red]\x1b[2J\n\udc80 :smile:"
    text = printed([graded(nasty, nasty + "!", Status.PROBLEM, nasty, q2=10)])
    assert text.count(r"[red]ann[/red]\x1b[2J\n\udc80 :smile:") == 4
    text.encode("utf-8")


def test_a_terminal_gets_colour_and_the_word() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system="standard")
    with console.capture() as capture:
        console.print(summary_table([graded("ann", "", Status.PROBLEM, q2=10)], RUBRIC))
    assert "\x1b[33mproblem" in capture.get()


def test_slow_submissions_are_named_with_what_they_cost() -> None:
    def took(student: str, seconds: float, fingerprint: str) -> Result:
        return replace(graded(student), seconds=seconds, fingerprint=fingerprint)

    quick = took("eve", 9.9, "d")
    members = [took(student, 39.5, "group") for student in ("cy", "bo")]
    assert slow_line([quick]) == ""
    line = slow_line([took("ann", 60.2, "a"), quick, *members])
    assert line.startswith("2 submissions took 10 s or more, 100 s of a worker in all: ann, bo.")
