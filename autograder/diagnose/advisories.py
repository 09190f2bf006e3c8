"""Advice on an answer: true, useful, and free of charge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from autograder.cases.advice import HALF, MEASURED
from autograder.checks.demands import Answers
from autograder.core.records import Answer, Question, Value

SLOWER = 20
"""The ratio of operations to the reference's from which on a loop over the batch is mentioned."""
LARGER = 8
"""The ratio of the largest tensor's size to the reference's from which on it is mentioned."""
_LARGEST = 65504.0
"""The largest number of float16."""
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d*)?(?:[eE][+-]?\d+)?(?![\w.])")
_MEMORY = {
    "1.2": "Memory grows with B²·D, where B² + B·D would do: at the course's batch of 512 with 2048 features a "
    "tensor of shape [2B, 2B, D] takes 8.6 GB. A matrix product gives all similarities without it.",
    "2": "Memory grows with B·N·D, where B·N would do: with 50,000 training images that does not fit into memory. A "
    "matrix product gives all similarities without it.",
}


def advise(question: Question, answers: Answers, code: str = "") -> tuple[str, ...]:
    """Sentences for the student, each once; a missing answer gives no advice. `code` is the student's own."""
    given = {name: answer for name, answer in answers.given.items() if answer.error is None}
    found = [
        *_effort(question, given.get(MEASURED), answers.expected.get(MEASURED)),
        *_half(given, code),
        *(sentence for name, answer in given.items() for sentence in _values(answer, answers.expected[name])),
    ]
    return tuple(dict.fromkeys(found))


def _effort(question: Question, given: Answer | None, expected: Answer | None) -> Iterator[str]:
    if given is None or expected is None:
        return
    if _number(given, "operations") > SLOWER * _number(expected, "operations"):
        yield (
            "A Python loop over the batch makes this function more than 20 times slower than tensor operations on the "
            "whole batch would be; with real batches it dominates the training time."
        )
    if question.id in _MEMORY and _number(given, "largest tensor") > LARGER * _number(expected, "largest tensor"):
        yield _MEMORY[question.id]


def _half(given: Mapping[str, Answer], code: str) -> Iterator[str]:
    """Yield advice on a loss that does not fit into float16 and is finite in more digits."""
    if _finite(given.get(HALF)) or not all(_finite(answer) for name, answer in given.items() if name != HALF):
        return
    code = re.sub(r"#.*", "", code)
    too_large = [number for number in _NUMBER.findall(code) if float(number) > _LARGEST]
    if too_large:
        yield (
            f"In float16 the loss is not a number any more: {too_large[0]} does not fit into it, 65504 is the largest. "
            "To leave something out of a softmax, `masked_fill` with minus infinity or `torch.finfo(dtype).min` fits."
        )
    elif re.search(r"\bexp\b", code):
        yield (
            "In float16 at temperature 0.01 the loss is not a number any more: exp(1/0.01) is larger than the dtype "
            "can hold. A softmax or log-sum-exp that subtracts the largest logit first stays finite."
        )
    else:
        yield (
            "In float16 at temperature 0.01 the loss is not a number any more: something on the way is larger than "
            "65504, the largest number there is. Look at what masks and constants do in that dtype."
        )


def _finite(answer: Answer | None) -> bool:
    """Whether a loss is finite, or there is none."""
    value = answer.values.get("value") if answer else None
    return value is None or value.array is None or bool(np.isfinite(value.array.astype("float64")).all())


def _values(given: Answer, expected: Answer) -> Iterator[str]:
    """Yield advice that any case can give: wasted passes, absent gradients, changed arguments, another dtype."""
    for name, wanted in expected.values.items():
        value = given.values.get(name, Value("none", "None"))
        if name.startswith("passes of ") and value.array is not None and wanted.array is not None:
            if value.array > wanted.array:
                network = name.removeprefix("passes of ").replace("_", " ")
                passes = f"{value.array} times where {wanted.array} would do"
                yield f"The {network} runs {passes}: a wasted pass costs time and memory."
        elif name.startswith("gradient of ") and wanted.array is not None and value.kind == "none":
            yield f"The {name} comes back as None: nothing that {name.split()[2]} does can be learned from."
        elif name == "inputs unchanged" and value.array is not None and not value.array:
            yield "The function changes the caller's tensors in place: whoever uses them afterwards gets other numbers."
        elif name == "value" and value.kind == "tensor" and _precision(value) != _precision(wanted):
            yield f"The loss comes back as {value.type_name} for inputs of {wanted.type_name}."


def _number(answer: Answer, name: str) -> float:
    value = answer.values.get(name)
    return 0.0 if value is None or value.array is None else float(value.array)


def _precision(value: Value) -> str:
    return "" if value.array is None else value.array.dtype.name
