"""The desk's pages."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from werkzeug.wrappers import Response

from autograder.core.records import Result, Status
from autograder.core.text import said
from autograder.desk.changes import Desk
from autograder.desk.queue import Filter, is_reviewed, mistakes, ordered, rows
from autograder.language import ENGLISH
from autograder.marks.overrides import STANDINGS, key, lines
from autograder.report.feedback import verdict
from autograder.report.own_lines import shown_excerpts
from autograder.report.render import render, script_policy

SCRIPT = "desk.js"
STATUSES = (*(status.value for status in Status), *(kind.value for kind in STANDINGS), "request")


def sent(page: str, status: int = 200) -> Response:
    """A page as a response that no other page may show in a frame, and that no cache keeps."""
    response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # With `no-referrer` a browser names no origin when it sends a form, and the desk would refuse it.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        f"{script_policy(SCRIPT)}"
    )
    return response


def refused(code: int, why: str) -> str:
    """The page that says why there is no other."""
    return _page("desk_refused.html.j2", code=code, why=why)


def list_page(desk: Desk, chosen: Filter, base: str) -> str:
    """The list of the class; `base` is the folder that the desk's addresses begin with."""
    results = everybody(desk)
    found = rows(results, desk.rubric, desk.points, chosen)
    return _page(
        "desk_list.html.j2",
        rows=found,
        total=len(results),
        reviewed=sum(is_reviewed(desk.points, one.student) for one in results),
        chosen=chosen,
        questions=desk.rubric.questions,
        mistakes=mistakes(results),
        statuses=STATUSES,
        base=base,
        address=lambda student: address(student, chosen, base),
        names=desk.rubric.names,
    )


def student_page(
    desk: Desk,
    student: str,
    chosen: Filter,
    base: str,
    form_token: str,
    error: str = "",
    form: Mapping[str, str] | None = None,
) -> str:
    """One student: answers, verdicts, and the forms to change points. After an error the form is as it was sent."""
    result = desk.result(student)
    order = [key(one.student) for one in ordered(everybody(desk), desk.points, chosen)]
    at = order.index(student) if student in order else -1
    changes = desk.points.overrides.of(result.student)
    graded = {question.id: question for question in result.questions}
    return _page(
        "desk_student.html.j2",
        result=result,
        student=student,
        again=f"autograde regrade {shlex.quote(str(desk.output))} --student {shlex.quote(student)}",
        asked=[(question, graded.get(question.id)) for question in desk.rubric.questions],
        before=address(order[at - 1], chosen, base) if at > 0 else "",
        after=address(order[at + 1], chosen, base) if at + 1 < len(order) else "",
        place=(at + 1, len(order)),
        back=f"{base}/?{urlencode(chosen.query)}",
        others=lambda question: [one for one in desk.alike(student, question) if one != student],
        base=base,
        address=lambda other: address(other, chosen, base),
        changes=[*zip(changes, lines(changes), strict=True)],
        reviewed=is_reviewed(desk.points, result.student),
        list=urlencode(chosen.query),
        form_token=form_token,
        error=error,
        form=form or {},
        verdict=verdict,
        said=said,
        excerpts=shown_excerpts,
        names=desk.rubric.names,
    )


def everybody(desk: Desk) -> list[Result]:
    """All results as they count now."""
    return [desk.result(student) for student in desk.checked]


def address(student: str, chosen: Filter, base: str) -> str:
    """The address of a student's page; next and previous are those of the filter."""
    return f"{base}/student/{quote(student, safe='')}?{urlencode(chosen.query)}".rstrip("?")


def points_of(written: str) -> float:
    """The number in a form; raises ValueError."""
    try:
        number = float(written)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e6:
        raise ValueError(f"{written} is not a number of points. Write a number from 0 on.")
    return number


def _page(template: str, **context: object) -> str:
    return render(
        template,
        ENGLISH,
        script_policy=script_policy(SCRIPT),
        **context,
    )
