"""Reads `solutions/course.toml`: the term, the seed, the points, and the state of each bonus question."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from autograder.core.course_names import UNNAMED, Names
from autograder.core.errors import AutograderError
from autograder.core.records import Question
from autograder.handout.split import Split, shared, split_of
from autograder.language import ENGLISH, languages
from autograder.marks.late import demand_within_term, policy_of

MANUAL_KEYS = {"id", "title", "points"}
"""The keys that a question graded by hand must have; one without `file` is spoken."""
MANUAL = 'Write [[manual]], and below it id = "4", title = "Report", file = "report.ipynb" and points = 30.'
EXAMPLE = (
    'Write `term = "2026 fall"`, `seed = "…"` and one `[[manual]]` table with id, title, file and points a question; '
    "the comments in solutions/course.toml say what else there is."
)


MEND_TOML = 'Mend the line that is named. A text stands in quotes, as in term = "2026 fall", and a number does not.'
_EXAMPLES = {
    "term": 'term = "2026 fall"',
    "seed": 'one that nobody can guess: python -c "import secrets; print(secrets.token_hex())" makes it',
    "due": 'due = "12 December 2026, 23:59", or delete the line',
    "variant": 'variant = "2026", one of solutions/variants.toml',
}
TABLES = {
    "bonus": 'Put [bonus] above lines like B1 = "asked".',
    "credit": 'Put [credit."1.2"] above lines like own_similarity_kept = 14.',
    "points": 'Put [points] above lines like "1.2" = 25.',
}


class State(StrEnum):
    """The state of a bonus question this term."""

    ASKED = "asked"
    GIVEN = "given"
    ABSENT = "absent"


@dataclass(frozen=True)
class Course:
    """The settings that an instructor makes each term. `seed` is secret: it makes the inputs of the hidden checks."""

    term: str
    seed: str
    manual: tuple[Question, ...]
    course: Names = UNNAMED
    due: str = ""
    late: str = ""
    """The deduction for a late hand-in, in words."""
    variant: str = ""
    split: Split | None = None
    bonus: Mapping[str, State] = field(default_factory=dict)
    points: Mapping[str, float] = field(default_factory=dict)
    credit: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Points for a named mistake, by question: a floor under what its checks give."""

    def state(self, question: Question) -> State:
        """The state of a question: asked, unless the file says otherwise."""
        return self.bonus.get(question.id, State.ASKED)


def load_course(path: Path) -> Course:
    """Read the file; an unknown or missing key, or a value of another type, is an error that names it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AutograderError(f"{path} cannot be read ({error.strerror}).", EXAMPLE) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AutograderError(f"{path} is not valid TOML: {error}.", MEND_TOML) from error
    readers: dict[str, Callable[[Path, str, Any], Any]] = {
        **{"term": _text, "seed": _text, "due": _text, "variant": _text, "manual": _manual},
        "course": _names,
        **{"bonus": _states, "points": _points, "credit": _credit},
        "split": lambda path, key, value: split_of(value),
        "late": lambda path, key, value: policy_of(value, table).words,
    }
    _demand_keys(path, "the file", table.keys(), readers.keys(), {"term", "seed", "manual"}, EXAMPLE)
    course = Course(**{key: readers[key](path, key, value) for key, value in table.items()})
    demand_within_term(course.due, course.term)
    return course if course.split is None else replace(course, manual=course.split.by_hand(course.manual))


def weigh(course: Course, questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions with this term's points: those of the file, then scaled to the split's `code` in whole points.

    Bonus questions are scaled by the same factor. Raises AutograderError for an unknown id, or a split that cannot be.
    """
    unknown = (course.points.keys() | course.bonus.keys() | course.credit.keys()) - {
        question.id for question in questions
    }
    if unknown:
        problem = f"solutions/course.toml names question {min(unknown)}, which is not there."
        raise AutograderError(problem, "Look for its header in solutions/*.py, or delete the line.")
    for question in questions:
        if question.id in course.bonus and not question.bonus:
            problem = f"solutions/course.toml lists question {question.id} under [bonus], and it is none."
            raise AutograderError(problem, "Core questions are always asked.")
    weighed = [replace(question, points=course.points.get(question.id, question.points)) for question in questions]
    final = weighed if course.split is None else _scaled(course.split.code, weighed)
    return tuple(_with_credit(question, course.credit.get(question.id, {})) for question in final)


