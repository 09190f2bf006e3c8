"""The reply is capped as a whole, and an import that takes all of the time is waited for once in a hand-in."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.core.errors import WorkerLost
from autograder.core.records import Case, Question
from autograder.sandbox import requests, wire
from autograder.sandbox.client import Server
from autograder.sandbox.patience import AGAIN, TOO_LONG
from autograder.sandbox.process import Process
from autograder.sandbox.protocol import read_left
from autograder.sandbox.session import Session
from autograder.sandbox.student import Student
from autograder.sandbox.transcript import Transcript
from tests.sandbox.conftest import LIMITS, QUESTION, Ask
from tests.sandbox.test_student import MAIN, UPDATE, main_case, write


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The signals that are sent to processes whose import takes too long, as they are sent: a busy machine cannot
    change them, as it changes seconds."""
    signals: list[int] = []
    interrupt = Process.interrupt
    monkeypatch.setattr(Process, "interrupt", lambda self, number: (signals.append(number), interrupt(self, number))[1])
    return signals


FOUR = replace(LIMITS, timeout=4.0)
ENDLESS = "while True:\n    time.sleep(0.01)\n"
LOSSES = """class SSLLoss:
    def __init__(self, loss_type, temperature): pass
    def contrastive_loss(self, z1, z2): time.sleep(10**6)
    def align_loss(self, z1, z2): return z1.sum()
"""


def test_the_answers_to_one_question_have_a_cap_together(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "return z1.sum() * torch.ones(10_000)"  # 40 kB
    monkeypatch.setattr(wire, "PAYLOAD_CAP", 140_000)  # of this side: each answer is far below it
    assert [answer.error for answer in ask(body, cases=3).answers] == [None] * 3
    last = ask(body, cases=6).answers[-1]
    assert last.error is not None
    assert "larger than the limit" in last.error.message


def loss(question: str, method: str) -> tuple[Question, list[Case]]:
    arrays = {"z1": np.ones((2, 2), "float32"), "z2": np.ones((2, 2), "float32")}
    params = {"method": method, "temperature": 0.5, "constant": None}
    return replace(QUESTION, id=question), [Case(question, "case", "loss", arrays, params)]


LOSS_12, LOSS_13 = loss("1.2", "contrastive_loss"), loss("1.3", "align_loss")


def test_a_loop_at_the_end_of_a_file_costs_one_limit_also_if_a_question_ends_the_process(
    server: Server, tmp_path: Path, sent: list[int]
) -> None:
    student = Student(server, tmp_path, write(tmp_path, criterion=f"import time\n{LOSSES}{ENDLESS}"), {}, FOUR)
    late, right = student.answer([LOSS_12, LOSS_13])
    assert late.seconds > 2 * FOUR.timeout and late.answers[0].error is not None
    assert late.answers[0].error.kind == "timeout"
    assert student.left == {"criterion": 6}
    assert right.answers[0].error is None
    assert sent == [TOO_LONG, AGAIN]


def test_an_import_that_is_not_where_it_was_given_up_before_gets_its_whole_time(server: Server, tmp_path: Path) -> None:
    slow = f"import time\ntime.sleep(2)\n{LOSSES}{ENDLESS}"
    student = Student(server, tmp_path, write(tmp_path, criterion=slow), {}, FOUR)
    _, right = student.answer([LOSS_12, LOSS_13])
    assert right.answers[0].error is None, "after a second the losses are not defined yet"
    assert right.seconds > FOUR.timeout


def test_an_answer_gets_its_whole_time_after_an_import_that_was_given_up_early(server: Server, tmp_path: Path) -> None:
    slow = LOSSES.replace("return z1", "time.sleep(3.3); return z1")
    student = Student(server, tmp_path, write(tmp_path, criterion=f"import time\n{slow}{ENDLESS}"), {}, FOUR)
    _, right = student.answer([LOSS_12, LOSS_13])
    assert right.answers[0].error is None


def test_each_of_two_files_that_loop_at_their_end_is_given_up(server: Server, tmp_path: Path) -> None:
    main = f"import criterion, time\n{UPDATE}{ENDLESS}"
    files = write(tmp_path, criterion=f"import time\n{LOSSES}{ENDLESS}", main=main)
    student = Student(server, tmp_path, files, {}, LIMITS)
    (answered,) = student.answer([(MAIN, [main_case()])])
    assert answered.answers[0].error is None
    assert student.left == {"criterion": 6, "main": 4}


def test_a_shorter_limit_says_nothing_of_the_whole_one(server: Server, tmp_path: Path) -> None:
    student = Student(server, tmp_path, write(tmp_path, criterion=f"import time\n{LOSSES}{ENDLESS}"), {}, FOUR)
    with student.session(replace(FOUR, timeout=1.0), questions=1) as session:
        assert session.ask(*LOSS_13).answers[0].error is None
    assert student.left == {}


LIES = """
import signal, sys, time
from autograder.sandbox import wire
def lie(*_):
    for module, line in ("criterion", 1), ("main", 1), ("x" * 99, 1):
        for what in "importing", "imported":
            sys.modules["socket"].socket(fileno=3).sendall(wire.encode({"type": what, "module": module, "left": line}))
signal.signal(signal.SIGALRM, lie)
"""


def test_a_process_that_lies_of_its_import_has_its_time_and_no_more(
    server: Server, tmp_path: Path, sent: list[int]
) -> None:
    files = write(tmp_path, criterion=f"{LIES}{LOSSES}{ENDLESS}", main=f"import time\ntime.sleep(2)\n{UPDATE}")
    student = Student(server, tmp_path, files, {}, LIMITS)
    lost, also, right = student.answer([LOSS_12, LOSS_13, (MAIN, [main_case()])])
    assert lost.answers[0].error is not None and also.answers[0].error is not None
    assert sent == [TOO_LONG]
    assert right.answers[0].error is None
    assert student.left.keys() <= {"criterion", "main"}


def test_more_answers_than_cases_are_no_answers() -> None:
    told = Transcript(LOSS_12[1], give_up=1e12)
    header: dict[str, wire.Json] = {"type": "answer", "case": "case", "values": [], "error": None, "seconds": 0.0}
    told.read(wire.Message(header, ()))
    with pytest.raises(wire.WireError, match="more cases"):
        told.read(wire.Message(header, ()))


@pytest.mark.parametrize("size", [1, 2**22])
def test_a_process_that_ends_while_it_gets_its_files_is_lost_and_leaves_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    piece = wire.encode({"type": "file", "path": "no file\0name"}, [np.zeros(size, np.uint8)])
    with Session(server, tmp_path, {}, LIMITS), monkeypatch.context() as patched:
        before = os.listdir("/proc/self/fd")
        patched.setattr(requests, "hand_in", lambda *_: [piece] * 3)
        with pytest.raises(WorkerLost, match="null byte"):
            Session(server, tmp_path, {}, LIMITS)
        assert os.listdir("/proc/self/fd") == before


def test_a_process_that_cannot_be_forked_leaves_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise WorkerLost("the warm server ended")

    before = os.listdir("/proc/self/fd")
    monkeypatch.setattr(server, "request", lost)
    with pytest.raises(WorkerLost):
        Session(server, tmp_path, {}, LIMITS)
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("left", [None, True, "1", -1, 0, 2**40, 1.0, [1]])
def test_a_line_that_is_none_is_not_believed(left: wire.Json) -> None:
    told = Transcript([], give_up=1e12)
    for what in "importing", "imported":
        told.read(wire.Message({"type": what, "module": "criterion", "left": left}, []))
    assert read_left(wire.Message({"left": left}, [])) is None and told.left == {}
