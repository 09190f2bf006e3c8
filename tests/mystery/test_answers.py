"""Tests of autograder/mystery/answers.py: right, wrong, missing, malformed and hostile answers."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from autograder.core.records import About, Submission
from autograder.core.settings import Limits
from autograder.mystery import FILE
from autograder.mystery.answers import MOST_BYTES, Answer, mark, read_answer
from autograder.mystery.runs import NO_MISTAKE, Run, Runs, code

SIGN = Run("python main.py --method simclr", "sign", "SSLLoss.contrastive_loss", (9, 10), ())
NONE = Run("python main.py --method simclr", NO_MISTAKE, NO_MISTAKE, (), ())
ANN = code("seed", "ann")


def answer(mistake: str, function: str, run: str = ANN, line: str = '"9"') -> str:
    return f'run = "{run}"\nmistake = "{mistake}"\nfunction = "{function}"\nline = {line}\n'


def given(tmp_path: Path, text: str | bytes | None, run: Run = SIGN, **more: object) -> tuple[float, str]:
    folder = tmp_path / "ann"
    folder.mkdir(exist_ok=True)
    (folder / "criterion.py").write_text("raise SystemExit('this must not run')\n")
    if text is not None:
        (folder / FILE).write_bytes(text.encode() if isinstance(text, str) else text)
    marked = mark(Submission("ann", folder, **more), Runs("", (run,)), "seed", 5, Limits())  # type: ignore[arg-type]
    return marked.points, marked.comment


@pytest.mark.parametrize(
    ("mistake", "function", "points", "comment"),
    [
        (
            "sign",
            "contrastive_loss",
            5,
            "Right. The line is right. The run has `sign` in `SSLLoss.contrastive_loss`, line 9 or 10.",
        ),
        (" Sign ", "SSLLoss.contrastive_loss()", 5, "Right."),
        ("sign", "", 5, "Right."),
        (
            "sum-for-mean",
            "contrastive_loss",
            3,
            "The function is right, the mistake is another one. The line is right.",
        ),
        ("with-itself", "align_loss", 0, "Mistake and function are others."),
        ("none", "none", 0, "Mistake and function are others."),
        ("", "", 0, "Mistake and function are others."),
    ],
)
def test_points(tmp_path: Path, mistake: str, function: str, points: float, comment: str) -> None:
    found = given(tmp_path, answer(mistake, function))
    assert found[0] == points and found[1].startswith(comment)


@pytest.mark.parametrize(("line", "points"), [("9", 5), ('" 10 "', 5), ('"8"', 4), ('""', 4), ('"9 or 10"', 4)])
def test_the_line_is_a_fifth_of_the_points(tmp_path: Path, line: str, points: float) -> None:
    assert given(tmp_path, answer("sign", "contrastive_loss", line=line))[0] == points
    assert given(tmp_path, answer("sum-for-mean", "contrastive_loss", line=line))[0] == points - 2
    assert given(tmp_path, answer("with-itself", "align_loss", line=line))[0] == 0


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        (answer("sign", "contrastive_loss"), ""),
        (answer("sign", "", line='" "'), "`function` is empty. mystery.toml: `line` is empty."),
        (answer("Sig", "SSLLoss.contrastive_loss()"), "`Sig` is none of the page's names of a mistake."),
        (answer("sign", "loss"), "`loss` is none of the page's functions."),
        (answer("sign", "contrastive_loss", line='"9 or 10"'), "`9 or 10` is not the number of a line."),
        (answer(" None", "", line='""'), ""),
    ],
)
def test_what_cannot_be_right_is_said(tmp_path: Path, text: str, doubts: str) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / FILE).write_text(text)
    marked = mark(Submission("ann", tmp_path / "ann"), Runs("", (SIGN, NONE)), "seed", 5, Limits())
    before, _, said = marked.comment.partition(f"{FILE}: ")
    assert said == doubts
    assert "The line is" not in before or "`line` is empty" not in doubts


def test_a_line_that_is_not_toml_is_named(tmp_path: Path) -> None:
    text = answer("sign", "contrastive_loss", line='"9')
    assert given(tmp_path, text)[1].startswith(f"{FILE}, line 4, is not as it was handed out")


def test_an_answer_without_a_line_is_one(tmp_path: Path) -> None:
    text = answer("sign", "contrastive_loss").replace('line = "9"\n', "")
    assert given(tmp_path, text)[0] == 4


def test_a_run_without_a_mistake(tmp_path: Path) -> None:
    assert given(tmp_path, answer("none", "none"), NONE) == (5, "Right. The run has `none`.")
    assert given(tmp_path, answer("sign", "contrastive_loss"), NONE)[0] == 0


def test_without_an_answer_there_are_no_points(tmp_path: Path) -> None:
    assert given(tmp_path, None) == (0, f"There is no {FILE}.")


def test_an_answer_about_somebody_elses_run_has_no_points(tmp_path: Path) -> None:
    found = given(tmp_path, answer("sign", "contrastive_loss", code("seed", "bob")))
    assert found == (0, f"The code in {FILE} is not that of your run.")


def test_a_group_answers_about_one_members_run(tmp_path: Path) -> None:
    members = (("bob", About()), ("eve", About()))
    assert given(tmp_path, answer("sign", "", code("seed", "eve")), members=members)[0] == 5
    assert given(tmp_path, answer("sign", "", code("seed", "zoe")), members=members)[0] == 0


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"run",
        b'run = "a"\nmistake = "b"\n',
        b'run = 1\nmistake = "b"\nfunction = "c"\n',
        b'run = "a"\nmistake = "b"\nfunction = "c"\nline = [9]\n',
        b'run = ["a"]\nmistake = "b"\nfunction = "c"\n',
        b"\xff\xfe\x00",
        b'run = "\\ud800"\n',
        b"run = " + b"[" * 5000,
        b"run = " + b"{a=" * 3000,
        b"run = " + b"9" * 5000,
        b"\x00" * 100,
    ],
)
def test_what_is_no_answer_has_no_points_and_stops_nothing(tmp_path: Path, text: bytes) -> None:
    points, comment = given(tmp_path, text)
    assert points == 0 and "is not as it was handed out" in comment


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    points, comment = given(tmp_path, answer("sign", "contrastive_loss") + "#" * MOST_BYTES)
    assert points == 0 and "larger than" in comment


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "answer").write_text(answer("sign", "contrastive_loss"))
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / FILE).symlink_to(tmp_path / "answer")
    assert given(tmp_path, None)[0] == 0


def test_equal_copies_are_one_answer_and_different_ones_are_none(tmp_path: Path) -> None:
    (tmp_path / "ann" / "copy").mkdir(parents=True)
    (tmp_path / "ann" / "copy" / FILE).write_text(answer("sign", "contrastive_loss"))
    assert given(tmp_path, answer("sign", "contrastive_loss"))[0] == 5
    assert given(tmp_path, answer("sum-for-mean", "contrastive_loss")) == (0, f"{FILE} is there more than once.")


def test_an_answer_in_an_archive_counts(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ann.zip", "w") as archive:
        archive.writestr(f"work/{FILE}", answer("sign", "contrastive_loss"))
    found = mark(Submission("ann", tmp_path / "ann.zip"), Runs("", (SIGN,)), "seed", 5, Limits())
    assert found.points == 5


def test_an_archive_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "ann.zip").write_bytes(b"PK\x03\x04 no archive")
    found = mark(Submission("ann", tmp_path / "ann.zip"), Runs("", (SIGN,)), "seed", 5, Limits())
    assert found.points == 0 and found.comment


def test_windows_endings_and_a_mark_at_the_start_are_put_up_with() -> None:
    text = b"\xef\xbb\xbf" + answer("a", "b", "c").replace("\n", "\r\n").encode()
    assert read_answer({text}) == Answer("c", "a", "b", "9")
