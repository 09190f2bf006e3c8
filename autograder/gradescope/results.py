"""A Result as Gradescope's `results.json`.

A public check is visible at once. A hidden one is shown when grades are published: a score that came back with each
attempt would let students find out the hidden inputs by trying.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import QuestionResult, Result, Rubric, Status
from autograder.core.text import clip, number, printable, said
from autograder.marks.marks import Sent

Json = dict[str, object]
VISIBLE, LATER = "visible", "after_published"
LONGEST = 4000
"""The most characters of one message."""


def results_json(
    results: Sequence[QuestionResult], rubric: Rubric, output: str, seconds: float, leaderboard: bool = False
) -> Json:
    """The results so far. `score` is the sum of all questions, bonus points included."""
    score = round(sum(result.score for result in results), 4)
    names = {question.id: question for question in rubric.graded}
    tests = [
        test for result in results for test in _tests(result, names[result.id].bonus if result.id in names else False)
    ]
    table = [{"name": "Score", "value": score}] if leaderboard else []
    return {
        "score": score,
        "execution_time": round(seconds),
        "output": _text(output),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        **({"leaderboard": table} if table else {}),
    }


def _tests(result: QuestionResult, bonus: bool) -> Iterator[Json]:
    explained = False
    if not result.checks:
        yield {
            "name": f"{result.id} {_title(result, bonus)}",
            "number": result.id,
            "score": round(result.score, 4),
            "max_score": round(result.max_score, 4),
            "output": _text(result.words),
            "visibility": LATER,
        }
    for check in result.checks:
        message = said(result, check).strip()
        if not explained and not message and check.outcome is Outcome.COULD_NOT_RUN:
            message = (result.error or "").strip()
        lines = [message] if message else []
        if not explained and check.outcome in (Outcome.FAILED, Outcome.COULD_NOT_RUN):
            # Once a question, next to the first check that failed; what stopped it stands there, too.
            lines += [f"Hint: {diagnosis.hint.strip()}" for diagnosis in result.diagnosis]
            explained = True
        yield _test(result, check, bonus, "\n\n".join(lines))
    if result.credited:
        yield {
            "name": f"{_title(result, bonus)}: named mistake, {number(result.score)} of {number(result.max_score)}",
            "number": result.id,
            "score": round(result.score - sum(check.points for check in result.checks), 4),
            "max_score": 0,
            "output": "",
            "visibility": LATER,
        }
    if result.advisories:
        advice = "\n".join(result.advisories)
        yield {
            "name": f"{_title(result, bonus)}: advice",
            "number": result.id,
            "score": 0,
            "max_score": 0,
            "output": _text(advice),
            "visibility": LATER,
        }


def _test(result: QuestionResult, check: CheckResult, bonus: bool, output: str) -> Json:
    """One line of the table; without `status` if neither passed nor failed: otherwise Gradescope shows it as failed."""
    status = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.COULD_NOT_RUN: "failed"}.get(check.outcome)
    return {
        "name": f"{_title(result, bonus)}: {printable(check.name)}",
        "number": result.id,
        "score": round(check.points, 4),
        "max_score": round(check.max_points, 4),
        **({"status": status} if status else {}),
        "output": _text(output),
        "visibility": VISIBLE if check.public else LATER,
    }


def _title(result: QuestionResult, bonus: bool) -> str:
    return f"{result.title} (bonus)" if bonus else result.title


def _text(text: str) -> str:
    return clip(printable(text, multiline=True), LONGEST)


def from_result(result: Result, rubric: Rubric, sent: Sent) -> Json:
    """The whole of a result that was graded elsewhere, with the mark that is sent.

    If that is not the sum of the questions (late, bonus), the student reads why above them.
    """
    nothing = "Nothing was handed in." if result.status is Status.MISSING else ""
    score = round(sent.points, 4)
    why = "" if score == result.score else sent.text
    output = "\n".join(filter(None, [result.message or nothing, why]))
    return {**results_json(result.questions, rubric, output, result.seconds), "score": score}
