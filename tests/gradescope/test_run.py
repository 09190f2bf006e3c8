"""The Gradescope zip, run in a folder laid out like theirs: a whole `results.json` for every hand-in."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tokenize
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.collect.contents import is_untouched
from autograder.core.settings import MIB, Limits
from autograder.gradescope.__main__ import Ended, student_id
from autograder.gradescope.container import NEEDED, limits_for, warning
from autograder.handout.term.gradescope_zip import LOCKS, gradescope_zip
from tests.sample_class import write_sample_class

ROOT = Path(__file__).parent.parent.parent
TOP = {
    "score": (int, float),
    "execution_time": int,
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "stdout_visibility": str,
    "tests": list,
    "leaderboard": list,
}
TEST = {
    "name": str,
    "number": str,
    "score": (int, float),
    "max_score": (int, float),
    "status": str,
    "output": str,
    "visibility": str,
}


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like `/autograder`, with the zip unpacked in `source` as Gradescope does it."""
    root = tmp_path_factory.mktemp("autograder")
    (root / "zip").write_bytes(gradescope_zip(ROOT, None, leaderboard=True, sandbox=True))
    subprocess.run([sys.executable, "-m", "zipfile", "-e", root / "zip", root / "source"], check=True)
    with zipfile.ZipFile(root / "zip") as archive:
        for info in archive.infolist():
            (root / "source" / info.filename).chmod(info.external_attr >> 16)
    write_sample_class(root / "class")
    return root


def environment(container: Path) -> dict[str, str]:
    source = str(container / "source")
    return {**os.environ, "AUTOGRADER_SOURCE": source, "AUTOGRADER_PYTHON": sys.executable, "PYTHONPATH": source}


def start(container: Path, student: str, *flags: str) -> subprocess.Popen[bytes]:
    """Run the autograder on one of the sample class in a container of its own."""
    root = container / "containers" / f"{student}{''.join(flags)}"
    root.mkdir(parents=True)
    folder = container / "class" / student
    shutil.copytree(folder, root / "submission") if folder.exists() else (root / "submission").mkdir()
    command = [str(container / "source" / "run_autograder"), "--root", str(root), *flags]
    return subprocess.Popen(command, env=environment(container), stderr=subprocess.PIPE)


