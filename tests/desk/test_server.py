"""The desk's page: its forms change grades, and nobody else's page can."""

from __future__ import annotations

import html
import re
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.core import last_run
from autograder.core.errors import AutograderError
from autograder.core.records import Diagnosis
from autograder.core.settings import Settings
from autograder.core.store import save_result
from autograder.desk.changes import Desk
from autograder.desk.hand_ins import HandIns
from autograder.desk.server import COOKIE, HOST, LARGEST, App, serve
from autograder.marks.overrides import Kind, load_overrides, new
from tests.desk.conftest import Browser, handed_in
from tests.desk.test_changes import RUBRIC, result, table


def test_the_token_opens_the_desk_and_stays_out_of_its_addresses(browser: Browser) -> None:
    opened = browser.client.get(f"/?token={browser.app.token}", headers=browser.headers(Cookie=None))
    assert (opened.status_code, opened.headers["Location"]) == (302, f"{browser.app.base}/")
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert f"Path={browser.app.base};" in cookie, "a server on another port of this machine does not get it"
    assert browser.app.token not in browser.get("/").text


@pytest.mark.parametrize(
    "other", [{"Cookie": None}, {"Cookie": f"{COOKIE}=x"}, {"Host": "evil.test:4711"}, {"Host": "localhost:4711"}]
)
def test_nobody_else_can_read(browser: Browser, other: dict[str, str | None]) -> None:
    for path in ("/", "/student/ann", "/report/ann", "/?token=x", "/none"):
        answer = browser.get(path, **other)
        assert answer.status_code == 403 and "ann" not in answer.text


@pytest.mark.parametrize(
    ("form", "other"),
    [
        ({"form_token": "x"}, {}),
        ({"form_token": ""}, {}),
        ({}, {"Origin": "http://evil.test"}),
        ({}, {"Origin": "null"}),
        ({}, {"Host": "evil.test:4711"}),
        ({}, {"Cookie": None}),
    ],
)
def test_nobody_else_can_change(browser: Browser, grades: Path, form: dict[str, str], other: dict[str, str]) -> None:
    assert browser.post({"points": "20", "reason": "r", **form}, **other).status_code == 403
    assert load_overrides(grades).changes == ()


def test_a_form_has_a_largest_size(browser: Browser, grades: Path) -> None:
    assert browser.post({"points": "20", "reason": "r", "comment": "x" * LARGEST}).status_code == 413
    assert load_overrides(grades).changes == ()


def test_a_page_forbids_frames_caches_and_foreign_scripts(browser: Browser) -> None:
    for path in ("/", "/student/ann"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
        assert re.search(r"script-src 'sha256-[^']+'$", policy) and headers["Cache-Control"] == "no-store"


def test_points_are_changed_for_everybody_alike_and_undone(browser: Browser, grades: Path) -> None:
    form = {"points": "12,5", "reason": "r", "comment": "c", "alike": "yes", "list": "text=an&question=1.2"}
    answer = browser.post(form)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"{browser.app.base}/student/ann?text=an&question=1.2&made=1#q1.2",
    )
    (change,) = load_overrides(grades).changes
    assert (change.students, change.points, change.by) == (("ann", "bob"), 12.5, "Ada")
    assert "<strong>12.5</strong>" in browser.get("/student/bob").text
    assert browser.post({"kind": "undo", "undoes": "1"}).status_code == 303
    assert browser.app._desk.result("ann").score == 0
    browser.app.close()
    assert ",changed" not in (grades / "grades.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"points": "99", "reason": "mine"}, "99 points are more than the 20"),
        ({"points": "nan", "reason": "mine"}, "nan is not a number of points"),
        ({"points": "", "reason": "mine"}, "neither points nor a comment"),
        ({"points": "3", "reason": "", "comment": "mine"}, "needs a reason. Write one into the field Reason."),
        ({"kind": "hold", "question": "", "comment": "mine"}, "needs a reason. Write one into the field Reason."),
        ({"kind": "bribe", "reason": "mine"}, "bribe"),
        ({"kind": "undo", "undoes": "7", "reason": "mine"}, "There is no change 7"),
    ],
)
def test_what_does_not_fit_is_said_and_the_form_is_kept(
    browser: Browser, grades: Path, form: dict[str, str], said: str
) -> None:
    answer = browser.post(form)
    assert answer.status_code == 409 and said in html.unescape(answer.text)
    assert load_overrides(grades).changes == ()
    assert "mine" in answer.text, "what was typed is still there"


