"""Tests of autograder/platforms/download.py: one odd file in a platform's zip affects nobody else."""

from __future__ import annotations

import errno
import os
import resource
import zipfile
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.platforms.download import opened_download
from autograder.platforms.folders import collect_submissions, find_layout
from tests.platforms.conftest import write


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "# code\n")
    return path


def test_a_canvas_zip(tmp_path: Path) -> None:
    download = zipped(tmp_path / "submissions.zip", "doe_5_1_main.py", "doe_5_2_criterion.py", "roe_LATE_6_3_main.py")
    with opened_download(download) as (folder, left_out):
        assert find_layout(folder) == "canvas"
        found = collect_submissions(folder, "canvas")
        assert [(one.student, one.about.name, one.about.late) for one in found] == [
            ("5", "doe", False),
            ("6", "roe", True),
        ]
    assert not folder.exists()
    assert left_out == []


def test_a_folder_that_stands_alone_is_gone_into(tmp_path: Path) -> None:
    names = ("assignment_7_export/submission_metadata.yml", "assignment_7_export/submission_1/main.py")
    with opened_download(zipped(tmp_path / "export.zip", *names)) as (folder, _):
        assert folder.name == "assignment_7_export"
    with opened_download(write(tmp_path / "unpacked", *names)) as (folder, _):
        assert folder == tmp_path / "unpacked" / "assignment_7_export"
    with opened_download(zipped(tmp_path / "nb.zip", "submitted/ann/ssl/main.py")) as (folder, _):
        assert find_layout(folder) == "nbgrader"
    (tmp_path / "class" / "ann").mkdir(parents=True)
    with opened_download(tmp_path / "class") as (folder, _):
        assert folder == tmp_path / "class"


CANVAS, MOODLE = ("doe_5_1_main.py", "roe_6_2_main.py"), ("Ann_5_assignsubmission_file/main.py",)
METADATA = ("submission_metadata.yml", "submission_1/main.py")


@pytest.mark.parametrize("names", [CANVAS, MOODLE, METADATA, ("submitted/ann/ssl/main.py", "source/", "release/")])
def test_a_download_that_was_packed_with_its_folder_is_gone_into(tmp_path: Path, names: tuple[str, ...]) -> None:
    packed = zipped(tmp_path / "x.zip", *(f"hw 3/{name}" for name in names), "__MACOSX/._x")
    with opened_download(packed) as (folder, _):
        assert find_layout(folder) != "plain"
    with opened_download(write(tmp_path / "hw", *(f"hw/{name}" for name in names))) as (folder, _):
        assert find_layout(folder) != "plain"


@pytest.mark.parametrize("names", [CANVAS, MOODLE, METADATA, ("submitted/eve/ssl/main.py", "source/", "release/")])
def test_what_the_only_student_handed_in_is_no_class(tmp_path: Path, names: tuple[str, ...]) -> None:
    class_ = write(tmp_path / "late", *(f"ann/{name}" for name in names))
    with opened_download(class_) as (folder, _):
        assert folder == class_
    moodle = zipped(tmp_path / "m.zip", *(f"Ann_12_assignsubmission_file/{name}" for name in names))
    with opened_download(moodle) as (folder, _):
        assert [one.student for one in collect_submissions(folder, find_layout(folder))] == ["12"]


def test_a_layout_that_is_named_is_the_only_one_that_is_looked_for(tmp_path: Path) -> None:
    root = write(tmp_path / "course", "submitted/ann/ssl/main.py")
    for layout, expected in (("plain", root), ("canvas", root), ("nbgrader", root / "submitted")):
        with opened_download(root, layout) as (folder, _):
            assert folder == expected


def test_an_empty_folder_in_a_zip_is_a_student(tmp_path: Path) -> None:
    names = ("Ann_12_assignsubmission_file/", "Bo_3_assignsubmission_file/main.py")
    with opened_download(zipped(tmp_path / "m.zip", *names)) as (folder, left_out):
        found = {one.student: one.absent for one in collect_submissions(folder, find_layout(folder))}
    assert (found, left_out) == ({"12": True, "3": False}, [])


def test_whose_file_is_damaged_stays_listed(tmp_path: Path) -> None:
    path = tmp_path / "submissions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doe_5_1_main.py", "a = 1\n")
        archive.writestr("roe_6_2_main.py", "b = 2\n" * 100_000 + "c = 4\n")
    path.write_bytes(path.read_bytes().replace(b"c = 4", b"c = 5"))
    with opened_download(path) as (folder, left_out):
        assert [one.student for one in collect_submissions(folder, "canvas")] == ["5", "6"]
        assert (folder / "roe_6_2_main.py").read_bytes() == b""
    assert len(left_out) == 1


def test_what_can_not_be_unpacked_is_told_of(tmp_path: Path) -> None:
    download = zipped(tmp_path / "in.zip", "../out.py", "/abs.py", "ann/main.py", "ann/main.py/x.py", "bob/main.py")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(download, "a") as archive:
        archive.writestr("bob/main.py", "other")
    with opened_download(download) as (folder, left_out):
        assert sorted(path.name for path in folder.iterdir()) == ["ann", "bob"]
        assert (folder / "bob" / "main.py").read_text() == "# code\n"
    assert len(left_out) == 4
    assert sum("occurs twice" in sentence for sentence in left_out) == 2
    assert not (tmp_path / "out.py").exists()


@pytest.mark.parametrize("most", [0, 40_000])
def test_a_full_disk_ends_the_run_and_costs_no_hand_in(tmp_path: Path, most: int) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ann/main.py", "# code\n" * 10_000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))  # the kernel then refuses each write beyond
    try:
        with pytest.raises(AutograderError, match=r"main\.py cannot be written") as caught, opened_download(path):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.hint.startswith("Free some space")


def test_no_inode_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, **_: object) -> None:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    path = zipped(tmp_path / "in.zip", "ann/main.py")
    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(AutograderError, match="cannot be written") as caught, opened_download(path):
        pass
    assert caught.value.hint.startswith("Free some space")


def test_names_without_the_flag_are_tried_as_utf_8(tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", "M_ller_5_1_main.py")
    raw = path.read_bytes().replace(b"M_ller", "Mül".encode() + b"er")
    path.write_bytes(raw)
    with opened_download(path) as (folder, _):
        assert [one.about.name for one in collect_submissions(folder, "canvas")] == ["Müler"]


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", "a", "b")
    path.write_bytes(path.read_bytes().replace(b"PK\x01\x02", b"PK\x01\x03"))
    with pytest.raises(AutograderError, match="cannot be read"), opened_download(path):
        pass
