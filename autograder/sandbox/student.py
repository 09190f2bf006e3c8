"""Gets answers out of one submission, however it dies: a question that kills its process costs that question only."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.records import Answer, Calls, Case, CodeError, Question
from autograder.sandbox.client import Server
from autograder.sandbox.protocol import Outcome
from autograder.sandbox.session import Session
from autograder.settings import Limits

_IMPORT = re.compile(
    rb"^(?:import|from) (torchvision|torch\.utils\.tensorboard|sklearn|matplotlib|tqdm)\b", re.MULTILINE
)


@dataclass(frozen=True)
class Answered:
    """One question's answers, a case each; `alone` when nothing else had run in that process before."""

    question: Question
    answers: tuple[Answer, ...]
    alone: bool
    seconds: float = 0.0
    peak: int = 0
    """Bytes of memory that the process has had at most."""


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
    ) -> None:
        self._server = server
        self._root = root
        self._files = files
        self._problems = problems
        self._limits = limits
        self._calls = calls
        self._broken: set[str] = set()
        """Student files that end the process when they are imported: the skeleton stands in for them elsewhere."""

    def answer(self, asked: Sequence[tuple[Question, Sequence[Case]]]) -> Iterator[Answered]:
        """Answer the questions in order in one process, going on in a fresh one where it died."""
        session: Session | None = None
        try:
            for at, (question, cases) in enumerate(asked):
                if question.module in self._problems:
                    error = CodeError("missing", self._problems[question.module])
                    yield Answered(question, _fill((), cases, error), alone=True)
                    continue
                start = time.perf_counter()
                alone = session is None or not session.alive
                if session is None or not session.alive:
                    session = self._open(asked[at:])
                outcome = session.collect(question, cases)
                while outcome.importing is not None and outcome.importing != question.module:
                    # Another file of the five ended the process while this question's file imported it.
                    self._broken.add(outcome.importing)
                    session, alone = self._open(asked[at:]), True
                    outcome = session.collect(question, cases)
                answers = _complete(question, outcome, cases, self._broken)
                # Questions are asked ahead: while one is judged, the process may have answered the next.
                seconds = max(time.perf_counter() - start, sum(answer.seconds for answer in outcome.answers))
                yield Answered(question, answers, alone, seconds, session.peak())
        finally:
            if session is not None:
                session.close()

    def _open(self, asked: Sequence[tuple[Question, Sequence[Case]]]) -> Session:
        """A fresh process that has been asked all that is left."""
        for name in sorted(_imported_libraries(self._root) - self._server.warm):
            self._server.warm.add(name)
            self._server.request({"do": "import", "name": name})
        session = Session(
            self._server, self._root, self._files, self._limits, questions=len(asked) + 1, calls=self._calls
        )
        for question, cases in asked:
            if question.module not in self._problems:
                session.post(question, cases, frozenset(self._broken - {question.module}))
        return session


def _imported_libraries(root: Path) -> set[str]:
    """Which slow libraries the files import as they are imported themselves: worth having before the fork."""
    text = b"\n".join(path.read_bytes() for path in sorted(root.rglob("*.py")) if path.is_file())
    return {found.decode() for found in _IMPORT.findall(text)}


def _complete(question: Question, outcome: Outcome, cases: Sequence[Case], broken: set[str]) -> tuple[Answer, ...]:
    if outcome.importing == question.module:
        broken.add(question.module)
    error = outcome.failed or outcome.died
    return outcome.answers if error is None else _fill(outcome.answers, cases, error)


def _fill(answers: tuple[Answer, ...], cases: Sequence[Case], error: CodeError) -> tuple[Answer, ...]:
    """The answers that came, and the error for every case after them."""
    return answers + tuple(Answer(case.name, error=error) for case in cases[len(answers) :])
