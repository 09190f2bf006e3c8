"""The desk: changes fit the results, reach pages and tables, and nothing is lost."""

from __future__ import annotations

import csv
import os
import signal
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import cli
from autograder.commands import override, requests
from autograder.core.errors import AutograderError
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Diagnosis, Excerpt, Item, Question, QuestionResult, Result, Rubric, Status
from autograder.core.store import FEEDBACK, only_run, open_output, save_result
from autograder.desk import changes
from autograder.desk.changes import Desk
from autograder.desk.queue import Filter, rows
from autograder.marks.marks import read_marks
from autograder.marks.overrides import Kind, load_overrides, new
from autograder.marks.points import Points, load_points
from autograder.report.outputs import write_page, write_tables

ITEMS = (
    Item("report-methods.1", "report-methods", "The four methods", 12, "all four trained"),
    Item("report-methods.2", "report-methods", "The four methods", 6, "settings"),
    Item("report-form.1", "report-form", "Form", 12, "axes"),
)
RUBRIC = Rubric(
    (
        Question("1.2", "Loss", "criterion.py", 20),
        Question("4", "Report", "report.ipynb", 30, manual=True, items=ITEMS),
    ),
    "seed",
)


def result(student: str, *diagnosis: Diagnosis, code: str = "", points: float = 0) -> Result:
    outcome = Outcome.FAILED if points < 20 else Outcome.PASSED
    check = CheckResult("The value", outcome, points, 20, True, "")
    excerpts = (Excerpt("1.2", "criterion.py", ((1, code),)),) if code else ()
    question = QuestionResult("1.2", "Loss", points, 20, (check,), diagnosis)
    return Result(student, Status.OK, 20, 0.1, (question,), "", excerpts=excerpts)


CLASS = (
    result("ann", Diagnosis("sum", "Use the mean.")),
    result("bob", Diagnosis("sum", "Use the mean.")),
    result("cy", code="return a + b"),
    result("di", code="return  c + d  # mine"),
    result("eve", points=20),
    replace(result("fay"), questions=(), status=Status.ERROR),
)


@pytest.fixture
def grades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for command in (override, requests):
        monkeypatch.setattr(command, "load_rubric", lambda: RUBRIC)
    folder = tmp_path / "grades"
    open_output(folder, tmp_path / "class")
    for one in CLASS:
        write_page(folder, one, RUBRIC, Points())
        save_result(folder, one)
    write_tables(folder, CLASS, RUBRIC, Points())
    return folder


