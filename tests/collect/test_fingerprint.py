"""Tests of autograder/collect/fingerprint.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.collect import fingerprint as module
from autograder.collect.fingerprint import fingerprint
from autograder.core.records import Submission


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    (tmp_path / "ann" / "src").mkdir(parents=True)
    (tmp_path / "ann" / "src" / "criterion.py").write_text("x = 1\n")
    (tmp_path / "ann" / "main.py").write_text("")
    return tmp_path / "ann"


def of(path: Path) -> str:
    return fingerprint(Submission("ann", path))


def test_it_is_that_of_the_content_not_of_the_place_or_time(origin: Path) -> None:
    before = of(origin)
    assert len(before) == 64 and int(before, 16)
    os.utime(origin / "main.py", (1, 1))
    moved = origin.rename(origin.with_name("bob"))
    assert of(moved) == before


@pytest.mark.parametrize("change", ["bytes", "name", "new", "folder", "link", "moved"])
def test_every_change_shows(origin: Path, change: str) -> None:
    before = of(origin)
    criterion = origin / "src" / "criterion.py"
    if change == "bytes":
        criterion.write_text("x = 2\n")
    elif change == "name":
        criterion.rename(origin / "src" / "validation.py")
    elif change == "new":
        (origin / "helper.py").write_text("")
    elif change == "folder":
        (origin / "empty").mkdir()
    elif change == "link":
        criterion.unlink()
        criterion.symlink_to("../main.py")
    else:
        criterion.rename(origin / "criterion.py")
    assert of(origin) != before


def test_litter_does_not_count(origin: Path) -> None:
    before = of(origin)
    (origin / "__pycache__").mkdir()
    (origin / "__pycache__" / "criterion.pyc").write_bytes(b"1")
    assert of(origin) == before


def test_links_are_not_followed(origin: Path) -> None:
    (origin / "link").symlink_to("../outside")
    before = of(origin)
    (origin.parent / "outside").write_text("anything")
    assert of(origin) == before


def test_an_archive_is_its_bytes(origin: Path) -> None:
    path = origin.with_name("x.zip")
    path.write_bytes(b"1")
    before = of(path)
    path.write_bytes(b"2")
    assert of(path) != before


def test_nothing_unreadable_stops_it(origin: Path) -> None:
    os.mkfifo(origin / "pipe")
    os.mkfifo(origin.with_name("pipe.zip"))
    (origin / "self").symlink_to("self")
    made = {of(origin), of(origin.with_name("pipe.zip")), fingerprint(Submission("x", origin, "This is a link."))}
    assert len(made) == 3
    assert of(origin.with_name("nowhere"))


def test_a_pipe_is_not_an_unreadable_file_and_a_problem_counts(origin: Path) -> None:
    before = of(origin)
    (origin / "main.py").unlink()
    os.mkfifo(origin / "main.py")
    assert of(origin) != before
    assert fingerprint(Submission("x", origin, "One.")) != fingerprint(Submission("x", origin, "Another."))


def test_an_entry_that_became_a_link_is_not_followed(origin: Path) -> None:
    link = origin.with_name("link")
    link.symlink_to(origin)
    assert of(link) == of(origin.with_name("nowhere")) != of(origin)


def test_names_that_are_not_utf8(origin: Path) -> None:
    before = of(origin)
    (origin / os.fsdecode(b"\xff")).write_text("")
    assert of(origin) != before


def test_what_is_very_large_is_not_read(origin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_WHOLE", 3)
    before = of(origin)
    os.utime(origin / "src" / "criterion.py", (1, 1))
    assert of(origin) != before


def test_entries_do_not_run_into_each_other(tmp_path: Path) -> None:
    (tmp_path / "a" / "xy").mkdir(parents=True)
    (tmp_path / "b" / "x").mkdir(parents=True)
    (tmp_path / "b" / "y").mkdir()
    assert of(tmp_path / "a") != of(tmp_path / "b")
