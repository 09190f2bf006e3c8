"""Makes the messages to a process: a submission's files in pieces, and a question's cases with their arrays."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.core.records import Array, Case
from autograder.sandbox import wire
from autograder.sandbox.protocol import case_seed

_CHUNK = 16 * 1024 * 1024


def hand_in(
    root: Path, changed: Mapping[str, bytes], files: Mapping[str, Path], preload: Sequence[str]
) -> Iterator[bytes]:
    """Yield everything below `root` in pieces, with the bytes in `changed` for its paths; then the list of files.

    `files` maps a module's name to its path, `preload` names modules to import at once.
    """
    for path in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
        name = str(path.relative_to(root))
        with io.BytesIO(changed[name]) if name in changed else open(path, "rb") as file:
            while True:
                data = file.read(_CHUNK)
                yield wire.encode({"type": "file", "path": name}, [np.frombuffer(data, np.uint8)])
                if len(data) < _CHUNK:
                    break
    modules = {name: str(path) for name, path in files.items()}
    yield wire.encode({"type": "ready", "files": modules, "preload": list(preload)})


def question(
    cases: Sequence[Case], stand_ins: Sequence[str | None], edits: Sequence[Sequence[int]]
) -> tuple[dict[str, Any], list[Array]]:
    """The cases as a header, and their arrays, to which the header points by number; a case sends its arrays once."""
    arrays: list[Array] = []
    entries: dict[int, dict[str, Any]] = {}
    for case in cases:
        if id(case) not in entries:
            places = {name: len(arrays) + at for at, name in enumerate(case.arrays)}
            arrays += case.arrays.values()
            entry = {"name": case.name, "probe": case.probe, "params": dict(case.params), "arrays": places}
            entries[id(case)] = {**entry, "seed": case_seed(case), "measured": case.measured}
    listed = [
        {**entries[id(case)], "stand_in": stand_in, "edits": list(numbers)}
        for case, stand_in, numbers in zip(cases, stand_ins, edits, strict=True)
    ]
    return {"cases": listed}, arrays
