"""Repeats a run with the reference, in a process of its own with capped time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.core.settings import ROOT, SOLUTIONS
from autograder.runs.handed import LOG, Rows, read_rows

WALL_SECONDS = 600.0
"""Of a repetition on a busy machine; its CPU time has a limit of its own."""


class CannotRepeat(Exception):
    """The repetition did not end as a run does; the text says why."""


def repeated(flags: Sequence[str]) -> Rows:
    """The log of `main.py` of the reference with these flags, on one thread; raises CannotRepeat.

    The flags are read by the kit's own parser. The run writes into a folder that is deleted afterwards.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
        own = [f"--exp_dir={folder}", f"--data_root={folder}", "--device=cpu", "--print_freq=1000000"]
        command = [sys.executable, "-m", "autograder.runs", str(SOLUTIONS), *flags, *own]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=WALL_SECONDS, check=False
            )
            if done.returncode:
                last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
                raise CannotRepeat(last[0] if done.returncode > 0 and last else "it took too long")
            return read_rows((Path(folder) / LOG).read_bytes())
        except subprocess.TimeoutExpired as error:
            raise CannotRepeat("it took too long") from error
        except (ValueError, OSError) as error:
            raise CannotRepeat(str(error)) from error
