"""A run as lines of JSON (`--log FILE`): one a question as it is graded, and the totals at the end."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from autograder.core.errors import AutograderError
from autograder.core.records import QuestionResult, Result
from autograder.core.settings import MIB

LogResult = Callable[[Result], None]


@contextmanager
def opened(path: Path | None) -> Iterator[LogResult]:
    """Yield a function to call for each result. It adds to the file, so a run that goes on logs all of its parts.

    Raises AutograderError if the file cannot be written.
    """
    if path is None:
        yield lambda result: None
        return
    start = time.monotonic()
    statuses: Counter[str] = Counter()
    peak = 0
    with _writing(path):
        file = open(path, "a", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115  (closed below)

    def log_result(result: Result) -> None:
        nonlocal peak
        statuses[result.status] += 1
        peak = max(peak, *(effort.peak for effort in result.efforts), 0)
        with _writing(path):
            for line in _lines(result):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    try:
        yield log_result
        seconds = time.monotonic() - start
        graded = statuses.total()
        totals = {"graded": graded, **statuses, "seconds": round(seconds, 3), "peak_mib": peak // MIB}
        rate = round(graded / seconds, 2) if seconds else 0
        with _writing(path):
            file.write(json.dumps({"time": _now(), "totals": {**totals, "per_second": rate}}) + "\n")
    finally:
        with _writing(path):  # what could not be written before is tried once more
            file.close()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Tell an error of the log from those of the run."""
    try:
        yield
    except OSError as error:
        problem = f"The log {path} cannot be written: {error.strerror}."
        raise AutograderError(problem, "Name another file with --log; what is graded is kept.") from error


def _lines(result: Result) -> Iterator[dict[str, object]]:
    first = {"time": _now(), "submission": result.student, "status": result.status.value}
    by_id = {question.id: question for question in result.questions}
    for effort in result.efforts:
        question = by_id[effort.question]
        used = {"seconds": round(effort.seconds, 4), "peak_mib": effort.peak // MIB}
        points = {"score": question.score, "max_score": question.max_score}
        yield {**first, "question": question.id, **used, "outcome": _outcome(question), **points}
    if not result.efforts:
        yield {**first, "message": result.message}


def _outcome(question: QuestionResult) -> str:
    if question.could_not_run:
        return "could not run"
    if question.not_attempted:
        return "not attempted"
    if question.score >= question.max_score:
        return "all points"
    return "some points" if question.score > 0 else "no points"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
