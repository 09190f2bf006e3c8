"""Tests that a course's own names stand wherever students and staff read, and that nothing else says them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from autograder.core.course_names import Names
from autograder.core.errors import AutograderError
from autograder.core.records import Result, Status
from autograder.core.rubric import load_rubric
from autograder.handout.build import Inputs, facts_of, generate
from autograder.handout.course import load_course
from autograder.report.class_report import class_report
from autograder.report.feedback import feedback_page

ROOT = Path(__file__).parents[2]
COURSE = """
[course]
homework = "Learning *without* labels"
course = "Vision 2"
university = "University of Example"
instructor = "Ada Example"
contact = "a_d_a@example.org"
"""


def rename(repository: Path, text: str = COURSE) -> None:
    with (repository / "solutions" / "course.toml").open("a") as file:
        file.write(text)


def test_every_page_says_whose_course_it_is(repository: Path, inputs: Inputs) -> None:
    rename(repository)
    (repository / "handouts/source/assignment_readme.md").write_text("# {{ homework }}, {{ contact }}\n")
    files = generate(repository, inputs)
    for path, content in files.items():
        if path.endswith(".html"):
            page = content.decode()
            title = page.partition("<title>")[2].partition("</title>")[0]
            assert "Learning *without* labels · 2026 fall" in title, path
            assert "University of Example · Vision 2 · 2026 fall<br>" in page, path
            assert "Instructor: Ada Example · a_d_a@example.org</p>" in page, path
        if path.endswith(".pdf"):
            assert b"Ada Example" in content and b"University of Example" in content, path
    assert files["assignment/README.md"].decode() == "# Learning \\*without\\* labels, a\\_d\\_a@example.org\n".replace(
        "@", "\\@"
    )
    assert load_names(files["autograder/core/rubric.json"], repository) == facts_of(repository).rubric.names


def load_names(rubric: bytes, folder: Path) -> Names:
    path = folder / "rubric.json"
    path.write_bytes(rubric)
    return load_rubric(path).names


def test_feedback_and_class_report_name_the_homework(repository: Path) -> None:
    rename(repository)
    rubric = facts_of(repository).rubric
    result = Result("101", Status.MISSING, rubric.max_score, 0.0, (), "")
    for page in (feedback_page(result, rubric), class_report([result], rubric)):
        assert "Learning *without* labels</title>" in page
        assert '<p class="eyebrow">Learning *without* labels · ' in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[course]\ncourse = 'Vision'\n", "lacks `homework`"),
        ("[course]\nhomework = 'A'\nteacher = 'B'\n", "unknown key `teacher`"),
        ("[course]\nhomework = 3\n", "`homework` in .course. is not a text of one line"),
        ("[course]\nhomework = 'A'\ncontact = '''a\nb'''\n", "`contact` in .course. is not a text of one line"),
        ("[course]\nhomework = ''\n", "lacks `homework`"),
    ],
)
def test_names_that_make_no_sense_are_refused(repository: Path, text: str, message: str) -> None:
    rename(repository, text)
    with pytest.raises(AutograderError, match=message) as caught:
        load_course(repository / "solutions" / "course.toml")
    assert caught.value.hint


@pytest.mark.published
def test_the_homeworks_name_stands_in_one_place() -> None:
    name = load_course(ROOT / "solutions" / "course.toml").course.homework
    listed = subprocess.run(["git", "grep", "-lF", name], cwd=ROOT, capture_output=True, text=True, check=True)
    generated = (
        "assignment/",
        "handouts/assignment.",
        "handouts/lab0.",
        "handouts/points.",
        "handouts/report_guide.",
        "handouts/ta_",
    )
    written = [path for path in listed.stdout.split() if not path.startswith(generated)]
    assert written == ["autograder/core/rubric.json", "solutions/course.toml", "tests/goldens/course.json"]
