"""A file that cannot be imported affects its own questions only, whichever file imports it, and says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.core.records import STUDENT_FILES, Result, Status, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON, Limits
from autograder.grading.grader import Grader
from tests.course import now
from tests.sample_class import RIGHT, hand_in

RUBRIC = load_rubric()
CORE = [question for question in RUBRIC.graded if not question.bonus]
FAILURES = {
    "syntax": ("def broken(:\n", "SyntaxError"),
    "tabs amid spaces": ("if True:\n        x = 1\n\ty = 2\n", "TabError"),
    "an exception": ("raise RuntimeError('no such thing')\n", "no such thing"),
    "a name": ("undefined_name\n", "undefined_name"),
    "a relative import": ("from .nowhere import something\n", "no known parent package"),
    "a required argument": (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('data')\nparser.parse_args()\n",
        "ends the program",
    ),
    "the end of the process": ("import os\nos._exit(3)\n", "exit status 3"),
    "a null byte": ("x = '\0'\n", "null"),
}


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(RUBRIC, Limits(timeout=60)) as grader:
        yield grader


def grade(grader: Grader, folder: Path) -> Result:
    return grader.grade(Submission("ann", folder), CORE)


def prepend(path: Path, code: str) -> None:
    text = path.read_text("utf-8")
    path.write_text(code + text.replace("from __future__ import annotations\n", ""), "utf-8")


@pytest.mark.parametrize("everybody", [False, True], ids=["as handed out", "all import it"])
@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("file", STUDENT_FILES)
def test_its_own_questions_say_why_and_no_other_is_touched(
    grader: Grader, tmp_path: Path, file: str, kind: str, everybody: bool
) -> None:
    code, says = FAILURES[kind]
    hand_in(tmp_path / "ann", RIGHT)
    for other in STUDENT_FILES if everybody else ():
        if other != file:
            prepend(tmp_path / "ann" / other, f"import {file.removesuffix('.py')}\n")
    prepend(tmp_path / "ann" / file, code)
    result = grade(grader, tmp_path / "ann")
    assert result.status is Status.PROBLEM
    for question in result.questions:
        if RUBRIC[question.id].file == file:
            assert question.score == 0 and says in str(question.error), question.error
        else:
            assert question.score == question.max_score, (question.id, question.error)


@pytest.mark.parametrize(
    "end",
    [
        "import sys\nsys.exit(0)",
        "quit()",
        "raise SystemExit(2)",
        "input('Go on?')",
        "x = 1 / 0",
        "open('nowhere.csv')",
    ],
)
@pytest.mark.parametrize("file", ["main.py", "criterion.py"])
def test_what_is_defined_before_a_file_ends_is_graded(grader: Grader, tmp_path: Path, file: str, end: str) -> None:
    hand_in(tmp_path / "ann", RIGHT)
    with open(tmp_path / "ann" / file, "a") as text:
        text.write(f"\n{end}\n")
    result = grade(grader, tmp_path / "ann")
    assert (result.score, result.status) == (RUBRIC.max_score, Status.OK)
    own = [question for question in result.questions if RUBRIC[question.id].file == file]
    assert all(any(file in note for note in question.advisories) for question in own), own


def test_a_file_finds_the_students_own_other_files_in_whatever_order_they_are_asked(
    grader: Grader, tmp_path: Path
) -> None:
    hand_in(tmp_path / "ann", RIGHT)
    with open(tmp_path / "ann" / "criterion.py", "a") as text:
        text.write("\nMINE = 1\n")
    prepend(tmp_path / "ann" / "main.py", "from criterion import MINE\n")
    (alone,) = grader.grade(Submission("ann", tmp_path / "ann"), [RUBRIC[now("1.4")]]).questions
    assert alone.score == alone.max_score, alone.error


def test_training_at_the_margin_is_stopped_and_what_is_defined_is_graded(tmp_path: Path) -> None:
    hand_in(tmp_path / "ann", RIGHT)
    with open(tmp_path / "ann" / "criterion.py", "a") as text:
        text.write("\nimport time\nwhile True:\n    time.sleep(0.01)\n")
    with Grader(RUBRIC, Limits(timeout=4)) as grader:
        result = grade(grader, tmp_path / "ann")
    assert (result.score, result.status) == (RUBRIC.max_score, Status.OK)
    assert "criterion.py" in " ".join(result.questions[1].advisories)


def test_an_import_that_cannot_be_stopped_is_waited_for_once(tmp_path: Path) -> None:
    hand_in(tmp_path / "ann", RIGHT)
    prepend(tmp_path / "ann" / "criterion.py", "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n")
    prepend(tmp_path / "ann" / "criterion.py", "import signal, time\nsignal.pause()\ntime.sleep(10**6)\n")
    with Grader(RUBRIC, Limits(timeout=2)) as grader:
        result = grade(grader, tmp_path / "ann")
    lost = [question for question in result.questions if question.score < question.max_score]
    assert [question.id for question in lost] == [now("1.2"), now("1.3")]
    assert all("was still running 2 s after its import began" in str(question.error) for question in lost)
    assert result.status is Status.PROBLEM


def test_a_name_that_a_file_lacks_comes_from_the_skeleton(grader: Grader, tmp_path: Path) -> None:
    hand_in(tmp_path / "ann", RIGHT)
    path = tmp_path / "ann" / "validation.py"
    text = path.read_text()
    path.write_text(
        "import torch\nfrom torch import Tensor\n\n" + text[text.index("def KNN") : text.index("\n\nif __name__")]
    )
    result = grade(grader, tmp_path / "ann")
    assert (result.score, result.status) == (RUBRIC.max_score, Status.OK), result


def test_a_given_name_wins_over_a_folder(grader: Grader, tmp_path: Path) -> None:
    hand_in(tmp_path / "ann", RIGHT)
    (tmp_path / "ann" / "networks.py").write_bytes((SKELETON / "ssl_kit" / "networks.py").read_bytes())
    for name in ("logs", "views", "data", "checkpoints"):
        (tmp_path / "ann" / name).mkdir()
        (tmp_path / "ann" / name / "x.bin").write_bytes(b"x")
    result = grade(grader, tmp_path / "ann")
    assert (result.score, result.status) == (RUBRIC.max_score, Status.OK), result


@pytest.mark.parametrize(
    "top",
    [
        "import check\n",
        "import engine\nassert engine.__file__.endswith('engine.py')\n",
        "import inspect, engine\nassert 'def ' in inspect.getsource(engine)\n",
        "import probes\n",
        "import hand_in, experiments\n",
    ],
)
def test_the_skeletons_modules_are_whole(grader: Grader, tmp_path: Path, top: str) -> None:
    hand_in(tmp_path / "ann", RIGHT)
    prepend(tmp_path / "ann" / "criterion.py", top)
    result = grade(grader, tmp_path / "ann")
    assert (result.score, result.status) == (RUBRIC.max_score, Status.OK), result.questions[1].error


def test_bytecode_that_was_handed_in_is_never_run(grader: Grader, tmp_path: Path) -> None:
    import py_compile

    hand_in(tmp_path / "ann", RIGHT)
    hand_in(tmp_path / "stub", {})
    cache = tmp_path / "ann" / "criterion.cpython-311.pyc"
    py_compile.compile(
        str(tmp_path / "stub" / "criterion.py"),
        str(cache),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    (tmp_path / "ann" / "__pycache__").mkdir()
    cache.rename(tmp_path / "ann" / "__pycache__" / cache.name)
    assert grade(grader, tmp_path / "ann").score == RUBRIC.max_score


def test_a_package_in_the_place_of_a_file(grader: Grader, tmp_path: Path) -> None:
    hand_in(tmp_path / "ann", RIGHT)
    (tmp_path / "ann" / "criterion").mkdir()
    (tmp_path / "ann" / "criterion.py").rename(tmp_path / "ann" / "criterion" / "losses.py")
    (tmp_path / "ann" / "criterion" / "__init__.py").write_text("from .losses import *\n")
    assert grade(grader, tmp_path / "ann").score == RUBRIC.max_score


def test_what_an_error_says_is_not_noted_again(grader: Grader, tmp_path: Path) -> None:
    hand_in(tmp_path / "ann", {**RIGHT, "2": "return nowhere.knn(features)"})
    prepend(tmp_path / "ann" / "validation.py", "import nowhere, elsewhere\n")
    result = grader.grade(Submission("ann", tmp_path / "ann"), [RUBRIC[now("2")], RUBRIC[now("B5")]])
    used, untouched = result.questions
    assert "`nowhere` is not installed" in str(used.error)
    assert used.advisories == (
        "`elsewhere` is not installed where this is graded: an answer that uses it cannot be graded.",
    )
    assert untouched.advisories == () and untouched.not_attempted