def _with_credit(question: Question, credit: Mapping[str, float]) -> Question:
    if above := [name for name, points in credit.items() if points > question.points]:
        problem = f'solutions/course.toml: [credit."{question.id}"] gives {credit[above[0]]:g} points for {above[0]}'
        raise AutograderError(f"{problem}, and the question has {question.points:g}.", "Give fewer.")
    return replace(question, credit=tuple(credit.items()))


def _scaled(total: int, questions: Sequence[Question]) -> tuple[Question, ...]:
    core = [question for question in questions if not question.bonus]
    points = shared(total, core, "code")
    factor = total / (sum(question.points for question in core) or 1)
    bonus = {question.id: round(question.points * factor) for question in questions if question.bonus}
    return tuple(replace(question, points=float({**points, **bonus}[question.id])) for question in questions)


def _text(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise AutograderError(f"{path}: `{key}` is not a text: {value!r}.", f'Put it in quotes: {key} = "…".')
    if not value.strip():
        raise AutograderError(f"{path}: `{key}` is empty.", f"Write {_EXAMPLES[key]}.")
    return value


def _names(path: Path, key: str, value: object) -> Names:
    if not isinstance(value, dict):
        raise AutograderError(f"{path}: `{key}` is not a table.", "Put [course] above the names.")
    known = {one.name for one in fields(Names)}
    _demand_keys(path, "[course]", value.keys(), known)
    if not value.get("homework"):
        raise AutograderError(f"{path}: [course] lacks `homework`.", 'Write homework = "…", what students call it.')
    for name, said in value.items():
        if not isinstance(said, str) or said != " ".join(said.split()):
            raise AutograderError(f"{path}: `{name}` in [course] is not a text of one line.", "Put it in quotes.")
    if (language := value.get("language", ENGLISH)) not in languages():
        hint = f"Known are {', '.join(languages())}; instructor_year.md says how to add one."
        raise AutograderError(f"{path}: there is no table of words for the language {language!r}.", hint)
    return Names(**value)


def _number(path: Path, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise AutograderError(f"{path}: `{key}` is not a number of points: {value!r}.", "Write one from 0 on.")
    return float(value)


def _points(path: Path, key: str, value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise AutograderError(f"{path}: `{key}` is not a table.", TABLES[key])
    return {question: _number(path, f"{key}.{question}", worth) for question, worth in value.items()}


def _credit(path: Path, key: str, value: object) -> dict[str, dict[str, float]]:
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise AutograderError(f"{path}: `{key}` is not a table for each question.", TABLES[key])
    return {question: _points(path, f"{key}.{question}", table) for question, table in value.items()}


def _states(path: Path, key: str, value: object) -> dict[str, State]:
    if not isinstance(value, dict):
        raise AutograderError(f"{path}: `{key}` is not a table.", TABLES[key])
    for question, state in value.items():
        if state not in [*State]:
            known = ", ".join(f'"{state}"' for state in State)
            raise AutograderError(f"{path}: [{key}] has {question} = {state!r}.", f"Write one of {known}.")
    return {question: State(state) for question, state in value.items()}


def _manual(path: Path, key: str, value: object) -> tuple[Question, ...]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise AutograderError(f"{path}: `{key}` is not a list of tables.", MANUAL)
    return tuple(_manual_question(path, row) for row in value)


def _manual_question(path: Path, row: Mapping[str, Any]) -> Question:
    _demand_keys(path, "[[manual]]", row.keys(), {*MANUAL_KEYS, "file"}, MANUAL_KEYS, MANUAL)
    row = {"file": "", **row}
    if wrong := [key for key in ("id", "title", "file") if not isinstance(row[key], str)]:
        raise AutograderError(f"{path}: `{wrong[0]}` of a [[manual]] table is not a text.", MANUAL)
    points = _number(path, f"points of question {row['id']}", row["points"])
    return Question(row["id"], row["title"], row["file"], points, manual=True)


def _demand_keys(
    path: Path, where: str, found: Set[str], known: Set[str], needed: Set[str] = frozenset(), hint: str = ""
) -> None:
    for key in sorted(found - known):
        raise AutograderError(f"{path}: {where} has the unknown key `{key}`.", f"Known are {', '.join(sorted(known))}.")
    for key in sorted(needed - found):
        raise AutograderError(f"{path}: {where} lacks `{key}`.", hint)