def table(grades: Path) -> dict[str, dict[str, str]]:
    with open(grades / "grades.csv", encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_the_lines_of_a_mark_scheme_give_points_on_the_command_line(
    grades: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["override", str(grades), "ann", "4", "--by", "Ada"]
    assert cli.main([*ask, "--item", "report-methods.1", "--item", "report-methods.2=2.5", "--comment", "Fine."]) == 0
    (change,) = load_overrides(grades).changes
    assert change.items == {"report-methods.1": 12, "report-methods.2": 2.5, "report-form.1": 0}
    assert "The four methods: 14.5 of 18\nForm: 0 of 12\nFine." in (grades / FEEDBACK / "ann.html").read_text("utf-8")
    assert read_marks(grades, RUBRIC, load_points(grades)).by_student["ann"].report == 14.5
    with pytest.raises(AutograderError, match="no item form") as refused:
        cli.main([*ask, "--item", "form"])
    assert "report-form.1 (12): axes" in refused.value.hint
    with pytest.raises(AutograderError, match="13 points are more than the 12 of that item"):
        cli.main([*ask, "--item", "report-form.1=13"])
    with pytest.raises(AutograderError, match=r"1\.2 has no item x"):
        cli.main(["override", str(grades), "ann", "1.2", "--item", "x"])
    for more in (["--points", "3"], ["--alike"], ["--item", "report-form.1=many"]):
        with pytest.raises(SystemExit):
            cli.main([*ask, "--item", "report-form.1", *more])
    assert load_overrides(grades).changes == (change,)
    capsys.readouterr()


def test_a_change_reaches_page_table_and_marks(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (grades / "grades.csv").read_bytes()
    assert cli.main(["override", str(grades), "ann", "1.2", "--points", "15", "--reason", "r", "--comment", "Hm."]) == 0
    assert "  ann: 15 of 20" in capsys.readouterr().out
    assert (table(grades)["ann"]["1.2"], table(grades)["ann"]["changed"]) == ("15", "1.2")
    assert "Changed by a person: the checks gave 0." in (grades / FEEDBACK / "ann.html").read_text("utf-8")
    assert read_marks(grades, RUBRIC, load_points(grades)).by_student["ann"].code == 15
    assert cli.main(["override", str(grades), "--undo", "1"]) == 0
    assert (grades / "grades.csv").read_bytes() == before, "without changes there is no column for them"
    assert len(load_overrides(grades).changes) == 2


def test_alike_is_by_mistake_else_by_code(grades: Path) -> None:
    desk = Desk(grades, RUBRIC)
    assert desk.alike("ann", "1.2") == ["ann", "bob"]
    assert desk.alike("cy", "1.2") == ["cy", "di"], "names and comments do not count"
    assert desk.alike("eve", "1.2") == ["eve"], "right answers are not alike"


def test_everybody_alike_is_changed_at_once(grades: Path) -> None:
    flags = ["--points", "12", "--reason", "our hint misled", "--alike", "--by", "Ada"]
    assert cli.main(["override", str(grades), "ann", "1.2", *flags]) == 0
    assert [table(grades)[one]["1.2"] for one in ("ann", "bob", "cy")] == ["12", "12", "0"]
    (change,) = load_overrides(grades).changes
    assert (change.students, change.by) == (("ann", "bob"), "Ada")


def test_points_of_their_own_are_left_by_a_change_for_all(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ann, bob = (["override", str(grades), one, "1.2", "--reason", "r", "--points"] for one in ("ann", "bob"))
    assert cli.main([*bob, "15"]) == 0
    assert cli.main([*ann, "12", "--alike"]) == 0
    assert [table(grades)[one]["1.2"] for one in ("ann", "bob")] == ["12", "15"]
    assert "Left out, for a person gave them points of their own for 1.2: bob\n" in capsys.readouterr().out
    assert cli.main([*bob, "11", "--alike"]) == 0
    assert [table(grades)[one]["1.2"] for one in ("ann", "bob")] == ["12", "11"], "ann was alone in the last change"
    for change in ("1", "2", "3"):
        assert cli.main(["override", str(grades), "--undo", change]) == 0
    for points in ("12", "13"):
        assert cli.main([*ann, points, "--alike"]) == 0
    assert [table(grades)[one]["1.2"] for one in ("ann", "bob")] == ["13", "13"], "those were decided for all"


@pytest.mark.parametrize("kind", ["excuse", "hold"])
def test_excused_and_held_students_get_no_mark(grades: Path, kind: str) -> None:
    assert cli.main(["override", str(grades), "ann", f"--{kind}", "--reason", "ill"]) == 0
    marks = read_marks(grades, RUBRIC, load_points(grades))
    assert "ann" not in marks.by_student and marks.without["ann"]
    assert marks.failed(["ann"]) and table(grades)["ann"]["changed"] == kind
    page = (grades / FEEDBACK / "ann.html").read_text("utf-8")
    assert ("You are excused" in page) is (kind == "excuse"), "a hold is for the staff alone"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"question": "1.2", "points": 21.0}, "21 points are more than the 20"),
        ({"question": "9", "points": 1.0}, "There is no question 9"),
        ({"question": "1.2", "points": 1.0, "check": "no"}, "has no check “no”"),
        ({"question": "4", "points": 1.0, "check": "no"}, "has no check “no”"),
        ({"question": "1.2", "points": 1.0, "reason": " "}, "needs a reason"),
        ({"question": "1.2", "points": 1.0, "students": ["zoe"]}, "zoe is not in this class"),
        ({"question": "1.2", "points": 1.0, "students": ["fay"]}, "has not been graded"),
        ({"question": "1.2", "points": 1.0, "comment": "x" * 8001}, "more than 8000"),
        ({"question": "4", "points": 1.0, "items": {"report-none.1": 1.0}}, "no item report-none.1"),
        ({"question": "4", "points": 13.0, "items": {"report-methods.1": 13.0}}, "more than the 12 of that item"),
        ({"question": "4", "points": 9.0, "items": {"report-methods.1": 12.0}}, "not the sum"),
    ],
)
def test_what_does_not_fit_is_refused_and_not_recorded(grades: Path, wanted: dict[str, object], message: str) -> None:
    desk = Desk(grades, RUBRIC)
    with pytest.raises(AutograderError, match=message):
        desk.change(new(Kind.POINTS, "ta", **{"students": ["ann"], "reason": "r", **wanted}))  # type: ignore[arg-type]
    assert load_overrides(grades).changes == ()


def test_an_undo_needs_its_change(grades: Path) -> None:
    with pytest.raises(AutograderError, match="There is no change 3"):
        Desk(grades, RUBRIC).change(new(Kind.UNDO, "ta", undoes=3))


def test_a_kill_at_any_moment_keeps_every_change_of_two_desks(grades: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "PATIENCE", 300.0)  # on a busy machine one of the two may have to wait for long
    read, write = os.pipe()
    children = []
    for number in range(2):
        if (child := os.fork()) == 0:
            with suppress(BaseException):
                desk = Desk(grades, RUBRIC)
                while True:
                    made = desk.change(new(Kind.POINTS, f"ta{number}", ["ann"], question="1.2", points=1.0, reason="r"))
                    os.write(write, f"{made.id} ta{number}\n".encode())  # the form is answered: the change is promised
                    time.sleep(0.02)  # no person is as quick as to keep the folder from the other one
            os._exit(1)
        children.append(child)
    os.close(write)
    said = b""
    try:
        while said.count(b"\n") < 8 or b"ta0" not in said or b"ta1" not in said:
            more = os.read(read, 64)
            assert more and said.count(b"\n") < 1000, "both desks come to their changes"
            said += more
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    while more := os.read(read, 4096):
        said += more
    os.close(read)
    kept = [(one.id, one.by) for one in load_overrides(grades).changes]
    promised = [(int(number), by) for number, by in map(str.split, said.decode().splitlines())]
    assert {*promised} <= {*kept} and len(kept) <= len(promised) + 2
    assert [number for number, _ in kept] == [*range(1, len(kept) + 1)]
    made = Desk(grades, RUBRIC).change(new(Kind.REVIEWED, "ta", ["ann"]))
    assert made.id == len(kept) + 1 and not [*grades.rglob("*.tmp")], "and nobody has to clear up"


