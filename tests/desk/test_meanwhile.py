"""The desk while other programs write into its folder: another desk, a grading run, a list of points."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from autograder.commands.by_hand import settled_points
from autograder.core.store import load_results, save_result
from autograder.desk.changes import Desk
from autograder.desk.queue import Filter, rows
from autograder.marks.overrides import Kind, Overrides, load_overrides, new, save_overrides
from autograder.marks.points import Points, load_points
from autograder.report.outputs import write_tables
from tests.desk.conftest import Browser
from tests.desk.test_changes import RUBRIC, table


def test_two_desks_lose_nothing(grades: Path) -> None:
    one, other = Desk(grades, RUBRIC), Desk(grades, RUBRIC)
    one.change(new(Kind.POINTS, "ta", ["ann"], question="1.2", points=1.0, reason="r"))
    other.change(new(Kind.POINTS, "ta", ["bob"], question="1.2", points=2.0, reason="r"))
    assert [change.id for change in load_overrides(grades).changes] == [1, 2]
    other.write_tables()
    assert [table(grades)[student]["1.2"] for student in ("ann", "bob")] == ["1", "2"]
    other.change(new(Kind.POINTS, "ta", ["bob"], question="1.2", points=3.0, reason="r"))
    one.write_tables()
    assert [table(grades)[student]["1.2"] for student in ("ann", "bob")] == ["1", "3"], "the first is not behind"


def test_an_open_desk_takes_in_a_later_run(grades: Path) -> None:
    desk = Desk(grades, RUBRIC)
    assert desk.alike("cy", "1.2") == ["cy", "di"] and not desk.reread()
    known = {one.student: one for one in load_results(grades)}
    known["zoe"] = replace(known["ann"], student="zoe")
    known["di"] = replace(known["di"], questions=known["ann"].questions)
    later = [*known.values()]
    for one in later:
        save_result(grades, one)
    write_tables(grades, later, RUBRIC, load_points(grades))  # as a run ends
    desk.change(new(Kind.POINTS, "ta", ["zoe"], question="1.2", points=15.0, reason="r"))
    desk.write_tables()
    assert table(grades)["zoe"]["1.2"] == "15", "she handed in while the desk was open"
    assert desk.alike("cy", "1.2") == ["cy"]
    write_tables(grades, later, RUBRIC, load_points(grades))
    assert desk.reread() and not desk.reread()


def test_an_open_desk_takes_in_a_list_of_points(grades: Path) -> None:
    desk = Desk(grades, RUBRIC)
    desk.change(new(Kind.REVIEWED, "ta", ["ann"]))
    desk.reread()
    (grades / "list.csv").write_text("id,4\nann,7\n")
    settled_points(grades, RUBRIC, grades / "list.csv")
    desk.reread()
    assert [one.score for one in desk.result("ann").questions if one.id == "4"] == [7]
    desk.write_tables()
    assert table(grades)["ann"]["4"] == "7"


def test_the_report_of_a_later_hand_in_is_shown(browser: Browser, grades: Path, tmp_path: Path) -> None:
    report = tmp_path / "class" / "ann" / "report.ipynb"
    report.parent.mkdir(parents=True)
    for words in ("the first", "the second"):
        cell = {"cell_type": "markdown", "metadata": {}, "source": words}
        report.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        write_tables(grades, load_results(grades), RUBRIC, Points())
        assert words in browser.get("/report/ann").text


def graded_again(grades: Path, student: str, like: str) -> None:
    """Give a student the answers and verdicts of another, as a run does after a second hand-in."""
    known = {one.student: one for one in load_results(grades)}
    save_result(grades, replace(known[student], questions=known[like].questions, excerpts=known[like].excerpts))
    write_tables(grades, load_results(grades), RUBRIC, load_points(grades))


def test_points_for_an_earlier_answer_hold_and_are_to_be_looked_at(grades: Path) -> None:
    desk = Desk(grades, RUBRIC)
    desk.change(new(Kind.POINTS, "ta", ["ann"], question="1.2", points=9.0, reason="r"))
    graded_again(grades, "ann", "ann")
    assert desk.reread() and desk.result("ann").stale == ()
    graded_again(grades, "ann", "eve")
    desk.reread()
    (said,) = desk.result("ann").stale
    assert said == "1.2: 9 by a person, the checks now give 20" and desk.result("ann").score == 9
    desk.ask([new(Kind.REQUEST, "ta", ["bob"], question="1.2", text="Why?")])
    listed = rows([desk.result(one) for one in desk.checked], RUBRIC, Filter())
    assert [one.student for one in listed[:2]] == ["bob", "ann"] and listed[1].reasons == (f"{said}.",)
    desk.change(new(Kind.REVIEWED, "ta", ["ann"]))
    assert desk.result("ann").stale == () and desk.result("ann").score == 9
    graded_again(grades, "ann", "cy")
    desk.reread()
    assert desk.result("ann").stale == ("1.2: 9 by a person, the checks now give 0",)
    desk.change(new(Kind.POINTS, "ta", ["ann"], question="1.2", points=3.0, reason="r"))
    assert desk.result("ann").stale == ()


def test_reviewed_is_the_result_that_was_looked_at(grades: Path) -> None:
    desk = Desk(grades, RUBRIC)
    desk.change(new(Kind.REVIEWED, "ta", ["ann"]))
    desk.change(new(Kind.POINTS, "ta", ["ann"], question="1.2", points=9.0, reason="r"))
    assert desk.result("ann").reviewed and not desk.result("bob").reviewed
    graded_again(grades, "ann", "eve")
    desk.reread()
    assert not desk.result("ann").reviewed
    save_overrides(grades, Overrides().added(new(Kind.REVIEWED, "ta", ["ann"])))
    desk.reread()
    assert desk.result("ann").reviewed, "an earlier kit kept no digest"


def test_a_page_that_is_older_than_the_last_run_changes_nothing(browser: Browser, grades: Path) -> None:
    (shown,) = {*re.findall(r'name="shown" value="(\w+)"', browser.get("/student/ann").text)}
    graded_again(grades, "ann", "eve")
    answer = browser.post({"kind": "reviewed", "shown": shown})
    assert answer.status_code == 409 and "the result is another one. The page has it now." in answer.text
    (shown,) = {*re.findall(r'name="shown" value="(\w+)"', answer.text)}
    assert browser.post({"kind": "reviewed", "shown": shown}).status_code == 303
