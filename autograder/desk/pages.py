"""The desk's pages."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from autograder.core import last_run
from autograder.core.errors import AutograderError
from autograder.core.records import Item, Question, Result, Rubric, Status
from autograder.core.settings import ROOT
from autograder.core.text import number, said
from autograder.desk import viva
from autograder.desk.changes import Desk
from autograder.desk.queue import Filter, mistakes, ordered, rows
from autograder.language import ENGLISH
from autograder.marks.looked_at import digest
from autograder.marks.overrides import STANDINGS, Change, Kind, key, lines, points_of, what
from autograder.report.feedback import verdict
from autograder.report.own_lines import shown_excerpts
from autograder.report.render import render, script_policy

SCRIPT = "desk.js"
KEYS = "1234567890bcdefghimnopqstvwxyz"
"""The keys of the questions; j, k, r, u, l and a do something else."""
STATUSES = (*(status.value for status in Status), *(kind.value for kind in STANDINGS), "request")


def sent(page: str, status: int = 200, policy: str = "") -> Response:
    """A page as a response that no cache keeps, and that no other page may show in a frame.

    One with a `policy` of its own is shown in a frame of the desk.
    """
    response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Frame-Options"] = "SAMEORIGIN" if policy else "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # With `no-referrer` a browser names no origin when it sends a form, and the desk would refuse it.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Content-Security-Policy"] = policy or (
        "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors 'none'{script_policy(SCRIPT)}"
    )
    return response


def refused(code: int, why: str) -> str:
    """The page that says why there is no other."""
    return _page("desk_refused.html.j2", code=code, why=why)


def list_page(desk: Desk, chosen: Filter, base: str) -> str:
    """The list of the class; `base` is the folder that the desk's addresses begin with."""
    results = everybody(desk)
    found = rows(results, desk.rubric, chosen)
    return _page(
        "desk_list.html.j2",
        rows=found,
        total=len(results),
        reviewed=sum(one.reviewed for one in results),
        chosen=chosen,
        questions=desk.rubric.questions,
        mistakes=mistakes(results),
        statuses=STATUSES,
        base=base,
        address=lambda student: address(student, chosen, base),
        names=desk.rubric.names,
        unwritten=desk.unwritten,
    )


def student_page(
    desk: Desk,
    student: str,
    chosen: Filter,
    base: str,
    form_token: str,
    error: str = "",
    form: MultiDict[str, str] | None = None,
    made: Change | None = None,
) -> str:
    """One student: answers, verdicts, and the forms to change points. After an error the form is as it was sent.

    `made` is the change after which the page is opened again.
    """
    result = desk.result(student)
    changes = desk.points.overrides.of(result.student)
    graded = {question.id: question for question in result.questions}
    return _page(
        "desk_student.html.j2",
        result=result,
        student=student,
        commands=_commands(desk, student),
        asked=[(question, graded.get(question.id)) for question in desk.rubric.questions],
        **_neighbours(desk, student, chosen, base),
        others=lambda question: [one for one in desk.alike(student, question) if one != student],
        changes=[*zip(changes, lines(changes), strict=True)],
        keys=_keys(desk.rubric, graded),
        shown=digest(desk.checked[student]),
        **_sent(desk, made, form),
        form_token=form_token,
        error=error,
        schemes={question.id: _scheme(question, changes, form) for question in desk.rubric.questions},
        talk=_talk(desk.checked[student], desk.rubric),
        report=f"{base}/report/{quote(student, safe='')}",
        verdict=verdict,
        said=said,
        excerpts=shown_excerpts,
        names=desk.rubric.names,
    )


def made(desk: Desk, student: str, number: str) -> Change | None:
    """The change with this number if it is about the student."""
    record = desk.points.overrides
    return next((one for one in record.changes if str(one.id) == number and student in record.about(one)), None)


def _sent(desk: Desk, made: Change | None, form: MultiDict[str, str] | None) -> dict[str, object]:
    """The change that was made, the form that was not, the last change that the page shows, and what failed."""
    done = _done(desk, made) if made else ""
    return {
        "made": made,
        "done": done,
        "form": form or {},
        "seen": desk.points.overrides.last,
        "trouble": desk.trouble,
        "unwritten": desk.unwritten,
        "settled": desk.settled,
        "standings": STANDINGS,
    }


def _done(desk: Desk, made: Change) -> str:
    """The sentence about a change that was just made."""
    record = desk.points.overrides
    others = len(record.about(made)) - 1
    more = f" It is about {others} more {'student' if others == 1 else 'students'}." if others else ""
    if others and made.kind is Kind.POINTS and (left := desk.settled(made.students[0], made.question)):
        more += f" Left out, with points of their own: {', '.join(left)}."
    if made.kind is not Kind.UNDO:
        return f"Recorded: change {made.id}, {what(made)} (by {made.by}).{more}"
    undone = next(one for one in record.changes if one.id == made.undoes)
    again = " The regrade request is open again." if undone.kind is Kind.ANSWER else ""
    return f"Undone: change {undone.id}, {what(undone)} (by {undone.by}).{again}{more}"


