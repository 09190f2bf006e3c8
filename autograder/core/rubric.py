"""Loads the rubric and scores a question."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.core.course_names import Names
from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES, Item, Question, QuestionResult, Rubric, Variant

RUBRIC_FILE = Path(__file__).parent / "rubric.json"
COURSE_FILE = Path(__file__).parents[2] / "solutions" / "course.toml"
PUBLISHED_SEED = "abae942f25bc6d01"
"""The digest of the seed that came with the kit."""
COURSE_KEYS = ("course", "seed", "variant", "manual", "split", "bonus", "points", "credit")
"""The part of the course's file from which the rubric is made."""


def load_rubric(path: Path = RUBRIC_FILE) -> Rubric:
    """The rubric as `handout build` wrote it; raises AutograderError if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text("utf-8"))
        questions = tuple(_question(**row) for row in content["questions"])
        variant, *earlier = (_variant(**row) for row in content["variants"])
        return Rubric(questions, content["seed"], variant, tuple(earlier), Names(**content["names"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise AutograderError(f"The rubric {path} cannot be read: {error}.", "Run `handout build`.") from error


def _question(
    also: Sequence[str] = (),
    credit: Mapping[str, float] | None = None,
    items: Sequence[Mapping[str, Any]] = (),
    **row: Any,
) -> Question:
    scheme = tuple(Item(**item) for item in items)
    return Question(**row, also=tuple(also), credit=tuple((credit or {}).items()), items=scheme)


def _variant(name: str, calls: Mapping[str, Mapping[str, str]], ties: str, constants: Mapping[str, float]) -> Variant:
    named = tuple((function, tuple(names.items())) for function, names in calls.items())
    return Variant(name, named, ties, tuple(constants.items()))


def course_digest(path: Path) -> str:
    """A digest of the part of a course's file that the rubric is made from; empty if it cannot be read."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    used = json.dumps([table.get(key) for key in COURSE_KEYS], sort_keys=True, default=str)
    return hashlib.sha256(used.encode()).hexdigest()[:16]


def seed_digest(seed: str) -> str:
    """A digest that tells seeds apart without revealing them."""
    return hashlib.sha256(seed.encode()).hexdigest()[:16]


def is_published(seed: str) -> bool:
    """Whether this is the seed that came with the kit, for any of its variants."""
    return PUBLISHED_SEED in (seed_digest(seed), seed_digest(seed.rpartition("/")[0]))


def seed_notes(rubric: Rubric) -> tuple[str, ...]:
    """Sentences for a class that is graded on inputs that anybody can compute."""
    if not is_published(rubric.seed):
        return ()
    return (
        "The hidden inputs are those with which the kit was published, and anybody can compute them: set another "
        "`seed` in solutions/course.toml, then `handout build`.",
    )


def course_notes(rubric: Path = RUBRIC_FILE, course: Path = COURSE_FILE) -> tuple[str, ...]:
    """Sentences for a course's file that was changed after the rubric was made."""
    try:
        built = json.loads(rubric.read_text("utf-8")).get("course")
    except (OSError, ValueError, AttributeError):
        return ()
    if not built or course_digest(course) in ("", built):
        return ()
    return ("solutions/course.toml was changed after the last `handout build`: questions and points are those before.",)


def select(rubric: Rubric, ids: Sequence[str]) -> Rubric:
    """The rubric with only the named questions to grade (all if none is named); raises AutograderError."""
    known = [question.id for question in rubric.graded]
    unknown = [name for name in ids if name not in known]
    if unbuilt := [name for name in unknown if _has_stub(name)]:
        problem = f"Question {unbuilt[0]} stands in solutions/ and is not built yet."
        hint = "`handout build --accept` builds it, or says which step is missing in which file."
        raise AutograderError(problem, hint)
    if unknown:
        raise AutograderError(f"There is no question {', '.join(unknown)}.", f"Known: {', '.join(known)}.")
    return replace(rubric, questions=tuple(question for question in rubric.graded if not ids or question.id in ids))


def credited(question: Question, result: QuestionResult) -> QuestionResult:
    """The result with the points that the course gives for the mistake behind it, if the checks gave fewer.

    If the answer cannot tell several mistakes apart, each must have points, and the fewest count. Several mistakes at
    once are not one mistake: only mistakes that the table names count.
    """
    credit = dict(question.credit)
    named = [diagnosis.mistake for diagnosis in result.diagnosis]
    several = len(named) > 1 and any(diagnosis.certain for diagnosis in result.diagnosis)
    if not named or several or not all(name in credit for name in named):
        return result
    least = min(named, key=lambda name: credit[name])
    if credit[least] <= result.score:
        return result
    return replace(result, score=credit[least], credited=least)


def _has_stub(question: str) -> bool:
    """Whether a student file has a question's header."""
    header = re.compile(rf"^ *### Question {re.escape(question)}:", re.MULTILINE)
    paths = [COURSE_FILE.parent / file for file in STUDENT_FILES]
    return any(path.is_file() and header.search(path.read_text("utf-8", errors="replace")) for path in paths)
