"""Tests of autograder/core/store.py."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder.core.errors import AutograderError
from autograder.core.records import QuestionResult, Result, Status
from autograder.core.result_json import VERSION
from autograder.core.store import earlier_class, file_name, load_result, only_run, open_output, save_result, write_whole

RESULT = Result("ann", Status.OK, 70.0, 1.5, (QuestionResult("1.1", "Forward", 7.5, 10.0, ()),), "f")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    open_output(tmp_path / "out", tmp_path / "in")
    return tmp_path / "out"


def test_text_and_bytes_are_written(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "é\r\n\udcff")
    write_whole(tmp_path / "b", b"\xff")
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\r\n\\udcff"
    assert (tmp_path / "b").read_bytes() == b"\xff"


def test_a_written_file_has_the_usual_permissions(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", "x")
    finally:
        os.umask(old)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.EROFS, "Change the permissions"),
        (errno.EIO, "Check the path"),
    ],
)
def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int, hint: str
) -> None:
    (tmp_path / "a").write_text("old")

    def fail(*args: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(AutograderError, match=os.strerror(number)) as caught:
        write_whole(tmp_path / "a", "new")
    assert caught.value.hint.startswith(hint)
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a").read_text() == "old"


def test_everything_is_on_the_disk_before_the_name_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    write_whole(tmp_path / "a", "new")
    assert sizes == [3]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a", "new")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("student", "name"),
    [
        ("ann.lee_2-b", "ann.lee_2-b"),
        ("ann lee", "ann%20lee"),
        ("é", "%C3%A9"),
        ("a%20b", "a%2520b"),
        ("a/b\n~", "a%2Fb%0A%7E"),
        (".", "%2E"),
        ("..", "%2E."),
        (".ann", "%2Eann"),
        ("", "%_"),
        ("x" * 200, "x" * 200),
    ],
)
def test_file_names(student: str, name: str) -> None:
    assert file_name(student) == name


@given(st.text(max_size=30) | st.text("aé./%_\ud800\udcff", max_size=400))
def test_a_file_name_can_be_used_anywhere(student: str) -> None:
    name = file_name(student)
    assert name and len(name) <= 200 and not name.startswith(".")
    assert all(char.isascii() and (char.isalnum() or char in "._-%") for char in name)


texts = st.text(max_size=20) | st.text("aAé.%_2E\udcc3\udca9", max_size=300)


@given(texts, texts)
def test_no_two_students_share_a_file(one: str, other: str) -> None:
    assume(one != other)
    assert file_name(one) != file_name(other)


def test_long_names_that_begin_alike_differ() -> None:
    names = {file_name("é" * 300 + end) for end in ("", "a", "b")}
    assert len(names) == 3 and all(len(name) <= 200 for name in names)
    assert file_name(min(names)) not in names


def test_the_output_folder_is_made_and_taken_up_again(output: Path) -> None:
    assert {path.name for path in output.iterdir()} == {".autograde", "results", "feedback"}
    save_result(output, RESULT)
    open_output(output, output.parent / "in")
    assert load_result(output, "ann") == RESULT


def test_an_empty_folder_and_one_that_a_killed_run_began_are_taken(tmp_path: Path) -> None:
    for name in ("empty", "begun"):
        (tmp_path / name).mkdir()
    (tmp_path / "begun" / ".0123456789abcdef.tmp").write_text("")
    open_output(tmp_path / "empty", tmp_path / "in")
    open_output(tmp_path / "begun", tmp_path / "in")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("foreign", "holds something else"),
        ("file", "is not a folder"),
        ("file/below", "cannot be written"),
        ("dangling", "is not a folder"),
        ("in", "lies inside the submissions"),
        ("in/grades", "lies inside the submissions"),
        ("link/grades", "lies inside the submissions"),
        ("foreign/../in/grades", "lies inside the submissions"),
        ("loop", "."),
    ],
)
def test_output_folders_that_are_refused(tmp_path: Path, name: str, message: str) -> None:
    for folder in ("in", "foreign"):
        (tmp_path / folder).mkdir()
    (tmp_path / "foreign" / "thesis.tex").write_text("")
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("in")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AutograderError, match=message):
        open_output(tmp_path / name, tmp_path / "in")
    assert sorted(tmp_path.rglob("*")) == before


def test_an_output_folder_without_permission_is_refused(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(AutograderError, match="Permission denied"):
        open_output(output, output.parent / "in")


def test_a_folder_beside_the_submissions_is_fine(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    open_output(tmp_path / "in-grades", tmp_path / "in")


HOLD = """
import sys, pathlib
from autograder.core.store import only_run
with only_run(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(output: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(output)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"held\n"
    return process


def test_a_second_run_is_refused_until_the_first_has_ended(output: Path) -> None:
    process = hold(output)
    with pytest.raises(AutograderError, match="Another run"), only_run(output):
        pass
    process.communicate(b"")
    before = os.listdir("/proc/self/fd")
    with only_run(output):
        pass
    assert os.listdir("/proc/self/fd") == before


def test_a_killed_run_holds_nothing(output: Path) -> None:
    process = hold(output)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with only_run(output):
        pass


def test_a_run_removes_what_a_killed_one_left(output: Path) -> None:
    for name in (".0123456789abcdef.tmp", ".mine.tmp"):
        (output / "results" / name).write_text("half")
    with only_run(output):
        assert [path.name for path in (output / "results").iterdir()] == [".mine.tmp"]


def test_a_folder_without_marker_can_not_be_locked(tmp_path: Path) -> None:
    with pytest.raises(AutograderError), only_run(tmp_path):
        pass


def test_a_locking_error_is_not_called_another_run(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", fail)
    with pytest.raises(AutograderError, match="No locks available"), only_run(output):
        pass


@pytest.mark.parametrize("student", ["ann", "../ann", "é", "a/b", "b\udcff", "n" * 500, "new\nline"])
def test_a_result_is_kept_under_any_name(output: Path, student: str) -> None:
    result = replace(RESULT, student=student)
    save_result(output, result)
    assert load_result(output, student) == result
    assert [path.name for path in (output / "results").iterdir()] == [f"{file_name(student)}.json"]


def test_the_json_is_readable_utf8(output: Path) -> None:
    save_result(output, replace(RESULT, student="é\udcff"))
    text = (output / "results" / "%C3%A9%ED%B3%BF.json").read_text(encoding="utf-8")
    start = f'{{"version": {VERSION}, "student": "é\\udcff", "status": "ok", "score": 7.5, "max_score": 70,'
    assert text.startswith(start)
    assert text.endswith("}\n")


@pytest.mark.parametrize("damage", ["missing", "half", "empty", "bytes", "deep", "list", "other", "folder", "digits"])
def test_a_damaged_file_counts_as_none(output: Path, damage: str) -> None:
    path = output / "results" / "ann.json"
    save_result(output, RESULT)
    whole = path.read_bytes()
    path.unlink()
    contents = {
        "half": whole[: len(whole) // 2],
        "empty": b"",
        "bytes": whole.replace(b"ann", b"\xff"),
        "deep": b"[" * 100_000,
        "list": b"[]",
        "other": whole.replace(b"ann", b"bob"),
        "digits": whole.replace(b"70", b"7" * 5000),
    }
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(contents[damage])
    assert load_result(output, "ann") is None


def test_another_class_is_refused_and_who_has_left_is_told(tmp_path: Path) -> None:
    open_output(tmp_path / "grades", tmp_path / "class")
    assert earlier_class(tmp_path / "grades", ["ann"]) == ()
    for student in ("ann", "bob/2"):
        (tmp_path / "grades" / "results" / f"{file_name(student)}.json").write_text("{}")
    assert earlier_class(tmp_path / "grades", ["ann", "bob/2", "eve"]) == ()
    (told,) = earlier_class(tmp_path / "grades", ["ann"])
    assert "from an earlier run: bob%2F2" in told
    with pytest.raises(AutograderError, match="the results of another class"):
        earlier_class(tmp_path / "grades", ["eve", "zoe"])
