"""The repository as it would be with another variant, before anything is written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from autograder.reference.years import VARIANTS, switched

SETTINGS = "solutions/course.toml"


@contextmanager
def as_variant(root: Path, name: str | None) -> Iterator[tuple[Path, Mapping[str, bytes]]]:
    """Yield a folder to build from, and the `course.toml` to install with the rest; without a name, `root` itself.

    Until that is installed, nothing of `root` has changed.
    """
    if name is None:
        yield root, {}
        return
    chosen = switched(root / SETTINGS, root / "solutions" / VARIANTS, name)
    with tempfile.TemporaryDirectory(prefix="handout-") as folder:
        for path in root.iterdir():
            if path.name != "solutions" and not path.name.startswith("."):
                (Path(folder) / path.name).symlink_to(path)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / "solutions", Path(folder) / "solutions", ignore=ignored)
        (Path(folder) / SETTINGS).write_bytes(chosen)
        yield Path(folder), {SETTINGS: chosen}
