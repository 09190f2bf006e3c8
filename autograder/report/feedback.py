"""The page that one student gets: every question, every check, and why points were lost."""

from __future__ import annotations

from autograder.outcomes import Outcome
from autograder.points import code_part
from autograder.records import Question, QuestionResult, Result, Rubric, Status
from autograder.report.excerpts import shown_excerpts
from autograder.report.pages import render
from autograder.report.text import said

STATUS = {
    Status.OK: "Nothing kept your answers from being checked.",
    Status.PROBLEM: "Something in your submission kept checks from running. The score stands as it is.",
    Status.MISSING: "Nothing was handed in under your name.",
    Status.ERROR: (
        "The grader itself failed on your submission. This is not your fault: "
        "there is no score yet, and the course staff can see that yours is missing."
    ),
}


def verdict(question: QuestionResult) -> str:
    """How a question went: `full`, `part`, `none`, or that a check could not run, or that there is no answer."""
    if question.could_not_run:
        return Outcome.COULD_NOT_RUN
    if question.not_attempted:
        return Outcome.NOT_ATTEMPTED
    if question.score >= question.max_score:
        return "full"
    return "part" if question.score > 0 else "none"


def _rows(result: Result, rubric: Rubric) -> list[tuple[Question, QuestionResult | None]]:
    """Pair the rubric's questions with what this student got; a bonus question that was not graded is left out."""
    graded = {question.id: question for question in result.questions}
    return [(q, graded.get(q.id)) for q in rubric.questions if q.id in graded or not q.bonus]


def _all_for_one_reason(result: Result) -> bool:
    """Whether nothing could run for a reason that stands at the top: then no question has more to say."""
    message = result.message or ""
    return bool(message) and all(question.error and message.startswith(question.error) for question in result.questions)


def not_graded(result: Result, rubric: Rubric) -> list[str]:
    """The questions without bonus that were left out (`--question`): then the score is no mark yet."""
    graded = {question.id for question in result.questions}
    return [q.id for q in rubric.graded if not q.bonus and q.id not in graded] if graded else []


def feedback_page(result: Result, rubric: Rubric) -> str:
    """Write the HTML page for one student; it needs no script, no network and no other file."""
    return render(
        "feedback.html.j2",
        result=result,
        status_sentence=STATUS[result.status],
        rows=_rows(result, rubric),
        detailed=not _all_for_one_reason(code_part(result, rubric)),
        not_graded=not_graded(result, rubric),
        verdict=verdict,
        said=said,
        excerpts=shown_excerpts,
        has_bonus=any(q.bonus and q.id in {r.id for r in result.questions} for q in rubric.questions),
    )
