"""If a package is missing that grading itself does not need, the feature that needs it says so at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import pipeline
from autograder.core.errors import AutograderError, demand
from autograder.core.rubric import load_rubric
from autograder.core.settings import Settings
from autograder.gradebook.database import opened
from autograder.handout.edit.staging import tidy
from autograder.handout.files.report_notebook import student_notebook

Hide = Callable[[str], None]


@pytest.fixture
def hide(monkeypatch: pytest.MonkeyPatch) -> Hide:
    """Lets a package seem not to be installed."""
    return lambda package: monkeypatch.setitem(sys.modules, package, None)


def sentences(caught: pytest.ExceptionInfo[AutograderError], package: str, extra: str) -> str:
    """The sentence on the feature that needs the package; the rest is the same for all."""
    what, found, rest = caught.value.message.partition(" needs the Python package ")
    assert found and rest == f"{package}, which is not installed."
    assert caught.value.hint == f'Run `make install` in the kit\'s folder, or `pip install --editable ".[{extra}]"`.'
    return what


@pytest.mark.parametrize(
    ("asked", "package"),
    [({"similarity": True}, "pygments"), ({"gradebook": True}, "nbgrader"), ({"cluster": "tcp://x:1"}, "distributed")],
)
def test_a_flag_says_so_before_anything_is_graded(
    asked: dict[str, object], package: str, hide: Hide, tmp_path: Path
) -> None:
    (tmp_path / "class").mkdir()
    settings = replace(Settings(tmp_path / "class", output=tmp_path / "grades"), **asked)  # type: ignore[arg-type]
    hide(package)
    with pytest.raises(AutograderError) as caught:
        pipeline.run(settings, load_rubric(), lambda found: pytest.fail("it has begun"))
    (flag,) = asked
    assert sentences(caught, package, flag) == f"--{flag}"
    assert not (tmp_path / "grades").exists()


def test_reading_a_gradebook(hide: Hide) -> None:
    hide("nbgrader")
    with pytest.raises(AutograderError) as caught, opened("sqlite://"):
        pass
    assert sentences(caught, "nbgrader", "gradebook") == "The gradebook"


def test_what_handout_calls_when_it_is_under_way(hide: Hide, tmp_path: Path) -> None:
    hide("ruff")
    hide("nbgrader")
    (tmp_path / "x.py").write_text("x = 1\n")
    with pytest.raises(AutograderError) as caught:
        tidy(tmp_path, ["x.py"])
    assert sentences(caught, "ruff", "handout") == "Putting the changed files in order"
    notebook = (Path(__file__).parent.parent / "solutions" / "report.ipynb").read_text("utf-8")
    with pytest.raises(AutograderError) as caught:
        student_notebook(notebook)
    assert sentences(caught, "nbgrader", "handout") == "The report's notebook"


def test_what_is_installed_is_no_matter() -> None:
    demand("numpy", "gradebook", "This")
