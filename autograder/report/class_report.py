"""The page about the class: the spread of the scores, frequent mistakes, and submissions to look at by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from autograder.core.records import Result, Rubric, Status
from autograder.core.store import file_name
from autograder.core.text import number, short_score
from autograder.marks.points import code_part
from autograder.report import items, statistics
from autograder.report.feedback import not_graded
from autograder.report.render import render, script_policy

MOST_LINES = 5
"""The most lines about one submission."""
WIDTH, HEIGHT, TOP, BOTTOM = 640, 240, 26, 34
"""The histogram's drawing area, with room above for the counts and below for the scores."""


@dataclass(frozen=True)
class Bar:
    """One bar of the histogram, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    bin: statistics.Bin
    range: str
    anchor: str


@dataclass(frozen=True)
class Person:
    """A student as lists show them, with the link to their feedback; `name` is empty if it is not known."""

    student: str
    name: str
    feedback: str


@dataclass(frozen=True)
class Row:
    """One line of the table of students; a blank score was not graded."""

    student: str
    lateness: str
    status: Status
    scores: tuple[str, ...]
    score: str
    seconds: str


def _bars(bins: Sequence[statistics.Bin]) -> list[Bar]:
    """Place the bars, the highest as high as the drawing allows."""
    if not bins:
        return []
    step = WIDTH / len(bins)
    tallest = max(1, max(b.count for b in bins))
    bars = []
    for i, one in enumerate(bins):
        height = (HEIGHT - TOP - BOTTOM) * one.count / tallest
        range_ = f"{number(one.low)} to {'' if one is bins[-1] else 'below '}{number(one.high)} points"
        place = (round(i * step, 2), round(HEIGHT - BOTTOM - height, 2), round(step, 2), round(height, 2))
        bars.append(Bar(*place, one, range_, f"scores-{i + 1}"))
    return bars


def feedback_link(student: str) -> str:
    """Link from the report to a student's page; the percent signs of the file name are quoted again."""
    return f"feedback/{quote(file_name(student))}.html"


def _row(result: Result, rubric: Rubric, question_ids: Sequence[str]) -> Row:
    score = code_part(result, rubric).score
    scores = {} if score is None else {question.id: short_score(question) for question in result.questions}
    return Row(
        result.student,
        (result.about.lateness or "late") if result.about.late else "",
        result.status,
        tuple(scores.get(question_id, "") for question_id in question_ids),
        "" if score is None else number(score),
        f"{result.seconds:.1f}",
    )


def class_report(results: Sequence[Result], rubric: Rubric) -> str:
    """Write the HTML page for the staff; it lies next to the folder `feedback/`, to which it links."""
    marked = sorted(results, key=lambda result: result.student)
    ordered = [code_part(result, rubric) for result in marked]
    handed_in = [result for result in ordered if result.status is not Status.MISSING]
    scores = {result.student: result.score for result in handed_in if result.score is not None}
    max_score = max((result.max_score for result in ordered), default=rubric.max_score)
    questions = statistics.question_figures(ordered, rubric)
    by_hand = {question.id for result in marked for question in result.questions}
    columns = [(one.id, one.max_score) for one in questions]
    columns += [(q.id, q.points) for q in rubric.questions if q.manual and q.id in by_hand]
    statuses = Counter(result.status for result in ordered)
    return render(
        "class_report.html.j2",
        names=rubric.names,
        script_policy=script_policy("table.js"),
        people={one.student: Person(one.student, one.about.name, feedback_link(one.student)) for one in ordered},
        n=len(handed_in),
        not_graded=sorted({name for result in ordered for name in not_graded(result, rubric)}),
        max_score=max_score,
        statuses=[(status, statuses[status]) for status in Status if statuses[status] or status is not Status.MISSING],
        spread=statistics.spread(list(scores.values())),
        seconds=statistics.spread([result.seconds for result in handed_in]),
        bars=_bars(statistics.bins(scores, max_score)),
        drawing=(WIDTH, HEIGHT, BOTTOM),
        questions=questions,
        lost=items.lost_points(ordered, rubric),
        items=(items.check_figures(ordered, rubric), items.ENOUGH, items.WEAK),
        mistakes=statistics.mistake_counts(ordered),
        repairs=statistics.repair_counts(ordered),
        concerns=statistics.concerns(ordered),
        missing=[result.student for result in ordered if result.status is Status.MISSING],
        passed_over=[
            (result.student, result.message.split("\n")[:MOST_LINES])
            for result in ordered
            if result.status is Status.OK and result.message
        ],
        columns=columns,
        rows=[_row(result, rubric, [name for name, _ in columns]) for result in marked],
    )
