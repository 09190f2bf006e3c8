"""Tests of autograder/platforms/shape.py: a class within a folder is refused, what is unlike a class is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES
from autograder.platforms.folders import collect_submissions
from autograder.platforms.shape import refuse_nested_class, unlike_a_class


def write(root: Path, *names: str) -> Path:
    """Make files, and under a name that ends in `/` the five."""
    for name in names:
        for path in [root / name / file for file in STUDENT_FILES] if name.endswith("/") else [root / name]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return root


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("class/ann/", "class/bob/", "class/cy/"), id="a folder around the class"),
        pytest.param(("class/ann/hw/", "class/bob/hw/", "class/cy/", "roster.csv"), id="a folder in each"),
        pytest.param(("class/ann.zip", "class/bob.zip", "class/cy.tar.gz"), id="archives"),
        pytest.param(("class/ann/", "class/bob.zip", "class/cy.zip"), id="both"),
        pytest.param(("a/ann/", "a/bob/", "a/cy/", "b/di/", "b/ed/", "b/fu/"), id="sections"),
        pytest.param(("class/ann/", "class/bob/", "class/cy/", "solutions/"), id="the solution next to it"),
    ],
)
def test_a_class_within_a_folder_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(AutograderError, match="seems to hold a whole class") as caught:
        refuse_nested_class(collect_submissions(write(tmp_path / "in", *names)))
    assert "--layout plain" in caught.value.hint
    assert "ann" in caught.value.message


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("ann/", "bob/", "cy/"), id="a class"),
        pytest.param(("ann/", "bob.zip", "cy.zip", "di.zip"), id="folders and archives"),
        pytest.param(("ann/v1/", "ann/v2/", "ann/v3/", "bob/", "cy/"), id="one student's versions"),
        pytest.param(("ann/", "ann/v1/", "ann/v2/", "ann/v3/"), id="versions next to the files"),
        pytest.param(("ann/old/", "ann/new/"), id="two"),
        pytest.param(("ann/a.zip", "ann/b.zip", "ann/c.zip", "bob/"), id="archives of one of two"),
        pytest.param(("ann/src/", "ann/.git/a/", "ann/.git/b/", "ann/.git/c/"), id="hidden folders"),
        pytest.param(("ann/a/main.py", "ann/b/main.py", "ann/c/main.py"), id="programs called main"),
    ],
)
def test_a_students_own_affair_is_not(tmp_path: Path, names: tuple[str, ...]) -> None:
    refuse_nested_class(collect_submissions(write(tmp_path / "in", *names)))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("ann/essay.pdf", "bob/a/b.txt", "cy/"), "of 3 entries, 2 hold none of the five files, .* (ann, bob)."),
        (("a.txt", "b.txt", "c.txt", "d.txt", "e/"), "of 5 entries, 4 hold none .* (a.txt, b.txt, c.txt, …)."),
        (("ann/homework1.py", "bob/main.c"), "of 2 entries, 2 hold none"),
    ],
)
def test_what_is_unlike_a_class_is_told(tmp_path: Path, names: tuple[str, ...], told: str) -> None:
    (sentence,) = unlike_a_class(collect_submissions(write(tmp_path / "in", *names)))
    start, _, end = told.partition(" .* ")
    assert sentence.startswith("This does not look like a class: ")
    assert start in sentence and sentence.endswith(end or ".")


@pytest.mark.parametrize(
    "names",
    [
        ("ann/essay.pdf", "bob/"),
        ("ann/a/b/c/main.py", "bob/report.ipynb", "cy/hw.zip", "di/Criterion (1).py", "ed.zip", "fu.ipynb"),
        ("ann/criterion.py.txt",),
    ],
)
def test_what_is_like_one_is_not(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert unlike_a_class(collect_submissions(write(tmp_path / "in", *names))) == []


def test_an_archive_is_one_whatever_it_is_called(tmp_path: Path) -> None:
    for student in ("ann", "bob"):
        (write(tmp_path, student) / student).write_bytes(b"PK\x03\x04")
    assert unlike_a_class(collect_submissions(tmp_path)) == []


def test_a_platforms_download_is_looked_at_too(tmp_path: Path) -> None:
    root = write(tmp_path / "in", "lee_101_1_essay.pdf", "ray_102_2_essay.pdf", "fu_103_3_main.py")
    (sentence,) = unlike_a_class(collect_submissions(root, "canvas"))
    assert "of 3 entries, 2 hold none" in sentence


def test_a_folder_with_too_much_in_it_takes_no_time(tmp_path: Path) -> None:
    root = write(tmp_path / "in", *(f"ann/{number}/{number}.txt" for number in range(200)), "ann/zz/z/main.py")
    assert len(unlike_a_class(collect_submissions(root))) == 1
    (root / "ann" / "loop").symlink_to(root)
    assert len(unlike_a_class(collect_submissions(root))) == 1
