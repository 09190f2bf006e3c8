"""Counts the blind wrong answers that are named: `python -m tests.bench.bench_naming [--show]`.

A hint is right if it is about the mistake that was made; a repair is right because the checks passed with it.
Printed are, for each question, how many answers lose points, how many of them have a hint of the catalogue, how many a
right one, how many a repair, and how many one of the two; with `--show` each answer and its hints. Each set was written
without a look at the catalogue as it was then; after a set was looked at, what it had shown was added.
"""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

from autograder.core.records import Rubric, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import Limits
from autograder.grading.grader import Grader
from tests.course import answers_of, ids
from tests.sample_class import RIGHT, hand_in

SETS = tuple(Path(__file__).with_name(name) for name in ("blind_answers.toml", "blind_answers_2.toml"))
COLUMNS = ("answers", "caught", "hint", "right hint", "repaired", "explained")


def main(show: bool) -> None:
    """Grade each answer among right ones, and print a table for each set."""
    rubric = load_rubric()
    with Grader(rubric, Limits()) as grader:
        for answers in SETS:
            print(answers.name)
            _print(_counted(grader, rubric, tomllib.loads(answers.read_text("utf-8"))["wrong"], show))


def _counted(grader: Grader, rubric: Rubric, answers: list[dict[str, str]], show: bool) -> dict[str, Counter[str]]:
    seen: dict[str, Counter[str]] = {}
    for wrong in answers:
        with tempfile.TemporaryDirectory() as folder:
            everything = answers_of(bonus=True) | RIGHT | {wrong["question"]: wrong["lines"]}
            hand_in(Path(folder) / "one", everything)
            submission = Submission("one", Path(folder) / "one")
            (result,) = grader.grade(submission, [rubric[ids()[wrong["question"]]]]).questions
        repaired = any(one.change for one in result.diagnosis)
        hints = [one.hint for one in result.diagnosis]
        right = not repaired and any(re.search(wrong["about"], hint, re.IGNORECASE) for hint in hints)
        for name in (wrong["question"], "all"):
            count = seen.setdefault(name, Counter())
            truths = (True, result.score < result.max_score, bool(hints) and not repaired, right, repaired)
            count.update(dict(zip(COLUMNS, map(int, (*truths, right or repaired)), strict=True)))
        if show:
            print(f"{wrong['question']} {wrong['what']}: {result.score:g} of {result.max_score:g}")
            print(
                "".join(f"    {'+' if right else '*' if repaired else '-'} {hint}\n" for hint in hints or ["no hint"]),
                end="",
            )
    return seen


def _print(seen: dict[str, Counter[str]]) -> None:
    print("question", *(column.rjust(10) for column in COLUMNS))
    for name, count in sorted(seen.items()):
        print(name.ljust(8), *(str(count[column]).rjust(10) for column in COLUMNS))


if __name__ == "__main__":
    main("--show" in sys.argv[1:])
