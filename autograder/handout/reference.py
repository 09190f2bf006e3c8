"""Opens the reference, which answers the public cases just as it answers the hidden ones when grading."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from autograder.cases import public_cases
from autograder.complete import demand_complete
from autograder.diagnose.catalogue import read_variants
from autograder.errors import AutograderError, WorkerLost
from autograder.handout.build import Inputs, rubric_of, variants_of
from autograder.handout.public_checks import KnownMistake
from autograder.records import Case, Variant
from autograder.reference import Reference
from autograder.sandbox.client import Server
from autograder.settings import Limits
from autograder.variants import as_asked, in_words


@contextlib.contextmanager
def reference_inputs(root: Path) -> Iterator[Inputs]:
    """Public cases and the reference that answers them, for as long as the context lasts.

    The reference is ours and is not confined, so that a build also works where the sandbox does not.
    """
    solutions = root / "solutions"
    demand_complete(root, rubric_of(root).graded)
    variant = variants_of(root)[0]

    def asked(question: str) -> tuple[Case, ...]:
        return tuple(as_asked(case, variant) for case in public_cases(question))

    try:
        with (
            Server(solutions, sandbox=False) as server,
            contextlib.closing(Reference(server, solutions, Limits(), variant)) as reference,
        ):
            yield Inputs(asked, reference, _mistakes(solutions / "mistakes", variant, asked))
    except WorkerLost as error:
        raise AutograderError(
            f"The reference could not be started: {error}.", "Look for errors in solutions/."
        ) from error


def _mistakes(folder: Path, variant: Variant, asked: Callable[[str], Sequence[Case]]) -> dict[str, list[KnownMistake]]:
    """The catalogue by question, as far as public inputs are concerned."""
    known: dict[str, list[KnownMistake]] = {}
    for mistake in read_variants(folder):
        turned = any(case.mirrored for case in asked(mistake.question))
        hint = in_words(mistake.hint, variant) if turned else mistake.hint
        known.setdefault(mistake.question, []).append(KnownMistake(mistake.key, hint))
    return known
