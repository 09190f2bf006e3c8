"""The zip that an instructor uploads as Gradescope's autograder: the grading part, and what sets it up and runs it."""

from __future__ import annotations

import io
import shlex
import subprocess
import zipfile
from pathlib import Path

from autograder.errors import AutograderError
from autograder.frozen import EARLIEST
from autograder.frozen import PATH as FIXTURES

NEEDED = ("torch", "torchvision", "numpy", "pyyaml", "zstandard", "scikit-learn", "matplotlib", "tensorboard")
"""What the grading part imports, and what student files may."""
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
@INDEX@/autograder/environment/bin/pip install --no-cache-dir --constraint requirements.lock @PACKAGES@
"""
RUN = """#!/usr/bin/env bash
# Grades one submission. Made by `handout gradescope`.
cd "${AUTOGRADER_SOURCE:-/autograder/source}"
exec "${AUTOGRADER_PYTHON:-/autograder/environment/bin/python}" -m autograder.gradescope@FLAGS@ "$@"
"""


def gradescope_zip(root: Path, torch_index: str | None, leaderboard: bool, sandbox: bool) -> bytes:
    """The zip, byte for byte the same for the same tree. Raises AutograderError outside a git checkout."""
    files = {path: (root / path).read_bytes() for path in _tracked(root)}
    if not files:
        hint = "Run it in a clone of the repository."
        raise AutograderError("The files to hand over are not known, because this is no git checkout.", hint)
    index = f"export PIP_EXTRA_INDEX_URL={shlex.quote(torch_index)}\n" if torch_index else ""
    files["requirements.lock"] = (root / "requirements.lock").read_bytes()
    files["setup.sh"] = SETUP.replace("@INDEX@", index).replace("@PACKAGES@", " ".join(NEEDED)).encode()
    flags = " --leaderboard" * leaderboard + " --no-sandbox" * (not sandbox)
    files["run_autograder"] = RUN.replace("@FLAGS@", flags).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system = 3
            executable = name in ("setup.sh", "run_autograder")
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _tracked(root: Path) -> list[str]:
    """The files that grading needs, of those that git knows: nothing that merely lies around is handed over."""
    patterns = (
        "autograder/*.py",
        "autograder/rubric.json",
        f"{FIXTURES}/*.npz",
        "autograder/language/*.toml",
        "solutions/*.py",
        "assignment/*.py",
    )
    done = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=root, capture_output=True, text=True)
    return [name for name in done.stdout.split("\0") if name and not name.startswith(LEFT_OUT)]
