"""How many of the blind wrong answers are named: `python -m tests.bench.bench_naming [--show]`.

A hint is right where it is about the mistake that was made. Printed are, for each question, how many answers lose
points, how many of them get a hint, and how many a right one; with `--show` each answer and its hints.
"""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

from autograder.grader import Grader
from autograder.records import Submission
from autograder.rubric import load_rubric
from autograder.settings import Limits
from tests.course import ids
from tests.sample_class import RIGHT, hand_in

ANSWERS = Path(__file__).with_name("blind_answers.toml")
COLUMNS = ("answers", "caught", "hint", "right hint")


def main(show: bool) -> None:
    """Grade each answer among right ones, and print the table."""
    rubric = load_rubric()
    seen: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder, Grader(rubric, Limits()) as grader:
        for number, wrong in enumerate(tomllib.loads(ANSWERS.read_text("utf-8"))["wrong"]):
            place = Path(folder) / f"{number:02d}"
            hand_in(place, {**RIGHT, wrong["question"]: wrong["lines"]})
            (result,) = grader.grade(Submission(place.name, place), [rubric[ids()[wrong["question"]]]]).questions
            hints = [one.hint for one in result.diagnosis]
            right = any(re.search(wrong["about"], hint, re.IGNORECASE) for hint in hints)
            for name in (wrong["question"], "all"):
                count = seen.setdefault(name, Counter())
                count.update(answers=1, caught=result.score < result.max_score, hint=bool(hints))
                count["right hint"] += right
            if show:
                print(f"{wrong['question']} {wrong['what']}: {result.score:g} of {result.max_score:g}")
                print("".join(f"    {'+' if right else '-'} {hint}\n" for hint in hints or ["no hint"]), end="")
    print("question", *(column.rjust(10) for column in COLUMNS))
    for name, count in sorted(seen.items()):
        print(name.ljust(8), *(str(count[column]).rjust(10) for column in COLUMNS))


if __name__ == "__main__":
    main("--show" in sys.argv[1:])
