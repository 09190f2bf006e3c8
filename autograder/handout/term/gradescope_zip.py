"""The zip that an instructor uploads as Gradescope's autograder: the grading part, and the scripts that run it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.core.zips import stored_zip
from autograder.reference.frozen import PATH as FIXTURES

TORCH_LOCK = "requirements/torch.lock"
LOCKS = (TORCH_LOCK, "requirements/grade.lock")
"""The locks of `make grade`: packages that grading imports, and that student files may import."""
PATTERNS = (
    *("autograder/**/*.py", "autograder/core/rubric.json", f"{FIXTURES}/*.npz", "autograder/language/*.toml"),
    *("solutions/**/*.py", "assignment/**/*.py"),
)
STUDENTS = "assignment/"
LEFT_OUT = ("autograder/handout/", "autograder/gradebook/", "solutions/equivalents/")
SETUP = """#!/usr/bin/env bash
# Installs what grading needs into an environment of its own. Made by `handout gradescope`.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed: choose Ubuntu 24.04 as the base image." >&2
    exit 1
}
python3 -m venv /autograder/environment
cd /autograder/source
@INSTALL@
"""
INSTALL = "/autograder/environment/bin/pip install --no-cache-dir --no-deps"
RUN = """#!/usr/bin/env bash
# Grades one submission. Made by `handout gradescope`.
cd "${AUTOGRADER_SOURCE:-/autograder/source}"
exec "${AUTOGRADER_PYTHON:-/autograder/environment/bin/python}" -m autograder.gradescope@FLAGS@ "$@"
"""


def gradescope_zip(
    root: Path, torch_index: str | None, leaderboard: bool, sandbox: bool, made: Mapping[str, bytes] | None = None
) -> bytes:
    """The zip, byte for byte the same for the same tree.

    `made` are the files that a build is about to write: they replace those generated before.
    """
    files = {path: (root / path).read_bytes() for path in _needed(root)}
    if made is not None:
        files = {path: content for path, content in files.items() if not path.startswith(STUDENTS)}
        files |= {path: made[path] for path in made if path.startswith("autograder/")}
        files |= {path: made[path] for path in made if path.startswith(STUDENTS) and path.endswith(".py")}
    files |= {name: (root / name).read_bytes() for name in LOCKS}
    files["setup.sh"] = SETUP.replace("@INSTALL@", _install(files[TORCH_LOCK].decode(), torch_index)).encode()
    flags = " --leaderboard" * leaderboard + " --no-sandbox" * (not sandbox)
    files["run_autograder"] = RUN.replace("@FLAGS@", flags).encode()
    return stored_zip(files, executable=("setup.sh", "run_autograder"))


def _install(lock: str, torch_index: str | None) -> str:
    """The lines that install the locks; another index has another build of PyTorch, with hashes of its own."""
    locks = LOCKS if torch_index is None else [name for name in LOCKS if name != TORCH_LOCK]
    locked = f"{INSTALL} --require-hashes {' '.join(f'--requirement {name}' for name in locks)}"
    if torch_index is None:
        return locked
    pins = re.findall(r"^torch(?:vision)?==[\w.]+", lock, re.MULTILINE)
    return f"PIP_INDEX_URL={shlex.quote(torch_index)} {INSTALL} {' '.join(pins)}\n{locked}"


def _needed(root: Path) -> Iterator[str]:
    """Yield the files that grading needs, also those that git does not know yet; no other files that lie around."""
    for pattern in PATTERNS:
        for path in root.glob(pattern):
            name = path.relative_to(root).as_posix()
            if path.is_file() and not name.startswith(LEFT_OUT) and "__pycache__" not in path.parts:
                yield name