def _keys(rubric: Rubric, graded: Mapping[str, object]) -> dict[str, str]:
    """The key of each question that can get points on the page, as long as there are keys."""
    return dict(zip((one.id for one in rubric.questions if one.manual or one.id in graded), KEYS, strict=False))


def _commands(desk: Desk, student: str) -> list[tuple[str, str]]:
    """The commands about a student, each with what it does."""
    grades, who = shlex.quote(str(desk.output)), shlex.quote(student)
    found = [("grades the submission again; then open the desk again", f"autograde regrade {grades} --student {who}")]
    with suppress(AutograderError):  # without the class there is nothing to repeat
        run = last_run.load(desk.output)
        flags = {"--submission": run.submissions, "--roster": run.roster, "--assignment": run.assignment}
        given = " ".join(f"{flag} {shlex.quote(str(value))}" for flag, value in flags.items() if value is not None)
        if not run.anonymise:
            replay = f"python -m pytest autograder/checks {given} --student {who}"
            found.append(("repeats each verdict on the same inputs; run it in the kit's folder", replay))
    if any(question.spoken for question in desk.rubric.questions):
        log = f"autograde viva {grades} {who} --log log.csv"
        found.append(("prints the questions of the viva with one on a run of the student's", log))
    return [*found, ("shows the same as this page in the terminal", f"autograde show {grades} {who}")]


def _neighbours(desk: Desk, student: str, chosen: Filter, base: str) -> dict[str, object]:
    """The list that the filter leaves: a student's place in it, the pages before and after, and its addresses."""
    order = [key(one.student) for one in ordered(everybody(desk), chosen)]
    at = order.index(student) if student in order else -1
    return {
        "before": address(order[at - 1], chosen, base) if at > 0 else "",
        "after": address(order[at + 1], chosen, base) if at + 1 < len(order) else "",
        "place": (at + 1, len(order)),
        "back": f"{base}/?{urlencode(chosen.query)}",
        "address": lambda other: address(other, chosen, base),
        "base": base,
        "list": urlencode(chosen.query),
    }


@dataclass(frozen=True)
class Line:
    """A line of a mark scheme on the page: whether it is ticked, and other points than all of it."""

    item: Item
    ticked: bool
    other: str


def _scheme(question: Question, changes: Sequence[Change], form: MultiDict[str, str] | None) -> list[Line]:
    """The lines of a question's mark scheme as they count now, or as the form of this question was sent."""
    if form is not None and form.get("question") == question.id:
        ticked = set(form.getlist("item"))
        return [Line(item, item.id in ticked, form.get(f"other {item.id}", "")) for item in question.items]
    given = [one.items for one in changes if one.kind is Kind.POINTS and one.question == question.id]
    now = given[-1] if given else {}
    some = {item.id: now.get(item.id, 0.0) for item in question.items}
    return [
        Line(item, some[item.id] == item.points, number(some[item.id]) if 0 < some[item.id] < item.points else "")
        for item in question.items
    ]


def _talk(result: Result, rubric: Rubric) -> list[tuple[viva.Ask, str]]:
    """The questions of a viva with the places of the code that they are on; none if the course has no viva."""
    if not any(question.spoken for question in rubric.questions):
        return []
    asked = viva.viva(result, viva.load_bank(ROOT / viva.BANK), rubric.seed, None)
    return [(one, viva.place(result, one.function)) for one in asked]


def everybody(desk: Desk) -> list[Result]:
    """All results as they count now."""
    return [desk.result(student) for student in desk.checked]


def address(student: str, chosen: Filter, base: str, **more: int) -> str:
    """The address of a student's page; next and previous are those of the filter."""
    return f"{base}/student/{quote(student, safe='')}?{urlencode({**chosen.query, **more})}".rstrip("?")


def items_of(question: Question, form: MultiDict[str, str]) -> dict[str, float]:
    """The points of each line of a mark scheme in a form; empty if nothing is ticked. Raises ValueError."""
    ticked, found = set(form.getlist("item")), {}
    for item in question.items:
        other = form.get(f"other {item.id}", "").strip()
        found[item.id] = points_of(other) if other else item.points * (item.id in ticked)
    return found if any(found.values()) else {}


def _page(template: str, **context: object) -> str:
    return render(
        template,
        ENGLISH,
        script_policy=script_policy(SCRIPT),
        **context,
    )