def test_the_whole_hand_in_gets_a_standing_and_a_review(browser: Browser, grades: Path) -> None:
    assert browser.post({"kind": "hold", "reason": "asked", "question": ""}).status_code == 303
    assert browser.post({"kind": "reviewed", "question": ""}).status_code == 303
    page = browser.get("/?status=hold").text
    assert "1 of 7 students" in page and "1 of 7 are marked as reviewed" in page
    assert "/student/ann" not in browser.get("/?todo=yes").text


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", 7),
        ("text=AN", 1),
        ("question=1.2", 5),
        ("mistake=sum", 2),
        ("status=error", 1),
        ("mistake=sum&text=bob", 1),
        ("text=nobody", 0),
    ],
)
def test_the_list_is_filtered(browser: Browser, query: str, left: int) -> None:
    assert f"{left} of 7 students" in browser.get(f"/?{query}").text


def test_students_to_look_at_by_hand_come_first(browser: Browser) -> None:
    order = re.findall(r'<a href="[^"]*/student/([^"?]+)', browser.get("/").text)
    assert order[0] == "fay" and order[-1] == "eve"


def test_next_and_previous_follow_the_filter(browser: Browser) -> None:
    page = browser.get("/student/ann?mistake=sum").text
    assert f'<a rel="next" href="{browser.app.base}/student/bob?mistake=sum">' in page and 'rel="prev"' not in page


def test_names_and_code_of_students_are_text(browser: Browser) -> None:
    page = browser.get("/").text
    (link,) = [one for one in re.findall(r'href="[^"]*(/student/[^"]*)"', page) if "script" in one]
    student = browser.get(html.unescape(link))
    assert student.status_code == 200
    for text in (page, student.text):
        assert "<script>alert" not in text and "<script>x" not in text


def test_the_page_has_the_hint_the_repair_and_the_command_that_repeats_a_verdict(tmp_path: Path, grades: Path) -> None:
    last_run.save(Settings(tmp_path, roster=tmp_path / "a list.csv", output=grades))
    repaired = Diagnosis("repair", "Look at line 3.", change="--- a\n+++ b\n-x\n+y")
    save_result(grades, replace(result("di", repaired), student="d i"))
    (grades / "grades.csv").write_text("student\nd i\n")
    app = App(Desk(grades, RUBRIC), HandIns(lambda: handed_in(tmp_path)), "Ada", 4711)
    page = html.unescape(Browser(app).get("/student/d i").text)
    assert "Look at line 3." in page and "+++ b\n-x\n+y" in page
    given = f"--submission {tmp_path} --roster '{tmp_path / 'a list.csv'}' --student 'd i'"
    assert f"python -m pytest autograder/checks {given}" in page
    assert f"autograde regrade {grades} --student 'd i'" in page


def test_an_unknown_student_is_not_found(browser: Browser) -> None:
    assert browser.get("/student/zoe").status_code == 404
    assert browser.post({"student": "zoe", "points": "1", "reason": "r"}).status_code == 404


