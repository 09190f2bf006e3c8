"""Tests the real assignment: the students' files run, reveal nothing, and pass once they are filled in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch

from autograder.core.records import STUDENT_FILES, Answer, Question, Value
from autograder.handout.build import KIT, PUBLIC, Generated, generate, rubric_of
from autograder.handout.files.annotations import read_stubs
from autograder.handout.files.mistake_rows import KnownMistake
from autograder.handout.files.public_answers import reference_inputs
from autograder.handout.repository import find_drift, install
from autograder.sandbox.student import in_parts

REPOSITORY = Path(__file__).parents[3]

Load = Callable[[Path], ModuleType]


Given = tuple[Question, KnownMistake, list[Answer]]
SEVERAL = re.compile("(Two|Three) things at once: ")
"""The answers of a known mistake to public inputs."""


@pytest.fixture(scope="module")
def made() -> tuple[Generated, list[Given]]:
    with reference_inputs(REPOSITORY) as inputs:
        built = generate(REPOSITORY, inputs)
        given = [
            (part, mistake, inputs.source.answers(part, cases, mistake.name))
            for question in rubric_of(REPOSITORY).graded
            for part, cases in in_parts(question, inputs.public_cases(question.id))
            for mistake in inputs.mistakes[question.id]
        ]
    return built, given


@pytest.fixture(scope="module")
def built(made: tuple[Generated, list[Given]]) -> Generated:
    return made[0]


@pytest.fixture
def real(built: Generated, tmp_path: Path) -> Path:
    install(tmp_path, built)
    return tmp_path / "assignment"


def test_what_is_in_the_repository_is_what_build_makes(built: Generated) -> None:
    assert [drift.path for drift in find_drift(REPOSITORY, built)] == [], "run `handout build` and commit the result"


@pytest.mark.published
def test_the_skeleton_fails_every_check_and_says_why(
    real: Path, load_check: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load_check(real).main([]) == 1
    text = capsys.readouterr().out
    failed = text.count("[-----failed-----]\nQuestion ")
    assert failed == text.count(" is not implemented yet\n") > 0
    assert f"\n0 of {failed} public checks pass.\n" in text
    bonus = re.findall(r"\[Test B\d: .+\]\n\[--not attempted--\]\n", text)
    assert len(bonus) == text.count("[Test B") > 0
    assert failed + len(bonus) == text.count("[Test ")


def test_the_reference_passes_every_check(real: Path, load_check: Load, capsys: pytest.CaptureFixture[str]) -> None:
    for file in STUDENT_FILES:
        shutil.copy(REPOSITORY / "solutions" / file, real / file)
    status = load_check(real).main([])
    assert status == 0, capsys.readouterr().out


@pytest.mark.published
def test_a_known_mistake_is_named(real: Path, load_check: Load, capsys: pytest.CaptureFixture[str]) -> None:
    source = (REPOSITORY / "solutions" / "criterion.py").read_text()
    assert source.count('.masked_fill(itself, float("-inf"))') == 2
    wrong = source.replace('.masked_fill(itself, float("-inf"))', "")
    (real / "criterion.py").write_text(wrong)
    assert load_check(real).main(["criterion", "--hint", "2"]) == 1
    assert "[Hint for 1.2]" in capsys.readouterr().out


@pytest.mark.published
def test_a_missing_sign_is_the_one_mistake_that_is_named(
    real: Path, load_check: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """A public input has a cosine below 0, so that nothing which looks at the sign of a cosine fits as well."""
    source, right = (REPOSITORY / "solutions" / "criterion.py").read_text(), "return -F.cosine_similarity(z1, z2"
    assert source.count(right) == 1
    (real / "criterion.py").write_text(source.replace(right, right.replace("-", "")))
    assert load_check(real).main(["criterion", "--hint", "2"]) == 1
    assert "[Hint for 1.3]\nThe sign is missing" in capsys.readouterr().out


def returned(value: Value) -> object:
    """The value that a student's function must return for the grader to see this one."""
    if value.array is None:
        return None if value.kind == "none" else object()
    return value.array.item() if value.kind == "number" else torch.from_numpy(value.array.copy())


@pytest.mark.published
def test_each_known_mistake_in_the_file_is_named_in_its_words(
    made: tuple[Generated, list[Given]], real: Path, load_check: Load
) -> None:
    """Several mistakes at once are left out where one alone gives the same values."""
    check, named, simpler = load_check(real), [], []
    with check.as_when_grading():
        from ssl_kit.hints import kinds

        questions = check.stored("public_checks.json", "questions")
        for question in questions:
            for part, mistake, answers in made[1]:
                if (part.id, part.file) == (question["id"], question["file"]):
                    values = [{name: returned(value) for name, value in answer.values.items()} for answer in answers]
                    found = kinds(question, values)
                    if mistake.words in found:
                        named.append(mistake.words)
                    elif SEVERAL.match(mistake.words) and found and not any(map(SEVERAL.match, found)):
                        simpler.append(mistake.words)
    rows = [row for question in questions for rows in question["mistakes"].values() for row in rows]
    assert len(named) <= len(rows) <= len(named) + len(simpler)
    assert len(rows) > 700
    assert sum(map(bool, map(SEVERAL.match, named))) > 100


@pytest.mark.published
def test_the_file_of_public_checks_is_small(built: Generated) -> None:
    assert len(built[f"assignment/{PUBLIC}/public_checks.json"]) < 165_000


@pytest.mark.published
def test_no_line_of_the_reference_is_in_anything_that_students_get(built: Generated) -> None:
    text = b"\n".join(content for path, content in built.items() if path.startswith("assignment/")).decode()
    for file in STUDENT_FILES:
        source = (REPOSITORY / "solutions" / file).read_text()
        lines = source.splitlines()
        for stub in read_stubs(source, file):
            secret = [line.strip() for line in lines[stub.start : stub.end - 1] if len(line.split("#")[0].strip()) > 25]
            assert [line for line in secret if line in text] == []


def test_every_file_that_the_readme_names_is_there(real: Path) -> None:
    readme = (real / "README.md").read_text()
    named = set(re.findall(r"`([a-z_]+\.(?:py|json|txt|yml))`", readme)) - {"run.json"}  # a run writes it
    assert named >= {*STUDENT_FILES, "check.py", "requirements.txt", "environment.yml"}
    assert [name for name in sorted(named) if not ((real / name).is_file() or (real / KIT / name).is_file())] == []
