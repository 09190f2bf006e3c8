"""If a submission dies in any way, only the question in hand loses points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.core.records import Case, Question, Status, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import MIB, SKELETON, Limits
from autograder.grading.grader import Grader
from autograder.sandbox.client import Server
from autograder.sandbox.student import Student
from tests.course import now
from tests.sample_class import RIGHT, hand_in
from tests.sandbox.conftest import LIMITS, QUESTION, Ask

STUB = "Question 1.3 is not implemented yet"


def test_values_and_gradients_come_back(ask: Ask) -> None:
    (answer,) = ask("return (z1 * z2).sum()").answers
    assert answer.error is None
    assert answer.values["value"].array == pytest.approx(22.0)
    assert answer.values["gradient of z1"].array.tolist() == [[3.0, 4.0], [1.0, 2.0]]


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        pytest.param("raise ValueError('no')", "exception", "ValueError: no", id="exception"),
        pytest.param(f"raise NotImplementedError({STUB!r})", "unfilled", STUB, id="unfilled stub"),
        pytest.param("raise SystemExit(0)", "ended", "criterion.py ends the program", id="sys.exit"),
        pytest.param("import os; os._exit(0)", "crash", "exit status 0", id="os._exit"),
        pytest.param("import os; os.abort()", "crash", "SIGABRT", id="abort"),
        pytest.param("import os; os.kill(os.getpid(), 40)", "crash", "signal 40", id="a signal without a name"),
        pytest.param("import ctypes; ctypes.string_at(0)", "crash", "SIGSEGV", id="segmentation fault"),
        pytest.param("while True: pass", "timeout", "within 3 s", id="endless loop"),
        pytest.param("import time; time.sleep(100)", "timeout", "within 3 s", id="sleep"),
        pytest.param("return torch.zeros(10**9)", "memory", "memory", id="too much memory"),
        pytest.param("x = [0]\nwhile True: x += x", "memory", "MemoryError", id="a growing list"),
    ],
)
def test_a_death_is_data(ask: Ask, body: str, kind: str, says: str) -> None:
    (answer,) = ask(body).answers
    assert answer.error is not None
    assert answer.error.kind == kind
    assert says in answer.error.message


def test_an_exception_names_the_students_own_line(ask: Ask) -> None:
    (answer,) = ask("x = 1\nreturn x / 0").answers
    assert answer.error is not None
    assert answer.error.trace.endswith("in align_loss: return x / 0")
    assert answer.error.trace.startswith("criterion.py, line ")


def test_what_came_before_a_death_is_kept(ask: Ask) -> None:
    body = "global calls\ncalls += 1\nif calls == 3: os._exit(1)\nreturn z1.sum()"
    answers = ask(body, top="import os\ncalls = 0", cases=4).answers
    assert [answer.error is None for answer in answers] == [True, True, False, False]


@pytest.mark.parametrize(
    ("top", "kind"),
    [
        pytest.param("def broken(:", "import", id="syntax error"),
        pytest.param("raise SystemExit", "ended", id="exit while importing"),
        pytest.param("import os; os._exit(3)", "crash", id="os._exit while importing"),
        pytest.param("while True: pass", "timeout", id="endless import"),
    ],
)
def test_a_file_that_can_not_be_imported(ask: Ask, top: str, kind: str) -> None:
    (answer,) = ask("return z1.sum()", top=top).answers
    assert answer.error is not None
    assert answer.error.kind == kind


def test_output_is_read_and_capped(ask: Ask) -> None:
    (answer,) = ask("for _ in range(100_000): print('x' * 100)\nreturn z1.sum()").answers
    assert answer.error is None


ATTEMPTS = {
    "fork": "os.fork()",
    "a program": "subprocess.run(['true'])",
    "a socket": "socket.socket()",
    "the environment's secrets": "os.environ['AUTOGRADE_SECRET']",
    "the password file": "open('/etc/passwd').read()",
    "the root folder": "os.listdir('/')",
    "this repository": "os.listdir(REPOSITORY)",
    "the reference": "open(REPOSITORY + '/solutions/criterion.py').read()",
    "the parent's memory": "open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
    "another process": "os.kill(os.getppid(), 9)",
    "the first process": "os.kill(1, 0)",
    "its process group": "os.kill(0, 0)",
    "a file outside": "open('/canary', 'w')",
    "a file in the repository": "open(REPOSITORY + '/canary', 'w')",
    "tracing": "assert_zero(ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0))",
    "raising a limit": "resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))",
    "shared memory": "multiprocessing.shared_memory.SharedMemory(create=True, size=10)",
    "a large file": "open('large', 'wb').write(bytes(9 * 2**20))",
    "a new namespace": "assert_zero(ctypes.CDLL(None).unshare(0x10000000))",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_what_must_not_work_does_not(ask: Ask, attempt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    top = (
        "import ctypes, multiprocessing.shared_memory, os, resource, signal, socket, subprocess\n"
        f"REPOSITORY = {str(SKELETON.parent)!r}\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "def assert_zero(result):\n    if result != 0: raise OSError(result)\n"
    )
    body = f"try:\n    {attempt}\nexcept (OSError, KeyError, ValueError): return z1.sum()\nreturn z1.sum() * 0"
    (answer,) = ask(body, top=top).answers
    assert answer.error is None, answer.error
    assert answer.values["value"].array == pytest.approx(10.0)


def test_its_own_folder_works(ask: Ask) -> None:
    body = "open('notes', 'w').write('7')\nreturn z1.sum() * float(open('notes').read())"
    (answer,) = ask(body).answers
    assert answer.values["value"].array == pytest.approx(70.0)


def test_threads_work(ask: Ask) -> None:
    body = "import threading\nt = threading.Thread(target=print)\nt.start(); t.join()\nreturn z1.sum()"
    (answer,) = ask(body).answers
    assert answer.error is None


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a temporary folder of its own: others may write to the machine's at any time."""
    (tmp_path / "temporary").mkdir()
    (tmp_path / "files").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    files = write(tmp_path / "files", main=f"import os, tempfile\nopen('notes', 'w')\ntempfile.mkstemp()\n{UPDATE}")
    with Server(SKELETON, limits=LIMITS) as server:
        (answered,) = Student(server, tmp_path / "files", files, {}, LIMITS).answer([(MAIN, [main_case()])])
        assert answered.answers[0].error is None
        assert list((tmp_path / "temporary").iterdir())
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize(
    "value",
    [
        "class Clever(torch.Tensor):\n    pass\nreturn z1.sum().as_subclass(Clever)",
        "class Clever(float):\n    __eq__ = lambda *_: True\nreturn Clever(1.0)",
        "class Clever:\n    __eq__ = lambda *_: True\n    __array__ = lambda *_: 1 / 0\nreturn Clever()",
        "return 'z1'",
        "return [z1.sum()]",
        "import numpy\nreturn numpy.array([object()])",
        "return z1.sum().to_sparse()",
    ],
)
def test_only_plain_values_count(ask: Ask, value: str) -> None:
    (answer,) = ask(value).answers
    assert answer.error is None, answer.error
    assert answer.values["value"].kind == "other"


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param("os.write(3, b'x' * 100)", id="noise"),
        pytest.param("os.write(3, (2**32 - 1).to_bytes(4) + bytes(8))", id="a huge header"),
        pytest.param("os.close(3)", id="a closed socket"),
    ],
)
def test_forged_messages_end_the_process(ask: Ask, forged: str) -> None:
    (answer,) = ask(f"{forged}\nreturn z1.sum()", top="import os").answers
    assert answer.error is not None
    assert answer.error.kind in ("crash", "timeout")


