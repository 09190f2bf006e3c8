"""Gets answers out of one submission, even if it dies: a question that ends its process costs only that question."""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from autograder.core.records import Answer, Calls, Case, CodeError, Question
from autograder.core.settings import CELLS, Limits
from autograder.sandbox.client import Server
from autograder.sandbox.protocol import Outcome
from autograder.sandbox.session import Session

_SLOW: dict[str, tuple[str, ...]] = {
    "torchvision": ("torchvision",),
    "tensorboard": ("torch.utils.tensorboard",),
    "sklearn": ("sklearn.neighbors", "sklearn.metrics", "sklearn.manifold"),
    "matplotlib": ("matplotlib.pyplot",),
    "PIL": ("PIL.Image",),
    "seaborn": ("seaborn",),
    "tqdm": ("tqdm.auto",),
    **{name: (name,) for name in ("pandas", "scipy", "cv2", "timm", "lightly", "wandb", "transformers")},
}
"""Libraries that take long to import, each with the modules to import before the fork."""
_IMPORT = re.compile(rb"^[ \t]*(?:import|from)[ \t]+(?:torch\.utils\.)?(\w+)", re.MULTILINE)
_MOST_CODE = 1024 * 1024
"""The most bytes of a file in which imports are searched."""


Asked: TypeAlias = tuple[Question, Sequence[Case]]
"""A question and its cases."""


def in_parts(question: Question, cases: Sequence[Case]) -> list[Asked]:
    """Sort a question's cases by the file that they call: `Case.file`, or the question's first."""
    return [(part, [case for case in cases if (case.file or question.file) == part.file]) for part in question.parts]


@dataclass(frozen=True)
class Answered:
    """One question's answers, one per case, file by file; `alone` if nothing had run in that process before."""

    question: Question
    answers: tuple[Answer, ...]
    alone: bool
    seconds: float = 0.0
    peak: int = 0
    """The most memory that the process has had, in bytes."""
    notes: tuple[str, ...] = ()
    """Sentences for the student on what was passed over."""


class Student:
    """One submission in the sandbox. `problems` names the student files that are not there, with the reason."""

    def __init__(
        self,
        server: Server,
        root: Path,
        files: Mapping[str, Path],
        problems: Mapping[str, str],
        limits: Limits,
        calls: Calls = (),
        changed: Mapping[str, bytes] | None = None,
        left: dict[str, int] | None = None,
    ) -> None:
        self._server = server
        self._root = root
        self._files = files
        self._problems = problems
        self._limits = limits
        self._calls = calls
        self._changed = changed
        self.left = {} if left is None else left
        """Student files whose import was given up at the limit, each with the line of the statement that it was at."""
        self._broken: set[str] = set()
        """Student files whose import ends the process: for other questions the skeleton stands in for them."""
        self._stuck: dict[str, CodeError] = {}
        """Student files whose import takes all of the time: each is waited for only once."""

    def answer(self, asked: Sequence[Asked]) -> Iterator[Answered]:
        """Answer the questions in order in one process, and go on in a fresh one if it dies."""
        by_question = [(question, [part for part in in_parts(question, cases) if part[1]]) for question, cases in asked]
        with closing(self._by_part([part for _, parts in by_question for part in parts])) as answered:
            for question, parts in by_question:
                yield _whole(question, list(islice(answered, len(parts))))

    def _by_part(self, asked: Sequence[Asked]) -> Generator[Answered]:
        """The same for questions of one file each."""
        session: Session | None = None
        try:
            for at, (question, cases) in enumerate(asked):
                fresh = session is None or not session.alive
                if (error := self._hopeless(question, fresh)) is not None:
                    yield Answered(question, _fill((), cases, error), alone=True)
                    continue
                start = time.perf_counter()
                alone = fresh or question.module in self._stuck
                if session is None or not session.alive:
                    session = self._open(asked[at:])
                outcome = session.collect(question, cases)
                while outcome.importing is not None and outcome.importing != question.module:
                    # Another file of the five ended the process while this question's file imported it.
                    self._broken.add(outcome.importing)
                    session, alone = self._open(asked[at:]), True
                    outcome = session.collect(question, cases)
                answers = self._complete(question, outcome, cases)
                # Questions are asked ahead: while one is judged, the process may have answered the next.
                seconds = max(time.perf_counter() - start, sum(answer.seconds for answer in outcome.answers))
                yield Answered(question, answers, alone, seconds, session.process.peak(), outcome.notes)
        finally:
            if session is not None:
                session.close()

    def _hopeless(self, question: Question, fresh: bool) -> CodeError | None:
        """The reason why a question need not be asked at all, or not in a fresh process; None if it must be."""
        if question.module in self._problems:
            return CodeError("missing", self._problems[question.module])
        return self._stuck.get(question.module) if fresh else None

    def _complete(self, question: Question, outcome: Outcome, cases: Sequence[Case]) -> tuple[Answer, ...]:
        """Give every case an answer; remember an error that keeps other questions of the file from being asked."""
        error = outcome.failed or outcome.died
        if outcome.importing == question.module:
            self._broken.add(question.module)
        if error is None:
            return outcome.answers
        if error.kind == "timeout" and (outcome.failed or outcome.importing == question.module):
            self._stuck.setdefault(question.module, error)
        elif outcome.failed:
            error = self._stuck.get(question.module, error)
        return _fill(outcome.answers, cases, error)

    def _open(self, asked: Sequence[Asked]) -> Session:
        """Start a fresh process and ask it everything that is left."""
        session = self.session(self._limits, len(asked) + 1)
        for question, cases in asked:
            if self._hopeless(question, fresh=True) is None:
                session.post(question, cases, frozenset(self._broken - {question.module}))
        return session

    def session(self, limits: Limits, questions: int) -> Session:
        """Start a fresh process and ask it nothing."""
        for library in sorted(_imported_libraries(self._root)):
            self._server.import_library(library, _SLOW[library])
        # A shorter limit says nothing about the whole one: what is given up then is not kept.
        left = self.left if limits == self._limits else dict(self.left)
        calls, changed = self._calls, self._changed
        return Session(self._server, self._root, self._files, limits, questions, (), calls, changed, left)


def _whole(question: Question, parts: Sequence[Answered]) -> Answered:
    """The answers to one question of several files."""
    answers = tuple(answer for part in parts for answer in part.answers)
    notes = tuple(note for part in parts for note in part.notes)
    seconds, peak = sum(part.seconds for part in parts), max((part.peak for part in parts), default=0)
    return Answered(question, answers, all(part.alone for part in parts), seconds, peak, notes)


def _imported_libraries(root: Path) -> set[str]:
    """The slow libraries that the files name in an import."""
    found: set[str] = set()
    for path in sorted(path for path in root.rglob("*") if path.suffix in (".py", CELLS) and path.is_file()):
        with open(path, "rb") as file:
            code = file.read(_MOST_CODE)
        if path.suffix == CELLS:
            code = code.replace(b"\\n", b"\n").replace(b'"', b"\n")
        found |= {name.decode() for name in _IMPORT.findall(code)}
    return found & _SLOW.keys()


def _fill(answers: tuple[Answer, ...], cases: Sequence[Case], error: CodeError) -> tuple[Answer, ...]:
    """The answers that came, and the error for every case after them."""
    return answers + tuple(Answer(case.name, error=error) for case in cases[len(answers) :])
