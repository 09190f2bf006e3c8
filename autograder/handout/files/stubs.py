"""Turns a reference file into the file that students get: replaces solution lines by a stub that says so."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping

from autograder.core.errors import AutograderError
from autograder.core.records import Question
from autograder.handout.files.annotations import LOOKS_LIKE_ONE, Stub, header

STEPS = "steps.py"
"""The optional steps that lead to a question: stubs that nobody grades."""
STEP = re.compile(
    r"(?m)^(?P<margin> +)### Step (?P<step>[a-z])\n"
    r"(?P<start> +### YOUR CODE HERE \(~ [1-9]\d* lines?\)\n)(?P<solution>(?:(?! *###).*\n)+)"
    r"(?P<end> +### END OF YOUR CODE\n)"
)


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


def steps_source(source: str) -> str:
    """Replace the lines between the markers of each step by one `raise`, and take out the line that names the step.

    Raises AutograderError for a marker that belongs to no step: it would hand a solution to the students.
    """
    marks = [line for line in source.splitlines() if LOOKS_LIKE_ONE.match(line.strip())]
    if len(marks) != 2 * len(STEP.findall(source)):
        problem = f"solutions/{STEPS} has markers that are not those of a step."
        hint = "Write `### Step a`, `### YOUR CODE HERE (~ n lines)`, solution, `### END OF YOUR CODE`, a line each."
        raise AutograderError(problem, hint)
    return STEP.sub(
        lambda found: (
            f'{found["start"]}{found["margin"]}raise NotImplementedError("Step {found["step"]} is not written yet")\n'
            f"{found['end']}"
        ),
        source,
    )


def solved_lines(source: str) -> set[int]:
    """The numbers, from 1, of the lines between the markers of the steps."""
    found = [(step.start("solution"), step.end("solution")) for step in STEP.finditer(source)]
    return {number for places in found for number in range(*(source.count("\n", 0, place) + 1 for place in places))}
