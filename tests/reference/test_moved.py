"""Differences between fixtures and reference are found and worded, with no more rows than a person reads."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from autograder.cases import common_cases
from autograder.cli import main
from autograder.core.console import make_console
from autograder.core.errors import AutograderError
from autograder.core.records import Answer, Case, CodeError, Question, Rubric, Value
from autograder.core.rubric import load_rubric, select
from autograder.core.settings import SOLUTIONS
from autograder.grading import rehearsal
from autograder.reference.frozen import FOLDER, fixture_bytes, read_fixture
from autograder.reference.moved import MOST, Moved, find_moved, moved_table
from autograder.sandbox import client
from tests.course import now

pytestmark = pytest.mark.published

RUBRIC = select(load_rubric(), [now("1.3")])
KEPT = read_fixture(FOLDER / f"{now('1.3')}.npz")
Change = Callable[[Answer], Answer]


@dataclass
class Replay:
    """Gives what the fixture holds, changed."""

    change: Change = lambda answer: answer

    def answers(self, question: Question, cases: Sequence[Case], /) -> list[Answer]:
        kept = read_fixture(FOLDER / f"{question.id}.npz").answers
        return [self.change(kept.get(case.name, Answer(case.name))) for case in cases]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables are as wide as a terminal, and a test has none or any."""
    monkeypatch.setenv("COLUMNS", "120")


def moved(change: Change = lambda answer: answer, rubric: Rubric = RUBRIC, folder: Path = FOLDER) -> Moved:
    return find_moved(rubric, Replay(change), folder, common_cases)


def value(of: str, new: Callable[[Value], Value], name: str = "value") -> Change:
    """One output of one case is another."""

    def change(answer: Answer) -> Answer:
        return (
            replace(answer, values={**answer.values, name: new(answer.values[name])}) if answer.case == of else answer
        )

    return change


def shifted(by: float) -> Callable[[Value], Value]:
    return lambda old: replace(old, array=np.asarray(old.array + old.array.dtype.type(by)))


def printed(found: Moved) -> str:
    stream = io.StringIO()
    make_console(stream).print(moved_table(found, "The end."))
    return stream.getvalue()


def test_nothing_has_moved() -> None:
    found = moved()
    assert not found and found.files == {} and printed(found) == "The end.\n"


def test_a_tenth_of_what_the_check_allows_is_rounding() -> None:
    """The check of this value allows 1e-5."""
    assert not moved(value("opposite views", shifted(9e-7)))
    found = moved(value("opposite views", shifted(1.2e-6)))
    assert [(row.check, row.case) for row in found.rows] == [
        ("Value in float32, batches of 2 to 64", "opposite views: value")
    ]
    assert set(found.files) == {"autograder/fixtures/1.3.npz"} and not found.wrong


def test_a_row_says_check_case_from_and_to() -> None:
    (row,) = moved(value("opposite views", lambda old: replace(old, array=-old.array))).rows
    assert (row.question, row.before, row.now) == ("1.3", "-0.00116628", "0.00116628")
    (row,) = moved(value("float32 B=64", shifted(0.5), "gradient of z2")).rows
    assert row.check == "Gradients of both views" and row.case == "float32 B=64: gradient of z2"
    assert row.before.startswith("[") and row.before != row.now
    (row,) = moved(value("public", lambda old: Value("none", "None"))).rows
    assert (row.before, row.now) == ("torch.float32 []", "None")
    (row,) = moved(value("float64 B=3", lambda old: Value("tensor", "torch.float32", old.array.astype("f4")))).rows
    assert (row.before, row.now) == ("torch.float64 []", "torch.float32 []")
    (row,) = moved(value("public", lambda old: replace(old, array=~old.array), "inputs unchanged")).rows
    assert (row.check, row.before, row.now) == ("(unchecked)", "True", "False")


def raising(answer: Answer) -> Answer:
    trace = "criterion.py, line 9, in align_loss: return x\ncriterion.py, line 108, in helper: y"
    return Answer(answer.case, error=CodeError("exception", "NameError: name 'x' is not defined\nmore", trace))


def nan(answer: Answer) -> Answer:
    return value(answer.case, lambda old: replace(old, array=old.array * np.nan))(answer)


def test_an_exception_is_one_row_with_file_and_line_and_can_not_be_accepted() -> None:
    found = moved(raising)
    (row,) = found.rows
    assert row.now == "NameError: name 'x' is not defined (solutions/criterion.py, line 108)"
    assert row.case == "public and 8 more" and found.wrong and found.files == {}


def test_no_number_can_not_be_accepted() -> None:
    found = moved(nan)
    assert found.wrong and found.files == {} and found.rows[0].now.startswith("NaN, infinity")


