"""Tests of autograder/collect/near.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.collect.near import is_near
from autograder.collect.tree import materialise
from autograder.core.records import STUDENT_FILES, Submission
from autograder.core.settings import Limits


@pytest.mark.parametrize(
    "name",
    [
        *("criterion (1).py", "criterion.py.txt", "Copy of criterion.py", "criterion-1.py", "criterion copy.py"),
        *("Criterion.py", "criterion_1001.py", "criterion2.py", "criterion.txt", "criterion - Kopie.py", "criterion"),
        *("1001_criterion.py", "criterion.py.download", "criterion.py (1).py", "critrion.py", "criterionn.py"),
        *("ciretrion.py", "crietrion.py", "cr\u0131terion.py", "criterion.docx", "criterion.py~"),
    ],
)
def test_what_is_made_of_a_name(name: str) -> None:
    assert is_near(name, "criterion.py") is (name != "ciretrion.py")


@pytest.mark.parametrize("name", ["main_lincls.py", "main_linclis (1).py", "main-linclis.py", "mainlinclis.py"])
def test_the_longer_name_is_meant(name: str) -> None:
    assert is_near(name, "main_linclis.py") and not is_near(name, "main.py")


OTHERS = (
    "train.py",
    "main.png",
    "domain.py",
    "main_linclis.py",
    "probe_main.py",
    "test_main.py",
    "x" * 101 + " main.py",
)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_another_name(name: str) -> None:
    assert not is_near(name, "main.py")


def test_names_that_are_all_nearly_right_are_told_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    for name in STUDENT_FILES:
        (tmp_path / "ann" / f"{name}.txt").write_text("x = 1\n")
    tree = materialise(Submission("ann", tmp_path / "ann"), tmp_path / "into", Limits())
    assert tree.problems["main"] == (
        "main.py is missing: there is main.py.txt; if that is your answer, call it main.py."
    )
