"""The notebooks that formgrader shows: a student's code with the results, and the report to mark by hand.

Both are put together here from plain text and pictures. A student's notebook is never passed on as it is: its HTML and
JavaScript would run in the browser of the person who grades, on the address of their own notebook server. nbformat
would make the same cells, but checks each against a schema, which takes a fifth of a second a student.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Sequence

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Question, QuestionResult, Result
from autograder.core.text import clip, number, printable, said

Json = dict[str, object]
CODE, REPORT = "code", "report"
LONGEST = 100_000
"""The most characters of one cell or one output."""
MOST_ITEMS = 500_000
"""The most values in its JSON."""
MOST_CELLS = 1_000
PICTURES = ("image/png", "image/jpeg")
TAG = re.compile(r"<(?=[A-Za-z/!?])")
"""The beginning of HTML that Markdown would pass on: an `onerror` in it would run."""
MARKS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.COULD_NOT_RUN: "!",
    Outcome.HOLDS: "✓",
    Outcome.NOT_JUDGED: "–",
    Outcome.NOT_ATTEMPTED: "–",
}
TALK = "The points for the talk go here. `autograde viva` prints questions for it."
STRAY = "This part was missing from the hand-in and was put back."


def code_notebook(result: Result, questions: Sequence[tuple[str, float]], talks: Sequence[Question] = ()) -> str:
    """The read-only notebook of a student's code: a graded cell for each question, with the results as its output.

    `questions` are all graded cells, as cell name and points. Below them is a cell for the points of each of `talks`.
    """
    graded = {cell_name(question.id): question for question in result.questions}
    cells = [_markdown("title", "# Code\n\nOne cell a question, with what the checks say of it below.")]
    if result.message:
        cells.append(_code("message", "", printable(result.message, multiline=True)))
    for name, points in questions:
        question = graded.get(name)
        source = "\n\n".join(_excerpts(result, question)) if question else ""
        cell = _code(name, source or "# Nothing was found.", _verdict(question) if question else "Not graded yet.")
        meta = {"grade": True, "grade_id": name, "points": points, "solution": True, "cell_type": "code"}
        cell["metadata"] = {**READ_ONLY, "nbgrader": {**meta, "locked": False, "task": False, "schema_version": 3}}
        cells.append(cell)
    for talk in talks:
        cell = _markdown(cell_name(talk.id), f"## {talk.id} {talk.title} ({number(talk.points)} points)\n\n{TALK}")
        meta = {"grade": False, "grade_id": cell_name(talk.id), "points": talk.points, "solution": False, "task": True}
        cells.append({**cell, "metadata": {**READ_ONLY, "nbgrader": {**meta, "locked": True, "schema_version": 3}}})
    return _notebook(cells)


def cell_name(question_id: str) -> str:
    """The name of a question's graded cell; formgrader looks it up in its page, where a dot means something else."""
    return f"question-{question_id.replace('.', '-')}"


def comment(question: QuestionResult) -> str | None:
    """The hints and advice on a question, as nbgrader's automatic comment."""
    hints = [
        ("" if diagnosis.certain else "Consistent with: ") + diagnosis.hint.strip() for diagnosis in question.diagnosis
    ]
    texts = [*([question.error] if question.error else []), *hints, *question.advisories]
    return printable(clip("\n\n".join(texts), LONGEST), multiline=True) or None


def graded_cells(report: str) -> dict[str, Json]:
    """The cells of the assignment's report that a person grades, by their name."""
    cells = json.loads(report)["cells"]
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in cells if cell["metadata"].get("nbgrader")}


def load(text: bytes) -> object:
    """The JSON of a notebook; raises ValueError if it is not JSON, or would take far more memory than its length."""
    if sum(text.count(sign) for sign in (b",", b"[", b"{")) > MOST_ITEMS:
        raise ValueError("too many values")
    return json.loads(text.decode("utf-8"))


