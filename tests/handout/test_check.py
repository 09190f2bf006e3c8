"""Tests what a student sees and what the shell gets when `check.py` runs."""

from __future__ import annotations

import builtins
import json
import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.handout.build import PUBLIC
from tests.handout.conftest import STUB, Student


def test_an_unfilled_stub_says_so(student: Student) -> None:
    status, text = student.run("criterion")
    assert status == 1
    assert "[Test 1.2: Doubling, Two and zero]\n[-----failed-----]\nQuestion 1.2 is not implemented yet\n" in text
    assert "NotImplementedError" not in text
    assert text.endswith("\n0 of 2 public checks pass.\n")


def test_a_right_answer_passes(student: Student) -> None:
    student.write("return x + x, len(x)")
    status, text = student.run("criterion")
    assert status == 0
    assert text.count("[-----passed-----]") == 2


def test_all_files_are_checked_when_none_is_named(student: Student) -> None:
    student.write("return x + x, len(x)")
    status, text = student.run()
    assert status == 1
    assert text.endswith("\n2 of 10 public checks pass.\n")
    assert text.index("Test 1.1") < text.index("Test 1.2") < text.index("Test 3")


def test_expected_and_received_stand_beside_each_other(student: Student) -> None:
    student.write("return torch.where(x < 0, x, 2 * x), len(x)")
    status, text = student.run("criterion.py")
    assert status == 1
    assert "twice has the wrong value.\n     expected  received\n[2]        -5      -2.5\n" in text
    assert text.count("[-----passed-----]") == 1


MESSAGES = {
    "return 4 * x, len(x)": "Look at: it is 2 times too large",
    "return -2 * x, len(x)": "Look at: the sign is the other way round",
    "return 0 * x, len(x)": "Look at: everything received is 0",
    "return x / 0, len(x)": "Look at: the result is not finite",
    "return (2 * x)[None], len(x)": "twice has the wrong shape.\nexpected shape [2], received shape [1, 2]",
    "return x > 1, len(x)": "twice is neither a tensor nor a number.\nexpected a tensor of shape [2], torch.float32",
    "return None, len(x)": "twice is None.\nexpected a tensor of shape [2], torch.float32, received None",
    "return (2 * x).tolist(), len(x)": "shape [2], torch.float32, received a Python list",
    "return 2 * x, None": "count is not a whole number.\nexpected 2, received None",
    "return 2 * x, x": "count is not a single number.\nexpected one number, received shape [2]",
    "return 2 * x": "ValueError: too many values to unpack (expected 2)",
    "return x.missing": "no attribute 'missing'\ncriterion.py, line 10, in double: return x.missing\n",
    "return torch.ones(2) @ torch.ones(3)": "\ncriterion.py, line 10, in double: return torch.ones(2) @",
    "raise SystemExit(0)": "criterion.py ends the program (line 10). Return a value instead.",
    "return (": "SyntaxError: '(' was never closed (criterion.py, line 10)\ncriterion.py, line 10: return (\n",
    "raise NotImplementedError": "NotImplementedError: \ncriterion.py, line 10, in double: raise NotImplementedError\n",
    "return x.to('mps'), 1": "An Apple GPU (mps) is asked for; there is none",
    "x += 1\n    return x, len(x)": "A parameter that requires gradients is changed in place. Do it under",
    f"x = 1\n    {STUB}": "There is code around the stub's `raise` in line 11. Delete that line.",
    f"{STUB}\nclass Other:\n    def double(self, x): return 2 * x": "Question 1.2 is not implemented yet\n",
    f"return 2 * x, 1\n\ndef double(x):\n    {STUB}": "double is defined twice, in lines 6 and 12; Python takes the",
    "return 2 * x, 1\ndel double": "criterion.py does not define double when it has been run.",
}


@pytest.mark.parametrize(("answer", "message"), MESSAGES.items(), ids=MESSAGES.keys())
def test_what_is_wrong_is_said_without_a_traceback(student: Student, answer: str, message: str) -> None:
    student.write(answer)
    status, text = student.run("criterion", "--hint", "2")
    assert status == 1
    assert message in text
    assert "Traceback" not in text


def test_a_result_in_double_precision_is_right(student: Student) -> None:
    student.write("return 2 * x.double(), len(x)")
    assert student.run("criterion")[0] == 0


NUMBERS = {
    **{"x.numel()": 0, "float(x.numel())": 0, "torch.tensor(x.numel())": 0, "np.int64(x.numel())": 0},
    **{"np.float64(x.numel())": 0, "np.array(x.numel())": 0, "np.array(float(x.numel()))": 0},
    **{"np.array([x.numel()])": 1, "torch.tensor([x.numel()])": 1, "str(x.numel())": 1, "np.array('2')": 1},
    **{"torch.tensor(x.numel(), device='meta')": 1, "Odd()": 1, "Odd": 1, "x.numel() + 0j": 1},
}