def write(folder: Path, **files: str) -> dict[str, Path]:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return {name: Path(f"{name}.py") for name in files}


UPDATE = "def update_momentum_encoder(model, m):\n    pass\n"
MAIN = Question(now("1.4"), "Momentum update", "main.py", 10)


def main_case() -> Case:
    from autograder.cases import public_cases

    return public_cases(now("1.4"))[0]


@pytest.mark.parametrize(
    "criterion", ["1 / 0", "def broken(:", "raise SystemExit", "import os; os._exit(0)", "while True: pass"]
)
def test_a_broken_file_costs_its_own_questions_only(server: Server, tmp_path: Path, criterion: str) -> None:
    files = write(tmp_path, criterion=criterion, main=f"import criterion\ncriterion.SSLLoss\n{UPDATE}")
    student = Student(server, tmp_path, files, {}, LIMITS)
    (answered,) = student.answer([(MAIN, [main_case()])])
    assert answered.answers[0].error is None
    arrays = {"z1": np.ones((2, 2), "float32"), "z2": np.ones((2, 2), "float32")}
    params = {"method": "align_loss", "temperature": 0.5, "constant": None}
    (own,) = student.answer([(QUESTION, [Case("1.3", "case", "loss", arrays, params)])])
    assert own.answers[0].error is not None
    assert own.answers[0].error.kind in ("import", "ended", "crash", "timeout")


def test_given_files_need_not_be_handed_in(server: Server, tmp_path: Path) -> None:
    files = write(tmp_path, main=f"import data, engine, networks, model_factory\n{UPDATE}")
    (answered,) = Student(server, tmp_path, files, {}, LIMITS).answer([(MAIN, [main_case()])])
    assert answered.answers[0].error is None