def report_notebook(handed_in: bytes, release: str) -> str | None:
    """A student's report made harmless: text, and PNG and JPEG pictures; None if it is not a notebook.

    The graded cells are those of the assignment, wherever the student left them; a deleted one is put back.
    """
    try:
        given = load(handed_in)["cells"]  # type: ignore[index]  # a value that is not an object raises
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(given, list):
        return None
    graded = graded_cells(release)
    cells: list[Json] = []
    for i, cell in enumerate(given[:MOST_CELLS]):
        if not isinstance(cell, dict):
            continue
        name = _grade_id(cell)
        if name in graded:
            cells.append(graded.pop(name))
        elif cell.get("cell_type") in ("markdown", "raw"):
            source = TAG.sub("&lt;", _text(cell.get("source")))
            cells.append({**_markdown(f"cell-{i}", source), "attachments": _attachments(cell)})
        elif cell.get("cell_type") == "code":
            cells.append({**_code(f"cell-{i}", _text(cell.get("source")), ""), "outputs": list(_outputs(cell))})
    for name, cell in graded.items():
        cells += [_markdown(f"missing-{name}", STRAY), cell]
    return _notebook(cells)


READ_ONLY: Json = {"editable": False, "deletable": False}


def _excerpts(result: Result, question: QuestionResult) -> Iterator[str]:
    for excerpt in result.excerpts:
        if cell_name(excerpt.question) == cell_name(question.id):
            lines = "\n".join(printable(text, multiline=True) for _, text in excerpt.lines)
            yield f"# {excerpt.file}, from line {excerpt.lines[0][0]}\n{lines}"


def _verdict(question: QuestionResult) -> str:
    head = f"{question.id} {question.title}: {number(question.score)} of {number(question.max_score)} points"
    stopped = [_indented(question.error)] if question.error else []
    parts = [head, *stopped, *(_check(question, check) for check in question.checks)]
    return printable(clip("\n".join(parts), LONGEST), multiline=True)


def _check(question: QuestionResult, check: CheckResult) -> str:
    points = f"{number(check.points)} of {number(check.max_points)}"
    line = f"{MARKS[check.outcome]} {check.outcome}  {check.name} ({points})"
    told = _indented(said(question, check))
    return f"{line}\n{told}" if told else line


def _indented(text: str) -> str:
    return "\n".join(f"      {line}" for line in text.strip().splitlines())


def _grade_id(cell: Json) -> str:
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return name if isinstance(name, str) else ""


def _text(value: object) -> str:
    """A text of a notebook, which may be a list of lines."""
    parts = value if isinstance(value, list) else [value]
    return printable(clip("".join(part for part in parts if isinstance(part, str)), LONGEST), multiline=True)


def _pictures(data: object) -> dict[str, str]:
    """The pictures in a bundle of data, each proven to be base64."""
    found = {}
    for kind in PICTURES:
        picture = data.get(kind) if isinstance(data, dict) else None
        if isinstance(picture, list) and all(isinstance(part, str) for part in picture):
            picture = "".join(picture)
        if isinstance(picture, str):
            try:
                found[kind] = base64.b64encode(base64.b64decode(picture.replace("\n", ""), validate=True)).decode()
            except (binascii.Error, ValueError):
                continue
    return found


def _attachments(cell: Json) -> Json:
    attachments = cell.get("attachments")
    items = attachments.items() if isinstance(attachments, dict) else ()
    return {printable(name): pictures for name, data in items if (pictures := _pictures(data))}


def _outputs(cell: Json) -> Iterator[Json]:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        if isinstance(data, dict):
            plain = {"text/plain": _text(data.get("text/plain"))}
            yield {"output_type": "display_data", "metadata": {}, "data": {**plain, **_pictures(data)}}
        elif output.get("output_type") == "error":
            yield _stream(f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}")
        else:
            yield _stream(_text(output.get("text")))


def _stream(text: str) -> Json:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _markdown(name: str, source: str) -> Json:
    return {"cell_type": "markdown", "id": _cell_id(name), "metadata": READ_ONLY, "source": source}


def _code(name: str, source: str, output: str) -> Json:
    outputs = [_stream(output)] if output else []
    cell = {"cell_type": "code", "id": _cell_id(name), "metadata": READ_ONLY, "source": source}
    return {**cell, "outputs": outputs, "execution_count": None}


def _cell_id(name: str) -> str:
    """An id that the notebook format takes: 64 characters."""
    return name[:64]


def _notebook(cells: Sequence[Json]) -> str:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1) + "\n"
