"""Writes the locks of this folder from pyproject.toml: `make lock`, which brings uv along.

Versions stay as they are where pyproject.toml lets them; to take newer ones, delete them from the locks first. PyTorch
and what only its CUDA build needs are a lock of their own, so that another build can take their place.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from itertools import filterfalse
from pathlib import Path

HERE = Path(__file__).parent
PYPROJECT = HERE.parent / "pyproject.toml"
TORCH = re.compile(r"torch==|torchvision==|triton==|cuda-|nvidia-")
LOCKS = {
    "torch": "PyTorch, and the CUDA that its build for GPUs needs.",
    "grade": "What `make grade` installs beside torch.lock.",
    "test": "What `make test` installs beside torch.lock: all extras, and what the tests need.",
}


def compiled(*options: str) -> list[str]:
    """The pins, each a block of lines with its hashes; versions are those of the locks that are there."""
    oldest = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["requires-python"].removeprefix(">=")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "all.lock"
        output.write_text("".join((HERE / f"{name}.lock").read_text("utf-8") for name in ("torch", "test")), "utf-8")
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", oldest]
        command += ["--generate-hashes", "--no-header", "--annotation-style", "line", "--output-file", str(output)]
        subprocess.run([*command, *options, PYPROJECT.name], cwd=PYPROJECT.parent, check=True)
        return re.split(r"(?m)^(?=[a-z])", output.read_text("utf-8").replace(" (pyproject.toml)", ""))[1:]


def write(name: str, pins: Iterable[str]) -> None:
    """Write one lock."""
    (HERE / f"{name}.lock").write_text(f"# {LOCKS[name]} Made by `make lock`.\n{''.join(pins)}", "utf-8")


def main() -> int:
    """Write the locks; what grading needs has the versions that everything has."""
    everything = compiled("--all-extras", "--group", "dev")
    write("torch", filter(TORCH.match, everything))
    write("test", filterfalse(TORCH.match, everything))
    write("grade", filterfalse(TORCH.match, compiled()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
