"""Opens the reference, which answers the public cases as it answers the hidden ones when grading."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from autograder.cases import common_cases, public_cases
from autograder.core.errors import AutograderError, WorkerLost
from autograder.core.records import STUDENT_FILES, Case, Variant
from autograder.core.settings import Limits
from autograder.diagnose.compositions import compositions
from autograder.handout.build import Inputs, rubric_of, variants_of
from autograder.handout.files.annotations import BONUS_ID
from autograder.handout.files.mistake_rows import KnownMistake
from autograder.reference.catalogue import read_stand_ins
from autograder.reference.complete import demand_complete
from autograder.reference.process import Reference, not_started
from autograder.reference.variants import as_asked, in_words, turned
from autograder.sandbox.client import Server


@contextlib.contextmanager
def reference_inputs(root: Path) -> Iterator[Inputs]:
    """Yield public cases and the reference that answers them, for the time of the context.

    The reference is ours and is not confined, so that a build also works on machines without the sandbox.
    """
    solutions = root / "solutions"
    _demand_python(solutions)
    demand_complete(root, rubric_of(root).graded)
    variant = variants_of(root)[0]

    def asked(question: str) -> tuple[Case, ...]:
        return tuple(as_asked(case, variant) for case in public_cases(question))

    try:
        with (
            Server(solutions, sandbox=False) as server,
            contextlib.closing(Reference(server, solutions, Limits(), variant)) as reference,
        ):
            yield Inputs(asked, reference, _mistakes(solutions / "mistakes", variant, asked), common_cases)
    except WorkerLost as error:
        raise not_started(error) from error


def _demand_python(solutions: Path) -> None:
    """Raise AutograderError, with the line, for a student file that is not Python."""
    for file in STUDENT_FILES:
        try:
            ast.parse((solutions / file).read_bytes())
        except OSError:
            continue  # a missing file is reported when it is read
        except SyntaxError as error:
            problem = f"solutions/{file}, line {error.lineno}: {error.msg}."
            raise AutograderError(problem, "Mend it, then build again.") from error


def _mistakes(folder: Path, variant: Variant, asked: Callable[[str], Sequence[Case]]) -> dict[str, list[KnownMistake]]:
    """The catalogue by question for public inputs; of combined faults only the common pairs of a core question, because
    students download it."""
    known: dict[str, list[KnownMistake]] = {}
    alone = read_stand_ins(folder)
    said = {(fault.question, fault.name): fault.phrase for fault in alone if fault.stage}
    questions = dict.fromkeys(mistake.question for mistake in alone)
    core = [question for question in questions if not BONUS_ID.fullmatch(question)]
    pairs = [pair for question in core for pair in compositions(folder, question) if pair.size == 2 and pair.common]
    made = [(mistake.question, KnownMistake(mistake.key, mistake.hint)) for mistake in alone]
    for pair in pairs:
        phrases = tuple(said[pair.question, name] for name in pair.combines)
        made.append((pair.question, KnownMistake(pair.key, phrases=phrases)))
    turn = partial(in_words, variant=variant)
    for question, mistake in made:
        known.setdefault(question, []).append(mistake.said(turn, turn) if turned(asked(question)) else mistake)
    return known
