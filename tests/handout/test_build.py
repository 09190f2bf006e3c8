"""Tests what `handout build` makes: everything that students need, nothing that they must not see."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES
from autograder.handout.build import CHECK, COLLECTING, KIT, PUBLIC, SHARED, Inputs, generate


def test_students_get_exactly_the_files_that_are_meant(repository: Path, inputs: Inputs) -> None:
    (repository / "solutions" / "notes.txt").write_text("for us")
    files = generate(repository, inputs)
    top = {"README.md", "running.md", "requirements.txt", "environment.yml", "report.ipynb", CHECK, *STUDENT_FILES}
    kit = {"__init__.py", "check.py", "differences.py", "engine.py", "flags.py", "hand_in.py", "LICENSE", "colab.ipynb"}
    kit |= {"hints.py", "step_checks.py", "telling.py"}
    public = {*SHARED, *COLLECTING, "asked.json", "phrases.py", "wording.py", "words.json", "public_checks.json"}
    public |= {
        "compare.py",
        "entries.py",
        "student_files.py",
        "values.py",
        *(f"probe_{file}" for file in STUDENT_FILES),
    }
    meant = top | {f"{KIT}/{file}" for file in kit} | {f"{PUBLIC}/{file}" for file in public}
    found = {path.removeprefix("assignment/") for path in files if path.startswith("assignment/")}
    assert found == meant
    assert len({path.partition("/")[0] for path in found}) == 12


def test_nothing_that_students_get_holds_a_solution_or_the_seed(repository: Path, inputs: Inputs) -> None:
    for path, content in generate(repository, inputs).items():
        assert b"return 2 * x" not in content
        assert b"hush-hush" not in content or path == "autograder/core/rubric.json"


def test_two_builds_are_equal_byte_for_byte(repository: Path, inputs: Inputs) -> None:
    assert generate(repository, inputs) == generate(repository, inputs)


def bonus(source: str) -> str:
    """The miniature file with its question as a bonus question, in its region."""
    source = source.replace("Question 1.2: Doubling (10 points)", "Question B1: Queue (2.5 points, bonus)")
    before, function, after = source.partition("def double")
    body, main, rest = after.partition("\n\n\nif __name__")
    return f"{before}### With question B1\n{function}{body}\n\n\n### End of question B1\n{main.strip()}{rest}"


@pytest.mark.parametrize(
    ("state", "in_skeleton", "in_handout", "points"),
    [
        ("asked", b'NotImplementedError("Question B1 is not implemented yet")', b"Queue (2.5 points, bonus)", 2.5),
        ("given", b"return 2 * x, x.numel()", b"Queue (given, no points)", None),
        ("absent", None, None, None),
    ],
)
def test_a_bonus_question_is_asked_given_or_absent(
    repository: Path, inputs: Inputs, state: str, in_skeleton: bytes | None, in_handout: bytes, points: float | None
) -> None:
    file = repository / "solutions" / "criterion.py"
    file.write_text(bonus(file.read_text()))
    flags = repository / "solutions" / KIT / "flags.py"
    flags.write_text(
        'PRESETS = [\n    "simclr",\n    ### With question B1\n    "queue",\n    ### End of question B1\n]\n'
    )
    with (repository / "solutions" / "course.toml").open("a") as settings:
        settings.write(f'[bonus]\nB1 = "{state}"\n')
    files = generate(repository, inputs)
    skeleton, handout = files["assignment/criterion.py"], files["handouts/assignment.html"]
    assert (b"def double" in skeleton) == (state != "absent")
    assert (b"###" in skeleton) == (state == "asked")
    assert (b'"queue"' in files[f"assignment/{KIT}/flags.py"]) == (state != "absent")
    assert in_skeleton is None or in_skeleton in skeleton
    assert in_handout in handout if in_handout else b"question B1" not in handout
    asked = {row["id"]: row["points"] for row in json.loads(files["autograder/core/rubric.json"])["questions"]}
    assert asked.get("B1") == points
    checked = {row["id"] for row in json.loads(files[f"assignment/{PUBLIC}/public_checks.json"])["questions"]}
    assert ("B1" in checked) == (state == "asked")


def test_a_bonus_question_must_stand_in_its_region(repository: Path, inputs: Inputs) -> None:
    file = repository / "solutions" / "criterion.py"
    lines = bonus(file.read_text()).splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "of question" not in line and "With question" not in line))
    with pytest.raises(AutograderError, match=r"criterion\.py, line 8, is not in the region of question B1"):
        generate(repository, inputs)


def test_the_rubric_lists_the_questions_in_order(repository: Path, inputs: Inputs) -> None:
    file = repository / "solutions" / "criterion.py"
    file.write_text(bonus(file.read_text()))
    rubric = json.loads(generate(repository, inputs)["autograder/core/rubric.json"])
    assert rubric["seed"] == "hush-hush"
    assert [question["id"] for question in rubric["questions"]] == ["1.1", "1.4", "2", "3", "4", "B1"]
    core = {"title": "Doubling", "points": 10, "bonus": False, "manual": False}
    assert rubric["questions"][0] == {"id": "1.1", "file": "model_factory.py", **core}
    assert rubric["questions"][4]["manual"] is True
    assert rubric["questions"][5]["points"] == 2.5 and rubric["questions"][5]["bonus"] is True


def test_requirements_have_the_ranges_of_pyproject(repository: Path, inputs: Inputs) -> None:
    lines = generate(repository, inputs)["assignment/requirements.txt"].decode().splitlines()
    assert "torch>=2.6" in lines
    assert not any(line.startswith(("nbgrader", "jinja2")) for line in lines)


def test_slots_are_filled(repository: Path, inputs: Inputs) -> None:
    files = generate(repository, inputs)
    assert b"Question 2: 10 points." in files["assignment/README.md"]
    assert b"Question 2: 10 points." in files["handouts/assignment.html"]


def _stray_python_file(root: Path) -> None:
    (root / "solutions" / "scratch.py").write_text("")


def _no_student_file(root: Path) -> None:
    (root / "solutions" / "validation.py").unlink()


def _question_in_a_given_file(root: Path) -> None:
    (root / "solutions" / KIT / "engine.py").write_text((root / "solutions" / "criterion.py").read_text())


def _slot_of_no_question(root: Path) -> None:
    (root / "handouts/source/assignment.md").write_text('{{ points("9") }}')


def _slot_with_a_typing_error(root: Path) -> None:
    (root / "handouts/source/changes.md").write_text("{{ pionts }}")


def _id_by_hand_and_in_a_file(root: Path) -> None:
    file = root / "solutions" / "course.toml"
    file.write_text(file.read_text().replace('id = "4"', 'id = "2"'))


def _unknown_key(root: Path) -> None:
    file = root / "solutions" / "course.toml"
    file.write_text(file.read_text().replace("[[manual]]", "[[manuel]]"))


def _superfluous_key(root: Path) -> None:
    file = root / "solutions" / "course.toml"
    file.write_text("room = 3\n" + file.read_text())


def _points_in_words(root: Path) -> None:
    file = root / "solutions" / "course.toml"
    file.write_text(file.read_text().replace("30", '"thirty"'))


def _not_utf8(root: Path) -> None:
    (root / "handouts/source/changes.md").write_bytes(b"\xff")


WRONG = {
    _stray_python_file: "scratch.py is neither",
    _no_student_file: r"validation\.py cannot be read",
    _question_in_a_given_file: r"ssl_kit/engine\.py, line 8",
    _slot_of_no_question: "assignment.md has a slot",
    _slot_with_a_typing_error: "pionts",
    _id_by_hand_and_in_a_file: "repeats question 2",
    _unknown_key: r"course\.toml: the file .*manu",
    _superfluous_key: "unknown key `room`",
    _points_in_words: "points of question 4",
    _not_utf8: r"changes\.md is not text",
}


@pytest.mark.parametrize(("spoil", "message"), WRONG.items(), ids=[spoil.__name__ for spoil in WRONG])
def test_what_is_wrong_is_said(repository: Path, inputs: Inputs, spoil: Callable[[Path], None], message: str) -> None:
    spoil(repository)
    with pytest.raises(AutograderError, match=message):
        generate(repository, inputs)
