"""Opens the reference, which answers the public cases just as it answers the hidden ones when grading."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from autograder.cases import public_cases
from autograder.errors import AutograderError, WorkerLost
from autograder.handout.build import Inputs
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
        with Server(solutions, sandbox=False) as server:
            yield Inputs(public_cases, Reference(server, solutions, Limits()), {})
    except WorkerLost as error:
        raise AutograderError(
            f"The reference could not be started: {error}.", "Look for errors in solutions/."
        ) from error