def test_a_question_shows_so_many_rows_and_a_count() -> None:
    found = moved(lambda answer: value(answer.case, shifted(1.0))(answer))
    assert len(found.rows) > MOST
    text = printed(found)
    assert f"1.3: {len(found.rows) - MOST} more" in text
    assert len(text.splitlines()) <= MOST + 8
    assert (
        "1.3 Align loss w/o predictor" in text
        and "public: value" in text
        and "-0.450736" in text
        and "0.549264" in text
    )


def test_another_seed_is_one_sentence() -> None:
    found = moved(rubric=replace(RUBRIC, seed="next term"))
    assert found.rows == [] and found.new == [
        "Another seed or variant: the hidden cases of all questions have fresh inputs."
    ]


def test_a_question_that_was_left_out_when_the_seed_changed_is_named(tmp_path: Path) -> None:
    """One of two questions has a fixture of an earlier seed."""
    two = replace(RUBRIC, questions=tuple(one for one in load_rubric().graded if one.id in (now("1.3"), now("1.4"))))
    for question in two.graded:
        kept = read_fixture(FOLDER / f"{question.id}.npz")
        seed = two.seed if question.id == now("1.3") else "last term"
        answers = list(kept.answers.values())
        (tmp_path / f"{question.id}.npz").write_bytes(fixture_bytes(question, seed, list(kept.cases.values()), answers))
    assert moved(rubric=two, folder=tmp_path).new == [
        f"Question {now('1.4')} was built last with another seed or variant: its hidden cases have fresh inputs."
    ]


def test_a_question_without_a_fixture_and_cases_that_changed_are_told(tmp_path: Path) -> None:
    assert moved(folder=tmp_path).new == ["Question 1.3 has no fixture yet: 9 cases are new."]

    def other(question: str, seed: str) -> tuple[Case, ...]:
        first, second, *rest = common_cases(question, seed)
        warm = replace(second, params={**second.params, "temperature": 2.0})
        z1 = {**first.arrays, "z1": first.arrays["z1"] + np.float32(1e-3)}
        return (replace(first, arrays=z1), warm, *rest[:-1], replace(rest[-1], name="constant z1"))

    found = find_moved(RUBRIC, Replay(), FOLDER, other)
    cases = "public; public predictor; constant z1; constant z2"
    assert found.new == [f"Question 1.3, cases that are new, changed or gone: {cases}."]


def test_inputs_of_another_machine_are_the_same() -> None:
    def elsewhere(question: str, seed: str) -> list[Case]:
        cases = common_cases(question, seed)
        return [
            replace(case, arrays={name: array * (1 + 1e-7) for name, array in case.arrays.items()}) for case in cases
        ]

    assert not find_moved(RUBRIC, Replay(), FOLDER, elsewhere)


def test_other_instructions_take_a_twentieth_of_what_checks_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch and MKL run as on a processor without AVX, whatever the fixtures were made on."""
    processor = {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"}
    for name, setting in processor.items():
        monkeypatch.setenv(name, setting)
    monkeypatch.setattr(client, "_KEPT_VARIABLES", (*client._KEPT_VARIABLES, *processor))
    monkeypatch.setattr("autograder.reference.moved.SHARE", 1 / 20)
    assert rehearsal.moved(load_rubric()).rows == []


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of a copy of the reference, which the kit uses instead of its own."""
    shutil.copytree(SOLUTIONS, tmp_path / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("autograder.reference.answer_key.SOLUTIONS", tmp_path / "solutions")
    return tmp_path / "solutions" / "criterion.py"


def test_a_proof_begins_with_it_and_says_nothing_else(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = copied.read_text()
    assert text.count("return -F.cosine_similarity(") == 1
    copied.write_text(text.replace("return -F.cosine_similarity(", "return F.cosine_similarity("))
    assert main(["--self-test", "--question", "1.3"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "What the reference in solutions/ gives is not what autograder/fixtures/ holds:"
    assert lines[-1] == rehearsal.MOVED and len(lines) < 20


def test_a_reference_that_can_not_be_imported_is_told_with_its_line(copied: Path) -> None:
    copied.write_text("x = (\n" + copied.read_text())
    with pytest.raises(AutograderError, match=r"SyntaxError: '\(' was never closed \(criterion\.py, line 1\)\.$"):
        rehearsal.moved(RUBRIC)


@pytest.mark.parametrize("command", [["--reference"], ["--self-test", "--matrix"]])
def test_no_class_is_graded_then(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rehearsal, "moved", lambda rubric: moved(raising))
    assert main(command) == 1
    assert "NameError" in capsys.readouterr().out and list(tmp_path.iterdir()) == []
