"""Says of a wrong value more than its place, when `check.py` is asked to: the kind, then the formula. Given."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Collection, Sequence
from typing import Any

from ssl_kit.differences import is_mistake, whole
from ssl_kit.telling import Failure, stored, tell

PLACE, KIND, FORMULA = 1, 2, 3
"""How much is said of what fails: where it is, also what kind of mistake it is, also the formula."""
UNKNOWN = "No known mistake gives these values."

Values = dict[str, Any]


def read_hint(words: list[str]) -> int:
    """Take `--hint` and its number out of the words of a command; 0 for anything else than 1, 2 or 3."""
    if "--hint" not in words:
        return PLACE
    at = words.index("--hint")
    number = words[at + 1 : at + 2]
    del words[at : at + 2]
    return int(number[0]) if number in (["1"], ["2"], ["3"]) else 0


def tell_hints(question: Values, target: str, answers: Sequence[Any], hint: int) -> None:
    """Print the hint of each known mistake that gives these answers, and the formula, as far as they are asked for."""
    if hint >= KIND and not any(isinstance(answer, Failure) for answer in answers):  # an exception says enough
        fitting = kinds(question, answers)
        several = " Your results fit each of these:" if len(fitting) > 1 else ""
        tell(f"\n[Hint for {question['id']}]{several}")
        tell("\n".join(fitting) or UNKNOWN)
    if hint >= FORMULA:
        tell(f"\n[Formula for {question['id']}: {target}]")
        tell(formula(stored("asked.json", "files")[question["file"]], target))


def tell_further(hint: int, files: Collection[str]) -> None:
    """Say how to see the next hint on the files in which a value is wrong, if there are any."""
    again = f"python check.py {' '.join(files)} --hint {hint + 1}"
    if files and hint == PLACE:
        tell(f"For the kind of mistake: {again}")
    elif files and hint == KIND:
        tell(f"For the formula: {again}")


def kinds(question: Values, answers: Sequence[Any]) -> list[str]:
    """The words of each known mistake that gives these answers on every public input.

    If one mistake explains them, several at once that give the same add nothing, as in the grader: the fewest count.
    """
    from ssl_kit.public.phrases import worded

    expected = [{name: whole(value) for name, value in case["expected"].items()} for case in question["cases"]]
    fitting = [
        words
        for marks, mistakes in question["mistakes"].items()
        for words, *told in mistakes
        if is_mistake(marks, told, expected, answers)
    ]
    fewest = min(map(_count, fitting), default=0)
    return [worded(words, question["faults"]) for words in fitting if _count(words) == fewest]


def _count(words: str | Sequence[int]) -> int:
    """How many faults a mistake has: words of its own are one's, else there is a number for each."""
    return 1 if isinstance(words, str) else len(words)


def formula(skeleton: str, target: str) -> str:
    """The formula of a function, by its docstring in the file as it was handed out: what is indented there.

    `target` is a name like `SSLLoss.align_loss`. A docstring without a formula is cut where its arguments begin.
    """
    node: Any = ast.parse(skeleton)
    for name in target.split("."):
        node = next(one for one in node.body if getattr(one, "name", None) == name)
    said = inspect.cleandoc(ast.get_docstring(node) or "").split("\n\n")
    shown = [part for part in said if all(line.startswith("    ") for line in part.splitlines())]
    at = next((place for place, part in enumerate(said) if part.startswith(("Args:", "Returns:"))), len(said))
    return textwrap.indent(textwrap.dedent("\n\n".join(shown or said[:at])), "    ")
