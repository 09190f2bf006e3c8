"""`pytest autograder/checks --submission`: the pipeline's outcomes, in pytest's own words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.sample_class import RIGHT, ROOT, hand_in


def suite(folder: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "autograder/checks"]
    done = subprocess.run([*command, f"--submission={folder}"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_no_answer_is_skipped_and_one_reason_is_told_once(tmp_path: Path) -> None:
    hand_in(tmp_path / "student", RIGHT | {"2": "return len(labels", "1.3": "return -(z1 * z2).sum(1).mean()"})
    told = suite(tmp_path / "student")
    assert told.count("was never closed") <= 2  # where it stopped, and pytest's summary
    assert "Not judged" not in told
    assert "Holds, but has no points while the value is wrong." in told
    assert "Not attempted: Question B2 is not implemented yet." in told
    assert "It could not run, for the reason that the first check of the question tells." in told
