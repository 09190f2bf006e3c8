"""Tests the hints of `check.py`, which come in stages, and the optional steps of question 1.2."""

from __future__ import annotations

import json

import pytest

from autograder.handout.build import PUBLIC
from tests.handout.conftest import Student


def test_hints_come_in_stages_the_place_the_kind_and_the_formula(student: Student) -> None:
    student.write("return x * x, x.numel()")
    place, kind, formula = (student.run("criterion", "--hint", number) for number in "123")
    assert student.run("criterion") == place
    assert [status for status, _ in (place, kind, formula)] == [1, 1, 1]
    assert "[-----failed-----]\ncriterion.py, double:\ntwice has the wrong value.\n" in place[1]
    assert "Hint" not in place[1] and "Look at" not in place[1] and "Formula" not in kind[1]
    assert place[1].endswith("\nFor the kind of mistake: python check.py criterion --hint 2\n")
    assert kind[1].partition("\n")[2].startswith("\n[Hint for 1.2]\nSquaring is not doubling.\n")
    assert kind[1].endswith("\nFor the formula: python check.py criterion --hint 3\n")
    assert "\n[Formula for 1.2: double]\n    Twice x, and the number of entries.\n" in formula[1]
    assert formula[1].endswith("public checks pass.\n")


def test_no_further_hint_is_offered_where_an_error_says_enough(student: Student) -> None:
    student.write("return x.missing")
    assert student.run("criterion")[1].endswith("public checks pass.\n")


@pytest.mark.parametrize(
    ("written", "renamed", "sentence"),
    [
        ("2 * x, x.numel()", "duoble", "criterion.py does not define double; it defines duoble (line 6). Rename it."),
        ("x.missing", "double", "AttributeError: 'Tensor' object has no attribute 'missing'"),
        ("2 * x, x.numel()", "twofold", "criterion.py does not define double.\n"),
    ],
)
def test_the_formula_is_shown_for_an_error_too(student: Student, written: str, renamed: str, sentence: str) -> None:
    student.write(f"return {written}")
    file = student.folder / "criterion.py"
    file.write_text(file.read_text().replace("def double", f"def {renamed}"))
    place, kind, formula = (student.run("criterion", "--hint", number)[1] for number in "123")
    assert sentence in place and kind == place
    assert "\n[Formula for 1.2: double]\n    Twice x, and" in formula


def test_an_unfilled_stub_has_its_formula_in_the_file_alone(student: Student) -> None:
    assert "[Formula" not in student.run("criterion", "--hint", "3")[1]


def test_steps_are_checked_and_count_for_nothing(student: Student) -> None:
    student.write("return 2 * x, x.numel()")
    steps = student.folder / "steps.py"
    steps.write_text("def cosine(a, b):\n    return a @ b\n\ndef similarities(z1, z2, temperature):\n    1 / 0\n")
    status, text = student.run("criterion", "--hint", "3")
    assert status == 0 and text.endswith("\n2 of 2 public checks pass.\n")
    assert (
        "rows]\n[-----failed-----]\nsteps.py, cosine, a = (3, 4), b = (6, 8):\nexpected 1, received 50\nThis is "
        in text
    )
    assert "similarities]\n[-----failed-----]\nZeroDivisionError: division by zero\nsteps.py, line 5, in simi" in text
    assert "[Step c of 1.2: the loss as a loop]\n[--not written (optional)--]\n" in text
    assert text.index("[Step c") < text.index("[Test 1.2")
    assert student.run("criterion")[1].endswith("criterion --hint 2\n")
    steps.write_text("def cosine(")
    status, text = student.run("criterion")
    assert status == 0 and "\n[steps.py]\n[-----failed-----]\nSyntaxError: '(' was never closed" in text


def test_no_hint_when_one_input_tells_the_mistake_apart(student: Student) -> None:
    student.write("return x * x * (len(x) == 2), x.numel()")
    assert "[Hint for 1.2]\nNo known mistake gives these values.\n" in student.run("criterion", "--hint", "2")[1]


def test_two_hints_that_fit_are_both_shown(student: Student) -> None:
    file = student.folder / PUBLIC / "public_checks.json"
    checks = json.loads(file.read_text())
    (rows,) = checks["questions"][1]["mistakes"].values()
    rows.append(["The same by another way.", *rows[0][1:]])
    file.write_text(json.dumps(checks))
    student.write("return x * x, x.numel()")
    both = "Squaring is not doubling.\nThe same by another way.\n"
    assert f"[Hint for 1.2] Your results fit each of these:\n{both}" in student.run("criterion", "--hint", "2")[1]
