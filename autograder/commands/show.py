"""One student's result in the terminal: lost points first, with hints and the student's own lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from autograder.core.records import Question, QuestionResult, Result, Rubric, Status
from autograder.core.store import FEEDBACK, file_name
from autograder.core.text import named, number, printable, said
from autograder.report.feedback import STANDING, all_for_one_reason, by_points_lost, lateness, not_graded, verdict
from autograder.report.own_lines import shown_excerpts

ON_HOLD = "On hold: neither the mark nor the page goes out."


@dataclass(frozen=True)
class Line:
    """A line to print, with its indent in spaces; code is never wrapped between words."""

    text: str
    indent: int = 0
    code: bool = False
    style: str = ""


def show(grades: Path, result: Result, rubric: Rubric, console: Console) -> None:
    """Print everything known about a student's grade; points by hand are already in the result."""
    for line in [*_head(result, rubric), *_questions(result, rubric)]:
        text = Text(printable(line.text.expandtabs(4)), line.style)
        if console.is_terminal and text and not line.code:
            console.print(Padding(text, (0, 0, 0, line.indent), expand=False))
        else:
            console.print(Text(" " * line.indent) + text, soft_wrap=True)
    page = grades / FEEDBACK / f"{file_name(result.student)}.html"
    console.print(Text(f"\nPage: {printable(str(page))}"), soft_wrap=True)


def _head(result: Result, rubric: Rubric) -> Iterator[Line]:
    about = result.about
    who = [named(result.student, about.name), about.email, f"group {about.group}" if about.group else ""]
    yield Line(", ".join(filter(None, who)), style="bold")
    score = "no grade" if result.score is None else f"{number(result.score)} of {number(result.max_score)}"
    yield Line(f"{score}, {result.status}")
    if about.submitted or about.late:
        yield Line(" ".join(filter(None, [about.submitted and f"Handed in at {about.submitted}.", lateness(about)])))
    if result.standing:
        yield Line(f"{STANDING.get(result.standing, ON_HOLD)} {result.remark}".strip())
    if left := not_graded(result, rubric):
        yield Line(f"Only some of the questions were graded, so this is not a mark yet. Not graded: {', '.join(left)}.")
    graded = {question.id for question in result.questions}
    unmarked = [q.id for q in rubric.questions if q.manual and q.id not in graded]
    if unmarked and result.status not in (Status.ERROR, Status.MISSING):
        yield Line(f"Not marked yet: question {', '.join(unmarked)}.")
    yield from (Line(line) for line in (result.message or "").splitlines())
    for one in result.requests:
        yield Line(f"Regrade request {one.id}, question {one.question}: {one.text}")
        yield Line(f"Answer: {one.answer}" if one.answer else "Not answered yet.", 2)


def _questions(result: Result, rubric: Rubric) -> Iterator[Line]:
    """Yield every question, those that lost most first; of questions without loss only the points."""
    asked = [(rubric[one.id], one) for one in result.questions]
    none = [question for question, one in asked if one.not_attempted]
    lost = [pair for pair in asked if verdict(pair[1]) != "full" and pair[0] not in none]
    if all_for_one_reason(result):
        lost = [pair for pair in lost if pair[0].manual]
    for question, one in sorted(lost, key=by_points_lost):
        yield from _question(result, question, one)
    if len(lost) < len(asked) and not all_for_one_reason(result):
        yield Line("")
    for question, one in asked:
        if verdict(one) == "full":
            yield Line(_points(question, one), style="green")
            yield from _said(one)
    for what, bonus in (("Not attempted", False), ("Bonus questions that were not attempted", True)):
        if names := [question.id for question in none if question.bonus is bonus]:
            yield Line(f"{what}: {', '.join(names)}")


def _points(question: Question, one: QuestionResult) -> str:
    return f"{one.id} {one.title}: {number(one.score)} of {number(one.max_score)}{', bonus' if question.bonus else ''}"


def _question(result: Result, question: Question, one: QuestionResult) -> Iterator[Line]:
    yield Line("")
    yield Line(_points(question, one), style="bold")
    yield from (Line(line, 2) for line in (one.error or "").splitlines())
    for diagnosis in one.diagnosis:
        lead = "Hint" if diagnosis.certain else "Consistent with"
        yield Line(f"{lead}: {' '.join(diagnosis.hint.split())}", 2)
        yield from (Line(line, 4, code=True) for line in diagnosis.change.splitlines())
    if one.credited:
        yield Line(f"Named mistake: {number(one.score)} of {number(one.max_score)}.", 2)
    yield from _said(one)
    for file, lines in shown_excerpts(result, one):
        yield Line(f"{file}:", 2)
        for line in lines:
            if line.gap:
                yield Line("…", 7)
            yield Line(f"{line.number:5}{'>' if line.marked else ' '} {line.text.expandtabs(4)}", 2, code=True)
    unsaid: dict[str, list[str]] = {}
    for check in one.checks:
        told = said(one, check).splitlines()
        if check.points < check.max_points and told:
            yield Line(f"{check.outcome}: {check.name}, {number(check.points)} of {number(check.max_points)}", 2)
            yield from (Line(line, 4) for line in told)
        elif check.points < check.max_points:
            unsaid.setdefault(check.outcome, []).append(check.name)
    yield from (Line(f"{outcome}: {'; '.join(names)}", 2) for outcome, names in unsaid.items())


def _said(one: QuestionResult) -> Iterator[Line]:
    """The remarks of a person and of the grader on a question."""
    yield from (Line(line, 2) for line in one.words.splitlines())
    yield from (Line(f"Note: {' '.join(advisory.split())}", 2) for advisory in one.advisories)
