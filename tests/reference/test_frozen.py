"""The fixtures: NumPy alone reads them, equal answers give equal bytes, and they are what answers are compared with."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.cases import common_cases
from autograder.checks import judge
from autograder.core.errors import AutograderError
from autograder.core.records import Rubric, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON, SOLUTIONS, Limits
from autograder.grading import worker
from autograder.grading.grader import Grader
from autograder.reference.frozen import FOLDER, INPUT, UNCHECKED, Fixture, Fixtures, fixture_bytes, read_fixture
from autograder.reference.variants import as_written
from autograder.sandbox.client import Zygote

RUBRIC = load_rubric()
ROOT = Path(__file__).parents[2]


def test_numpy_alone_reads_a_file() -> None:
    """In a Python that has NumPy and nothing of the kit; each name says check, case and output."""
    code = (
        "import json, sys, numpy\n"
        "with numpy.load(sys.argv[1], allow_pickle=False) as arrays:\n"
        "    print(json.dumps({name: arrays[name].shape for name in arrays.files}))\n"
        "    print(arrays['test_contrastive_value/public/value'], arrays['about'], sep='\\n')\n"
        "print('autograder' in sys.modules, 'torch' in sys.modules)\n"
    )
    command = [sys.executable, "-P", "-c", code, str(FOLDER / "1.2.npz")]
    names, value, *about, loaded = subprocess.run(
        command, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    shapes = json.loads(names)
    assert shapes["test_contrastive_gradient/float32 B=64/gradient of z1"] == [64, 16]
    assert shapes["input/float32 B=64/z1"] == [64, 16]
    assert float(value) == pytest.approx(0.853544, abs=1e-6)
    said = json.loads("\n".join(about))
    assert said["seed"] == RUBRIC.seed and "autograder/cases/criterion.py" in said["about"]
    assert said["cases"]["public temperature"]["params"]["temperature"] == 0.1
    assert loaded == "False False"


@pytest.mark.parametrize("question", RUBRIC.graded, ids=lambda question: question.id)
def test_every_shared_case_is_kept_and_nobodys_own(question: object) -> None:
    fixture = read_fixture(FOLDER / f"{question.id}.npz")  # type: ignore[attr-defined]
    cases = common_cases(question.id, RUBRIC.seed)  # type: ignore[attr-defined]
    assert list(fixture.cases) == [case.name for case in cases]
    with np.load(FOLDER / f"{question.id}.npz", allow_pickle=False) as arrays:  # type: ignore[attr-defined]
        checks = {name.split("/")[0] for name in arrays.files} - {"about", INPUT, UNCHECKED}
    known = {check.name for check in judge.CHECKS if check.question == question.id}  # type: ignore[attr-defined]
    assert checks and checks <= known


@pytest.mark.published
def test_what_is_written_is_read_and_bytes_depend_on_nothing_else() -> None:
    question = RUBRIC["1.3"]
    kept = read_fixture(FOLDER / "1.3.npz")
    made = [fixture_bytes(question, kept.seed, list(kept.cases.values()), list(kept.answers.values())) for _ in "12"]
    assert made[0] == made[1]
    with zipfile.ZipFile(io.BytesIO(made[0])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


def tampered(folder: Path, change: Callable[[Fixture], Fixture]) -> Fixtures:
    """The fixtures with question 1.3's changed."""
    folder.mkdir()
    kept = change(read_fixture(FOLDER / "1.3.npz"))
    content = fixture_bytes(RUBRIC["1.3"], kept.seed, list(kept.cases.values()), list(kept.answers.values()))
    (folder / "1.3.npz").write_bytes(content)
    return Fixtures(RUBRIC, folder)


