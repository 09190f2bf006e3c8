"""`python -m tests.hostile`: what each layer of the sandbox is for, as the table in `autograder/sandbox/README.md`.

Every attack that reaches for a canary is tried with all layers in force and with each of them switched off in turn.
What several layers stop is reached in no column: never are all of them off, since an attack then does what it says.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.hostile.harness import REACHES, open_stage
from tests.hostile.weakened import SWITCHES

COLUMNS = (None, *SWITCHES)


def main() -> None:
    """Print one row of Markdown for each attack that some layer stops, and name the others."""
    os.environ["AUTOGRADE_SECRET"] = "the canary sings"
    reached = {layer: _reached(layer) for layer in COLUMNS}
    print("| Attack | " + " | ".join("all layers" if layer is None else f"no {layer}" for layer in COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for name in REACHES:
        marks = ["**reached**" if name in reached[layer] else "" for layer in COLUMNS]
        if any(marks):
            print(f"| {name} | " + " | ".join(marks) + " |")
    never = [name for name in REACHES if not any(name in found for found in reached.values())]
    print(f"\nReached in none of these: {', '.join(never)}.")


def _reached(layer: str | None) -> set[str]:
    """The attacks that get through without this layer."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, open_stage(Path(folder), layer) as stage:
        found = set()
        for name, statement in REACHES.items():
            stage.secret.unlink(missing_ok=True)
            stage.restore()
            if stage.reaches(statement):
                found.add(name)
        return found


if __name__ == "__main__":
    main()