def test_a_run_that_uses_the_folder_is_waited_for_then_named(grades: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "PATIENCE", 0.1)
    desk = Desk(grades, RUBRIC)
    read, write = os.pipe()
    if (child := os.fork()) == 0:  # locks of files are between processes
        with only_run(grades):
            os.write(write, b"x")
            signal.pause()
    os.read(read, 1)
    try:
        with pytest.raises(AutograderError, match="Another run is using"):
            desk.change(new(Kind.REVIEWED, "ta", ["ann"]))
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert desk.change(new(Kind.REVIEWED, "ta", ["ann"])).id == 1


def test_a_command_that_was_killed_after_the_record_is_made_good(grades: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(changes, "write_page", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Desk(grades, RUBRIC).change(new(Kind.POINTS, "ta", ["ann"], question="1.2", points=3.0, reason="r"))
    assert table(grades)["ann"]["1.2"] == "0"
    Desk(grades, RUBRIC)
    assert table(grades)["ann"]["1.2"] == "3"
    assert "the checks gave 0" in (grades / FEEDBACK / "ann.html").read_text("utf-8")


ASKED = 'id,question,text\nbob,1.2,"=1+1, <b>please</b>"\neve,4,Why?\nbob,1.2,"=1+1, <b>please</b>"\n'


def test_a_request_comes_first_is_answered_and_opens_again(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = grades.parent / "requests.csv"
    asked.write_text(ASKED, "utf-8")
    for new_ones in (2, 0):
        assert cli.main(["requests", str(grades), str(asked)]) == 0
        assert f"{new_ones} of 2 requests are new.\n1. bob, question 1.2: =1+1, <b>" in capsys.readouterr().out
    desk, page = Desk(grades, RUBRIC), grades / FEEDBACK / "bob.html"
    first = rows([desk.result(one) for one in desk.checked], RUBRIC, Filter())
    assert [one.student for one in first[:3]] == ["bob", "eve", "fay"] and "Asks about" in first[0].reasons[0]
    assert "&lt;b&gt;please" in page.read_text("utf-8") and "Nobody has answered" in page.read_text("utf-8")
    answer = ["requests", str(grades), "--answer", "1", "--comment", "The mean is asked for."]
    assert cli.main(answer) == 0 and "The mean is asked for." in page.read_text("utf-8")
    assert cli.main(["show", str(grades), "bob"]) == 0 and "Answer: The mean is asked" in capsys.readouterr().out
    assert cli.main(["override", str(grades), "--undo", "3"]) == 0
    assert "Nobody has answered" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("id,question\nbob,1.2\n", "has the columns id, question."),
        ("id,question,text,points\nbob,1.2,x,9\n", "has the columns"),
        ("id,question,text\nzoe,1.2,x\n", "Row 2 is of zoe, who is not in the class"),
        ("id,question,text\nbob,9,x\n", "Row 2: asks about question 9"),
        ("id,question,text\nbob,1.2,\n", "Row 2: has no text"),
        ("id,question,text\nbob,1.2,a, b\n", "needs quotes around it"),
        (f"id,question,text\nbob,1.2,{'x' * 8001}\n", "more than 8000 characters"),
        ("id,question,text\n" + "".join(f"bob,1.2,{n}\n" for n in range(51)), "bob: has more than 50 requests"),
        ("id,question,text\n" + "x" * requests.LARGEST, "more than 4 MiB"),
    ],
)
def test_a_list_of_requests_is_taken_whole_or_not_at_all(grades: Path, rows: str, message: str) -> None:
    asked = grades.parent / "requests.csv"
    asked.write_text(rows.replace("text\n", "text\neve,1.2,a good one\n", 1), "utf-8")
    with pytest.raises(AutograderError, match=message.replace("Row 2", "Row 3")):
        cli.main(["requests", str(grades), str(asked)])
    assert load_overrides(grades).changes == ()


@pytest.mark.parametrize(("answers", "comment", "message"), [(7, "x", "no regrade request 7"), (1, " ", "is empty")])
def test_an_answer_needs_its_request_and_words(grades: Path, answers: int, comment: str, message: str) -> None:
    desk = Desk(grades, RUBRIC)
    desk.ask([new(Kind.REQUEST, "ta", ["ann"], question="1.2", text="Why?")])
    with pytest.raises(AutograderError, match=message):
        desk.change(new(Kind.ANSWER, "ta", answers=answers, comment=comment))