@pytest.mark.published
def test_answers_are_compared_with_the_fixtures_on_their_inputs(tmp_path: Path) -> None:
    """Both are off here by less than any tolerance; if the reference itself would lose points, nobody is graded."""

    def nearby(kept: Fixture) -> Fixture:
        case = kept.cases["opposite views"]
        near = replace(case, arrays={name: array + np.float32(1e-6) for name, array in case.arrays.items()})
        return replace(off(4e-6)(kept), cases={**kept.cases, case.name: near})

    def off(by: float) -> Callable[[Fixture], Fixture]:
        def change(kept: Fixture) -> Fixture:
            answer = kept.answers["opposite views"]
            value = replace(answer.values["value"], array=answer.values["value"].array + np.float32(by))
            answer = replace(answer, values={**answer.values, "value": value})
            return replace(kept, answers={**kept.answers, answer.case: answer})

        return change

    (tmp_path / "ann").mkdir()
    shutil.copy(SOLUTIONS / "criterion.py", tmp_path / "ann")
    question, ann = RUBRIC["1.3"], Submission("ann", tmp_path / "ann")
    with Zygote(SKELETON) as zygote:
        near = tampered(tmp_path / "near", nearby)
        with Grader(RUBRIC, Limits(), zygote=zygote, fixtures=near) as grader, grader.open(ann) as opened:
            answers = opened.answers(question)
        assert judge.all_pass(question, answers)
        kept = read_fixture(tmp_path / "near" / "1.3.npz")
        wanted, held = (side["opposite views"].values["value"].array for side in (answers.expected, kept.answers))
        assert wanted is not None and held is not None and wanted.tobytes() == held.tobytes()
        assert np.array_equal(answers.cases["opposite views"].arrays["z1"], kept.cases["opposite views"].arrays["z1"])
        far = tampered(tmp_path / "far", off(1e-3))
        with (
            Grader(RUBRIC, Limits(), zygote=zygote, fixtures=far) as grader,
            grader.open(ann) as opened,
            pytest.raises(AutograderError, match=r"Question 1\.3: the reference in solutions/ does not give what"),
        ):
            opened.answers(question)


@pytest.mark.published
def test_without_a_folder_nothing_is_kept() -> None:
    live, (case, *_) = Fixtures(RUBRIC, None), common_cases("1.3", RUBRIC.seed)
    assert live.cases("1.3") == common_cases("1.3", RUBRIC.seed)
    assert live.answer(as_written(case, RUBRIC.variant)) is None


def _other_seed(folder: Path) -> Rubric:
    return replace(RUBRIC, seed="another")


def _missing(folder: Path) -> Rubric:
    (folder / "1.3.npz").unlink()
    return RUBRIC


def _cut(folder: Path) -> Rubric:
    (folder / "1.3.npz").write_bytes((folder / "1.3.npz").read_bytes()[:-200])
    return RUBRIC


def _other_file(folder: Path) -> Rubric:
    np.savez(folder / "1.3.npz", about=np.array("{}"))
    return RUBRIC


def _other_question(folder: Path) -> Rubric:
    shutil.copy(folder / "1.2.npz", folder / "1.3.npz")
    return RUBRIC


REFUSED = {
    _other_seed: "1.3.npz was made for another seed or variant",
    _missing: "1.3.npz is missing",
    _cut: "1.3.npz cannot be read",
    _other_file: "1.3.npz cannot be read",
    _other_question: "Case 'public' of question 1.3 is not the one in autograder/fixtures/1.3.npz",
}


@pytest.mark.published
@pytest.mark.parametrize(("spoil", "message"), REFUSED.items(), ids=[spoil.__name__ for spoil in REFUSED])
def test_what_does_not_fit_is_refused(tmp_path: Path, spoil: Callable[[Path], Rubric], message: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "fixtures")
    rubric = spoil(tmp_path / "fixtures")
    with pytest.raises(AutograderError, match=message) as caught:
        Fixtures(rubric, tmp_path / "fixtures").cases("1.3")
    assert "`handout build --accept`" in caught.value.hint


def test_other_fixtures_are_another_version_of_the_kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a class is graded again."""
    monkeypatch.setattr(worker, "ROOT", tmp_path)
    for name in ("SOLUTIONS", "SKELETON"):
        monkeypatch.setattr(worker, name, tmp_path / name)
    (tmp_path / "autograder" / "fixtures").mkdir(parents=True)
    versions = set()
    for content in (b"1", b"2"):
        (tmp_path / "autograder" / "fixtures" / "1.2.npz").write_bytes(content)
        versions.add(worker.version.__wrapped__())
    assert len(versions) == 2
