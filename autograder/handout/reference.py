"""Opens the reference, which answers the public cases just as it answers the hidden ones when grading."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from autograder.cases import public_cases
from autograder.diagnose.catalogue import read_variants
from autograder.errors import AutograderError, WorkerLost
from autograder.handout.build import Inputs
from autograder.handout.public_checks import KnownMistake
from autograder.reference import Reference
from autograder.sandbox.client import Server
from autograder.settings import Limits


@contextlib.contextmanager
def reference_inputs(root: Path) -> Iterator[Inputs]:
    """Public cases and the reference that answers them, for as long as the context lasts.

    The reference is ours and is not confined, so that a build also works where the sandbox does not.
    """
    solutions = root / "solutions"
    try:
        with (
            Server(solutions, sandbox=False) as server,
            contextlib.closing(Reference(server, solutions, Limits())) as reference,
        ):
            yield Inputs(public_cases, reference, _mistakes(solutions / "mistakes"))
    except WorkerLost as error:
        raise AutograderError(
            f"The reference could not be started: {error}.", "Look for errors in solutions/."
        ) from error


def _mistakes(folder: Path) -> dict[str, list[KnownMistake]]:
    """The catalogue by question, as far as public inputs are concerned."""
    known: dict[str, list[KnownMistake]] = {}
    for variant in read_variants(folder):
        known.setdefault(variant.question, []).append(KnownMistake(variant.key, variant.hint))
    return known
