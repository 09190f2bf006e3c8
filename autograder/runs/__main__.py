"""The process that repeats a run: `python -m autograder.runs SOLUTIONS FLAGS`. It runs the reference alone."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.core.settings import Limits
from autograder.sandbox.confine import limit_resources, mapped_bytes, open_statm


def main(solutions: Path, flags: Sequence[str]) -> int:
    """Train as the flags say, within the limits of one question; returns the exit status."""
    sys.path.insert(0, str(solutions))
    statm = open_statm()
    engine, script = (importlib.import_module(name) for name in ("ssl_kit.engine", "main"))
    limit_resources(Limits(), 1, mapped_bytes(statm))
    return int(engine.run_script(lambda _: script.main(flags)))


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2:]))