def test_the_tables_follow_the_last_change_even_at_the_end(
    grades: Path, hand_ins: HandIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, started, go = Desk(grades, RUBRIC), threading.Event(), threading.Event()
    written: list[int] = []

    def write() -> None:
        written.append(len(desk.points.overrides.changes))
        started.set()
        go.wait(10)

    monkeypatch.setattr(desk, "write_tables", write)
    browser = Browser(App(desk, hand_ins, "Ada", 4711))
    browser.post({"points": "1", "reason": "r"})
    assert started.wait(10)
    for points in ("2", "3"):
        browser.post({"points": points, "reason": "r"})
    threading.Timer(0.2, go.set).start()
    browser.app.close()
    assert written == [1, 3], "once for all changes that came meanwhile"


def test_a_request_is_answered_at_the_desk(browser: Browser, grades: Path) -> None:
    Desk(grades, RUBRIC).ask([new(Kind.REQUEST, "ta", ["ann"], question="1.2", text="<script>alert(1)</script>")])
    page = browser.get("/student/ann").text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    assert browser.get("/?status=request").text.count("data-row") == 2, "one row, and the script's own word"
    assert browser.post({"kind": "answer", "answers": "1", "comment": ""}).status_code == 409
    assert browser.post({"kind": "answer", "answers": "1", "comment": "No."}).status_code == 303
    assert "<strong>Answered:</strong> No." in browser.get("/student/ann").text


def test_the_page_says_who_is_left_out_of_a_change_for_all(browser: Browser) -> None:
    assert "for the 1 other too</label>" in browser.get("/student/cy").text
    form = {"student": "cy", "points": "3", "reason": "r"}
    browser.post(form)
    assert 'name="alike"' not in re.sub(r"(?s)<script>.*", "", browser.get("/student/di").text), "nobody is left"
    browser.rest()
    browser.post({"kind": "undo", "undoes": "1"})
    browser.post(form | {"student": "ann"})
    browser.post(form | {"student": "bob", "alike": "yes"})
    assert [one.students for one in load_overrides(browser.app._desk.output).changes[2:]] == [("ann",), ("bob",)]


def test_the_page_says_the_change_that_was_made_or_undone(browser: Browser, grades: Path) -> None:
    def after(form: dict[str, str]) -> str:
        made = browser.post(form).headers["Location"].removeprefix(browser.app.base)
        (line,) = re.findall(r'<p role="status">(.*?)</p>', browser.get(made).text)
        return str(line)

    assert after({"points": "3", "reason": "r"}) == "Recorded: change 1, 1.2: 3 points (by Ada)."
    alike = after({"points": "4", "reason": "r", "alike": "yes"})
    assert alike == "Recorded: change 2, 1.2: 4 points (by Ada). It is about 1 more student."
    browser.rest()
    Desk(grades, RUBRIC).ask([new(Kind.REQUEST, "ta", ["ann"], question="1.2", text="Why?")])
    browser.post({"kind": "answer", "answers": "3", "comment": "No."})
    undone = after({"kind": "undo", "undoes": "4"})
    assert undone == "Undone: change 4, answers 3 (by Ada). The regrade request is open again."
    assert after({"kind": "undo", "undoes": "5"}) == "Undone: change 5, undoes 4 (by Ada)."
    assert 'role="status"' not in browser.get("/student/bob?made=1").text, "that change is not about bob"


def test_each_question_has_a_key_and_its_heading_says_which(browser: Browser) -> None:
    page = browser.get("/student/ann").text
    assert re.findall(r"key <kbd>(.)</kbd>", page) == re.findall(r'data-points="(.)"', page) == ["1", "2"]
    assert re.findall(r'data-points="(.)"', browser.get("/student/fay").text) == ["1"], "1.2 of fay has no points"


def test_a_page_that_is_older_than_the_last_change_changes_nothing(browser: Browser, grades: Path) -> None:
    other = Desk(grades, RUBRIC)
    other.change(new(Kind.POINTS, "Bo", ["bob"], question="1.2", points=3, reason="r"))
    assert browser.post({"seen": "0", "points": "4", "reason": "r"}).status_code == 303, "bob's change is not ann's"
    browser.rest()
    other.change(new(Kind.UNDO, "Bo", undoes=2))
    late = {"seen": "2", "points": "5", "reason": "my reason", "comment": "my words"}
    for form in (late, late | {"kind": "hold", "question": ""}, late | {"kind": "reviewed"}, late | {"alike": "yes"}):
        answer = browser.post(form)
        assert answer.status_code == 409 and len(load_overrides(grades).changes) == 3
        assert "change 3, undoes 2 (by Bo). The page has it now." in html.unescape(answer.text)
        assert form.get("kind") == "reviewed" or ("my reason" in answer.text and "my words" in answer.text)
    assert browser.post(late | {"seen": "3"}).status_code == 303
    assert 'name="seen" value="4"' in browser.get("/student/ann").text
    assert browser.post({"seen": "3", "alike": "yes", "points": "1", "reason": "r"}).status_code == 409


def test_a_port_in_use_is_said_once(tmp_path: Path, grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((HOST, 0)) as taken, pytest.raises(AutograderError, match="is in use"):
        serve(grades, RUBRIC, HandIns(lambda: handed_in(tmp_path)), "Ada", taken.getsockname()[1], lambda _: None)
    assert capsys.readouterr().err == ""


def test_tables_that_cannot_be_written_are_told_of_and_tried_again(
    browser: Browser, grades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = browser.app._desk
    with monkeypatch.context() as broken:
        failing = AutograderError("There is no space left.", "Free some.")
        broken.setattr(desk, "write_tables", lambda: (_ for _ in ()).throw(failing))
        assert browser.post({"points": "9", "reason": "r"}).status_code == 303
        browser.rest()
        for path in ("/", "/student/ann"):
            assert "Not in grades.csv yet</h2><p>There is no space left. Free some." in browser.get(path).text
        with pytest.raises(AutograderError, match="no space left"):
            browser.app.close()
    assert table(grades)["ann"]["1.2"] == "0"
    browser.app.close()
    assert table(grades)["ann"]["1.2"] == "9"
