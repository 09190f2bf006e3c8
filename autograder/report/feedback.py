"""The page that one student gets: first the lost points with their reasons, then the rest, folded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup

from autograder.core.outcomes import Outcome
from autograder.core.records import About, Question, QuestionResult, Result, Rubric, Status
from autograder.core.text import said
from autograder.marks.overrides import EXCUSED, Kind
from autograder.marks.points import code_part
from autograder.report.own_lines import shown_excerpts
from autograder.report.render import render

STATUS = {
    Status.OK: "Your files could be read and run.",
    Status.PROBLEM: "Something in your submission kept checks from running. They have no points; the score stands.",
    Status.MISSING: "Nothing was handed in under your name.",
    Status.ERROR: (
        "The grader itself failed on your submission. This is not your fault: "
        "there is no score yet, and the course staff can see that yours is missing."
    ),
}

STANDING: Mapping[str, str] = {
    Kind.EXCUSE: EXCUSED,
    Kind.ZERO: "A person decided that this hand-in gets no points.",
}


def verdict(question: QuestionResult) -> str:
    """The outcome of a question: `full`, `part`, `none`, or that a check could not run, or that there is no answer."""
    if question.could_not_run:
        return Outcome.COULD_NOT_RUN
    if question.not_attempted:
        return Outcome.NOT_ATTEMPTED
    if question.score >= question.max_score:
        return "full"
    return "part" if question.score > 0 else "none"


def all_for_one_reason(result: Result) -> bool:
    """Whether nothing could run, for a reason that the top of the page gives: then no question repeats it."""
    message = result.message or ""
    return bool(message) and all(question.error and message.startswith(question.error) for question in result.questions)


def not_graded(result: Result, rubric: Rubric) -> list[str]:
    """The questions without bonus that were left out (`--question`): then the score is not yet a mark."""
    graded = {question.id for question in result.questions}
    return [q.id for q in rubric.graded if not q.bonus and q.id not in graded] if graded else []


def by_points_lost(row: tuple[Question, QuestionResult]) -> tuple[bool, float]:
    """A key that sorts the largest loss first, and bonus questions last."""
    question, graded = row
    return question.bonus, graded.score - graded.max_score


def lateness(about: About) -> str:
    """A sentence on the time of the hand-in, if it was late."""
    if not about.late:
        return ""
    if re.fullmatch(r"\d.* late", about.lateness):
        return f"Handed in {about.lateness}."
    return f"Handed in late ({about.lateness})." if about.lateness else "Handed in late."


@lru_cache(1024)
def _full(question: Question, graded: QuestionResult, language: str) -> Markup:
    """The part of a page on a question with all its points: most of a class have the same."""
    return Markup(render("full.html.j2", language, question=question, graded=graded, verdict=verdict, said=said))


def feedback_page(result: Result, rubric: Rubric) -> str:
    """Write the HTML page for one student; it needs no script, no network and no other file."""
    graded = {question.id: question for question in result.questions}
    answered = [(question, graded[question.id]) for question in rubric.questions if question.id in graded]
    unattempted = [question for question, one in answered if question.bonus and one.not_attempted]
    rows = [row for row in answered if row[0] not in unattempted]
    detailed = not all_for_one_reason(code_part(result, rubric))
    told = [row for row in rows if detailed or row[0].manual]
    language = rubric.names.language
    return render(
        "feedback.html.j2",
        language,
        names=rubric.names,
        result=result,
        status_sentence=STATUS[result.status],
        standing=STANDING.get(result.standing, ""),
        rows=rows,
        lost=sorted((row for row in told if verdict(row[1]) != "full"), key=by_points_lost),
        full=lambda question, graded: _full(question, graded, language),
        others=[row for row in told if verdict(row[1]) == "full"],
        unattempted=unattempted if detailed else [],
        detailed=detailed,
        not_graded=not_graded(result, rubric),
        unmarked=[q for q in rubric.questions if q.manual and q.id not in graded and rows],
        lateness=lateness(result.about),
        verdict=verdict,
        said=said,
        excerpts=shown_excerpts,
        has_bonus=any(question.bonus and one.score > 0 for question, one in rows),
    )
