"""`handout build` asks before what is expected changes, and changes everything or nothing, `course.toml` included."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.checks.compare import Close
from autograder.checks.demands import PUBLIC, Check, each
from autograder.core.errors import AutograderError
from autograder.core.records import Answer, Case, CodeError, Question
from autograder.handout import cli
from autograder.handout.build import Inputs, rubric_of
from autograder.reference.frozen import PATH as FIXTURES
from autograder.reference.frozen import read_fixture
from autograder.reference.moved import find_moved
from tests.handout.conftest import FakeSource, demanded, public_cases

Run = Callable[..., int]
TWICE = Check("1.2", "twice", "Twice the numbers", 10, PUBLIC, each(["Small numbers"], ["twice"], Close(1e-4)))
FILES = dict.fromkeys(("assignment/README.md", "autograder/core/rubric.json", "handouts/points.html"), b"new")
"""Other generated files, which take long and do not matter here."""
VARIANTS = '["2026"]\n["2027"]\n["2027".texts."handouts/source/changes.md"]\n"Question 2" = "Task 2"\n'


class Source(FakeSource):
    """The miniature solution in its present form."""

    factor = 1.0
    raises = False

    def answers(self, question: Question, cases: Sequence[Case], mistake: str | None = None) -> list[Answer]:
        if self.raises:
            error = CodeError("exception", "ValueError: no", "criterion.py, line 10, in double: no")
            return [Answer(case.name, error=error) for case in cases]
        cases = [replace(case, arrays={"x": case.arrays["x"] * np.float32(self.factor)}) for case in cases]
        return super().answers(question, cases, mistake)


def common(question: str, seed: str) -> Sequence[Case]:
    return public_cases(question) if question == "1.2" else ()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def run(repository: Path, source: Source, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("autograder.checks.judge.CHECKS", [TWICE])
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(cli, "release_files", lambda root, files: {})
    (repository / "solutions" / "variants.toml").write_text(VARIANTS)

    @contextlib.contextmanager
    def open_inputs(root: Path) -> Iterator[Inputs]:
        yield Inputs(
            *(public_cases, source, {}, lambda question, seed: public_cases(question) if question == "1.2" else ()),
            demanded,
        )

    return lambda *arguments: cli.main(["--root", str(repository), *arguments], open_inputs)


@pytest.fixture
def kept(run: Run, repository: Path, source: Source) -> Path:
    """The fixture's file, as `--accept` writes it."""
    (repository / FIXTURES).mkdir(parents=True)
    ((path, content),) = find_moved(rubric_of(repository), source, repository / FIXTURES, common).files.items()
    (repository / path).write_bytes(content)
    return repository / path


def snapshot(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_what_is_expected_is_written_when_it_is_accepted(
    run: Run, repository: Path, source: Source, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "generate", lambda root, inputs: FILES)
    before = snapshot(repository)
    assert run("build") == 1
    assert capsys.readouterr().out == f"Question 1.2 has no fixture yet: 2 cases are new.\n{cli.MEANT}\n"
    assert snapshot(repository) == before
    assert run("build", "--accept") == 0
    assert "autograder/fixtures/1.2.npz: written\n" in capsys.readouterr().out
    file = repository / FIXTURES / "1.2.npz"
    assert read_fixture(file).answers["Two and zero"].values["twice"].array.tolist() == [4.0, 0.0]  # type: ignore[union-attr]
    before = snapshot(repository)
    source.factor = 1.0 + 1e-6  # another machine, which rounds in its own way: what is expected stays as it is
    assert run("build", "--accept") == 0
    assert snapshot(repository)[f"{FIXTURES}/1.2.npz"] == before[f"{FIXTURES}/1.2.npz"]


@pytest.mark.parametrize("command", ["build", "check", "verify"])
def test_a_reference_that_moved_stops_everything(
    run: Run, repository: Path, source: Source, kept: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(repository)
    source.factor = -1.0
    assert run(command) == 1
    output = capsys.readouterr().out
    for word in ("Check", "Case", "From", "To", "1.2 Twice the numbers", "Small numbers: twice", "[2] -5", "[2] 5"):
        assert word in output
    assert output.endswith(f"{cli.MEANT}\n") and snapshot(repository) == before


def test_an_exception_is_never_accepted(
    run: Run, repository: Path, source: Source, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, source.raises = snapshot(repository), True
    assert run("build", "--accept") == 1
    output = capsys.readouterr().out
    assert "ValueError: no (solutions/criterion.py, line 10)" in output and output.endswith(f"{cli.MEND}\n")
    assert snapshot(repository) == before


def _not_accepted(root: Path, source: Source) -> None:
    source.factor = -1.0


def _text_that_is_not_there(root: Path, source: Source) -> None:
    (root / "handouts/source/changes.md").write_text("# Changes\n")


def _broken_page(root: Path, source: Source) -> None:
    (root / "handouts/source/assignment.md").write_text('{{ points("9") }}')


@pytest.mark.parametrize("spoil", [_not_accepted, _text_that_is_not_there, _broken_page])
def test_a_failed_build_of_a_variant_changes_nothing(
    run: Run, repository: Path, source: Source, kept: Path, spoil: Callable[[Path, Source], None]
) -> None:
    spoil(repository, source)
    before = snapshot(repository)
    with contextlib.suppress(AutograderError):
        assert run("build", "--variant", "2027") == 1
    assert snapshot(repository) == before
    assert 'variant = "2026"' in (repository / "solutions" / "course.toml").read_text()


@pytest.mark.parametrize("name", ["assignment", "1.2.npz", "rubric.json", "course.toml"])
def test_a_full_disk_leaves_the_variant_as_it_was(
    run: Run, repository: Path, kept: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a file cannot be put in its place, the variant and expected values are restored with everything else."""
    before, rename = snapshot(repository), os.rename

    def failing(old: Path, new: Path) -> None:
        if new.name == name and old.is_relative_to(next(repository.glob(".handout-*/new"))):
            raise OSError(28, "No space left on device")
        rename(old, new)

    monkeypatch.setattr(cli, "generate", lambda root, inputs: FILES)
    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(AutograderError, match="No space left"):
        run("build", "--variant", "2027", "--accept")
    monkeypatch.setattr(os, "rename", rename)
    assert snapshot(repository) == before
    assert run("build", "--variant", "2027", "--accept") == 0
    assert 'variant = "2027"' in (repository / "solutions" / "course.toml").read_text()
    assert read_fixture(kept).seed == "hush-hush/2027"
