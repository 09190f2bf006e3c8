"""The reference solution as a source of expected answers: it runs in a sandboxed process of its own, kept alive."""

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
"""Calls that are sent together."""
WRITTEN = Variant()
"""The assignment as `solutions/` has it."""
VARIANTS = ("mistakes", "equivalents")
_MODULES = tuple(file.removesuffix(".py") for file in STUDENT_FILES)

Part = tuple[Question, tuple[Case, ...]]
"""What of a question is asked of one file."""


def in_parts(question: Question, cases: Sequence[Case]) -> list[Part]:
    """The cases by the file that they call: `Case.file`, or the question's first."""
    return [
        (part, tuple(case for case in cases if (case.file or question.file) == part.file)) for part in question.parts
    ]


def not_started(lost: WorkerLost) -> AutograderError:
    """What to tell where the reference's process ended at once: its last line says why."""
    said = str(lost).strip().splitlines()[-1].rpartition("ImportError: ")[2]
    return AutograderError(f"The reference could not be started: {said}.", "Look for errors in solutions/.")


class Reference:
    """Answers cases as the reference, or as the reference with one function replaced by a variant.

    A variant is named by folder, file and function: `mistakes/contrastive/own_similarity_kept`. Answers are kept, for
    all references beside servers of one zygote.
    """

    def __init__(self, server: Server, solutions: Path, limits: Limits, asked: Variant = WRITTEN) -> None:
        """`asked` is the variant whose constants count; cases of any variant are understood."""
        self.kept: Kept = server.shared.setdefault(f"answers of {solutions}", Kept())
        self._server = server
        self._solutions = solutions
        self._limits = limits
        self._asked = asked
        self._right = self._open(())
        self._variants: Session | None = None

    def _open(self, folders: Sequence[str]) -> Session:
        """A process that has imported the reference, and the variants in some folders."""
        variants = [path for folder in folders for path in sorted((self._solutions / folder).glob("*.py"))]
        preload = [*_MODULES, *(f"{path.parent.name}.{path.stem}" for path in variants if path.stem != "__init__")]
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "reference"
            left_out = [folder for folder in VARIANTS if folder not in folders]
            ignored = shutil.ignore_patterns("__pycache__", "*.ipynb", "*.toml", *left_out)
            shutil.copytree(self._solutions, root, ignore=ignored)
            files = {name: Path(f"{name}.py") for name in _MODULES}
            return Session(self._server, root, files, self._limits, questions=10**6, preload=preload)

    def _session(self, variants: Sequence[str | None]) -> Session:
        """Most classes need a variant sooner or later, and a class without mistakes never does."""
        if not any(variants):
            return self._right
        if self._variants is None:
            self._variants = self._open(VARIANTS)
        return self._variants

    def answers(
        self, question: Question, cases: Sequence[Case], variant: str | None = None, threads: int = 1
    ) -> list[Answer]:
        """The answer to each case, in order; a reference that can not run is an AutograderError."""
        asked = [as_written(case, self._asked) for case in cases]
        return self._answers(question, asked, [variant] * len(asked), threads)

    def many(self, question: Question, case: Case, variants: Sequence[str]) -> list[Answer]:
        """The answers of several variants to one case, in order."""
        asked = as_written(case, self._asked)
        return self._answers(question, [asked] * len(variants), variants, 1)

    def _answers(
        self, question: Question, cases: Sequence[Case], variants: Sequence[str | None], threads: int
    ) -> list[Answer]:
        keys = [(case.digest, variant, threads) for case, variant in zip(cases, variants, strict=True)]
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
        self, question: Question, cases: Sequence[Case], variants: Sequence[str | None], threads: int
    ) -> Sequence[Answer]:
        outcome = self._session(variants).ask(question, cases, variants, threads)
        trouble = outcome.failed or outcome.died
        if trouble is not None:
            problem = f"Question {question.id}: solutions/{question.file} can not be run: {trouble.message}"
            raise AutograderError(problem, trouble.trace or "Import it by hand to see why.")
        return outcome.answers

    def close(self) -> None:
        """End the processes."""
        self._right.close()
        if self._variants is not None:
            self._variants.close()