@pytest.mark.parametrize(("count", "status"), NUMBERS.items())
def test_a_number_may_be_wrapped(student: Student, count: str, status: int) -> None:
    odd = "class Odd:\n        def __len__(self): raise ValueError\n        def __str__(self): raise ValueError\n    "
    student.write(f"import numpy as np\n    {odd}return 2 * x, {count}")
    assert student.run("criterion")[0] == status


def test_a_parameter_is_a_tensor_without_a_graph(student: Student) -> None:
    student.write("return torch.nn.Parameter(2 * x), len(x)")
    assert student.run("criterion")[0] == 0


SETTINGS = (
    *("torch.set_default_dtype(torch.float64)", "torch.set_default_device('meta')", "torch.set_grad_enabled(False)"),
    *("torch.set_autocast_enabled('cpu', True)", "sys.setrecursionlimit(150)", "os.chdir('/')", "sys.argv[:] = ['x']"),
    *("np.seterr(all='raise')", "warnings.simplefilter('error')", "sys.dont_write_bytecode = False", "sys.exit()"),
    *("sys.path.clear()", "exit()", "decimal.getcontext().prec = 1", "pandas_is_not_there.set_option('x', 1)"),
)


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_one_file_sets_costs_no_check(student: Student, setting: str) -> None:
    top = "import decimal, os, sys, warnings\nimport numpy as np\nimport pandas_is_not_there\n"
    for name, question in (("model_factory", "1.1"), ("criterion", "1.2")):
        file = student.folder / f"{name}.py"
        answer = "return 2 * x, x.numel() if (x / 3).is_floating_point() else 0"
        text = file.read_text().replace(STUB.replace("1.2", question), answer)
        file.write_text(text + ("" if name == "criterion" else f"\n{top}{setting}\n"))
    before = (os.getcwd(), list(sys.argv), builtins.__import__, list(sys.meta_path), list(sys.path))
    status, text = student.run("model_factory", "criterion")
    assert status == 0, text
    assert (os.getcwd(), sys.argv, builtins.__import__, sys.meta_path, sys.path) == before
    assert "`pandas_is_not_there` is not installed here" in text
    assert ("model_factory.py ends the program when it is imported" in text) == ("exit()" in setting)


def test_a_file_that_another_one_imports_may_end_early(student: Student) -> None:
    student.write("return 2 * x, x.numel()")
    file = student.folder / "criterion.py"
    file.write_text("from validation import double as theirs\n" + file.read_text())
    file = student.folder / "validation.py"
    file.write_text(file.read_text() + "\nexit()\n")
    assert student.run("criterion")[0] == 0


def test_check_may_be_imported_at_the_top(student: Student) -> None:
    student.write("return 2 * x, x.numel()")
    file = student.folder / "criterion.py"
    text = file.read_text().replace("    from ssl_kit import check\n", "")
    file.write_text(text.replace("import torch", "import check\nimport torch"))
    for arguments in (["criterion.py"], ["check.py", "criterion"]):
        command = [sys.executable, *arguments]
        run = subprocess.run(command, cwd=student.folder, capture_output=True, text=True, check=False)
        assert (run.returncode, run.stderr) == (0, ""), run.stdout


@pytest.mark.parametrize(
    ("draw", "status"),
    [
        ("torch.randn(4000) * 0.01", 0),
        ("torch.randn(4000) * 0.1", 1),
        ("torch.randn(4000) * 0.01 + 0.01", 1),
        ("torch.zeros(4000)", 1),
        ("torch.randn(40, 100) * 0.01", 1),
    ],
)
def test_random_numbers_are_judged_by_mean_and_deviation(student: Student, draw: str, status: int) -> None:
    file = student.folder / PUBLIC / "public_checks.json"
    checks = json.loads(file.read_text())
    checks["questions"][1]["mistakes"] = {}
    for case in checks["questions"][1]["cases"]:
        case["expected"]["twice"] = {"kind": "drawn", "shape": [4000], "mean": 0.0, "std": 0.01}
        case["demands"][0] = ["twice", ["SameDistribution"], "value"]
    file.write_text(json.dumps(checks))
    student.write(f"return {draw}, x.numel()")
    assert student.run("criterion")[0] == status


def test_ctrl_c_says_where_it_hung(student: Student) -> None:
    student.write("raise KeyboardInterrupt")
    status, text = student.run()
    assert status == 1
    assert text.endswith("\nStopped. criterion.py, line 10, in double: raise KeyboardInterrupt\n")


def test_checks_do_not_depend_on_each_other(student: Student) -> None:
    student.write("x.mul_(7) if not x.requires_grad else None\n    return 2 * x, len(x)")
    assert student.run("criterion")[0] == 0
    file = student.folder / "criterion.py"
    file.write_text(file.read_text().replace("2 * x", "3 * x"))
    assert student.run("criterion")[0] == 1, "a second run must see the edited file"


