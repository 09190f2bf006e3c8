"""Turns a reference file into the file that students get: replaces solution lines by a stub that says so."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

from autograder.core.errors import AutograderError
from autograder.core.records import Question
from autograder.handout.files.annotations import Stub, header


def unfilled(question_id: str) -> str:
    """The sentence of a stub when it is called; `check.py` and the grader recognise it."""
    return f"Question {question_id} is not implemented yet"


def stub_source(source: str, stubs: Iterable[Stub], file: str, asked: Mapping[str, Question]) -> str:
    """Replace the lines between the markers of each stub by one `raise`, and its header's points by the rubric's.

    A question that is not `asked` keeps its lines and loses its header and markers. Everything else stays as it is.
    """
    lines = io.StringIO(source).readlines()  # as Python counts lines: str.splitlines also ends one at a form feed
    for stub in sorted(stubs, key=lambda stub: stub.start, reverse=True):
        margin = " " * stub.indent
        question = asked.get(stub.question.id)
        if question is None:
            del lines[stub.end - 1], lines[stub.header - 1 : stub.start]
        else:
            message = unfilled(question.id)
            lines[stub.start : stub.end - 1] = [f'{margin}raise NotImplementedError("{message}")\n']
            lines[stub.header - 1] = f"{margin}{header(question)}\n"
    skeleton = "".join(lines)
    try:
        compile(skeleton, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        problem = f"solutions/{file} is not valid Python once its solutions are taken out (line {error.lineno})."
        raise AutograderError(problem, "Put both markers between whole statements of one function.") from error
    return skeleton
