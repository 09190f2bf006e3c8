"""`check.py` says what grading will say of the files that it does not look into, as `--zip` does."""

from __future__ import annotations

import json

import pytest

from autograder.handout.build import COLAB
from tests.handout.conftest import Student

ANSWER = "def double(x):\n    return 2 * x, len(x)\n"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ANSWER}]})
FORETOLD = {
    "hw.ipynb": (NOTEBOOK.encode(), "hw.ipynb counts as criterion.py; the public checks do not look into it."),
    "criterion (1).py": (
        ANSWER.encode(),
        "criterion.py is as it was handed out, and criterion (1).py is not; if that is your answer, call it "
        "criterion.py.",
    ),
    "criterion.py": (ANSWER.encode("utf-16"), "criterion.py is in UTF-16, and is read as that; save it as UTF-8."),
}


@pytest.mark.parametrize(("name", "content", "line"), [(name, *one) for name, one in FORETOLD.items()])
def test_answers_elsewhere_and_other_encodings_are_named(
    student: Student, name: str, content: bytes, line: str
) -> None:
    (student.folder / name).write_bytes(content)
    text = student.run("criterion")[1]
    assert text.partition("\n")[2].startswith(f"Grading will say:\n- {line}\n")
    assert line.partition(";")[2] in student.run()[1]
    assert "criterion" not in student.run("main")[1]


def test_a_missing_file_is_named_with_the_one_that_was_meant(student: Student) -> None:
    (student.folder / COLAB).unlink()  # this one has no cells, and would be named instead
    (student.folder / "criterion.py").rename(student.folder / "criterion_final.py")
    assert "Grading will say:\n- criterion.py is missing: there is criterion_final.py;" in student.run("criterion")[1]
    (student.folder / "criterion_final.py").unlink()
    assert "Grading will say" not in student.run("criterion")[1]


def test_the_five_alone_need_no_word(student: Student) -> None:
    assert "Grading will say" not in student.run()[1]
    student.write("return 2 * x, len(x)")
    assert "Grading will say" not in student.run()[1]


def test_the_zip_says_it_once(student: Student) -> None:
    name = "criterion.py"
    student.write("return 2 * x, len(x)")
    (student.folder / name).write_bytes((student.folder / name).read_bytes().decode().encode("utf-16"))
    assert student.run("--zip", "7")[1].count("Grading will say") == 1
