"""nbgrader's own commands work in the output folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from autograder.core.records import About, Rubric, Submission
from autograder.core.settings import Limits
from autograder.gradebook.folder import update_gradebook
from tests.gradebook.conftest import graded

RELEASE = Path(__file__).parents[2] / "assignment" / "report.ipynb"


def nbgrader(folder: Path, *words: str) -> None:
    program = Path(sysconfig.get_path("scripts")) / "nbgrader"
    done = subprocess.run([sys.executable, program, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_generate_feedback_and_export(tmp_path: Path, rubric: Rubric) -> None:
    submissions = [Submission(name, tmp_path / "class" / name) for name in ("ada", "bob")]
    for submission in submissions:
        submission.origin.mkdir(parents=True)
    shutil.copy(RELEASE, submissions[0].origin)
    output = tmp_path / "grades"
    output.mkdir()
    results = [graded("ada", 5), graded("bob")]
    update_gradebook(output, None, submissions, results, rubric, RELEASE, Limits())
    assert not (output / "autograded" / "bob" / "ssl" / "report.ipynb").exists()
    nbgrader(output, "generate_feedback", "ssl")
    nbgrader(output, "export")
    page = (output / "feedback_nbgrader" / "ada" / "ssl" / "code.html").read_text("utf-8")
    assert "The sign." in page and "contrastive_loss" in page
    report = (output / "feedback_nbgrader" / "ada" / "ssl" / "report.html").read_text("utf-8")
    assert "BEGIN MARK SCHEME" not in report
    rows = (output / "gradebook.csv").read_text().splitlines()
    assert [row.split(",")[3] for row in rows[1:]] == ["ada", "bob"]
    assert rows[1].endswith(",5.0,0.0,5.0,50.0")
    (submissions[0].origin / "report.ipynb").unlink()
    update_gradebook(output, None, submissions, results, rubric, RELEASE, Limits())
    assert not (output / "autograded" / "ada" / "ssl" / "report.ipynb").exists()


def test_a_groups_report_is_every_members(tmp_path: Path, rubric: Rubric) -> None:
    (tmp_path / "class" / "red").mkdir(parents=True)
    shutil.copy(RELEASE, tmp_path / "class" / "red")
    members = (("ada", About()), ("bob", About()))
    (tmp_path / "grades").mkdir()
    group = Submission("red", tmp_path / "class" / "red", members=members)
    update_gradebook(tmp_path / "grades", None, [group], [graded("ada"), graded("bob")], rubric, RELEASE, Limits())
    for student in ("ada", "bob"):
        assert (tmp_path / "grades" / "autograded" / student / "ssl" / "report.ipynb").exists()
