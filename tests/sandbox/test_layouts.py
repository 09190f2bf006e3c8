"""A hand-in may be the five files or the whole folder, have own modules of any name, or the layout of earlier terms."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.core.records import Result, Status, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON, Limits
from autograder.grading.grader import Grader
from tests.sample_class import RIGHT, hand_in

pytestmark = pytest.mark.published

FLAT = tomllib.loads((Path(__file__).parent / "flat.toml").read_text("utf-8"))
RUBRIC = load_rubric()
CORE = [question for question in RUBRIC.graded if not question.bonus]


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(RUBRIC, Limits()) as grader:
        yield grader


def grade(grader: Grader, folder: Path) -> Result:
    return grader.grade(Submission("ann", folder), CORE)


def whole(result: Result) -> bool:
    return (result.score, result.status) == (RUBRIC.max_score, Status.OK)


def lost(result: Result) -> dict[str, str]:
    return {one.id: str(one.error) for one in result.questions if one.score < one.max_score}


def flat(folder: Path) -> None:
    folder.mkdir()
    for name, text in FLAT.items():
        (folder / name).write_text(text.lstrip(), "utf-8")


def _as_handed_in(folder: Path) -> None:
    """The five files alone."""


def _own_networks(folder: Path) -> None:
    text = (SKELETON / "ssl_kit" / "networks.py").read_text("utf-8")
    (folder / "networks.py").write_text(text + "\nMINE = 3\n", "utf-8")
    _put_first(folder / "main.py", "from networks import MINE\nassert MINE == 3\n")


def _own_of_another_name(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "reader.py").write_text("MINE = 3\n")
    _put_first(folder / "main.py", "from data.reader import MINE\n")
    text = (folder / "main.py").read_text()
    (folder / "main.py").write_text(text.replace("import data\n", ""))


def _notebook(folder: Path) -> None:
    cells = [{"cell_type": "code", "source": (folder / name).read_text()} for name in FLAT]
    for name in FLAT:
        (folder / name).unlink()
    (folder / "hw.ipynb").write_text(json.dumps({"cells": cells}))


def _put_first(path: Path, line: str) -> None:
    path.write_text(line + path.read_text())


@pytest.mark.parametrize("change", [_as_handed_in, _own_networks, _own_of_another_name, _notebook])
def test_the_flat_layout_of_earlier_terms_has_its_points(
    grader: Grader, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    flat(tmp_path / "ann")
    change(tmp_path / "ann")
    result = grade(grader, tmp_path / "ann")
    assert whole(result), lost(result)


@pytest.mark.parametrize("spoil", ["", "def broken(:\n"], ids=["missing", "broken"])
def test_a_flat_file_that_is_not_whole_costs_its_own_question(grader: Grader, tmp_path: Path, spoil: str) -> None:
    """`main_linclis.py` took `extract_features` from `validation.py`, which no longer has it."""
    flat(tmp_path / "ann")
    if spoil:
        _put_first(tmp_path / "ann" / "validation.py", spoil)
    else:
        (tmp_path / "ann" / "validation.py").unlink()
    result = grade(grader, tmp_path / "ann")
    assert [RUBRIC[question].file for question in lost(result)] == ["validation.py"], lost(result)


def test_own_modules_collide_with_nothing(grader: Grader, tmp_path: Path) -> None:
    """They have the names of given ones, and those are still what `ssl_kit` has."""
    hand_in(tmp_path / "ann", RIGHT)
    for name in ("data", "utils", "networks", "engine"):
        (tmp_path / "ann" / f"{name}.py").write_text(f"WHOSE = 'mine, {name}'\n")
        for file in ("criterion.py", "main.py", "validation.py"):
            path = tmp_path / "ann" / file
            line = f"import {name}\nassert {name}.WHOSE == 'mine, {name}'\n"
            path.write_text(path.read_text().replace("import torch\n", f"import torch\n{line}", 1))
    path = tmp_path / "ann" / "criterion.py"
    top = "from torch import Tensor, nn\n"
    given = "from ssl_kit import data as given\nassert given.load_halves and given is not data\n"
    path.write_text(path.read_text().replace(top, top + given, 1))
    result = grade(grader, tmp_path / "ann")
    assert whole(result), lost(result)


@pytest.mark.parametrize("deep", ["", "assignment"])
def test_the_whole_folder_is_handed_in(grader: Grader, tmp_path: Path, deep: str) -> None:
    hand_in(tmp_path / "ann" / deep, RIGHT)
    shutil.copytree(SKELETON / "ssl_kit", tmp_path / "ann" / deep / "ssl_kit")
    shutil.copy(SKELETON / "check.py", tmp_path / "ann" / deep)
    (tmp_path / "ann" / deep / "ssl_kit" / "mine.py").write_text("MINE = 3\n")
    path = tmp_path / "ann" / deep / "validation.py"
    text = "import torch\nfrom ssl_kit import mine\nassert mine.MINE == 3\n"
    path.write_text(path.read_text().replace("import torch\n", text, 1))
    result = grade(grader, tmp_path / "ann")
    assert whole(result), lost(result)


@pytest.mark.parametrize("alone", [True, False], ids=["that file alone", "the whole folder"])
def test_a_given_file_that_was_changed_is_the_student_s(grader: Grader, tmp_path: Path, alone: bool) -> None:
    hand_in(tmp_path / "ann", RIGHT)
    kit = tmp_path / "ann" / "ssl_kit"
    if alone:
        kit.mkdir()
    else:
        shutil.copytree(SKELETON / "ssl_kit", kit)
    (kit / "networks.py").write_text((SKELETON / "ssl_kit" / "networks.py").read_text() + "\nMINE = 3\n")
    path = tmp_path / "ann" / "model_factory.py"
    path.write_text(path.read_text() + "\nfrom ssl_kit import methods, networks\nassert networks.MINE == 3\n")
    path.write_text(path.read_text() + "assert methods.networks is networks\n")
    result = grade(grader, tmp_path / "ann")
    assert whole(result), lost(result)
    assert not [note for question in result.questions for note in question.advisories], result
