"""The records of the kit (the table of words is in CONTRIBUTING.md). No behaviour beyond sums."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.questions import Calls as Calls
from autograder.core.questions import Item as Item
from autograder.core.questions import Param as Param
from autograder.core.questions import Question as Question
from autograder.core.questions import Rubric as Rubric
from autograder.core.questions import Variant as Variant
from autograder.core.regrade import RegradeRequest
from autograder.core.student_files import STUDENT_FILES as STUDENT_FILES
from autograder.core.values import Array as Array
from autograder.core.values import Value as Value


@dataclass(frozen=True)
class About:
    """The student and the time of a hand-in, as far as a platform or the roster says. Unknown fields are empty or None.

    `submitted` is a time in ISO 8601, `lateness` says in the platform's words how late that was.
    """

    name: str = ""
    email: str = ""
    group: str = ""
    late: bool | None = None
    submitted: str = ""
    lateness: str = ""


@dataclass(frozen=True, order=True)
class Piece:
    """A file or folder of a submission that lies among those of others; `name` is what the student called it."""

    name: str
    origin: Path


@dataclass(frozen=True)
class Submission:
    """One student's hand-in as found: not yet read, not yet trusted.

    `origin` is a folder or an archive; if there are `pieces`, they are the submission, and `origin` is the folder that
    they lie in. `problem` is set if the entry cannot be a submission at all (a stray file, a link): it is listed and
    gets no points. `note` is a sentence about missing files that the platform may have caused; `remarks` are sentences
    on the whole, for the student and the staff. `absent`: the platform itself says that nothing was handed in.
    `aliases` are other ids that the platform's names may mean; they count first if the roster lists them. `by_name`:
    the id is in no list of the class, so a roster knows the student by name.
    """

    student: str
    origin: Path
    problem: str | None = None
    pieces: tuple[Piece, ...] = ()
    note: str = ""
    remarks: tuple[str, ...] = ()
    absent: bool = False
    about: About = About()
    aliases: tuple[str, ...] = ()
    by_name: bool = False
    members: tuple[tuple[str, About], ...] = ()
    """The id of each member of a group. The group is graded once, and each member gets the grade."""

    @property
    def students(self) -> tuple[tuple[str, About], ...]:
        """The students whose submission this is."""
        return self.members or ((self.student, self.about),)


@dataclass(frozen=True)
class Case:
    """One call of one probe on given inputs.

    `probe` names a function in `sandbox/probes/FILE.py`; `arrays` go to it as tensors, `params` as they are.
    If `measured`, the call's operations are counted too. `file` names the student file that is called if a question
    has several. `mirrored`: the labels are counted from the other end (see `variants.py`).
    """

    question: str
    name: str
    probe: str
    arrays: Mapping[str, Array]
    params: Mapping[str, Param] = field(default_factory=dict)
    measured: bool = False
    file: str = ""
    mirrored: bool = False

    @cached_property
    def digest(self) -> str:
        """A digest, equal only for cases that are the same call on the same inputs."""
        call = (self.question, self.name, self.probe, sorted(self.params.items()), self.file)
        digest = hashlib.sha256(repr(call).encode())
        for name, array in self.arrays.items():
            digest.update(f"{name} {array.dtype} {array.shape} ".encode() + array.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class CodeError:
    """An exception, crash or time-out of student code, as data.

    `kind` is one of `sandbox.protocol.RAISED`, or `missing` (there is no file to ask), `timeout`, `crash`.
    """

    kind: str
    message: str
    trace: str = ""


@dataclass(frozen=True)
class Answer:
    """The outcome of one case: named values, or an error."""

    case: str
    values: Mapping[str, Value] = field(default_factory=dict)
    error: CodeError | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Diagnosis:
    """A known mistake whose answers are exactly those of the student's code, with its hint.

    `certain` is false when other mistakes give the same outputs, or only a part could be compared.
    """

    mistake: str
    hint: str
    certain: bool = True
    change: str = ""  # of a repair that was found by search: the difference of the file, for the staff


@dataclass(frozen=True)
class QuestionResult:
    """One question of one student, judged; `comment` is that of a person who gave points (`points.py`), not stored.

    `credited` is the mistake that the points are for, if the course gives more for it than the checks do.
    """

    id: str
    title: str
    score: float
    max_score: float
    checks: tuple[CheckResult, ...]
    diagnosis: tuple[Diagnosis, ...] = ()
    advisories: tuple[str, ...] = ()
    error: str | None = None
    comment: str = ""
    credited: str = ""
    parts: tuple[str, ...] = ()
    """The points of each part of a question that a person graded by its mark scheme, in words; not stored."""
    changed: bool = False  # whether a person changed what the checks gave; not stored

    @property
    def words(self) -> str:
        """All that people said on it: the points of the parts, and the comment."""
        return "\n".join(filter(None, (*self.parts, self.comment)))

    @property
    def could_not_run(self) -> bool:
        """Whether something in the submission kept a check from running."""
        return any(check.outcome is Outcome.COULD_NOT_RUN for check in self.checks)

    @property
    def not_attempted(self) -> bool:
        """Whether there is nothing by the student to judge, and nobody gave points all the same."""
        return (
            bool(self.checks)
            and not self.score
            and all(check.outcome is Outcome.NOT_ATTEMPTED for check in self.checks)
        )


@dataclass(frozen=True)
class Excerpt:
    """The lines of a student's file that answer one question, numbered as in the file; the student's own text."""

    question: str
    file: str
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Effort:
    """The cost of a question: seconds until its answers were there, and the process's largest memory so far, in bytes.

    The seconds are for reading only: a student's process may report more than passed. The memory includes the part
    that the process shares with the server it was forked from; it is 0 if the process had ended.
    """

    question: str
    seconds: float
    peak: int


class Status(StrEnum):
    """`problem`: the student's fault; `error`: ours; a wrong answer is neither. `missing`: nothing was handed in."""

    OK = "ok"
    PROBLEM = "problem"
    MISSING = "missing"
    ERROR = "error"


@dataclass(frozen=True)
class Result:
    """One student, graded. `questions` holds only what was graded, in the rubric's order."""

    student: str
    status: Status
    max_score: float
    seconds: float
    questions: tuple[QuestionResult, ...]
    fingerprint: str
    message: str | None = None
    excerpts: tuple[Excerpt, ...] = ()
    about: About = About()
    efforts: tuple[Effort, ...] = field(default=(), compare=False)
    """The cost of what was asked in this run; not stored."""
    standing: str = ""
    """`excuse`, `zero` or `hold` by a person, with a `remark` to the student; not stored, nor is what follows."""
    remark: str = ""
    requests: tuple[RegradeRequest, ...] = ()
    reviewed: bool = False
    stale: tuple[str, ...] = ()
    """Sentences on points that a person gave for an earlier result, and that still count."""

    @property
    def is_graded(self) -> bool:
        """Whether something was handed in and has a score."""
        return self.score is not None and self.status is not Status.MISSING

    @property
    def score(self) -> float | None:
        """The sum of the questions' scores; None if there is no grade."""
        if self.status is Status.ERROR:
            return None
        return round(sum(question.score for question in self.questions), 4)