def finished(container: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The final content of `results.json`; it must be of the published form."""
    _, said = process.communicate(timeout=900)
    assert process.returncode == 0, said
    assert isinstance(process.args, list)
    found = json.loads((Path(process.args[2]) / "results" / "results.json").read_text())
    assert found.keys() <= TOP.keys()
    assert all(isinstance(value, TOP[key]) for key, value in found.items())
    for test in found["tests"]:
        assert test.keys() <= TEST.keys()
        assert all(isinstance(value, TEST[key]) for key, value in test.items())
        assert test["visibility"] in ("visible", "after_published")
        assert test.get("status") in ("passed", "failed", None)
    return found


def test_a_right_submission_gets_full_marks(container: Path) -> None:
    found = finished(container, start(container, "perfect"))
    assert found["score"] == 70
    assert found["leaderboard"] == [{"name": "Score", "value": 70}]
    assert sum(test["score"] for test in found["tests"]) == pytest.approx(70)
    assert found["output"] == ""


@pytest.mark.published
def test_a_hint_is_given_and_no_expected_value_of_a_hidden_check(container: Path) -> None:
    found = finished(container, start(container, "wrong-own-in-denominator"))
    assert found["score"] == 50
    failed = [test for test in found["tests"] if test.get("status") == "failed" and test["number"] == "1.2"]
    assert sum("Hint: " in test["output"] for test in failed) == 1
    hidden = [test for test in found["tests"] if test["visibility"] != "visible"]
    assert hidden
    assert not any("expected" in test["output"] for test in hidden)


@pytest.mark.published
@pytest.mark.parametrize(("student", "score"), [("exits-on-import", 40), ("syntax-error", 60)])
def test_what_can_not_run_costs_its_own_questions_only(container: Path, student: str, score: float) -> None:
    assert finished(container, start(container, student))["score"] == score


@pytest.mark.published
def test_an_endless_loop_costs_its_own_question_only(container: Path) -> None:
    """A question gets a thirteenth of the budget, and a busy machine needs the rest."""
    assert finished(container, start(container, "endless-loop", "--budget", "180"))["score"] == 60


def test_nothing_handed_in(container: Path) -> None:
    found = finished(container, start(container, "nobody"))
    assert found["score"] == 0
    assert "None of the five files is in it; it is empty." in found["output"]


def test_a_spent_budget_leaves_what_is_graded(container: Path) -> None:
    found = finished(container, start(container, "endless-loop", "--budget", "1"))
    assert "Grading did not finish" in found["output"]


@pytest.mark.published
def test_being_told_to_end_leaves_a_whole_file(container: Path) -> None:
    process = start(container, "endless-loop")
    results = Path(process.args[2]) / "results" / "results.json"  # type: ignore[index]
    while not (results.exists() and json.loads(results.read_text())["tests"]):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    found = finished(container, process)
    assert "Grading did not finish" in found["output"]
    assert found["score"] >= 10


def test_being_told_to_end_while_a_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reader of a student's file catches any exception of the tokenizer; this one is not the tokenizer's."""

    def told_to_end(readline: object) -> None:
        raise Ended

    nearly = tmp_path / "criterion.py"
    nearly.write_bytes((ROOT / "assignment" / "criterion.py").read_bytes() + b"\nx = 1\n")
    monkeypatch.setattr(tokenize, "tokenize", told_to_end)
    with pytest.raises(Ended):
        is_untouched(nearly, "criterion.py")


def test_a_grader_that_fails_says_whose_fault_it_is_not(container: Path, tmp_path: Path) -> None:
    broken = tmp_path / "source"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", container / "zip", broken], check=True)
    (broken / "autograder" / "core" / "rubric.json").write_text("{")
    command = [sys.executable, "-m", "autograder.gradescope", "--root", str(tmp_path)]
    done = subprocess.run(command, cwd=broken, env={**os.environ, "PYTHONPATH": str(broken)}, capture_output=True)
    assert done.returncode == 0
    assert b"rubric" in done.stderr
    found = json.loads((tmp_path / "results" / "results.json").read_text())
    assert found["output"].startswith("The autograder itself failed; this is not your fault.")


def test_the_zip_is_reproducible_and_holds_nothing_else(container: Path) -> None:
    assert gradescope_zip(ROOT, None, leaderboard=True, sandbox=True) == (container / "zip").read_bytes()
    with zipfile.ZipFile(container / "zip") as archive:
        names = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
        assert b"\r" not in archive.read("run_autograder") + archive.read("setup.sh")
        subprocess.run(["bash", "-n"], input=archive.read("setup.sh"), check=True)
    assert {name.partition("/")[0] for name in names} == {
        *("autograder", "solutions", "assignment", "requirements", "run_autograder", "setup.sh"),
    }
    assert {name for name, mode in names.items() if mode == 0o755} == {"run_autograder", "setup.sh"}


def test_what_grading_imports_is_what_setup_installs(container: Path) -> None:
    """All other packages of the kit are taken away, and grading is imported."""
    away = ("nbgrader", "jinja2", "rich", "pytest", "distributed", "pygments", "typst", "pypandoc", "notebook")
    code = f"import sys; sys.modules.update(dict.fromkeys({away!r})); import autograder.gradescope.__main__"
    subprocess.run([sys.executable, "-c", code], cwd=container / "source", env=environment(container), check=True)


def test_setup_installs_the_locks_and_another_build_of_pytorch_in_its_version() -> None:
    def setup(index: str | None) -> list[str]:
        made = io.BytesIO(gradescope_zip(ROOT, index, leaderboard=False, sandbox=True))
        with zipfile.ZipFile(made) as archive:
            lines = archive.read("setup.sh").decode().splitlines()
            assert {name for name in archive.namelist() if name.startswith("requirements/")} == {*LOCKS}
        return [line.partition("--no-deps ")[2] for line in lines if "pip install" in line]

    torch, grade = (f"--requirement {name}" for name in LOCKS)
    assert setup(None) == [f"--require-hashes {torch} {grade}"]
    pins = re.findall(r"^torch(?:vision)?==[\d.]+", (ROOT / LOCKS[0]).read_text("utf-8"), re.MULTILINE)
    assert setup("https://example.org/cpu") == [" ".join(pins), f"--require-hashes {grade}"] and len(pins) == 2


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ([{"id": 4, "email": "b@x"}, {"id": 3, "email": "a@x"}], "a@x+b@x"),
        ([{"id": 4}], "4"),
        ([], "student"),
        (3, "student"),
    ],
)
def test_a_group_has_one_id(tmp_path: Path, users: object, expected: str) -> None:
    (tmp_path / "metadata.json").write_text(json.dumps({"users": users}))
    assert student_id(tmp_path / "metadata.json") == expected
    assert student_id(tmp_path / "none.json") == "student"


def test_the_containers_memory_sets_the_limit() -> None:
    assert limits_for(None, 9).memory == Limits().memory
    assert limits_for(768 * MIB, 9).memory == 256 * MIB
    assert warning(768 * MIB) is None
    assert "Choose a larger container" in str(warning(NEEDED - 1))