def test_an_edit_of_the_same_length_and_second_is_seen(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python takes its cached bytecode for such a file: a student's own import left it there."""
    file = student.folder / "criterion.py"
    student.write("return 2 * x, len(x)")
    py_compile.compile(str(file), doraise=True)
    before = file.stat()
    file.write_text(file.read_text().replace("2 * x", "3 * x"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert student.run("criterion")[0] == 1


def test_no_bytecode_of_a_student_s_file_is_left_behind(student: Student) -> None:
    (student.folder / "helper.py").touch()
    student.write("import helper\n    return 2 * x, len(x)")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, str(student.folder / "check.py"), "criterion"]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    assert {path.parent.name for path in student.folder.rglob("__pycache__")} <= {"ssl_kit"}


def test_a_file_that_is_not_there_fails_its_own_checks(student: Student) -> None:
    (student.folder / "validation.py").unlink()
    student.write("return 2 * x, len(x)")
    status, text = student.run("validation", "criterion")
    assert status == 1
    assert "There is no validation.py next to check.py." in text
    assert text.endswith("\n2 of 4 public checks pass.\n")


@pytest.mark.parametrize("spoilt", [b"def f(:\n", b"if 1:\n\tx = 1\n        x = 2\n", b"x = 1\0\n", None])
def test_a_broken_file_accuses_no_other(student: Student, spoilt: bytes | None) -> None:
    """The others get the skeleton's names of it, as when grading."""
    broken, other = student.folder / "criterion.py", student.folder / "main.py"
    answer = other.read_text().replace(STUB.replace("1.2", "1.4"), "return 2 * x, len(x)")
    other.write_text(f"import criterion\nfrom criterion import double as theirs\n{answer}")
    if spoilt is None:
        broken.unlink()
    else:
        broken.write_bytes(spoilt)
    status, text = student.run("criterion", "main")
    assert status == 1 and "[criterion.py]\n[-----failed-----]\n" in text and "[main.py]" not in text
    assert text.endswith("\n2 of 4 public checks pass.\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp1252"])
def test_a_file_in_another_encoding_is_read_as_when_grading(student: Student, encoding: str) -> None:
    file = student.folder / "criterion.py"
    untouched = file.read_text() + "# \xe9\n"
    for answer, status, said in (
        (STUB, 1, "Question 1.2 is not implemented yet\n"),
        ("return 2 * x, len(x)", 0, "2 of 2 public checks pass."),
        ("return x.missing", 1, "criterion.py, line 10, in double: return x.missing\n"),
        ("x += 1\n    return 2 * x, len(x)", 1, "criterion.py, line 10, in double: x += 1\n"),
    ):
        file.write_bytes(untouched.replace(STUB, answer).encode(encoding))
        given, text = student.run("criterion")
        assert given == status and said in text, text


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--help"], 0, "usage: python check.py"),
        (["critrion"], 2, "There are no checks for 'critrion'.\nName one of model_factory, criterion"),
        (["--all"], 2, "There are no checks for '--all'."),
        (["criterion", "--hint"], 2, "There is no such hint.\nGive 1, 2 or 3 after --hint."),
        (["--hint", "4"], 2, "There is no such hint."),
    ],
)
def test_wrong_usage_is_status_2(student: Student, arguments: list[str], status: int, message: str) -> None:
    given, text = student.run(*arguments)
    assert given == status
    assert message in text


def test_a_damaged_file_of_checks_is_wrong_usage(student: Student) -> None:
    (student.folder / PUBLIC / "public_checks.json").write_text("{")
    name = f"{PUBLIC}/public_checks.json"
    assert student.run() == (2, f"{name} is missing or damaged.\nTake it from the assignment's zip again.\n")


@pytest.mark.parametrize("arguments", [["criterion.py"], ["check.py", "criterion"]])
def test_from_the_shell_in_another_folder(assignment: Path, tmp_path: Path, arguments: list[str]) -> None:
    file = assignment / "criterion.py"
    file.write_text(file.read_text().replace(STUB, "return 2 * x, len(x)"))
    command = [sys.executable, str(assignment / arguments[0]), *arguments[1:]]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)
    assert run.stderr == ""
    assert run.stdout.endswith("2 of 2 public checks pass.\n")
    assert run.returncode == 0


@pytest.mark.parametrize("folder", [".", "ssl_kit"])
def test_the_part_of_the_kit_says_where_the_command_lies(assignment: Path, folder: str) -> None:
    """Both files are called check.py: Python then looks for everything in the folder of the inner one."""
    command = [sys.executable, os.path.relpath(assignment / "ssl_kit" / "check.py", assignment / folder)]
    run = subprocess.run(command, cwd=assignment / folder, capture_output=True, text=True, check=False)
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert run.stderr.endswith("\nRun `python check.py` in the folder above, which holds criterion.py.\n")