def test_a_package_with_relative_imports_works(server: Server, tmp_path: Path) -> None:
    (tmp_path / "simsiam").mkdir()
    (tmp_path / "simsiam" / "helper.py").write_text("X = 1\n")
    (tmp_path / "simsiam" / "criterion.py").write_text("from .helper import X\nclass SSLLoss: pass\n")
    files = write(tmp_path, main=f"from simsiam.criterion import SSLLoss\n{UPDATE}")
    files["criterion"] = Path("simsiam/criterion.py")
    answered = list(Student(server, tmp_path, files, {}, LIMITS).answer([(MAIN, [main_case()])]))
    assert answered[0].answers[0].error is None


def test_a_parser_at_the_top_of_a_file_sees_no_arguments(server: Server, tmp_path: Path) -> None:
    files = write(tmp_path, main=f"import argparse\nargparse.ArgumentParser().parse_args()\n{UPDATE}")
    (answered,) = Student(server, tmp_path, files, {}, LIMITS).answer([(MAIN, [main_case()])])
    assert answered.answers[0].error is None


def test_a_function_that_is_not_there_is_named(server: Server, tmp_path: Path) -> None:
    files = write(tmp_path, main="pass\n")
    (answered,) = Student(server, tmp_path, files, {}, LIMITS).answer([(MAIN, [main_case()])])
    assert answered.answers[0].error is not None
    assert answered.answers[0].error.message == "main.py does not define update_momentum_encoder."


def test_a_time_out_takes_no_longer_than_it_says(ask: Ask) -> None:
    """One that waited for the answer would take a year."""
    (answer,) = ask("import time; time.sleep(3e7)", limits=Limits(timeout=1.0, memory=512 * MIB)).answers
    assert answer.error is not None
    assert answer.error.kind == "timeout"


def test_the_scratch_folder_has_room_for_what_a_submission_may_be(tmp_path: Path) -> None:
    """It has no more: with namespaces it is a file system of the process's own, as large as the limits."""
    (tmp_path / "criterion.py").write_text(
        "import os, torch\nclass SSLLoss:\n    def __init__(self, loss_type, temperature): pass\n"
        "    def align_loss(self, z1, z2):\n        room = os.statvfs('.')\n"
        "        return (z1.sum() * 0 + room.f_blocks * room.f_frsize / 2**20)\n"
    )
    arrays = {"z1": np.ones((2, 2), "float32"), "z2": np.ones((2, 2), "float32")}
    params = {"method": "align_loss", "temperature": 0.5, "constant": None}
    for unpacked in (16, 2048):
        limits = Limits(timeout=5, unpacked=unpacked * MIB, file_size=8 * MIB)
        with Server(SKELETON, limits=limits) as server:
            if not server.layers.namespaces:
                continue
            student = Student(server, tmp_path, {"criterion": Path("criterion.py")}, {}, limits)
            (answered,) = student.answer([(QUESTION, [Case("1.3", "case", "loss", arrays, params)])])
            value = answered.answers[0].values["value"].array
            assert value is not None and float(value) == unpacked + 8


FULL = """
    import os
    try:
        while True:
            open(str(len(os.listdir())), "wb").write(bytes(2**20))
    except OSError:
        pass
    return z1.sum()
"""


def test_who_fills_the_scratch_folder_is_judged_like_anybody(tmp_path: Path) -> None:
    """A question asked while that process lives has its own room: the question again, and another year's answer."""
    hand_in(tmp_path / "ann", {**RIGHT, "1.3": FULL})
    rubric = load_rubric()
    earlier = replace(rubric.variant, name="earlier", constants=(("temperature", 0.3),))
    questions = [rubric[now("1.2")], rubric[now("1.3")]]
    with Grader(replace(rubric, earlier=(earlier,)), Limits(unpacked=64 * MIB, file_size=8 * MIB)) as grader:
        result = grader.grade(Submission("ann", tmp_path / "ann"), questions)
    assert (result.status, result.score) == (Status.OK, questions[0].points), result.message


def test_data_within_the_limit_are_no_fault_of_the_graders(tmp_path: Path) -> None:
    """Also if a wrong answer is asked again, in a process of its own next to the first."""
    hand_in(tmp_path / "ann", {**RIGHT, "1.3": "return z1.sum()"})
    with open(tmp_path / "ann" / "data.bin", "wb") as data:
        data.truncate(60 * MIB)
    rubric = load_rubric()
    questions = [rubric[now("1.2")], rubric[now("1.3")]]
    with Grader(rubric, Limits(unpacked=64 * MIB, file_size=8 * MIB)) as grader:
        result = grader.grade(Submission("ann", tmp_path / "ann"), questions)
    assert (result.status, result.score) == (Status.OK, questions[0].points), result.message
