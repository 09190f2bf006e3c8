"""The reference as a source of expected answers: it runs in a sandboxed process of its own, which is kept alive."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.core.errors import AutograderError, WorkerLost
from autograder.core.records import STUDENT_FILES, Answer, Case, Question, Variant
from autograder.core.settings import Limits
from autograder.reference.kept import Kept
from autograder.reference.variants import as_written
from autograder.sandbox.client import Server
from autograder.sandbox.session import Session

_AT_ONCE = 256
"""The number of calls that are sent together."""
WRITTEN = Variant()
"""The variant that is written in `solutions/`."""
STAND_INS = ("mistakes", "equivalents")
_MODULES = tuple(file.removesuffix(".py") for file in STUDENT_FILES)


def not_started(lost: WorkerLost) -> AutograderError:
    """The error if the reference's process ended at once: its last line says why."""
    said = str(lost).strip().splitlines()[-1].rpartition("ImportError: ")[2]
    return AutograderError(f"The reference could not be started: {said}.", "Look for errors in solutions/.")


class Reference:
    """Answers cases as the reference, or as the reference with one function replaced by a stand-in.

    A stand-in is named by folder, file and function: `mistakes/contrastive/own_similarity_kept`. Answers are kept, for
    all references next to servers of one zygote.
    """

    def __init__(self, server: Server, solutions: Path, limits: Limits, asked: Variant = WRITTEN) -> None:
        """`asked` is the variant whose constants are used; cases of any variant are accepted."""
        self.kept: Kept = server.shared.setdefault(f"answers of {solutions}", Kept())
        self._server = server
        self._solutions = solutions
        self._limits = limits
        self._asked = asked
        self._right = self._open(())
        self._with_stand_ins: Session | None = None

    def _open(self, folders: Sequence[str]) -> Session:
        """Start a process that has imported the reference, and the stand-ins in some folders."""
        stand_ins = [path for folder in folders for path in sorted((self._solutions / folder).glob("*.py"))]
        preload = [*_MODULES, *(f"{path.parent.name}.{path.stem}" for path in stand_ins if path.stem != "__init__")]
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "reference"
            left_out = [folder for folder in STAND_INS if folder not in folders]
            ignored = shutil.ignore_patterns("__pycache__", "*.ipynb", "*.toml", *left_out)
            shutil.copytree(self._solutions, root, ignore=ignored)
            files = {name: Path(f"{name}.py") for name in _MODULES}
            return Session(self._server, root, files, self._limits, questions=10**6, preload=preload)

    def _session(self, stand_ins: Sequence[str | None]) -> Session:
        """The process for these stand-ins, started when first needed: a class without mistakes never needs one."""
        if not any(stand_ins):
            return self._right
        if self._with_stand_ins is None:
            self._with_stand_ins = self._open(STAND_INS)
        return self._with_stand_ins

    def answers(
        self, question: Question, cases: Sequence[Case], stand_in: str | None = None, threads: int = 1
    ) -> list[Answer]:
        """The answer to each case, in order; a reference that cannot run is an AutograderError."""
        asked = [as_written(case, self._asked) for case in cases]
        return self._answers(question, asked, [stand_in] * len(asked), threads)

    def many(self, question: Question, case: Case, stand_ins: Sequence[str]) -> list[Answer]:
        """The answers of several stand-ins to one case, in order."""
        asked = as_written(case, self._asked)
        return self._answers(question, [asked] * len(stand_ins), stand_ins, 1)

    def _answers(
        self, question: Question, cases: Sequence[Case], stand_ins: Sequence[str | None], threads: int
    ) -> list[Answer]:
        keys = [(case.digest, stand_in, threads) for case, stand_in in zip(cases, stand_ins, strict=True)]
        found = {key: answer for key in keys if (answer := self.kept.answer(key)) is not None}
        for part in question.parts:
            new = [
                (key, case)
                for key, case in zip(keys, cases, strict=True)
                if key not in found and (case.file or question.file) == part.file
            ]
            for at in range(0, len(new), _AT_ONCE):
                some = new[at : at + _AT_ONCE]
                answers = self._ask(part, [case for _, case in some], [key[1] for key, _ in some], threads)
                found |= {key: answer for (key, _), answer in zip(some, answers, strict=True)}
                self.kept.keep({key: found[key] for key, _ in some})
        return [found[key] for key in keys]

    def _ask(
        self, question: Question, cases: Sequence[Case], stand_ins: Sequence[str | None], threads: int
    ) -> Sequence[Answer]:
        outcome = self._session(stand_ins).ask(question, cases, stand_ins, threads)
        trouble = outcome.failed or outcome.died
        if trouble is not None:
            problem = f"Question {question.id}: solutions/{question.file} cannot be run: {trouble.message}"
            raise AutograderError(problem, trouble.trace or "Import it by hand to see why.")
        return outcome.answers

    def close(self) -> None:
        """End the processes."""
        self._right.close()
        if self._with_stand_ins is not None:
            self._with_stand_ins.close()
