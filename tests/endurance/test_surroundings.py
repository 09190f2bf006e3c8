"""Grades do not depend on the place of the output, the environment, the user, the folder or the place of the kit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.core.student_files import STUDENT_FILES
from tests.endurance.interrupted import in_terminal
from tests.endurance.killed import ROOT, differences
from tests.sample_class import write_sample_class

STREAMS = """\
import sys

print("grüße")
for stream in (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__):
    stream.reconfigure(encoding="utf-8")
    stream.isatty(), stream.fileno()
sys.stdout.write("…" * 100)
sys.stderr.flush()
"""
"""Lines by which students change the streams at the top of a file."""
WAYS = {
    "a pipe": '"${run[@]}" 2>&1 | cat',
    "a reader that leaves": '"${run[@]}" | head -c 1',
    "a file": '"${run[@]}" >"$TMP/out" 2>"$TMP/err"',
    "nowhere": '"${run[@]}" </dev/null >/dev/null 2>&1',
    "no output": '"${run[@]}" >&-',
    "no errors": '"${run[@]}" 2>&-',
    "no streams": '"${run[@]}" <&- >&- 2>&-',
    "nohup": 'cd "$TMP" && nohup "${run[@]}"',
    "cron": 'cd / && env -i HOME="$TMP" PATH=/usr/bin:/bin SHELL=/bin/sh LOGNAME=somebody "${run[@]}" </dev/null',
    "no language": 'env LC_ALL=C LANG=C PYTHONUTF8=0 PYTHONIOENCODING=ascii "${run[@]}"',
    "Turkish": 'env LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 "${run[@]}"',
    "a strict umask": 'umask 077; "${run[@]}"',
    "no umask": 'umask 000; "${run[@]}"',
}


@dataclass
class Baseline:
    """A class, and what it got with the output in a terminal."""

    folder: Path

    @property
    def of_class(self) -> Path:
        return self.folder / "class"

    def compare(self, output: Path) -> None:
        assert differences(self.folder / "grades", output) == []


@pytest.fixture(scope="module")
def baseline() -> Iterator[Baseline]:
    """Graded once, in a terminal; every user may read it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample_class(folder / "sample")
        for kind in ("perfect", "wrong-own-in-denominator", "exits-on-import"):
            shutil.copytree(folder / "sample" / kind, folder / "class" / kind)
        for file in STUDENT_FILES:
            path = folder / "class" / "perfect" / file
            future, _, rest = path.read_text().rpartition("from __future__ import annotations\n")
            path.write_text(f"{future}from __future__ import annotations\n{STREAMS}{rest}")
        with in_terminal(folder / "class", folder / "grades") as terminal:
            assert terminal.wait() == 0, terminal.shown.decode()
        assert "perfect,ok,70,70," in (folder / "grades" / "grades.csv").read_text()
        folder.chmod(0o755)
        yield Baseline(folder)


def grade(script: str, baseline: Baseline, folder: Path, cwd: Path = ROOT) -> Path:
    """Run a line of shell in which `run` is the command, and give the output folder."""
    output = folder / "grades"
    command = [sys.executable, "-m", "autograder", str(baseline.of_class), "--output", str(output), "--jobs", "1"]
    whole = f'set -o pipefail; run=("$@"); {script}'
    environment = {**os.environ, "TMP": str(folder)}
    done = subprocess.run(["bash", "-c", whole, "bash", *command], cwd=cwd, env=environment, capture_output=True)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    assert b"Traceback" not in done.stdout + done.stderr
    return output


@pytest.mark.parametrize("way", WAYS)
def test_grades_are_the_same(baseline: Baseline, tmp_path: Path, way: str) -> None:
    baseline.compare(grade(WAYS[way], baseline, tmp_path))


def test_grades_are_the_same_for_another_user(baseline: Baseline) -> None:
    if os.geteuid() or not (ROOT / ".venv").is_dir():
        pytest.skip("only root can become somebody else, with the interpreter in .venv")
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        baseline.compare(grade('tests/hostile/as_user.sh .venv/bin/python "${run[@]:1}"', baseline, Path(name)))


def test_grades_are_the_same_in_a_path_with_blanks(baseline: Baseline, tmp_path: Path) -> None:
    kit = tmp_path / "a kit of my own"
    for part in ("autograder", "assignment", "solutions"):
        shutil.copytree(ROOT / part, kit / part, ignore=shutil.ignore_patterns("__pycache__"))
    where = subprocess.run(
        [sys.executable, "-c", "import autograder; print(autograder.__file__)"], cwd=kit, capture_output=True, text=True
    )
    assert where.stdout.startswith(str(kit)), "the other copy of the kit is used"
    baseline.compare(grade('"${run[@]}"', baseline, tmp_path, kit))
